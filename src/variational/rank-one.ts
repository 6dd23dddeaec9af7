// What a model leaves of the values, fitted by one component: where a new component of the model begins.
import { predictEntries } from '../analysis/predict.js';
import type { RandomStream } from '../random/stream.js';
import { euclideanNorm } from '../tensor/square-sum.js';
import { isPauseDue, type Work } from '../yield.js';
import type { Entries, EntriesOfMode } from './entries.js';
import { kruskalOf, randomFactors, type VariationalModel } from './model.js';

/** Fits from random starts, all at once: the numbers of a row lie side by side. */
const starts = 8;
const sweeps = 12;
/** Ridge of these fits, relative to the mean diagonal: at first, its fall per sweep, and at last. */
const ridge = { first: 0.1, fall: 0.8, last: 0.01 };
/** Values per unknown that these fits take; where there are more, some are left out. */
const enoughValues = 100;
/** Entries and rows between two pauses. */
const stretch = 1024;

/** The best of a few rank-one fits of what the model leaves, by alternating (weighted) least squares: [rows, 1] per mode. */
export function* rankOneOfResidual(
  { shape, count, indices, values: given, modes, local }: Entries,
  model: VariationalModel,
  random: RandomStream,
): Work<Float64Array[]> {
  const values = local?.values ?? given;
  const predictions = predictEntries(kruskalOf(model), indices);
  if (isPauseDue(2 * count * shape.length * (model.rank + 1))) yield;
  const residual = new Float64Array(count);
  for (let e = 0; e < count; e++) residual[e] = values[e]! - predictions[e]!;
  const sorted: Float64Array[] = [];
  for (const { entries } of modes) {
    const ofMode = new Float64Array(count);
    for (let n = 0; n < count; n++) ofMode[n] = residual[entries[n]!]!;
    sorted.push(ofMode);
    if (isPauseDue(10 * count)) yield;
  }
  const size = (euclideanNorm(residual) / Math.sqrt(count)) ** (1 / shape.length) || 1;
  const factors = yield* randomFactors(shape, starts, size, random);
  const step = Math.max(1, Math.floor(count / (enoughValues * shape.reduce((sum, rows) => sum + rows, 0))));
  let gains: Float64Array = new Float64Array(starts);
  for (let sweep = 0, share = ridge.first; sweep < sweeps; sweep++) {
    for (let k = 0; k < shape.length; k++) gains = yield* fitFactor(modes[k]!, sorted[k]!, factors, { k, share, step });
    equalize(factors);
    share = Math.max(share * ridge.fall, ridge.last);
  }
  const best = gains.indexOf(gains.reduce((max, gain) => Math.max(max, gain), -Infinity));
  return factors.map((factor, k) => Float64Array.from({ length: shape[k]! }, (_, i) => factor[i * starts + best]!));
}

/**
 * Fits one factor, [rows, starts], all others given: a_i = Σ_e w_e h_e y_e / (Σ_e w_e h_e² + ridge), weights w_e of 1 for squared errors. Of the entries, one in `step` is taken.
 * Returns by how much each start lowers the squared error, Σ_i a_i (2 Σ_e h_e y_e − a_i Σ_e h_e²).
 */
function* fitFactor(
  { starts: rows, others, weights }: EntriesOfMode,
  residual: Float64Array,
  factors: readonly Float64Array[],
  { k, share, step }: { readonly k: number; readonly share: number; readonly step: number },
): Work<Float64Array> {
  const factor = factors[k]!;
  const rest = factors.filter((_, n) => n !== k);
  const diagonals = new Float64Array(factor.length);
  const mean = new Float64Array(starts);
  const product = new Float64Array(starts);
  const sum = new Float64Array(starts);
  const square = new Float64Array(starts);
  let visited = 0;
  for (let i = 0, at = 0; i + 1 < rows.length; i++, at += starts) {
    sum.fill(0);
    square.fill(0);
    for (let n = rows[i]!; n < rows[i + 1]!; n += hop(n, step)) {
      product.fill(1);
      for (let m = 0; m < rest.length; m++) {
        const from = others[n * rest.length + m]! * starts;
        const other = rest[m]!;
        for (let s = 0; s < starts; s++) product[s]! *= other[from + s]!;
      }
      const weight = weights ? weights[n]! : 1;
      const value = weight * residual[n]!;
      for (let s = 0; s < starts; s++) {
        sum[s]! += product[s]! * value;
        square[s]! += weight * product[s]! * product[s]!;
      }
      if (++visited % stretch === 0 && isPauseDue(4 * stretch * starts * factors.length)) yield;
    }
    if (++visited % stretch === 0 && isPauseDue(10 * stretch * starts)) yield;
    factor.set(sum, at);
    diagonals.set(square, at);
    for (let s = 0; s < starts; s++) mean[s]! += square[s]! / (rows.length - 1);
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

/** A whole number that is `step` on average, and irregular, so that what is visited has no pattern. */
const hop = (n: number, step: number): number =>
  step === 1 ? 1 : 1 + ((Math.imul(n + 1, 0x9e3779b1) >>> 16) % (2 * step - 1));

/** Gives the vectors of a start equal root mean squares, and leaves their product as it is. */
function equalize(factors: readonly Float64Array[]): void {
  const sizes = factors.map((factor) => {
    const squares = new Float64Array(starts);
    for (let at = 0; at < factor.length; at++) squares[at % starts]! += (factor[at]! ** 2 * starts) / factor.length;
    return squares.map(Math.sqrt);
  });
  const scales = factors.map(() => new Float64Array(starts).fill(1));
  for (let s = 0; s < starts; s++) {
    if (!sizes.every((size) => size[s]! > 0)) continue;
    const goal = Math.exp(sizes.reduce((sum, size) => sum + Math.log(size[s]!), 0) / sizes.length);
    sizes.forEach((size, k) => (scales[k]![s] = goal / size[s]!));
  }
  factors.forEach((factor, k) => {
    for (let at = 0; at < factor.length; at++) factor[at]! *= scales[k]![at % starts]!;
  });
}
