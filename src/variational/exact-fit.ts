// Whether values without noise have an exact model near a variational one: Gauss-Newton without any prior goes there at once. A fit counts
// as exact where there are more values than unknowns and they determine the model: with few of them, wrong models fit exactly too.
import { isDetermined } from '../compaction/cp/determined.js';
import { polishedSampled } from '../compaction/cp/polish-sampled.js';
import { observedView } from '../handles/views/observed-view.js';
import type { SampledView } from '../handles/views/sampled-view.js';
import { predictEntriesSteps } from '../analysis/predict.js';
import type { RandomStream } from '../random/stream.js';
import { rankOf, type Kruskal } from '../tensor/kruskal.js';
import { matrix } from '../tensor/matrix.js';
import { withoutComponents } from '../tensor/normalize.js';
import { freeNumbers } from '../tensor/free-numbers.js';
import { type Work } from '../yield.js';
import { partOf, rowsWithValues, type Entries } from './entries.js';
import { kruskalOf, maxWide, randomFactors, type VariationalModel } from './model.js';
import { weakest } from './weakest.js';

/** A residual below this part of the values' standard deviation is rounding. */
const exactShare = 1e-9;
/** Steps of a fit, of a part of it that must show that it is worth more, and of one with a component less. */
const fullSteps = 80;
const firstSteps = 5;
const trialSteps = 30;
/** A step that lowers the squared error by less than this leads nowhere soon; and where steps are expensive, five must lower it to that. */
const slowFall = 3e-3;
const promising = 0.2;
/** Part of the variance that is left where an exact fit is near: then even slow steps are worth their time. */
const nearlyExact = 1e-9;
const slowestFall = 1e-9;
/** Values per unknown from which a fit counts as determined where there are too many unknowns to look. */
const manyValues = 2;
/** Unknowns above which an exact fit is expensive, so that its steps are looked at. */
export const manyUnknowns = 1300;
/** Weakest components that are tried, where one is to go: a wrong one is seldom the weakest. */
const tried = 8;

/** The exact model with the fewest components near `start`, where there is one. */
export function* exactModel(entries: Entries, view: SampledView, start: Kruskal): Work<Kruskal | undefined> {
  const found = yield* exactNear(entries, view, start, fullSteps);
  if (!found) return undefined;
  let model = found;
  for (let isSmaller = true; isSmaller && rankOf(model) > 1;) {
    isSmaller = false;
    for (const component of yield* weakest(entries, model, tried)) {
      const rest = yield* exactNear(entries, view, withoutComponents(model, [component]), trialSteps);
      if (!rest) continue;
      model = rest;
      isSmaller = true;
      break;
    }
  }
  if (!isCovered(entries, rankOf(model))) return undefined;
  const isFixed = yield* isDetermined(view, model);
  const hasMany = entries.count >= manyValues * freeNumbers(entries.shape, rankOf(model));
  return (isFixed ?? hasMany) ? model : undefined;
}

/** Ridge of a wide fit (see PolishSampledOptions), and its steps for each number of components. */
const wideRidge = 3e-2;
const wideSteps = 30;

/**
 * The exact model that is left of more random components than the values determine: their damped least squares, without the weakest again
 * and again, until there are more values than free numbers. The ridge, Σ_r ‖w_r‖^{2/order}, favors few components as the nuclear norm of a matrix favors
 * a low rank. It finds models from fewer values than variational sweeps need, but none where there is noise.
 */
export function* exactFromWide(entries: Entries, view: SampledView, random: RandomStream): Work<Kruskal | undefined> {
  const { shape, count, squareSum } = entries;
  const width = widthOf(entries);
  const size = Math.sqrt(squareSum / count / width) ** (1 / shape.length);
  const factors = yield* randomFactors(shape, width, size, random);
  let model: Kruskal = {
    weights: new Float64Array(width).fill(1),
    factors: factors.map((data, k) => matrix(shape[k]!, width, data)),
  };
  for (;;) {
    model = (yield* polishedSampled(view, model, { ridge: wideRidge, maxSteps: wideSteps })).kruskal;
    if (freeNumbers(rowsWithValues(entries), rankOf(model)) < count) return yield* exactModel(entries, view, model);
    model = withoutComponents(model, yield* weakest(entries, model, 1));
  }
}

const widthOf = (entries: Entries): number =>
  Math.max(1, Math.floor((maxWide * entries.count) / freeNumbers(rowsWithValues(entries), 1)));

/** Of a wide fit, at first. */
export const unknownsOfWide = (entries: Entries): number =>
  widthOf(entries) * entries.shape.reduce((sum, size) => sum + size, 0);

/** Values that a model misses by more than so many σ are taken for gross errors, unless they are more than half. */
const maxDeviations = 4;
const minRight = 0.5;
/** Of the values' standard deviation: an error that an exact model leaves of a value that it fits. */
const sameShare = 1e-7;

/** The values that are no gross errors, as this model has it; undefined where they would be most of them. */
export function* withoutGrossErrors(
  entries: Entries,
  model: VariationalModel,
): Work<{ entries: Entries; view: SampledView } | undefined> {
  const part = yield* predictedWithin(entries, kruskalOf(model), maxDeviations * Math.sqrt(model.noise));
  return part.entries.count < minRight * entries.count ? undefined : part;
}

/** The values that an exact model fits. */
export const fittedExactly = (entries: Entries, model: Kruskal): Work<{ entries: Entries; view: SampledView }> =>
  predictedWithin(
    entries,
    model,
    sameShare * Math.sqrt(entries.variance) + 64 * Number.EPSILON * Math.abs(entries.mean),
  );

/** The values that the model predicts to this error. */
function* predictedWithin(
  entries: Entries,
  model: Kruskal,
  error: number,
): Work<{ entries: Entries; view: SampledView }> {
  const { indices, values } = entries;
  const predictions = yield* predictEntriesSteps(model, indices);
  const part = yield* partOf(entries, (e) => Math.abs(values[e]! - predictions[e]!) <= error);
  return { entries: part, view: observedView({ kind: 'observed', ...part }) };
}

/** Whether every row has at least as many values as components; otherwise its entries are not determined. */
const isCovered = ({ modes }: Entries, rank: number): boolean =>
  modes.every(({ starts }) => starts.every((start, row) => row === 0 || start - starts[row - 1]! >= rank));

function* exactNear(
  { shape, count, variance, mean }: Entries,
  view: SampledView,
  start: Kruskal,
  steps: number,
): Work<Kruskal | undefined> {
  const rank = rankOf(start);
  if (rank === 0 || freeNumbers(shape, rank) >= count) return undefined;
  // Values that are all alike leave no variance, but rounding.
  const exact = exactShare ** 2 * variance + (8 * Number.EPSILON * mean) ** 2;
  const options = { tolerance: slowFall, targetLoss: exact / 100 };
  const isExpensive = rank * shape.reduce((sum, size) => sum + size, 0) > manyUnknowns;
  let last = yield* polishedSampled(view, start, { ...options, maxSteps: isExpensive ? 0 : steps });
  for (let taken = 0; isExpensive && taken < steps && last.loss > exact; taken += firstSteps) {
    const next = yield* polishedSampled(view, last.kruskal, { ...options, maxSteps: firstSteps });
    const isPromising = next.loss <= Math.max(promising * last.loss, exact);
    last = next;
    if (!isPromising) break;
  }
  if (last.loss <= exact) return last.kruskal;
  if (last.loss > Math.max(nearlyExact * variance, 100 * exact)) return undefined;
  const patient = yield* polishedSampled(view, last.kruskal, { ...options, tolerance: slowestFall, maxSteps: steps });
  return patient.loss <= exact ? patient.kruskal : undefined;
}
