// Models of a factored target as they lie on the backend: one stack of rows, the model's, then the target's, with the weights
// ω = [c; −c*], so that the residual's contraction is one sweep over it. Here it is read back and judged while a run goes on.
// Small problems: the Gram formula in float64 on the host. Large ones: its terms from the backend, in one contraction,
//   ‖E‖² = Σ_b ω_b s_b,   s_b = E(v_b, …, v_b),
// which in float32 is blind below about 5e-4 (the sum cancels), so whatever comes out below `trusted` is taken from the host.
import { gramRelativeError } from '../analysis/relative-error.js';
import type { DeviceArray, Scope } from '../backend/backend.js';
import type { FactoredTarget } from '../targets/factored.js';
import { norm } from '../tensor/inner-product.js';
import type { SymmetricKruskal } from '../tensor/kruskal.js';
import { smallest, type Observation, type Setup } from './algorithm.js';

/** Ten times the floor of the float32 sum: there it is good to about a percent. */
const trusted = 5e-3;

/** Host work (inner products of all pairs, times dim) up to which float64 is quick enough for every report: about 0.2 s. */
const hostWork = 2e8;

export interface Stack {
  readonly batch: number;
  /** `[batch, columns, dim]`, the model's vectors, then the target's. */
  readonly vectors: DeviceArray;
  /** `[batch, columns]`, the model's weights, then the target's, negated. */
  readonly weights: DeviceArray;
  /** Room for the contraction of the whole stack: `[batch, columns, dim]` and `[batch, columns]`; overwritten. */
  readonly contraction: DeviceArray;
  readonly strengths: DeviceArray;
}

/** The models of all starts, read back, and their errors. */
export async function observeStack(
  { scope, target, width }: Setup<FactoredTarget, unknown>,
  stack: Stack,
): Promise<Observation> {
  const { order, dim } = target;
  const columns = stack.weights.length / stack.batch;
  const [vectors, weights] = [await scope.read(stack.vectors), await scope.read(stack.weights)];
  const models = Array.from({ length: stack.batch }, (_, b): SymmetricKruskal => {
    const data = vectors.slice(b * columns * dim, (b * columns + width) * dim);
    return {
      order,
      weights: weights.slice(b * columns, b * columns + width),
      vectors: { rows: width, columns: dim, data },
    };
  });
  const startErrors = await factoredErrors(scope, target, stack, models);
  const best = smallest(startErrors);
  return { startErrors, best, kruskal: models[best]! };
}

/** One relative error a batch item; `models` are the stack's models, read back. */
async function factoredErrors(
  scope: Scope,
  target: FactoredTarget,
  stack: Stack,
  models: readonly SymmetricKruskal[],
): Promise<number[]> {
  const columns = stack.weights.length / stack.batch;
  if (stack.batch * columns ** 2 * target.dim <= hostWork) {
    return models.map((model) => gramRelativeError(model, target));
  }
  const estimates = await estimatedErrors(scope, target, stack);
  return models.map((model, b) => (estimates[b]! > trusted ? estimates[b]! : gramRelativeError(model, target)));
}

/** The same from the backend, blind below 5e-4 in float32; NaN or infinite where the run is. */
export async function estimatedErrors(scope: Scope, target: FactoredTarget, stack: Stack): Promise<number[]> {
  const { batch, vectors, weights, strengths } = stack;
  const { order, dim } = target;
  const columns = weights.length / batch;
  const sizes = { order, rows: columns, columns, dim, queryStride: columns * dim };
  scope.contractFactored({ ...stack, ...sizes, queries: vectors });
  const [omega, s] = [await scope.read(weights), await scope.read(strengths)];
  const targetNorm = norm(target);
  return Array.from({ length: batch }, (_, b) => {
    let square = 0;
    for (let k = b * columns; k < (b + 1) * columns; k++) square += omega[k]! * s[k]!;
    return Number.isNaN(square) ? NaN : Math.sqrt(Math.max(0, square)) / targetNorm;
  });
}
