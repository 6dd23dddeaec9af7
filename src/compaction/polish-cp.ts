// The float64 finish of a CP model of a dense tensor: damped Gauss-Newton on all factors at once, minimizing ½‖E‖²,
// E = model − target. Where alternating least squares creeps along a valley, this takes a few steps.
// A step reads the tensor once per trial and twice for the gradient: 6 · size · rank flops or more. Where cells are missing,
// W their mask, the loss is that of the known ones. JᵀWJ then has no closed form: a product with it reads the tensor twice, 8 · size · rank
// flops, and the solve with JᵀJ is the preconditioner. As ρ·JᵀJ ≼ JᵀWJ ≼ JᵀJ, ρ about the fraction of known cells, some √(1/ρ)
// products are enough.
import { conjugateGradients, type CgLimits } from '../least-squares/conjugate-gradients.js';
import { dampedGaussNewton, type LeastSquaresProblem } from '../least-squares/gauss-newton.js';
import type { NormalMatrix } from '../least-squares/normal-equations.js';
import { cpDerivative, cpResidual, mttkrpAll } from '../tensor/cp-products.js';
import { denseNorm } from '../tensor/dense.js';
import type { Kruskal } from '../tensor/kruskal.js';
import type { PartlyKnownTensor } from '../tensor/partly-known.js';
import { euclideanNorm } from '../tensor/square-sum.js';
import { absorbWeights, balanceModes, modeViews, stackFactors, unstackFactors } from '../tensor/stacked.js';
import { cpNormalMatrix, type CpNormalMatrix } from './cp-normal-matrix.js';

export interface PolishOptions {
  /** Stop when an accepted step lowers the error by less than this, relative to itself. */
  readonly tolerance: number;
  readonly maxSteps: number;
  /** How precisely a step's linear system is solved. Default: to a millionth of the gradient. */
  readonly precision?: CgLimits;
}

export interface PolishReport {
  readonly step: number;
  readonly relativeError: number;
  readonly kruskal: Kruskal;
  /** Set in the last report: whether the tolerance was met, the steps were used up, or the answer cannot be vouched for. */
  readonly stop: 'converged' | 'stalled' | 'stepLimit' | undefined;
  /** Starts that came to the same answer, in the last report of a finish that looks at them. */
  readonly agreeing?: number;
  /** In place of the stop reason's own words. */
  readonly advice?: string;
}

/** Conjugate-gradient iterations are cheap next to one pass over the tensor, but not free. */
const precise: CgLimits = { iterations: 400, cgTolerance: 1e-12 };

/** Of the system with missing cells: a thousandth of the gradient, or as many passes over the tensor as a step may cost. */
const maskedPrecision: CgLimits = { iterations: 20, cgTolerance: 1e-6 };

/** Yields the model after every accepted step; the error never rises. */
export function* polishCp(
  target: PartlyKnownTensor,
  start: Kruskal,
  { tolerance, maxSteps, precision = precise }: PolishOptions,
): Generator<PolishReport> {
  const rank = start.weights.length;
  const targetNorm = denseNorm(target) || 1;
  const steps = dampedGaussNewton(cpProblem(target, rank, precision), stackFactors([absorbWeights(start)]), {
    tolerance,
    maxSteps,
    precision: () => (target.known ? maskedPrecision : precision),
  });
  let step = 0;
  for (const { objective, x, stop } of steps) {
    step++;
    const kruskal = unstackFactors(target.shape, rank, x)[0] ?? start;
    yield { step, relativeError: objective / targetNorm, kruskal, stop };
  }
}

/** Errors up to this, relative to the target's norm, are rounding. */
const roundoff = 4 * Number.EPSILON;

/** min ‖E‖ over the stacked factors. */
export function cpProblem(target: PartlyKnownTensor, rank: number, precision = precise): LeastSquaresProblem {
  const { shape, data, known } = target;
  const residual = new Float64Array(data.length);
  const full = cpNormalMatrix(shape, rank);
  const masked = known && maskedMatrix(full, shape, rank, known, precision);

  function objective(x: Float64Array): number {
    cpResidual(shape, rank, modeViews(shape, rank, x), data, residual, known);
    return euclideanNorm(residual);
  }

  function linearize(x: Float64Array, gradient: Float64Array): void {
    mttkrpAll(shape, rank, modeViews(shape, rank, x), residual, modeViews(shape, rank, gradient));
    full.moveTo(x);
    masked?.moveTo(x);
  }

  return {
    ...(masked ?? full),
    objective,
    floor: () => roundoff * denseNorm(target),
    linearize,
    normalize: (x) => balanceModes(shape, rank, x),
  };
}

/** JᵀWJ, W the mask of the known cells, with the inverse of JᵀJ + μI as preconditioner. Damping is in units of JᵀJ. */
function maskedMatrix(
  full: CpNormalMatrix,
  shape: readonly number[],
  rank: number,
  known: Uint8Array,
  precision: CgLimits,
): NormalMatrix & { moveTo(x: Float64Array): void } {
  const { unknowns } = full;
  const solve = conjugateGradients(unknowns);
  const moved = new Float64Array(known.length);
  let factors: Float64Array[] = [];
  let mu = 0;
  const damped = {
    apply(v: Float64Array, out: Float64Array): void {
      full.apply(v, out);
      for (let n = 0; n < unknowns; n++) out[n]! += mu * v[n]!;
    },
    precondition: full.precondition,
  };
  return {
    unknowns,
    meanDiagonal: () => full.meanDiagonal(),
    moveTo: (x) => (factors = modeViews(shape, rank, x)),
    apply(v, out) {
      cpDerivative(shape, rank, factors, modeViews(shape, rank, v), moved, known);
      mttkrpAll(shape, rank, factors, moved, modeViews(shape, rank, out));
    },
    damp(shift) {
      mu = shift;
      full.damp(mu);
    },
    precondition: (right, z) => solve(damped, right, precision, z),
  };
}
