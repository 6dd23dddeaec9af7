// The sums over the entries of a row that its posterior follows from. Most of the time of a completion is spent here.
//   sum += Σ_e y_e h_e,   pairSum += Σ_e C_e   (lower triangle),   h_e = ∘ A_n,  C_e = ∘ (A_n A_nᵀ + V_n)   over the other modes n
import { rowAdder, type AddEntries } from '../linalg/gathered-rows.js';
import type { Entries, EntriesOfMode } from './entries.js';
import { pairsOf } from './packed.js';

/** Of every row of a mode: A, then the lower triangle of A Aᵀ + V. [rows, length], length = rank + rank (rank + 1) / 2 */
export type RowMoments = Float64Array;

/**
 * Adds the entries number from … end − 1 of a mode to `sums`, [length]: the first `rank` numbers are weighted by the values, the others
 * are not. `moments`: of the other modes, rising.
 */
export const adderOf = (
  { values, others, weights }: EntriesOfMode,
  moments: readonly RowMoments[],
  rank: number,
): AddEntries =>
  rowAdder({ tables: moments, width: rank + pairsOf(rank), rows: others, values, weights, valued: rank });

/**
 * σ² is a difference of sums of squares, which a device rounds: it is only believed above so many roundings of the mean square of the
 * values. Then it has two digits.
 */
export const noiseInRoundings = 100;

/**
 * Nanoseconds that the CPU takes for one number of one entry, measured: sums of a matrix run over numbers that lie side by side, and each
 * further mode is a product with a number from elsewhere.
 */
const timeOfNumber = (order: number): number => (order === 2 ? 0.25 : 2 * (order - 2));
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
