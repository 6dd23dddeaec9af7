// Compaction: from an over-parametrized symmetric model near its target to the exact, minimal one, in float64.
//   prune → merge → refit → eliminate → polish, merge what became one → reduce the rank
// Merging and polishing alone give an exact model but, for order 3, rarely the minimal one: the rank reduction is not optional.
// Each stage is a function of its own (prune.ts, merge.ts, …), which the staged solver calls with its own thresholds.
import type { SymmetricKruskal } from '../tensor/kruskal.js';
import { arrange, fixSigns, largestWeight, normalize } from '../tensor/normalize.js';
import type { NoisyFit } from './fit-noisy.js';
import { fitDirections } from './fit.js';
import { merge } from './merge.js';
import { prune } from './prune.js';
import { measureSteps, type SymmetricView } from '../handles/views/symmetric-view.js';
import { passed, type Work } from '../yield.js';

export interface CompactOptions {
  /** Components with a weight (times its vector's norm^order) up to this are dropped first. Default 0.01 of the largest. */
  readonly dropBelow?: number;
  /** Directions with a larger |cosine| are merged into one before the fit. Default 0.95; 1 merges none. */
  readonly mergeCosine?: number;
  /** A polish stops when a step lowers the error by less than this, relative to itself. Default 1e-9. */
  readonly tolerance?: number;
  /** A model with fewer components is taken when its relative error is below this. Default 1e-7. */
  readonly rankTolerance?: number;
  /** Accepted steps of one polish. Default 60. */
  readonly maxSteps?: number;
}

export interface Compaction {
  /** Unit vectors, strongest component first, signs fixed as by `fixSigns`. */
  readonly kruskal: SymmetricKruskal;
  /** ‖kruskal − target‖ / ‖target‖. Large when the model was far from the target: that is an outcome, not an exception. */
  readonly relativeError: number;
  /** The smallest error that `relativeError` can tell from 0. */
  readonly errorFloor: number;
  /** Components dropped as weak, merged into others before the fit, and found superfluous by it. */
  readonly pruned: number;
  readonly merged: number;
  readonly removed: number;
}

/** What a search learns beside the compact model. */
export interface ViewCompaction extends Compaction, Omit<NoisyFit, 'kruskal'> {}

/** The same for a target that is looked at more than once, with the components that are wanted, and pauses. */
export function* compactView(
  view: SymmetricView,
  model: SymmetricKruskal,
  options: CompactOptions = {},
  rank: number | 'auto' = 'auto',
): Work<ViewCompaction> {
  const { mergeCosine = 0.95, rankTolerance = 1e-7, tolerance = 1e-9, maxSteps = 60 } = options;
  const start = normalize(model);
  const largest = largestWeight(start);
  const strong = prune(start, options.dropBelow ?? 1e-2 * largest);
  const { view: small, project, restore } = yield* passed(view.span());
  const seen = project(strong);
  const directions = merge(seen, mergeCosine);
  const fit = yield* fitDirections(small, directions, { tolerance, rankTolerance, maxSteps, rank });
  const kruskal = arrange(fixSigns(restore(fit.kruskal)));
  const pruned = start.weights.length - strong.weights.length;
  const merged = seen.weights.length - directions.weights.length;
  const removed = start.weights.length - pruned - merged - kruskal.weights.length;
  const outcome = { ...fit, kruskal, fullest: restore(fit.fullest) };
  return { ...outcome, ...(yield* measureSteps(small, fit.kruskal)), pruned, merged, removed };
}
