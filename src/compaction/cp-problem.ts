// A CP model of a dense tensor as a least-squares problem, min ‖E‖ over the stacked factors, E = model − target, for polish-cp.ts.
// A step reads the tensor once per trial and twice for the gradient: 6 · size · rank flops or more. Where cells are missing,
// W their mask, the loss is that of the known ones. JᵀWJ then has no closed form: a product with it reads the tensor twice, 8 · size · rank
// flops, and the solve with JᵀJ is the preconditioner. As ρ·JᵀJ ≼ JᵀWJ ≼ JᵀJ, ρ about the fraction of known cells, some √(1/ρ)
// products are enough.
import { conjugateGradients, type CgLimits } from '../least-squares/conjugate-gradients.js';
import type { LeastSquaresProblem } from '../least-squares/gauss-newton.js';
import type { NormalMatrix } from '../least-squares/normal-equations.js';
import { cpDerivativeSteps, cpResidualSteps, mttkrpAllSteps } from '../tensor/cp-products.js';
import { denseNorm } from '../tensor/dense.js';
import type { PartlyKnownTensor } from '../tensor/partly-known.js';
import { euclideanNorm } from '../tensor/square-sum.js';
import { balanceModes, modeViews } from '../tensor/stacked.js';
import type { Work } from '../yield.js';
import { cpNormalMatrix, type CpNormalMatrix } from './cp-normal-matrix.js';

/** Errors up to this, relative to the target's norm, are rounding. */
const roundoff = 4 * Number.EPSILON;

/** `precision`: of the preconditioner, where cells are missing. */
export function cpProblem(target: PartlyKnownTensor, rank: number, precision: CgLimits): LeastSquaresProblem {
  const { shape, data, known } = target;
  const residual = new Float64Array(data.length);
  const full = cpNormalMatrix(shape, rank);
  const masked = known && maskedMatrix(full, shape, rank, known, precision);

  function* objective(x: Float64Array): Work<number> {
    yield* cpResidualSteps(shape, rank, modeViews(shape, rank, x), data, residual, known);
    return euclideanNorm(residual);
  }

  function* linearize(x: Float64Array, gradient: Float64Array): Work<void> {
    yield* mttkrpAllSteps(shape, rank, modeViews(shape, rank, x), residual, modeViews(shape, rank, gradient));
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
    iterationFlops: full.iterationFlops,
  };
  return {
    unknowns,
    meanDiagonal: () => full.meanDiagonal(),
    moveTo: (x) => (factors = modeViews(shape, rank, x)),
    *apply(v, out) {
      yield* cpDerivativeSteps(shape, rank, factors, modeViews(shape, rank, v), moved, known);
      yield* mttkrpAllSteps(shape, rank, factors, moved, modeViews(shape, rank, out));
    },
    damp(shift) {
      mu = shift;
      return full.damp(mu);
    },
    precondition: (right, z) => solve(damped, right, precision, z),
  };
}
