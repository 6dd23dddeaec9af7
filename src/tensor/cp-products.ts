// Residual and MTTKRP of a dense tensor against CP factors, any order and shape, float64: what the cpu backend and the
// float64 polish are made of. Both walk the fibers of the last mode: `lead` is the multi-index of all other modes, and along
// one fiber the product of the leading factors' rows, prefix[c] = Π_k factors[k][lead[k], c], does not change.
// factors[k] is [shape[k], rank], row-major. 2 · size · rank flops each.

/** out = mask · (Σ_c ∘_k factors[k][:, c] − tensor), entry by entry; without a mask every entry is known. */
export function cpResidual(
  shape: readonly number[],
  rank: number,
  factors: readonly Float64Array[],
  tensor: Float64Array | Float32Array,
  out: Float64Array,
  mask?: Float64Array,
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
