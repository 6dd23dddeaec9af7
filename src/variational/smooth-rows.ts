// Modes whose neighboring indices are alike: pixels, moments, wavelengths. Their rows have a random walk with a pull to the mean as prior,
//   −2 log p = Σ_i (a_i − m)²/v + q Σ_i (a_i − a_{i−1})² + constant   for every component,
// whose precision matrix I/v + q·L, L of the second differences, has the eigenvalues 1/v + q·λ_j, λ_j = 2 − 2 cos(πj / rows). A Gaussian
// Markov random field: Rue & Held, "Gaussian Markov Random Fields" (2005), sec. 3.3. 1/v and q are learned.
import { pairsOf } from './packed.js';
import type { VariationalMode, VariationalModel } from './distribution.js';

/** The model with such priors in some modes: at first a step is as large as the rows are. */
export const withSmoothModes = (model: VariationalModel, smooth: readonly number[]): VariationalModel => ({
  ...model,
  modes: model.modes.map((mode, k) =>
    smooth.includes(k) ? { ...mode, stepPrecisions: mode.priorVariances.map((variance) => 1 / variance) } : mode,
  ),
});

/** What the neighbors of a row say of it: they are added to the precisions, [rank], and to precisions times means. */
export function addNeighbors(
  { means, stepPrecisions }: VariationalMode,
  row: number,
  rows: number,
  precisions: Float64Array,
  weighted: Float64Array,
): void {
  if (!stepPrecisions) return;
  const rank = stepPrecisions.length;
  for (const neighbor of [row - 1, row + 1]) {
    if (neighbor < 0 || neighbor >= rows) continue;
    for (let r = 0; r < rank; r++) {
      precisions[r]! += stepPrecisions[r]!;
      weighted[r]! += stepPrecisions[r]! * means[neighbor * rank + r]!;
    }
  }
}

/** Fixed-point steps of 1/v and q in a sweep. */
const learningSteps = 5;

/**
 * Sets v and q of a component to what makes its rows most likely, given their expected squares: summed, those of deviations from the mean
 * and of steps. 1/v = n_v / squares and q = n_q / steps, where the shares n_v = Σ_j (1/v) / (1/v + q·λ_j) and n_q add up to the number of
 * rows. `least`: v and 1/q stay above it. Returns −Σ_j log(1/v + q·λ_j) + squares/v + q·steps.
 */
export function learnSmoothPrior(
  mode: VariationalMode,
  rows: number,
  component: number,
  squares: number,
  least: number,
): number {
  const { priorVariances, stepPrecisions } = mode;
  const steps = squaredSteps(mode, rows, component);
  let pull = 1 / priorVariances[component]!;
  let stiffness = stepPrecisions?.[component] ?? 0;
  const eigenvalues = Array.from({ length: rows }, (_, j) => 2 - 2 * Math.cos((Math.PI * j) / rows));
  for (let step = 0; step < learningSteps; step++) {
    const ofPull = eigenvalues.reduce((sum, value) => sum + pull / (pull + stiffness * value), 0);
    pull = Math.min(ofPull / squares, 1 / least);
    stiffness = Math.min((rows - ofPull) / steps, 1 / least);
  }
  priorVariances[component] = 1 / pull;
  if (stepPrecisions) stepPrecisions[component] = stiffness;
  const logDeterminant = eigenvalues.reduce((sum, value) => sum + Math.log(pull + stiffness * value), 0);
  return pull * squares + stiffness * steps - logDeterminant;
}

/** Σ_i E (a_i − a_{i−1})² */
function squaredSteps({ means, covariances, priorMeans }: VariationalMode, rows: number, component: number): number {
  const rank = priorMeans.length;
  const pairs = pairsOf(rank);
  const variance = pairsOf(component) + component;
  let sum = 0;
  for (let i = 1; i < rows; i++) {
    const step = means[i * rank + component]! - means[(i - 1) * rank + component]!;
    sum += step * step + covariances[i * pairs + variance]! + covariances[(i - 1) * pairs + variance]!;
  }
  return sum;
}
