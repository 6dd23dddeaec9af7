// The fourth stage of compaction: components that least squares can do without are taken out, one after the other.
import { withoutComponents } from '../tensor/normalize.js';
import type { SymmetricKruskal } from '../tensor/kruskal.js';
import { cheapestFirst, refit } from './refit.js';
import { measureSteps, type SymmetricView } from '../handles/views/symmetric-view.js';
import type { Work } from '../yield.js';

export interface EliminateOptions {
  /** Accepted growth of the relative error over that of the start. Default 1.5. */
  readonly growth?: number;
  /** Further growth accepted for every component dropped. Default 1. */
  readonly growthEach?: number;
  /** Components that stay in any case. Default 1. */
  readonly minComponents?: number;
  /** A relative error below this is accepted in any case. Default 1e-6. */
  readonly tolerance?: number;
}

/** Drops the cheapest component while the refitted rest stays within max(growth · growthEach^dropped · error of the start, tolerance). */
export function* eliminate(
  target: SymmetricView,
  start: SymmetricKruskal,
  { growth = 1.5, growthEach = 1, minComponents = 1, tolerance = 1e-6 }: EliminateOptions = {},
): Work<SymmetricKruskal> {
  let model = yield* refit(target, start);
  // An exact start has the error 0, and Infinity · 0 is no number.
  let limit = growth === Infinity ? Infinity : growth * (yield* measureSteps(target, model)).relativeError;
  while (model.weights.length > minComponents) {
    const { component } = (yield* cheapestFirst(model))[0]!;
    const rest = yield* refit(target, withoutComponents(model, [component]));
    limit *= growthEach;
    if (!((yield* measureSteps(target, rest)).relativeError < Math.max(limit, tolerance))) break;
    model = rest;
  }
  return model;
}
