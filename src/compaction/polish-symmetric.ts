// The float64 finish of a symmetric model: damped Gauss-Newton on all components at once, c_i u_i^{⊗l} = σ_i x_i^{⊗l} with fixed
// signs σ_i. Near an exact solution it converges quadratically. A step is accepted when the error falls, which for factored targets is
// summed in twice the precision and so distinguishes errors down to 1e-15.
import { dampedGaussNewton, lastReport } from '../least-squares/gauss-newton.js';
import type { SymmetricKruskal } from '../tensor/kruskal.js';
import { normalize } from '../tensor/normalize.js';
import type { Work } from '../yield.js';
import { symmetricProblem } from './symmetric-problem.js';
import type { SymmetricView } from '../handles/views/symmetric-view.js';

export interface PolishSymmetricOptions {
  /** Stop when an accepted step lowers the error by less than this, relative to itself. Default 1e-9. */
  readonly tolerance?: number;
  /** Accepted steps. Default 60; near a solution 3 to 5 do. */
  readonly maxSteps?: number;
  /** Stop at this relative error or less. Default 0: at the floor of what can be measured. */
  readonly targetError?: number;
}

export interface PolishSymmetricReport {
  /** Accepted steps so far. */
  readonly step: number;
  readonly relativeError: number;
  /** Unit vectors, signs of the weights as at the start. */
  readonly kruskal: SymmetricKruskal;
  /** Set in the last report: whether the error is small enough or no step lowers it by the tolerance, or the steps were used up. */
  readonly stop: 'converged' | 'stepLimit' | undefined;
}

/**
 * Conjugate gradients solve for a step as accurately as the error is small, between these: quadratic convergence does not need more
 * (Dembo, Eisenstat & Steihaug, "Inexact Newton methods", SIAM J. Numer. Anal. 19 (1982)).
 */
const minCgTolerance = 1e-10;
const maxCgTolerance = 1e-4;
const maxCgIterations = 300;

/** Yields the model after every accepted step, at least once, and pauses; the error never rises. Components of weight 0 are dropped. */
export function* polishSymmetric(
  target: SymmetricView,
  start: SymmetricKruskal,
  { tolerance = 1e-9, maxSteps = 60, targetError = 0 }: PolishSymmetricOptions = {},
): Generator<PolishSymmetricReport | undefined, void> {
  const { signs, x: first } = signedVectors(start);
  const { order, dim } = target;
  const steps = dampedGaussNewton(symmetricProblem(target, signs), first, {
    tolerance,
    maxSteps,
    targetObjective: targetError,
    precision: (error) => ({
      iterations: maxCgIterations,
      cgTolerance: Math.min(maxCgTolerance, Math.max(minCgTolerance, error * error)),
    }),
  });
  for (const report of steps) {
    if (!report) {
      yield;
      continue;
    }
    const { step, objective, x, stop } = report;
    const vectors = { rows: signs.length, columns: dim, data: x };
    yield { step, relativeError: objective, kruskal: normalize({ order, weights: signs, vectors }), stop };
  }
}

/** The last report of `polishSymmetric`. */
export const polished = (
  target: SymmetricView,
  start: SymmetricKruskal,
  options: PolishSymmetricOptions = {},
): Work<PolishSymmetricReport> => lastReport(polishSymmetric(target, start, options));

/** σ_i and x_i = |c_i|^{1/l} u_i of the components that are not zero. */
function signedVectors(start: SymmetricKruskal): { signs: Float64Array; x: Float64Array } {
  const { order, weights, vectors } = normalize(start);
  const dim = vectors.columns;
  const kept = Array.from(weights.keys()).filter((i) => weights[i] !== 0);
  const x = new Float64Array(kept.length * dim);
  kept.forEach((i, row) => {
    const scale = Math.abs(weights[i]!) ** (1 / order);
    for (let n = 0; n < dim; n++) x[row * dim + n] = scale * vectors.data[i * dim + n]!;
  });
  return { signs: Float64Array.from(kept, (i) => Math.sign(weights[i]!)), x };
}
