// Residual and MTTKRP of a dense tensor against CP factors, any order and shape. Twin of shaders/dense.wgsl.ts.
// Both walk the fibers of the last mode: `lead` is the multi-index of all other modes, and along one fiber the product of
// the leading factors' rows, prefix[c] = Π_k factors[k][lead[k], c], does not change. 2 · size · rank flops each.
import type { MttkrpDense, ResidualDense } from '../operations/dense.js';
import { numbers } from './arrays.js';

export function residualDense(args: ResidualDense): void {
  const { shape, rank, batch } = args;
  const factors = args.factors.map(numbers);
  const [tensor, residual] = [numbers(args.tensor), numbers(args.residual)];
  const last = shape.length - 1;
  const [lastSize, lastFactor] = [shape[last]!, factors[last]!];
  const size = tensor.length;
  const prefix = new Float64Array(rank);
  for (let b = 0; b < batch; b++) {
    forEachFiber(shape, (lead, fiber) => {
      productOfRows(factors, shape, rank, b, lead, -1, prefix);
      const row = b * lastSize * rank;
      for (let j = 0; j < lastSize; j++) {
        let model = 0;
        for (let c = 0; c < rank; c++) model += prefix[c]! * lastFactor[row + j * rank + c]!;
        residual[b * size + fiber + j] = model - tensor[fiber + j]!;
      }
    });
  }
}

export function mttkrpDense(args: MttkrpDense): void {
  const { shape, rank, batch, mode } = args;
  const factors = args.factors.map(numbers);
  const [tensor, product] = [numbers(args.tensor), numbers(args.product)];
  const last = shape.length - 1;
  const [lastSize, lastFactor, rows] = [shape[last]!, factors[last]!, shape[mode]!];
  const tensorStride = tensor.length === shape.reduce((a, n) => a * n, 1) ? 0 : tensor.length / batch;
  const prefix = new Float64Array(rank);
  const along = new Float64Array(rank);
  product.fill(0);
  for (let b = 0; b < batch; b++) {
    forEachFiber(shape, (lead, fiber) => {
      const at = b * tensorStride + fiber;
      productOfRows(factors, shape, rank, b, lead, mode, prefix);
      if (mode === last) {
        for (let j = 0; j < lastSize; j++) {
          const x = tensor[at + j]!;
          const out = (b * rows + j) * rank;
          for (let c = 0; c < rank; c++) product[out + c]! += x * prefix[c]!;
        }
        return;
      }
      along.fill(0);
      for (let j = 0; j < lastSize; j++) {
        const x = tensor[at + j]!;
        const row = (b * lastSize + j) * rank;
        for (let c = 0; c < rank; c++) along[c]! += x * lastFactor[row + c]!;
      }
      const out = (b * rows + lead[mode]!) * rank;
      for (let c = 0; c < rank; c++) product[out + c]! += along[c]! * prefix[c]!;
    });
  }
}

/** Visits every fiber of the last mode: the indices of the other modes and the offset of the fiber's first entry. */
function forEachFiber(shape: readonly number[], visit: (lead: Int32Array, offset: number) => void): void {
  const leading = shape.length - 1;
  const length = shape[leading]!;
  const count = shape.reduce((a, n) => a * n, 1) / Math.max(length, 1);
  const lead = new Int32Array(leading);
  for (let fiber = 0; fiber < count; fiber++) {
    visit(lead, fiber * length);
    for (let k = leading - 1; k >= 0 && ++lead[k]! === shape[k]!; k--) lead[k] = 0;
  }
}

/** product[c] = Π_{k < last, k ≠ skip} factors[k][b][lead[k], c] */
function productOfRows(
  factors: readonly Float64Array[],
  shape: readonly number[],
  rank: number,
  b: number,
  lead: Int32Array,
  skip: number,
  product: Float64Array,
): void {
  product.fill(1);
  for (let k = 0; k < lead.length; k++) {
    if (k === skip) continue;
    const factor = factors[k]!;
    const row = (b * shape[k]! + lead[k]!) * rank;
    for (let c = 0; c < rank; c++) product[c]! *= factor[row + c]!;
  }
}
