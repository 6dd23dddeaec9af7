// Damped Gauss-Newton (Levenberg-Marquardt), the one loop behind every float64 polish: min over x of
//   f(x) = Σ_e φ_e(r_e(x)) + penalty,   step δ from (JᵀWJ + μI) δ = −∇f,   W the curvatures of the φ_e
// (W = I for squares; weights that depend on the residuals make it iteratively reweighted least squares). A step is taken
// when it lowers the objective; else the damping μ grows until one does. The problems, each with its own products, weights and
// constraints, are in compaction: cp-problem.ts, symmetric-problem.ts, cp/sampled-problem.ts.
// Madsen, Nielsen & Tingleff, "Methods for non-linear least squares problems", 2004, sec. 3.2.
import { passed, type MaybeWork, type Work } from '../yield.js';
import type { CgLimits } from './conjugate-gradients.js';
import { stepSolver, type NormalMatrix } from './normal-equations.js';

/** The inherited matrix is that at the point of the last `linearize`, also when `objective` has been asked elsewhere since. */
export interface LeastSquaresProblem extends NormalMatrix {
  /** What a step must lower: f, or anything that rises and falls with it. NaN for points that cannot be taken. */
  objective(x: Float64Array): MaybeWork<number>;
  /** Objectives of this or less are the least possible, up to rounding. Asked once, after the first evaluation. Default: none is. */
  readonly floor?: (() => number) | undefined;
  /** Moves the matrix (and `held`) to x, and fills ∇f there. Called right after `objective` of the same x. */
  linearize(x: Float64Array, gradient: Float64Array): MaybeWork<void>;
  /** Changes a point that a step has led to: cuts it off at bounds, balances what the objective does not depend on. */
  readonly normalize?: ((x: Float64Array) => void) | undefined;
}

export interface GaussNewtonOptions {
  /** Stop when an accepted step lowers the objective by less than this, relative to itself. */
  readonly tolerance: number;
  /** Accepted steps. */
  readonly maxSteps: number;
  /** Stop at an objective of this or less. Default: only at the problem's floor. */
  readonly targetObjective?: number;
  /** How precisely a step is solved for, where that is by conjugate gradients. */
  readonly precision: (objective: number) => CgLimits;
}

export interface GaussNewtonReport {
  /** Accepted steps so far. */
  readonly step: number;
  readonly objective: number;
  /** The point. It is overwritten later: copy what is kept. */
  readonly x: Float64Array;
  /** Set in the last report: no step lowers the objective by the tolerance, it is on target, or the steps were used up. */
  readonly stop: 'converged' | 'stepLimit' | undefined;
}

/** Damping of the first step. */
const firstDamping = 1e-3;
/** Beyond this damping no step helps any more. */
const maxDamping = 1e8;
/** After a step that fails the damping is multiplied by this, and the factor itself by the next: 4, 8, 16, … */
const firstGrowth = 4;
const growthOfGrowth = 2;
/**
 * After a step that is taken the damping is divided by a number between these. It is squared after a step that was taken at once, and
 * becomes its root where the damping had to rise: in a narrow valley the damping stays near what it needs, and few steps fail.
 */
const maxDecay = 9;
const minDecay = 1.3;

/** Reports after every accepted step, at least once, and pauses; the objective never rises. `start` is normalized, and overwritten. */
export function* dampedGaussNewton(
  problem: LeastSquaresProblem,
  start: Float64Array,
  { tolerance, maxSteps, targetObjective = -Infinity, precision }: GaussNewtonOptions,
): Generator<GaussNewtonReport | undefined, void> {
  const { unknowns } = problem;
  const solver = stepSolver(problem);
  const gradient = new Float64Array(unknowns);
  const step = new Float64Array(unknowns);
  let x = start;
  let trial: Float64Array = new Float64Array(unknowns);
  problem.normalize?.(x);
  let objective = yield* passed(problem.objective(x));
  const target = Math.max(targetObjective, problem.floor?.() ?? -Infinity);
  let damping = firstDamping;
  let decay = maxDecay;

  /** Moves x by the first step, with rising damping, that lowers the objective; false when none does. */
  function* improve(): Work<boolean> {
    yield* passed(problem.linearize(x, gradient));
    yield* solver.refresh();
    const limits = precision(objective);
    for (let tried = damping, growth = firstGrowth; tried < maxDamping; tried *= growth, growth *= growthOfGrowth) {
      if (!(yield* solver.solve(gradient, tried, limits, step))) continue;
      for (let n = 0; n < unknowns; n++) trial[n] = x[n]! + step[n]!;
      problem.normalize?.(trial);
      const next = yield* passed(problem.objective(trial));
      if (!(next < objective)) continue;
      const before = x;
      x = trial;
      trial = before;
      objective = next;
      decay = tried === damping ? Math.min(decay ** 2, maxDecay) : Math.max(Math.sqrt(decay), minDecay);
      damping = Math.max(tried / decay, Number.EPSILON);
      return true;
    }
    return false;
  }

  for (let taken = 0; ;) {
    const before = objective;
    const mayMove = taken < maxSteps && unknowns > 0 && Number.isFinite(before) && before > target;
    const moved = mayMove && (yield* improve());
    const hasConverged = moved
      ? before - objective < tolerance * Math.abs(before) || objective <= target
      : taken < maxSteps;
    if (moved) taken++;
    const stop = hasConverged ? 'converged' : taken >= maxSteps ? 'stepLimit' : undefined;
    yield { step: taken, objective, x, stop };
    if (stop) return;
  }
}

/** The last of the reports of a polish, which makes one at least. */
export function* lastReport<T>(reports: Iterable<T | undefined>): Work<T> {
  let last: T | undefined;
  for (const report of reports) {
    if (report) last = report;
    else yield;
  }
  if (last === undefined) throw new Error('lastReport: expected at least one report, got none.');
  return last;
}
