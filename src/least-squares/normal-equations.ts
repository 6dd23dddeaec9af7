// One step of damped Gauss-Newton, the solution of the normal equations
//   (JᵀWJ + μI) δ = −g,   μ = damping · (mean diagonal of JᵀWJ) + ridge,
// over the unknowns that are free to move. Where the problem can form JᵀWJ, a Cholesky factorization solves them, at
// unknowns³ / 3; else conjugate gradients, with the problem's products and preconditioner.
import { factorSteps, solveInPlace } from '../linalg/cholesky.js';
import { passed, type MaybeWork, type Work } from '../yield.js';
import { conjugateGradients, type CgLimits, type LinearSystem } from './conjugate-gradients.js';

/** JᵀWJ at one point: J the Jacobian of the residuals, W the weights of their squares. */
export interface NormalMatrix {
  readonly unknowns: number;
  /** The mean of its diagonal: the unit of damping. */
  meanDiagonal(): number;
  /** out = JᵀWJ v */
  apply(v: Float64Array, out: Float64Array): MaybeWork<void>;
  /** Fills the lower triangle of JᵀWJ, [unknowns, unknowns]. Give it where there are few unknowns. */
  readonly form?: ((matrix: Float64Array) => MaybeWork<void>) | undefined;
  /** Prepares `precondition` for JᵀWJ + μI; called once for each μ, before the conjugate gradients. */
  readonly damp?: ((mu: number) => MaybeWork<void>) | undefined;
  /** z ≈ (JᵀWJ + μI)⁻¹ residual; 0 where an unknown is held. */
  readonly precondition?: ((residual: Float64Array, z: Float64Array) => MaybeWork<void>) | undefined;
  /** Flops of `apply` and `precondition` together, as far as they do not count and pause themselves. Default 0. */
  readonly iterationFlops?: number | undefined;
  /** Conjugate gradients with the matrix of the last `damp`, several iterations at once (conjugate-gradients.ts), where nothing is held. */
  readonly iterate?: LinearSystem['iterate'];
  /** 1 where an unknown must not move in this step. Default: all are free. */
  readonly held?: Uint8Array | undefined;
  /** Second derivative of a penalty ½ · ridge · ‖x‖². Default 0. */
  readonly ridge?: number | undefined;
}

/** The steps of one problem, in memory that is allocated once. */
export interface StepSolver {
  /** To be called when the matrix has changed. */
  refresh(): Work<void>;
  /** δ into `step`; false where the system is singular to rounding, and there is no step. */
  solve(gradient: Float64Array, damping: number, limits: CgLimits, step: Float64Array): Work<boolean>;
}

export const stepSolver = (matrix: NormalMatrix): StepSolver =>
  matrix.form ? factoringSolver(matrix, matrix.form) : iterativeSolver(matrix);

const shiftOf = (matrix: NormalMatrix, damping: number): number =>
  Math.max(damping * matrix.meanDiagonal() + (matrix.ridge ?? 0), Number.MIN_VALUE);

function factoringSolver(matrix: NormalMatrix, form: (matrix: Float64Array) => MaybeWork<void>): StepSolver {
  const { unknowns, held } = matrix;
  const formed = new Float64Array(unknowns * unknowns);
  const factor = new Float64Array(unknowns * unknowns);

  function* refresh(): Work<void> {
    yield* passed(form(formed));
    if (!held) return;
    for (let i = 0; i < unknowns; i++) {
      for (let j = 0; j <= i; j++) if (held[i] === 1 || held[j] === 1) formed[i * unknowns + j] = 0;
    }
  }

  function* solve(gradient: Float64Array, damping: number, _limits: CgLimits, step: Float64Array): Work<boolean> {
    const mu = shiftOf(matrix, damping);
    factor.set(formed);
    for (let i = 0; i < unknowns; i++) {
      factor[i * unknowns + i]! += mu;
      step[i] = held?.[i] === 1 ? 0 : -gradient[i]!;
    }
    if (!(yield* factorSteps(factor, unknowns))) return false;
    solveInPlace(factor, unknowns, step);
    return true;
  }

  return { refresh, solve };
}

function iterativeSolver(matrix: NormalMatrix): StepSolver {
  const { unknowns, held } = matrix;
  const rightSide = new Float64Array(unknowns);
  const solveSystem = conjugateGradients(unknowns);
  let mu = 0;
  const shift = (v: Float64Array, out: Float64Array): void => {
    for (let n = 0; n < unknowns; n++) out[n] = held?.[n] === 1 ? 0 : out[n]! + mu * v[n]!;
  };
  function* shifted(product: Work<void>, v: Float64Array, out: Float64Array): Work<void> {
    yield* product;
    shift(v, out);
  }
  const system: LinearSystem = {
    apply(v, out) {
      const product = matrix.apply(v, out);
      if (product) return shifted(product, v, out);
      shift(v, out);
    },
    precondition: matrix.precondition,
    iterationFlops: matrix.iterationFlops,
    iterate: held ? undefined : matrix.iterate,
  };

  function* solve(gradient: Float64Array, damping: number, limits: CgLimits, step: Float64Array): Work<boolean> {
    mu = shiftOf(matrix, damping);
    if (matrix.damp) yield* passed(matrix.damp(mu));
    for (let n = 0; n < unknowns; n++) rightSide[n] = held?.[n] === 1 ? 0 : -gradient[n]!;
    yield* solveSystem(system, rightSide, limits, step);
    return true;
  }

  // The products are at the matrix's own point.
  return { refresh: nothing, solve };
}

function* nothing(): Work<void> {}
