// Conjugate gradients for A x = b, A symmetric and positive definite and given by its products alone, with an optional
// preconditioner. Golub & Van Loan, "Matrix Computations", sec. 11.5. Used for the steps of damped Gauss-Newton
// (normal-equations.ts), and as the preconditioner of another such solve (compaction/cp-problem.ts).
import { dot } from '../linalg/dot.js';
import { isPauseDue, pauseFlops, type MaybeWork, type Work } from '../yield.js';

export interface LinearSystem {
  /** out = A v */
  apply(v: Float64Array, out: Float64Array): MaybeWork<void>;
  /** z ≈ A⁻¹ residual, symmetric and positive definite. Without it, z = residual. */
  readonly precondition?: ((residual: Float64Array, z: Float64Array) => MaybeWork<void>) | undefined;
  /** Flops of the two together, as far as they do not count and pause themselves. Default 0. */
  readonly iterationFlops?: number | undefined;
  /**
   * Up to `count` iterations at once, with the bits of those below, as long as ⟨residual, z⟩ is above `target`; undefined where that
   * cannot be now.
   */
  readonly iterate?: ((state: CgState, count: number, target: number) => CgProgress | undefined) | undefined;
}

/** Where conjugate gradients stand; all of one length. */
export interface CgState {
  readonly solution: Float64Array;
  readonly residual: Float64Array;
  readonly direction: Float64Array;
  /** ⟨residual, z⟩ */
  readonly square: number;
}

export interface CgProgress {
  readonly iterations: number;
  readonly square: number;
}

/** When a system counts as solved. */
export interface CgLimits {
  readonly iterations: number;
  /** The square of the preconditioned residual, ⟨residual, z⟩, falls to this, relative to its start. */
  readonly cgTolerance: number;
}

/** Writes the solution, from a start at 0. */
export type CgSolver = (
  system: LinearSystem,
  rightSide: Float64Array,
  limits: CgLimits,
  solution: Float64Array,
) => Work<void>;

/** A solver for systems of so many unknowns. Its memory is allocated here, once; a solve allocates nothing. */
export function conjugateGradients(unknowns: number): CgSolver {
  const residual = new Float64Array(unknowns);
  const z = new Float64Array(unknowns);
  const direction = new Float64Array(unknowns);
  const image = new Float64Array(unknowns);

  return function* (system, rightSide, { iterations, cgTolerance }, solution) {
    const precondition = (): MaybeWork<void> =>
      system.precondition ? system.precondition(residual, z) : z.set(residual);
    const flops = (system.iterationFlops ?? 0) + 12 * unknowns;
    solution.fill(0);
    residual.set(rightSide);
    const first = precondition();
    if (first) yield* first;
    direction.set(z);
    let square = dot(residual, z);
    const target = cgTolerance * square;
    // Without rounding, as many iterations as unknowns solve the system.
    const limit = Math.min(iterations, 2 * unknowns);
    for (let k = 0; k < limit && square > target;) {
      const wanted = Math.min(limit - k, Math.ceil(pauseFlops / (4 * flops)));
      const progress = system.iterate?.({ solution, residual, direction, square }, wanted, target);
      if (progress) {
        const { iterations } = progress;
        k += iterations;
        square = progress.square;
        // No positive curvature.
        if (iterations < wanted && square > target) return;
        if (isPauseDue(iterations * flops)) yield;
        continue;
      }
      k++;
      // Most products take microseconds, and are no work with pauses: `yield*` of a new generator would show.
      const product = system.apply(direction, image);
      if (product) yield* product;
      const curvature = dot(direction, image);
      if (!(curvature > 0)) return;
      const alpha = square / curvature;
      for (let n = 0; n < unknowns; n++) {
        solution[n]! += alpha * direction[n]!;
        residual[n]! -= alpha * image[n]!;
      }
      const solved = precondition();
      if (solved) yield* solved;
      const next = dot(residual, z);
      const beta = next / square;
      for (let n = 0; n < unknowns; n++) direction[n] = z[n]! + beta * direction[n]!;
      square = next;
      if (isPauseDue(flops)) yield;
    }
  };
}
