// The float64 finish of a symmetric model: damped Gauss-Newton (Levenberg-Marquardt) on all
// components at once, c_i u_i^{⊗l} = σ_i x_i^{⊗l} with fixed signs σ_i. Near an exact solution it converges quadratically.
// A step is accepted when the error falls, which for factored targets is summed in twice the precision and means something at 1e-15.
import type { SymmetricKruskal } from '../tensor/kruskal.js';
import { normalize } from '../tensor/normalize.js';
import { gaussNewton } from './gauss-newton-symmetric.js';
import type { SymmetricView } from './symmetric-view.js';

export interface PolishSymmetricOptions {
  /** Stop when an accepted step lowers the error by less than this, relative to itself. Default 1e-9. */
  readonly tolerance?: number;
  /** Accepted steps. Default 60; near a solution 3 to 5 do. */
  readonly maxSteps?: number;
  /** Stop below this relative error. Default 0: at the floor of what can be measured. */
  readonly enough?: number;
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

/** Relative to the mean diagonal of JᵀJ: damping at the start, and beyond which no step helps (the error is at its floor). */
const firstDamping = 1e-3;
const hopelessDamping = 1e8;

/** Steps are solved for as accurately as the error is small: quadratic convergence asks for no more (Dembo, Eisenstat, Steihaug 1982). */
const [tightest, loosest] = [1e-10, 1e-4];

/** Yields the model after every accepted step, at least once; the error never rises. Components of weight 0 are dropped. */
export function* polishSymmetric(
  target: SymmetricView,
  start: SymmetricKruskal,
  { tolerance = 1e-9, maxSteps = 60, enough = 0 }: PolishSymmetricOptions = {},
): Generator<PolishSymmetricReport, PolishSymmetricReport> {
  const { signs, x } = signedVectors(start);
  const system = gaussNewton(target, signs);
  const { order } = target;
  const vectors = { rows: signs.length, columns: target.dim, data: x };
  const model: SymmetricKruskal = { order, weights: signs, vectors };
  const [step, before] = [new Float64Array(x.length), new Float64Array(x.length)];

  /** Moves x by the first step, with rising damping, that lowers the error; undefined when none does. */
  function improve(error: number, damping: number): { error: number; damping: number } | undefined {
    system.moveTo(x);
    before.set(x);
    for (let trial = damping, growth = 4; trial < hopelessDamping; trial *= growth, growth *= 2) {
      if (!system.solve(trial, step, Math.min(loosest, Math.max(tightest, error * error)))) continue;
      for (let n = 0; n < x.length; n++) x[n] = before[n]! + step[n]!;
      const next = target.measure(model).relativeError;
      if (next < error) return { error: next, damping: trial };
    }
    x.set(before);
    return undefined;
  }

  const { relativeError: firstError, errorFloor } = target.measure(model);
  const small = Math.max(enough, errorFloor);
  let error = firstError;
  let damping = firstDamping;
  for (let taken = 0; ; taken++) {
    const next = error <= small || taken >= maxSteps ? undefined : improve(error, damping);
    const settled = next ? error - next.error < tolerance * error || next.error <= small : taken < maxSteps;
    if (next) {
      error = next.error;
      damping = Math.max(next.damping / 9, Number.EPSILON);
    }
    const done = taken + (next ? 1 : 0);
    const stop = settled ? 'converged' : done >= maxSteps ? 'stepLimit' : undefined;
    const report = { step: done, relativeError: error, kruskal: normalize(copyOf(model)), stop } as const;
    yield report;
    if (stop) return report;
  }
}

/** The last report of `polishSymmetric`. */
export function polished(
  target: SymmetricView,
  start: SymmetricKruskal,
  options: PolishSymmetricOptions = {},
): PolishSymmetricReport {
  const steps = polishSymmetric(target, start, options);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

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

const copyOf = (model: SymmetricKruskal): SymmetricKruskal => ({ ...model, weights: model.weights.slice() });
