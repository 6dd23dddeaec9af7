// The sums over the entries of a row that its posterior follows from. Most of the time of a completion is spent here: the loops run over
// contiguous numbers, four entries at a time, so that the sums are read and written once for four.
//   sum += Σ_e y_e h_e,   pairSum += Σ_e C_e   (lower triangle),   h_e = ∘ A_n,  C_e = ∘ (A_n A_nᵀ + V_n)   over the other modes n
import { endOfRun, type Entries, type EntriesOfMode } from './entries.js';
import { pairsOf } from './packed.js';

/** Of every row of a mode: A, then the lower triangle of A Aᵀ + V. [rows, length], length = rank + rank (rank + 1) / 2 */
export type RowMoments = Float64Array;

/**
 * Adds the entries number from … end − 1 of a mode to `sums`, [length]: the first `rank` numbers are weighted by the values, the others
 * are not. `moments`: of the other modes, rising.
 */
export type AddEntries = (from: number, end: number, sums: Float64Array) => void;

export function adderOf(
  { values, others, meanRun, weights }: EntriesOfMode,
  moments: readonly RowMoments[],
  rank: number,
): AddEntries {
  const length = rank + (rank * (rank + 1)) / 2;
  const [a = new Float64Array(0), b = a] = moments;
  if (weights) {
    const product = new Float64Array(length);
    const range = { rank, length, stride: moments.length };
    return (from, end, sums) => addWeighted(values, weights, others, moments, { from, end, ...range }, sums, product);
  }
  if (moments.length === 1) {
    return (from, end, sums) => addOfOne(values, others, a, { from, end, rank, length, stride: 1 }, sums);
  }
  const stride = moments.length;
  if (meanRun < minRun) {
    if (stride === 2)
      return (from, end, sums) => addOfTwo(values, others, a, b, { from, end, rank, length, stride }, sums);
    const product = new Float64Array(length);
    return (from, end, sums) => addOfMany(values, others, moments, { from, end, rank, length, stride }, sums, product);
  }
  const run = new Float64Array(length);
  return (from, end, sums) => {
    for (let first = from; first < end;) {
      const next = endOfRun(others, stride, first, end);
      run.fill(0);
      addOfOne(values, others, moments[stride - 1]!, { from: first, end: next, rank, length, stride }, run);
      for (let m = 0; m + 1 < stride; m++) {
        const array = moments[m]!;
        const at = others[first * stride + m]! * length;
        for (let n = 0; n < length; n++) run[n]! *= array[at + n]!;
      }
      for (let n = 0; n < length; n++) sums[n]! += run[n]!;
      first = next;
    }
  };
}

/** Entries in a row that differ in the last mode alone, from which on it pays to add them up before they are multiplied. */
const minRun = 2;

interface Range {
  readonly from: number;
  readonly end: number;
  readonly rank: number;
  readonly length: number;
  /** Other modes. */
  readonly stride: number;
}

/** Takes the last of the other modes alone. */
function addOfOne(
  values: Float64Array,
  others: Uint32Array,
  a: RowMoments,
  { from, end, rank, length, stride }: Range,
  sums: Float64Array,
): void {
  let e = from;
  for (; e + 4 <= end; e += 4) {
    const last = (e + 1) * stride - 1;
    const a0 = others[last]! * length;
    const a1 = others[last + stride]! * length;
    const a2 = others[last + 2 * stride]! * length;
    const a3 = others[last + 3 * stride]! * length;
    const y0 = values[e]!;
    const y1 = values[e + 1]!;
    const y2 = values[e + 2]!;
    const y3 = values[e + 3]!;
    for (let r = 0; r < rank; r++) sums[r]! += y0 * a[a0 + r]! + y1 * a[a1 + r]! + (y2 * a[a2 + r]! + y3 * a[a3 + r]!);
    for (let p = rank; p < length; p++) sums[p]! += a[a0 + p]! + a[a1 + p]! + (a[a2 + p]! + a[a3 + p]!);
  }
  for (; e < end; e++) {
    const at = others[(e + 1) * stride - 1]! * length;
    const value = values[e]!;
    for (let r = 0; r < rank; r++) sums[r]! += value * a[at + r]!;
    for (let p = rank; p < length; p++) sums[p]! += a[at + p]!;
  }
}

function addOfTwo(
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

/** Of three modes or more. */
function addOfMany(
  values: Float64Array,
  others: Uint32Array,
  moments: readonly RowMoments[],
  { from, end, rank, length }: Range,
  sums: Float64Array,
  product: Float64Array,
): void {
  const modes = moments.length;
  const first = moments[0]!;
  const second = moments[1]!;
  const last = moments[modes - 1]!;
  for (let e = from; e < end; e++) {
    // Two modes at once, the others in between, and the last one with the sum: each pass over the numbers takes time of its own.
    const value = values[e]!;
    const a = others[e * modes]! * length;
    const b = others[e * modes + 1]! * length;
    for (let r = 0; r < rank; r++) product[r] = value * first[a + r]! * second[b + r]!;
    for (let p = rank; p < length; p++) product[p] = first[a + p]! * second[b + p]!;
    for (let m = 2; m + 1 < modes; m++) {
      const array = moments[m]!;
      const at = others[e * modes + m]! * length;
      for (let n = 0; n < length; n++) product[n]! *= array[at + n]!;
    }
    const z = others[(e + 1) * modes - 1]! * length;
    for (let n = 0; n < length; n++) sums[n]! += product[n]! * last[z + n]!;
  }
}

/** sum += Σ_e w_e y_e h_e,   pairSum += Σ_e w_e C_e */
function addWeighted(
  values: Float64Array,
  weights: Float64Array,
  others: Uint32Array,
  moments: readonly RowMoments[],
  { from, end, rank, length }: Range,
  sums: Float64Array,
  product: Float64Array,
): void {
  const modes = moments.length;
  for (let e = from; e < end; e++) {
    const weight = weights[e]!;
    product.fill(weight * values[e]!, 0, rank);
    product.fill(weight, rank);
    for (let m = 0; m + 1 < modes; m++) {
      const array = moments[m]!;
      const at = others[e * modes + m]! * length;
      for (let n = 0; n < length; n++) product[n]! *= array[at + n]!;
    }
    const last = moments[modes - 1]!;
    const at = others[(e + 1) * modes - 1]! * length;
    for (let n = 0; n < length; n++) sums[n]! += product[n]! * last[at + n]!;
  }
}

/**
 * σ² is a difference of sums of squares, which a device rounds: it is only believed above so many roundings of the mean square of the
 * values. Then it has two digits.
 */
export const noiseInRoundings = 100;

/**
 * Nanoseconds that the CPU takes for one number of one entry, measured: sums of a matrix run over numbers that lie side by side, and each
 * further mode is a product with a number from elsewhere.
 */
const timeOfNumber = (order: number): number => (order === 2 ? 0.5 : 3 * (order - 2));
/** Nanoseconds for a mode to go to a device and back, as measured in browsers; and for one number, both ways. */
const timeOfTurn = 2e6;
const timeOfTransfer = 10;
/** How many times as long as with a device the CPU alone must take. */
const minGain = 2;

/** Nanoseconds that the CPU takes for all row sums of a sweep. */
export const rowSumTime = ({ shape, count }: Pick<Entries, 'shape' | 'count'>, rank: number): number =>
  timeOfNumber(shape.length) * shape.length * count * (rank + pairsOf(rank));

/** Whether a device that computes row sums (src/algorithms/row-sums-on-device.ts) saves time, with moments and sums on their way. */
export function areWorthADevice(entries: Pick<Entries, 'shape' | 'count'>, rank: number): boolean {
  const { shape } = entries;
  const numbers = (rank + pairsOf(rank)) * shape.reduce((sum, rows) => sum + rows, 0);
  return rowSumTime(entries, rank) > minGain * (timeOfTurn * shape.length + timeOfTransfer * numbers);
}
