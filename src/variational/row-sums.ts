// The sums over the entries of a row that its posterior follows from. Most of the time of a completion is spent here: the loops run over
// contiguous numbers, four entries at a time, so that the sums are read and written once for four.
//   sum += Σ_e y_e h_e,   pairSum += Σ_e C_e   (lower triangle),   h_e = ∘ A_n,  C_e = ∘ (A_n A_nᵀ + V_n)   over the other modes n
import type { EntriesOfMode } from './entries.js';

/** Of every row of a mode: A, then the lower triangle of A Aᵀ + V. [rows, length], length = rank + rank (rank + 1) / 2 */
export type RowMoments = Float64Array;

/**
 * Adds the entries number from … end − 1 of a mode to `sums`, [length]: the first `rank` numbers are weighted by the values, the others
 * are not. `moments`: of the other modes, rising.
 */
export type AddEntries = (from: number, end: number, sums: Float64Array) => void;

export function adderOf({ values, others }: EntriesOfMode, moments: readonly RowMoments[], rank: number): AddEntries {
  const length = rank + (rank * (rank + 1)) / 2;
  const [a = new Float64Array(0), b = a] = moments;
  if (moments.length === 1) return (from, end, sums) => addOfMatrix(values, others, a, { from, end, rank, length }, sums);
  if (moments.length === 2) {
    return (from, end, sums) => addOfOrder3(values, others, a, b, { from, end, rank, length }, sums);
  }
  const product = new Float64Array(length);
  return (from, end, sums) => addOfAnyOrder(values, others, moments, { from, end, rank, length }, sums, product);
}

interface Range {
  readonly from: number;
  readonly end: number;
  readonly rank: number;
  readonly length: number;
}

function addOfMatrix(
  values: Float64Array,
  others: Uint32Array,
  a: RowMoments,
  { from, end, rank, length }: Range,
  sums: Float64Array,
): void {
  let e = from;
  for (; e + 4 <= end; e += 4) {
    const a0 = others[e]! * length;
    const a1 = others[e + 1]! * length;
    const a2 = others[e + 2]! * length;
    const a3 = others[e + 3]! * length;
    const y0 = values[e]!;
    const y1 = values[e + 1]!;
    const y2 = values[e + 2]!;
    const y3 = values[e + 3]!;
    for (let r = 0; r < rank; r++) sums[r]! += y0 * a[a0 + r]! + y1 * a[a1 + r]! + (y2 * a[a2 + r]! + y3 * a[a3 + r]!);
    for (let p = rank; p < length; p++) sums[p]! += a[a0 + p]! + a[a1 + p]! + (a[a2 + p]! + a[a3 + p]!);
  }
  for (; e < end; e++) {
    const at = others[e]! * length;
    const value = values[e]!;
    for (let r = 0; r < rank; r++) sums[r]! += value * a[at + r]!;
    for (let p = rank; p < length; p++) sums[p]! += a[at + p]!;
  }
}

function addOfOrder3(
  values: Float64Array,
  others: Uint32Array,
  a: RowMoments,
  b: RowMoments,
  { from, end, rank, length }: Range,
  sums: Float64Array,
): void {
  let e = from;
  for (; e + 2 <= end; e += 2) {
    const a0 = others[2 * e]! * length;
    const b0 = others[2 * e + 1]! * length;
    const a1 = others[2 * e + 2]! * length;
    const b1 = others[2 * e + 3]! * length;
    const y0 = values[e]!;
    const y1 = values[e + 1]!;
    for (let r = 0; r < rank; r++) sums[r]! += y0 * a[a0 + r]! * b[b0 + r]! + y1 * a[a1 + r]! * b[b1 + r]!;
    for (let p = rank; p < length; p++) sums[p]! += a[a0 + p]! * b[b0 + p]! + a[a1 + p]! * b[b1 + p]!;
  }
  if (e < end) {
    const a0 = others[2 * e]! * length;
    const b0 = others[2 * e + 1]! * length;
    const value = values[e]!;
    for (let r = 0; r < rank; r++) sums[r]! += value * a[a0 + r]! * b[b0 + r]!;
    for (let p = rank; p < length; p++) sums[p]! += a[a0 + p]! * b[b0 + p]!;
  }
}

function addOfAnyOrder(
  values: Float64Array,
  others: Uint32Array,
  moments: readonly RowMoments[],
  { from, end, rank, length }: Range,
  sums: Float64Array,
  product: Float64Array,
): void {
  const modes = moments.length;
  for (let e = from; e < end; e++) {
    product.fill(values[e]!, 0, rank);
    product.fill(1, rank);
    for (let m = 0; m < modes; m++) {
      const array = moments[m]!;
      const at = others[e * modes + m]! * length;
      for (let n = 0; n < length; n++) product[n]! *= array[at + n]!;
    }
    for (let n = 0; n < length; n++) sums[n]! += product[n]!;
  }
}
