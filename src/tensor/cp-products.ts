// Residual and MTTKRP of a dense tensor against CP factors, any order and shape, float64: what the cpu backend and the
// float64 polish are made of. All walk the fibers of the last mode: `lead` is the multi-index of all other modes, and along
// one fiber the product of the leading factors' rows, prefix[c] = Π_k factors[k][lead[k], c], does not change.
// factors[k] is [shape[k], rank], row-major. 2 · size · rank flops each, twice that where said.

/** 1 where a cell is known, 0 where it is missing. */
type Mask = Float64Array | Uint8Array;

/** out = mask · (Σ_c ∘_k factors[k][:, c] − tensor), entry by entry; without a mask every entry is known. */
export function cpResidual(
  shape: readonly number[],
  rank: number,
  factors: readonly Float64Array[],
  tensor: Float64Array | Float32Array,
  out: Float64Array,
  mask?: Mask,
): void {
  const last = shape.length - 1;
  const [lastSize, lastFactor] = [shape[last]!, factors[last]!];
  const prefix = new Float64Array(rank);
  forEachFiber(shape, (lead, fiber) => {
    productOfRows(factors, rank, lead, -1, prefix);
    for (let j = 0; j < lastSize; j++) {
      let model = 0;
      for (let c = 0; c < rank; c++) model += prefix[c]! * lastFactor[j * rank + c]!;
      out[fiber + j] = model - tensor[fiber + j]!;
    }
  });
  if (mask) for (let i = 0; i < out.length; i++) out[i]! *= mask[i]!;
}

/** out = X_(mode) · (⊙_{k ≠ mode} factors[k]), [shape[mode], rank]. */
export function mttkrp(
  shape: readonly number[],
  rank: number,
  factors: readonly Float64Array[],
  mode: number,
  tensor: Float64Array | Float32Array,
  out: Float64Array,
): void {
  const last = shape.length - 1;
  const [lastSize, lastFactor] = [shape[last]!, factors[last]!];
  const prefix = new Float64Array(rank);
  const along = new Float64Array(rank);
  out.fill(0);
  forEachFiber(shape, (lead, fiber) => {
    productOfRows(factors, rank, lead, mode, prefix);
    if (mode === last) {
      for (let j = 0; j < lastSize; j++) {
        const x = tensor[fiber + j]!;
        for (let c = 0; c < rank; c++) out[j * rank + c]! += x * prefix[c]!;
      }
      return;
    }
    along.fill(0);
    for (let j = 0; j < lastSize; j++) {
      const x = tensor[fiber + j]!;
      for (let c = 0; c < rank; c++) along[c]! += x * lastFactor[j * rank + c]!;
    }
    const row = lead[mode]! * rank;
    for (let c = 0; c < rank; c++) out[row + c]! += along[c]! * prefix[c]!;
  });
}

/**
 * outs[mode] = X_(mode) · (⊙_{k ≠ mode} factors[k]) for every mode, from one walk over the fibers: what a fiber gives to the
 * leading modes, Σ_j x_j · lastFactor[j], is the same for all of them. 4 · size · rank flops instead of 2 · order · size · rank.
 */
export function mttkrpAll(
  shape: readonly number[],
  rank: number,
  factors: readonly Float64Array[],
  tensor: Float64Array | Float32Array,
  outs: readonly Float64Array[],
): void {
  const last = shape.length - 1;
  const [lastSize, lastFactor, lastOut] = [shape[last]!, factors[last]!, outs[last]!];
  const prefix = new Float64Array(rank);
  const along = new Float64Array(rank);
  for (const out of outs) out.fill(0);
  forEachFiber(shape, (lead, fiber) => {
    productOfRows(factors, rank, lead, last, prefix);
    along.fill(0);
    for (let j = 0; j < lastSize; j++) {
      const x = tensor[fiber + j]!;
      if (x === 0) continue;
      for (let c = 0; c < rank; c++) {
        along[c]! += x * lastFactor[j * rank + c]!;
        lastOut[j * rank + c]! += x * prefix[c]!;
      }
    }
    for (let mode = 0; mode < last; mode++) {
      productOfRows(factors, rank, lead, mode, prefix);
      const row = lead[mode]! * rank;
      for (let c = 0; c < rank; c++) outs[mode]![row + c]! += along[c]! * prefix[c]!;
    }
  });
}

/**
 * out = mask · (J v), J the derivative of the model: Σ_n Σ_c (∘_{k ≠ n} factors[k][:, c]) ∘ moves[n][:, c], entry by entry.
 * moves[n] is `[shape[n], rank]`, as the factors. 4 · size · rank flops.
 */
export function cpDerivative(
  shape: readonly number[],
  rank: number,
  factors: readonly Float64Array[],
  moves: readonly Float64Array[],
  out: Float64Array,
  mask: Mask,
): void {
  const last = shape.length - 1;
  const [lastSize, lastFactor, lastMove] = [shape[last]!, factors[last]!, moves[last]!];
  const prefix = new Float64Array(rank);
  const others = new Float64Array(rank);
  const moved = new Float64Array(rank);
  forEachFiber(shape, (lead, fiber) => {
    moved.fill(0);
    for (let mode = 0; mode < last; mode++) {
      productOfRows(factors, rank, lead, mode, others);
      const row = lead[mode]! * rank;
      for (let c = 0; c < rank; c++) moved[c]! += others[c]! * moves[mode]![row + c]!;
    }
    productOfRows(factors, rank, lead, last, prefix);
    for (let j = 0; j < lastSize; j++) {
      let value = 0;
      if (mask[fiber + j]) {
        for (let c = 0; c < rank; c++) {
          value += moved[c]! * lastFactor[j * rank + c]! + prefix[c]! * lastMove[j * rank + c]!;
        }
      }
      out[fiber + j] = value;
    }
  });
}

/** Visits every fiber of the last mode: the indices of the other modes and the offset of the fiber's first entry. */
function forEachFiber(shape: readonly number[], visit: (lead: Int32Array, offset: number) => void): void {
  const leading = shape.length - 1;
  const length = shape[leading]!;
  const count = shape.slice(0, leading).reduce((product, size) => product * size, 1);
  const lead = new Int32Array(leading);
  for (let fiber = 0; fiber < count; fiber++) {
    visit(lead, fiber * length);
    for (let k = leading - 1; k >= 0 && ++lead[k]! === shape[k]!; k--) lead[k] = 0;
  }
}

/** product[c] = Π_{k < last, k ≠ skip} factors[k][lead[k], c] */
function productOfRows(
  factors: readonly Float64Array[],
  rank: number,
  lead: Int32Array,
  skip: number,
  product: Float64Array,
): void {
  product.fill(1);
  for (let k = 0; k < lead.length; k++) {
    if (k === skip) continue;
    const factor = factors[k]!;
    const row = lead[k]! * rank;
    for (let c = 0; c < rank; c++) product[c]! *= factor[row + c]!;
  }
}
