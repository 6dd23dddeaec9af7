// A CP least-squares problem (cp-problem.ts) whose factors keep to constraints: entries of fixed modes never move, entries of nonnegative
// modes are kept ≥ 0 by projection. Those at 0 that the gradient pushes below are held for a step, the others move and are cut off at 0
// (Bertsekas, "Projected Newton methods", SIAM J. Control Optim. 20 (1982)); with enough damping that lowers the error, or the point is
// stationary. How far a model is from that is its KKT residual.
import type { LeastSquaresProblem } from '../least-squares/gauss-newton.js';
import { cpResidualSteps, mttkrpAllSteps } from '../tensor/cp-products.js';
import { boundedModes, isConstrained, movableModes, signedModes, type Constraints } from '../tensor/constraints.js';
import { denseNorm } from '../tensor/dense.js';
import type { Kruskal } from '../tensor/kruskal.js';
import { normalize } from '../tensor/normalize.js';
import type { PartlyKnownTensor } from '../tensor/partly-known.js';
import { absorbWeights, balanceModes, modeViews } from '../tensor/stacked.js';
import { passed, type MaybeWork, type Work } from '../yield.js';

/** The problem over the stacked factors, [Σ shape, rank], with constraints. Without any, the problem itself. */
export function constrained(
  problem: LeastSquaresProblem,
  shape: readonly number[],
  rank: number,
  constraints: Constraints,
): LeastSquaresProblem {
  if (!isConstrained(constraints)) return problem;
  const { precondition } = problem;
  const movable = movableModes(shape, constraints);
  const isBounded = maskOf(shape, rank, boundedModes(shape, constraints));
  const isFixed = maskOf(shape, rank, constraints.fixed);
  const held = isFixed.slice();

  function* linearize(x: Float64Array, gradient: Float64Array): Work<void> {
    yield* passed(problem.linearize(x, gradient));
    hold(x, gradient);
  }

  function hold(x: Float64Array, gradient: Float64Array): void {
    for (let n = 0; n < held.length; n++) {
      const isAtBound = isBounded[n] === 1 && x[n]! <= 0 && gradient[n]! > 0;
      held[n] = isFixed[n] === 1 || isAtBound ? 1 : 0;
    }
  }

  function preconditionFree(residual: Float64Array, z: Float64Array): MaybeWork<void> {
    const work = precondition?.(residual, z);
    if (work) return dropHeldAfter(work, z);
    dropHeld(z);
  }

  function* dropHeldAfter(work: Work<void>, z: Float64Array): Work<void> {
    yield* work;
    dropHeld(z);
  }

  function dropHeld(z: Float64Array): void {
    for (let n = 0; n < held.length; n++) if (held[n] === 1) z[n] = 0;
  }

  return {
    ...problem,
    linearize,
    precondition: precondition && preconditionFree,
    held,
    normalize(x) {
      for (let n = 0; n < x.length; n++) if (isBounded[n] === 1 && x[n]! < 0) x[n] = 0;
      balanceModes(shape, rank, x, movable);
    },
  };
}

/** 1 for the unknowns of some modes. */
function maskOf(shape: readonly number[], rank: number, modes: readonly number[]): Uint8Array {
  const rows = shape.flatMap((size, mode) => new Array<number>(size).fill(modes.includes(mode) ? 1 : 0));
  return Uint8Array.from({ length: rows.length * rank }, (_, at) => rows[Math.floor(at / rank)]!);
}

/**
 * The model with its negative entries cut off where there may be none. Before, every column of a nonnegative mode is turned so that its
 * larger part is positive; a sign that is left over goes to a mode that may have it, or is dropped. No weight is negative afterwards,
 * but for models whose modes are all fixed and may have signs.
 */
export function onConstraints(model: Kruskal, constraints: Constraints): Kruskal {
  const shape = model.factors.map(({ rows }) => rows);
  const bounded = boundedModes(shape, constraints);
  const [signed] = signedModes(shape, constraints);
  const factors = model.factors.map((factor) => ({ ...factor, data: factor.data.slice() }));
  const weights = model.weights.slice();
  const turn = (mode: number, r: number): void => {
    const { data, columns } = factors[mode]!;
    for (let at = r; at < data.length; at += columns) data[at] = -data[at]!;
  };
  for (let r = 0; r < weights.length; r++) {
    let isNegative = weights[r]! < 0;
    for (const mode of bounded) {
      if (!isMainlyNegative(factors[mode]!.data, r, weights.length)) continue;
      turn(mode, r);
      isNegative = !isNegative;
    }
    if (signed !== undefined && isNegative) turn(signed, r);
    const keepsSign = signed === undefined && constraints.nonnegative.length === 0;
    weights[r] = keepsSign && isNegative ? -Math.abs(weights[r]!) : Math.abs(weights[r]!);
  }
  for (const mode of bounded) {
    const { data } = factors[mode]!;
    for (let at = 0; at < data.length; at++) data[at] = Math.max(0, data[at]!);
  }
  return { weights, factors };
}

function isMainlyNegative(data: Float64Array, r: number, columns: number): boolean {
  let balance = 0;
  for (let at = r; at < data.length; at += columns) balance += data[at]! * Math.abs(data[at]!);
  return balance < 0;
}

/**
 * How far a model is from a stationary point of ½‖W ∘ (model − target)‖² under its constraints (Karush, Kuhn, Tucker), as a part of
 * ‖W ∘ target‖; W = 1 in the known cells. For every mode that is not fixed, A is its factor with the weights in it, all other columns
 * of unit norm, and G the gradient by A, both over ‖W ∘ target‖. The largest over all entries of
 *   |min(A, G)|   in nonnegative modes: 0 where an entry is 0 and wants to fall, or is positive and wants to stay
 *   |G|           in the others
 * From 0 to about 1. With all cells known the second derivative by an entry of A is 1: moving one entry of a mode without bounds lowers
 * the squared error by G² ‖target‖² at most. A model without components has 0. 6 · size · rank flops.
 */
export function* kktResidual(target: PartlyKnownTensor, model: Kruskal, constraints: Constraints): Work<number> {
  const { shape, data, known } = target;
  const rank = model.weights.length;
  const norm = denseNorm(target);
  if (rank === 0 || norm === 0) return 0;
  const { weights, factors: unit } = normalize(model);
  const residual = new Float64Array(data.length);
  const arrays = absorbWeights({ weights, factors: unit }).factors.map((factor) => factor.data);
  yield* cpResidualSteps(shape, rank, arrays, data, residual, known);
  const stacked = new Float64Array(shape.reduce((sum, size) => sum + size, 0) * rank);
  const gradients = modeViews(shape, rank, stacked);
  const units = unit.map((factor) => factor.data);
  yield* mttkrpAllSteps(shape, rank, units, residual, gradients);
  const bounded = boundedModes(shape, constraints);
  let largest = 0;
  for (const mode of movableModes(shape, constraints)) {
    gradients[mode]!.forEach((gradient, at) => {
      const entry = units[mode]![at]! * weights[at % rank]!;
      const excess = bounded.includes(mode) ? Math.min(entry, gradient) : gradient;
      largest = Math.max(largest, Math.abs(excess) / norm);
    });
  }
  return largest;
}
