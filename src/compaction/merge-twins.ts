// Components that a polish has brought to one direction, made one: the rest of a fit with more components than the target has.
// Two large components of opposite weight in nearly one direction look the same and are not: what they stand for is their difference,
// a derivative along the direction, and as one component they would cancel. The error tells the two cases apart.
import { measureSteps, type SymmetricView } from '../handles/views/symmetric-view.js';
import type { SymmetricKruskal } from '../tensor/kruskal.js';
import type { Work } from '../yield.js';
import { merge } from './merge.js';
import { refit } from './refit.js';

/** Directions of a larger |cosine| are one. */
const sameDirection = 1 - 1e-3;

/**
 * The model with its twins merged and all weights fitted again; undefined where there are none, or where they do not stand for one
 * component. To turn a vector by an angle φ changes u^{⊗l} by less than l·φ, φ² = 2 (1 − cosine): more than that share of the
 * target is not lost by merging, unless components cancel.
 */
export function* mergedTwins(view: SymmetricView, model: SymmetricKruskal): Work<SymmetricKruskal | undefined> {
  const fewer = merge(model, sameDirection);
  if (fewer.weights.length === model.weights.length) return undefined;
  const fitted = yield* refit(view, fewer);
  const maxLoss = view.order * Math.sqrt(2 * (1 - sameDirection));
  const after = yield* measureSteps(view, fitted);
  const before = yield* measureSteps(view, model);
  return after.relativeError - before.relativeError <= maxLoss ? fitted : undefined;
}
