// From a model with too many components to one with fewer. Where there are many, all go at once that the weights of the others make
// good (removal-order.ts). One by one, the component goes whose loss a few polish steps of the rest make good best. Among trials
// that all fit to the floor the one with the smallest norm counts: components that the data do not need may be of any size where
// nothing is observed.
import type { LossName } from '../../losses/losses.js';
import type { Kruskal } from '../../tensor/kruskal.js';
import { normalize, withoutComponents } from '../../tensor/normalize.js';
import { mergeCp } from './merge-cp.js';
import { polishedSampled, type PolishSampledOptions, type PolishSampledReport } from './polish-sampled.js';
import { removalOrder } from './removal-order.js';
import type { Work } from '../../yield.js';
import type { SampledView } from '../../handles/views/sampled-view.js';

export interface FitOptions {
  readonly loss: LossName;
  readonly lossParameter: number;
  readonly tolerance: number;
  readonly maxSteps: number;
  readonly nonnegative: boolean;
  readonly ridge: number;
  /** A mean loss of this or less is as good as the smallest possible. */
  readonly targetLoss: number;
}

/** Polish steps of a trial, and the fall of the loss, relative to itself, below which it ends. */
const trial = { maxSteps: 6, tolerance: 1e-2 };

/** Components that are tried in any case; more are where none of these can go without the loss growing by this factor. */
const firstTrials = 3;
const maxTrials = 12;
const harmless = 1.05;

/** Components that a polish has brought this close are one. */
const sameComponent = 1 - 1e-3;
const maxRounds = 4;

/** Polishes; what has become one component by then is merged, and the rest polished again. */
export function* polishAndMerge(view: SampledView, start: Kruskal, options: FitOptions): Work<PolishSampledReport> {
  let last = yield* polishedSampled(view, start, options);
  for (let round = 0; round < maxRounds; round++) {
    const fewer = mergeCp(last.kruskal, sameComponent);
    if (fewer.weights.length === last.kruskal.weights.length) break;
    last = yield* polishedSampled(view, fewer, options);
  }
  return last;
}

/** The model without the components, cheapest first and at most `count`, that let the mean loss grow by `growth` at most. */
export function* thinned(
  view: SampledView,
  model: Kruskal,
  growth: number,
  count: number,
  fit: Pick<FitOptions, 'loss' | 'lossParameter'>,
): Work<Kruskal> {
  const removals = yield* removalOrder(view, model, fit.loss, fit.lossParameter);
  const order = removals.slice(0, Math.max(count, 0));
  return withoutComponents(
    model,
    order.filter((removal) => removal.growth <= growth).map(({ component }) => component),
  );
}

/** The model of the given loss less the component that is cheapest to miss, polished. */
export function* withOneLess(
  view: SampledView,
  model: Kruskal,
  loss: number,
  fit: FitOptions,
): Work<PolishSampledReport> {
  const order = yield* removalOrder(view, model, fit.loss, fit.lossParameter);
  const trials: { kruskal: Kruskal; loss: number; size: number }[] = [];
  for (const { component } of order.slice(0, maxTrials)) {
    if (trials.length >= firstTrials && trials.some((one) => one.loss <= harmless * Math.max(loss, fit.targetLoss)))
      break;
    const rest = withoutComponents(model, [component]);
    const { kruskal, loss: mean } = yield* polishedSampled(view, rest, { ...fit, ...trial });
    trials.push({ kruskal, loss: Math.max(mean, fit.targetLoss), size: squaredNorms(kruskal) });
  }
  const best = trials.reduce((a, b) => (b.loss < a.loss || (b.loss === a.loss && b.size < a.size) ? b : a));
  return yield* polishAndMerge(view, best.kruskal, fit);
}

/** The model without the component that the others' weights make good best, polished. */
export function* withoutCheapest(
  view: SampledView,
  model: Kruskal,
  fit: PolishSampledOptions & Pick<FitOptions, 'loss' | 'lossParameter'>,
): Work<PolishSampledReport> {
  return yield* polishedSampled(view, yield* thinned(view, model, Infinity, 1, fit), fit);
}

/** Σ_r ‖component r‖² */
const squaredNorms = (model: Kruskal): number =>
  normalize(model).weights.reduce((sum, weight) => sum + weight * weight, 0);
