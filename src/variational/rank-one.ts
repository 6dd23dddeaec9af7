// What a model leaves of the values, fitted by one component: where a new component of the model begins.
import { predictEntriesSteps } from '../analysis/predict.js';
import { rowAdder } from '../linalg/gathered-rows.js';
import type { RandomStream } from '../random/stream.js';
import { euclideanNorm } from '../tensor/square-sum.js';
import { inRanges, isPauseDue, type Work } from '../yield.js';
import type { Entries, EntriesOfMode } from './entries.js';
import { kruskalOf, randomFactors, type VariationalModel } from './model.js';

/** Fits from random starts, all at once: the numbers of a row lie side by side. */
const starts = 8;
const sweeps = 12;
/** Ridge of these fits, relative to the mean diagonal: at first, its fall per sweep, and at last. */
const ridge = { first: 0.1, fall: 0.8, last: 0.01 };
/** Values per unknown that these fits take; where there are more, some are left out. */
const enoughValues = 100;
/** Entries of a row that are added at one stretch. */
const stretch = 4096;

/** The best of a few rank-one fits of what the model leaves, by alternating (weighted) least squares: [rows, 1] per mode. */
export function* rankOneOfResidual(
  { shape, count, indices, values: given, modes, local }: Entries,
  model: VariationalModel,
  random: RandomStream,
): Work<Float64Array[]> {
  const values = local?.values ?? given;
  const residual = yield* predictEntriesSteps(kruskalOf(model), indices);
  yield* inRanges(count, 4, (from, end) => {
    for (let e = from; e < end; e++) residual[e] = values[e]! - residual[e]!;
  });
  const step = Math.max(1, Math.floor(count / (enoughValues * shape.reduce((sum, rows) => sum + rows, 0))));
  const taken: Taken[] = [];
  for (const mode of modes) {
    taken.push(yield* takeSome(mode, residual, step));
  }
  const size = (euclideanNorm(residual) / Math.sqrt(count)) ** (1 / shape.length) || 1;
  const factors = yield* randomFactors(shape, starts, size, random);
  let gains: Float64Array = new Float64Array(starts);
  for (let sweep = 0, share = ridge.first; sweep < sweeps; sweep++) {
    for (let k = 0; k < shape.length; k++) gains = yield* fitFactor(taken[k]!, factors, k, share);
    yield* equalize(factors);
    share = Math.max(share * ridge.fall, ridge.last);
  }
  const best = gains.indexOf(gains.reduce((max, gain) => Math.max(max, gain), -Infinity));
  const component = shape.map((rows) => new Float64Array(rows));
  for (const [k, column] of component.entries())
    yield* inRanges(column.length, 2, (from, end) => {
      for (let i = from; i < end; i++) column[i] = factors[k]![i * starts + best]!;
    });
  return component;
}

/** The entries of a mode that are taken, sorted by its rows, with the residuals as their values. */
type Taken = Pick<EntriesOfMode, 'starts' | 'values' | 'others' | 'weights'>;

/** One in `step`. */
function* takeSome(
  { entries, starts: all, others: rows, weights: sizes }: EntriesOfMode,
  residual: Float64Array,
  step: number,
): Work<Taken> {
  const modes = rows.length / entries.length;
  const taken = new Uint32Array(entries.length);
  const firsts = new Uint32Array(all.length);
  let size = 0;
  for (let i = 0; i + 1 < all.length; i++) {
    for (let n = all[i]!; n < all[i + 1]!; n += hop(n, step)) taken[size++] = n;
    firsts[i + 1] = size;
    if (isPauseDue((20 * (all[i + 1]! - all[i]!)) / step + 10)) yield;
  }
  const values = new Float64Array(size);
  const others = new Uint32Array(size * modes);
  const weights = sizes && new Float64Array(size);
  yield* inRanges(size, 40, (from, end) => {
    for (let at = from; at < end; at++) {
      const n = taken[at]!;
      values[at] = residual[entries[n]!]!;
      for (let m = 0; m < modes; m++) others[at * modes + m] = rows[n * modes + m]!;
      if (weights) weights[at] = sizes[n]!;
    }
  });
  return { starts: firsts, values, others, ...(weights && { weights }) };
}

/**
 * Fits one factor, [rows, starts], all others given: a_i = Σ_e w_e h_e y_e / (Σ_e w_e h_e² + ridge), weights w_e of 1 for squared errors.
 * Returns by how much each start lowers the squared error, Σ_i a_i (2 Σ_e h_e y_e − a_i Σ_e h_e²).
 */
function* fitFactor(
  { starts: rows, values, others, weights }: Taken,
  factors: readonly Float64Array[],
  k: number,
  share: number,
): Work<Float64Array> {
  const factor = factors[k]!;
  const tables: Float64Array[] = [];
  for (const other of factors) if (other !== factor) tables.push(yield* withSquares(other));
  const add = rowAdder({ tables, width: 2 * starts, rows: others, values, weights, valued: starts });
  const diagonals = new Float64Array(factor.length);
  const mean = new Float64Array(starts);
  const sums = new Float64Array(2 * starts);
  for (let i = 0, at = 0; i + 1 < rows.length; i++, at += starts) {
    sums.fill(0);
    for (let from = rows[i]!; from < rows[i + 1]!; from += stretch) {
      const end = Math.min(from + stretch, rows[i + 1]!);
      add(from, end, sums);
      if (isPauseDue(4 * (end - from) * starts * factors.length)) yield;
    }
    for (let s = 0; s < starts; s++) {
      const square = sums[starts + s]!;
      factor[at + s] = sums[s]!;
      diagonals[at + s] = square;
      mean[s]! += square / (rows.length - 1);
    }
    if (isPauseDue(10 * starts)) yield;
  }
  const gains = new Float64Array(starts);
  for (let at = 0; at < factor.length; at++) {
    const damping = share * mean[at % starts]! + Number.MIN_VALUE;
    const moment = factor[at]!;
    factor[at] = moment / (diagonals[at]! + damping);
    gains[at % starts]! += factor[at]! * (2 * moment - factor[at]! * diagonals[at]!);
  }
  if (isPauseDue(10 * factor.length)) yield;
  return gains;
}

/** Every row, then the squares of its numbers: their products are h and h². [rows, 2 · starts] */
function* withSquares(factor: Float64Array): Work<Float64Array> {
  const table = new Float64Array(2 * factor.length);
  yield* inRanges(factor.length / starts, 4 * starts, (from, end) => writeWithSquares(factor, table, from, end));
  return table;
}

function writeWithSquares(factor: Float64Array, table: Float64Array, from: number, end: number): void {
  for (let at = from * starts, to = 2 * at; at < end * starts; at += starts, to += 2 * starts) {
    for (let s = 0; s < starts; s++) {
      const value = factor[at + s]!;
      table[to + s] = value;
      table[to + starts + s] = value * value;
    }
  }
}

/** A whole number that is `step` on average, and irregular, so that what is visited has no pattern. */
const hop = (n: number, step: number): number =>
  step === 1 ? 1 : 1 + ((Math.imul(n + 1, 0x9e3779b1) >>> 16) % (2 * step - 1));

/** Gives the vectors of a start equal root mean squares, and leaves their product as it is. */
function* equalize(factors: readonly Float64Array[]): Work<void> {
  const sizes: Float64Array[] = [];
  for (const factor of factors) {
    const squares = new Float64Array(starts);
    for (let at = 0; at < factor.length; at++) squares[at % starts]! += (factor[at]! ** 2 * starts) / factor.length;
    if (isPauseDue(4 * factor.length)) yield;
    sizes.push(squares.map(Math.sqrt));
  }
  const scales = factors.map(() => new Float64Array(starts).fill(1));
  for (let s = 0; s < starts; s++) {
    if (!sizes.every((size) => size[s]! > 0)) continue;
    const goal = Math.exp(sizes.reduce((sum, size) => sum + Math.log(size[s]!), 0) / sizes.length);
    sizes.forEach((size, k) => (scales[k]![s] = goal / size[s]!));
  }
  for (const [k, factor] of factors.entries()) {
    for (let at = 0; at < factor.length; at++) factor[at]! *= scales[k]![at % starts]!;
    if (isPauseDue(2 * factor.length)) yield;
  }
}
