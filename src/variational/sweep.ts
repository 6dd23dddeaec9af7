// One sweep of variational inference: the rows of every mode in turn, each exactly, given the distributions of all others.
//   V_i = (Σ_e C_e / σ² + diag 1/v)⁻¹,   A_i = V_i (Σ_e h_e y_e / σ² + m / v)   over the entries e of row i,
//   C_e = ∘_{n≠k} (A_n A_nᵀ + V_n),  h_e = ∘_{n≠k} A_n   at the rows of entry e in the other modes.
// Then the prior, m = mean A_i and v = mean ((A_i − m)² + diag V_i), and the noise, σ² = mean ((y − x)² + E x² − (E x)²).
// Bishop, "Variational principal components" (ICANN 1999), for every mode of CP; Zhao, Zhang & Cichocki, "Bayesian CP factorization of
// incomplete tensors with automatic rank determination", IEEE TPAMI 37 (2015), where priors are shared by the modes and have no means.
// (order − 1) · count · rank² flops for each mode, and rank³ for each row.
import { finished, inRanges, isPauseDue, type Work } from '../yield.js';
import type { Entries, RowSums, RowSumsOnDevice } from './entries.js';
import type { VariationalMode, VariationalModel } from './model.js';
import { invertPacked, multiplyPacked, pairsOf } from './packed.js';
import { adderOf, noiseInRoundings, type RowMoments } from './row-sums.js';
import { addNeighbors, learnSmoothPrior } from './smooth-rows.js';

/** Added to matrices of unit diagonal, so that rounding leaves them positive definite; a hundred times more where that is not enough. */
const jitterOf = (rank: number): number => 4 * rank * Number.EPSILON;
/** Prior variances stay above this part of the largest mean square, and above that absolute number. */
const minVarianceShare = 1e-16;
const minVariance = 1e-100;
/** A mean squared error is taken from sums of squares where it is more than this part of them: then rounding leaves it eight digits. */
const sumsSuffice = 1e-8;

export interface Sweep {
  /** Mean of (y − x)², or more where it is far above `minNoise`. */
  readonly squaredError: number;
  /** A lower bound of log p(values), in nats: what models of different ranks are compared by. */
  readonly evidence: number;
  /** Changes of the evidence up to this, in nats per entry, may be rounding of a device; 0 where the CPU did the whole sweep. */
  readonly rounding: number;
}

/** Changes the model in place. `minNoise`: σ² stays above it. `device`: where row sums may be computed. */
export function* sweep(
  entries: Entries,
  model: VariationalModel,
  minNoise: number,
  device?: RowSumsOnDevice,
): Work<Sweep> {
  const { shape, rank, modes } = model;
  const { count, squareSum, local } = entries;
  let roundoff = 0;
  model.noise = Math.max(model.noise, minNoise);
  const moments: RowMoments[] = [];
  for (const mode of modes) moments.push(yield* rowMoments(mode, rank));
  let squares = squareSum;
  for (let k = 0; k < shape.length; k++) {
    const sums = device && (yield* device.sums(entries, model, moments, k));
    if (sums) ({ roundoff } = device);
    const { expected, logDeterminants } = yield* updateRows(entries, model, moments, k, sums);
    yield* learnPrior(modes[k]!, shape[k]!, rank, logDeterminants);
    yield* rowMoments(modes[k]!, rank, moments[k]);
    squares = squareSum + expected;
  }
  yield* balance(model);
  const divergence = (): number => modes.reduce((sum, mode) => sum + mode.divergence, 0);
  if (local) {
    const { squaredError, logLikelihood } = yield* local.update(model, minNoise);
    return { squaredError, evidence: logLikelihood - divergence(), rounding: 0 };
  }
  let squaredError = squares / count;
  if (squares > Math.max(sumsSuffice, noiseInRoundings * roundoff) * squareSum)
    model.noise = Math.max(squaredError, minNoise);
  else squaredError = yield* learnNoise(entries, model, minNoise);
  const logLikelihood = -0.5 * count * (Math.log(2 * Math.PI * model.noise) + 1);
  const rounding = (roundoff * squareSum) / (2 * count * model.noise);
  return { squaredError, evidence: logLikelihood - divergence(), rounding };
}

function* rowMoments(
  mode: VariationalMode,
  rank: number,
  out: RowMoments = new Float64Array(mode.means.length + mode.covariances.length),
): Work<RowMoments> {
  const rows = mode.covariances.length / pairsOf(rank);
  yield* inRanges(rows, 2 * pairsOf(rank), (from, end) => writeMoments(mode, rank, out, from, end));
  return out;
}

function writeMoments(
  { means, covariances }: VariationalMode,
  rank: number,
  out: RowMoments,
  from: number,
  end: number,
): void {
  let at = from * (rank + pairsOf(rank));
  let pair = from * pairsOf(rank);
  for (let row = from * rank; row < end * rank; row += rank) {
    for (let r = 0; r < rank; r++) out[at++] = means[row + r]!;
    for (let r = 0; r < rank; r++) {
      const value = means[row + r]!;
      for (let s = 0; s <= r; s++) out[at++] = value * means[row + s]! + covariances[pair++]!;
    }
  }
}

/** Entries of a row that are added at one stretch. */
const stretch = 4096;

interface UpdatedRows {
  /** Σ_e E x_e² − 2 y_e E x_e */
  readonly expected: number;
  /** Σ over the rows of log det V. */
  readonly logDeterminants: number;
}

function* updateRows(
  { modes: sorted }: Entries,
  { shape, rank, modes, noise }: VariationalModel,
  moments: readonly RowMoments[],
  k: number,
  given: RowSums | undefined,
): Work<UpdatedRows> {
  const order = shape.length;
  const pairs = pairsOf(rank);
  const { means, covariances, priorMeans, priorVariances, held } = modes[k]!;
  const { starts } = sorted[k]!;
  const others = moments.filter((_, n) => n !== k);
  const add = adderOf(sorted[k]!, others, rank);
  const sums = new Float64Array(rank + pairs);
  const inverse = new Float64Array(pairs);
  const right = new Float64Array(rank);
  const solution = new Float64Array(rank);
  const scales = new Float64Array(rank);
  const precisions = new Float64Array(rank);
  // Of a row as a whole: what small numbers take beside their products.
  const flopsPerEntry = 20 + 2 * (order - 1) * (rank + pairs);
  const flopsPerRow = 200 + 3 * rank ** 3;
  let expected = 0;
  let logDeterminants = 0;
  for (let i = 0; i < shape[k]!; i++) {
    sums.fill(0);
    if (given) {
      sums.set(given.ofMeans.subarray(i * rank, (i + 1) * rank));
      sums.set(given.ofSecondMoments.subarray(i * pairs, (i + 1) * pairs), rank);
    }
    const end = given ? 0 : starts[i + 1]!;
    for (let from = starts[i]!; from < end; from += stretch) {
      add(from, Math.min(from + stretch, end), sums);
      if (isPauseDue((Math.min(from + stretch, end) - from) * flopsPerEntry)) yield;
    }
    for (let r = 0; r < rank; r++) {
      precisions[r] = sums[rank + pairsOf(r) + r]! / noise + 1 / priorVariances[r]!;
      right[r] = sums[r]! / noise + priorMeans[r]! / priorVariances[r]!;
    }
    addNeighbors(modes[k]!, i, shape[k]!, precisions, right);
    // Of unit diagonal before it is inverted: components may be of very different size.
    for (let r = 0; r < rank; r++) {
      scales[r] = 1 / Math.sqrt(precisions[r]!);
      right[r]! *= scales[r]!;
    }
    let logDeterminant = NaN;
    for (let jitter = jitterOf(rank); Number.isNaN(logDeterminant) && jitter < 1; jitter *= 100) {
      for (let r = 0, p = 0; r < rank; r++, p++) {
        for (let s = 0; s < r; s++, p++) inverse[p] = (sums[rank + p]! / noise) * scales[r]! * scales[s]!;
        inverse[p] = 1 + jitter;
      }
      logDeterminant = invertPacked(inverse, rank);
    }
    multiplyPacked(inverse, rank, right, solution);
    logDeterminants -= logDeterminant;
    for (let r = 0; r < rank; r++) {
      const mean = held[r] ? priorMeans[r]! : scales[r]! * solution[r]!;
      means[i * rank + r] = mean;
      logDeterminants += 2 * Math.log(scales[r]!);
      expected -= 2 * mean * sums[r]!;
    }
    for (let r = 0, p = 0; r < rank; r++) {
      const mean = means[i * rank + r]!;
      for (let s = 0; s <= r; s++, p++) {
        const covariance = scales[r]! * scales[s]! * inverse[p]!;
        covariances[i * pairs + p] = covariance;
        expected += (s < r ? 2 : 1) * sums[rank + p]! * (mean * means[i * rank + s]! + covariance);
      }
    }
    if (isPauseDue(flopsPerRow)) yield;
  }
  return { expected, logDeterminants };
}

/** The means of two rows or fewer say nothing of a mean that they come from. */
const minRows = 3;

/**
 * Sets m and v, and the divergence of the posteriors from N(m, diag v), which is
 * Σ_rows ½ (−log det (V D⁻¹) + (A − m)ᵀ D⁻¹ (A − m) + tr (V D⁻¹) − R),  D = diag v.
 */
function* learnPrior(mode: VariationalMode, rows: number, rank: number, logDeterminants: number): Work<void> {
  const { means, covariances, priorMeans, priorVariances, stepPrecisions, held } = mode;
  const pairs = pairsOf(rank);
  const squares = new Float64Array(rank);
  if (rows >= minRows) {
    const sums = new Float64Array(rank);
    for (let at = 0; at < means.length;) for (let r = 0; r < rank; r++) sums[r]! += means[at++]!;
    if (isPauseDue(means.length)) yield;
    for (let r = 0; r < rank; r++) if (!held[r]) priorMeans[r] = sums[r]! / rows;
  }
  for (let i = 0; i < rows; i++) {
    for (let r = 0; r < rank; r++) {
      const deviation = means[i * rank + r]! - priorMeans[r]!;
      squares[r]! += deviation * deviation + covariances[i * pairs + pairsOf(r) + r]!;
    }
  }
  if (isPauseDue(4 * means.length)) yield;
  const largest = squares.reduce((max, square, r) => Math.max(max, priorMeans[r]! ** 2 + square / rows), 0);
  const least = minVarianceShare * largest + minVariance;
  mode.divergence = -0.5 * (logDeterminants + rows * rank);
  for (let r = 0; r < rank; r++) {
    if (stepPrecisions && !held[r]) {
      mode.divergence += 0.5 * learnSmoothPrior(mode, rows, r, squares[r]!, least);
      continue;
    }
    if (held[r]) squares[r] = rows * priorVariances[r]!;
    else priorVariances[r] = Math.max(squares[r]! / rows, least);
    mode.divergence += 0.5 * (rows * Math.log(priorVariances[r]!) + squares[r]! / priorVariances[r]!);
  }
}

/** Gives the columns of a component the same root mean square in all modes: scale may pass from mode to mode. */
function* balance({ shape, rank, modes }: VariationalModel): Work<void> {
  const sizes: Float64Array[] = [];
  for (const [k, { means }] of modes.entries()) {
    const squares = new Float64Array(rank);
    for (let at = 0; at < means.length;) for (let r = 0; r < rank; r++) squares[r]! += means[at++]! ** 2;
    if (isPauseDue(2 * means.length)) yield;
    sizes.push(squares.map((square) => Math.sqrt(square / shape[k]!)));
  }
  const scales = modes.map(() => new Float64Array(rank).fill(1));
  for (let r = 0; r < rank; r++) {
    if (modes.some(({ held }) => held[r]) || sizes.some((size) => size[r]! < 1e-60)) continue;
    const goal = Math.exp(sizes.reduce((sum, size) => sum + Math.log(size[r]!), 0) / sizes.length);
    sizes.forEach((size, k) => (scales[k]![r] = goal / size[r]!));
  }
  for (const [k, { means, covariances, priorMeans, priorVariances, stepPrecisions }] of modes.entries()) {
    const scale = scales[k]!;
    for (let i = 0, at = 0, pair = 0; i < shape[k]!; i++) {
      for (let r = 0; r < rank; r++) {
        means[at++]! *= scale[r]!;
        for (let s = 0; s <= r; s++) covariances[pair++]! *= scale[r]! * scale[s]!;
      }
    }
    if (isPauseDue(2 * covariances.length)) yield;
    for (let r = 0; r < rank; r++) {
      priorMeans[r]! *= scale[r]!;
      priorVariances[r]! *= scale[r]! ** 2;
      if (stepPrecisions) stepPrecisions[r]! /= scale[r]! ** 2;
    }
  }
}

/** Posterior mean and variance of the model at one cell: E x and E x² − (E x)². */
export interface CellMoments {
  mean: number;
  variance: number;
}

/** Evaluates cells one after the other, without allocating. */
export function cellMoments({
  shape,
  rank,
  modes,
}: VariationalModel): (indices: Uint32Array, at: number) => CellMoments {
  const pairs = pairsOf(rank);
  const moments = modes.map((mode) => finished(rowMoments(mode, rank)));
  const product = new Float64Array(rank);
  const pairProduct = new Float64Array(pairs);
  const result = { mean: 0, variance: 0 };
  return (indices, at) => {
    product.fill(1);
    pairProduct.fill(1);
    for (let k = 0; k < shape.length; k++) {
      const row = indices[at + k]!;
      const moment = moments[k]!;
      const from = row * (rank + pairs);
      for (let r = 0; r < rank; r++) product[r]! *= moment[from + r]!;
      for (let p = 0; p < pairs; p++) pairProduct[p]! *= moment[from + rank + p]!;
    }
    let mean = 0;
    for (let r = 0; r < rank; r++) mean += product[r]!;
    let variance = 0;
    for (let r = 0, p = 0; r < rank; r++) {
      for (let s = 0; s <= r; s++, p++) {
        variance += (s === r ? 1 : 2) * (pairProduct[p]! - product[r]! * product[s]!);
      }
    }
    result.mean = mean;
    result.variance = Math.max(0, variance);
    return result;
  };
}

/** Sets σ², and returns the mean squared error. */
function* learnNoise({ count, indices, values }: Entries, model: VariationalModel, minNoise: number): Work<number> {
  const order = model.shape.length;
  const at = cellMoments(model);
  let squares = 0;
  let variances = 0;
  for (let e = 0; e < count; e++) {
    const { mean, variance } = at(indices, e * order);
    squares += (values[e]! - mean) ** 2;
    variances += variance;
    if (isPauseDue(order * (model.rank + 1) * (model.rank + 3))) yield;
  }
  model.noise = Math.max((squares + variances) / count, minNoise);
  return squares / count;
}
