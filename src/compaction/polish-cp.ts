// The float64 finish of a CP model of a dense tensor: damped Gauss-Newton on all factors at once, minimizing the error over the known
// cells (cp-problem.ts). Where alternating least squares creeps along a valley, this takes a few steps.
import type { CgLimits } from '../least-squares/conjugate-gradients.js';
import { dampedGaussNewton, lastReport } from '../least-squares/gauss-newton.js';
import { denseNorm } from '../tensor/dense.js';
import { movableModes, unconstrained, type Constraints } from '../tensor/constraints.js';
import type { Kruskal } from '../tensor/kruskal.js';
import type { PartlyKnownTensor } from '../tensor/partly-known.js';
import { absorbWeights, stackFactors, unstackFactors } from '../tensor/stacked.js';
import type { Work } from '../yield.js';
import { constrained } from './constrained.js';
import { cpProblem, readsTensor } from './cp-problem.js';
import type { CpProducts } from './cp-products-on-cpu.js';

export interface PolishOptions {
  /** Stop when an accepted step lowers the error by less than this, relative to itself. */
  readonly tolerance: number;
  readonly maxSteps: number;
  /** How precisely a step's linear system is solved. Default: to a millionth of the gradient. */
  readonly precision?: CgLimits;
  /** The start keeps to them (`onConstraints`). Default: none. */
  readonly constraints?: Constraints;
  /** What reads the tensor. Default: float64 on the CPU. */
  readonly products?: CpProducts;
}

export interface PolishReport {
  readonly step: number;
  readonly relativeError: number;
  readonly kruskal: Kruskal;
  /** Set in the last report: whether the tolerance was met, the steps were used up, or the answer cannot be vouched for. */
  readonly stop: 'converged' | 'stalled' | 'stepLimit' | undefined;
  /** Starts that came to the same answer, in the last report of a finish that compares them. */
  readonly agreeing?: number;
  /** In place of the stop reason's own words. */
  readonly advice?: string;
}

/** Conjugate-gradient iterations are cheap next to one pass over the tensor, but not free. */
const precise: CgLimits = { iterations: 400, cgTolerance: 1e-12 };

/** Of the system with many missing cells: a thousandth of the gradient, or as many passes over the tensor as a step may cost. */
const maskedPrecision: CgLimits = { iterations: 20, cgTolerance: 1e-6 };

/** Yields the model after every accepted step, and pauses; the error never rises. */
export function* polishCp(
  target: PartlyKnownTensor,
  start: Kruskal,
  { tolerance, maxSteps, precision = precise, constraints = unconstrained, products }: PolishOptions,
): Generator<PolishReport | undefined, void> {
  const rank = start.weights.length;
  const targetNorm = denseNorm(target);
  const limits = readsTensor(target, rank) ? maskedPrecision : precision;
  const problem = constrained(
    cpProblem(target, rank, { targetNorm, precision, products }),
    target.shape,
    rank,
    constraints,
  );
  const begun = stackFactors([absorbWeights(start, movableModes(target.shape, constraints))]);
  const steps = dampedGaussNewton(problem, begun, {
    tolerance,
    maxSteps,
    precision: () => limits,
  });
  let step = 0;
  for (const report of steps) {
    if (!report) {
      yield;
      continue;
    }
    const { objective, x, stop } = report;
    step++;
    const kruskal = unstackFactors(target.shape, rank, x)[0] ?? start;
    yield { step, relativeError: objective / (targetNorm || 1), kruskal, stop };
  }
}

/** The last report of `polishCp`. */
export const polishedCp = (target: PartlyKnownTensor, start: Kruskal, options: PolishOptions): Work<PolishReport> =>
  lastReport(polishCp(target, start, options));
