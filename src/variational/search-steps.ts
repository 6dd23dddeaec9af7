// The steps of a search for components (search.ts): one component more, many at once, biases, the exact model nearby.
import type { ComparePredictions } from '../analysis/agreement.js';
import type { SampledView } from '../handles/views/sampled-view.js';
import type { RandomStream } from '../random/stream.js';
import { checkStreams } from '../random/streams.js';
import { freeNumbers } from '../tensor/free-numbers.js';
import { rankOf, type Kruskal } from '../tensor/kruskal.js';
import type { Work } from '../yield.js';
import { rowsWithValues, type Entries } from './entries.js';
import { exactModel, fittedExactly, manyUnknowns, withoutGrossErrors } from './exact-fit.js';
import {
  biasesOf,
  biasModel,
  kruskalOf,
  maxWide,
  randomCells,
  wideModel,
  withoutComponent,
  type VariationalModel,
} from './model.js';
import { cutTo, refit, thinned, withNewComponent, type Fitted, type RefitOptions } from './refit.js';
import { cellMoments } from './sweep.js';

export interface FoundModel {
  readonly kruskal: Kruskal;
  /** The distribution that `kruskal` is the mean of; undefined where the fit is exact. */
  readonly model: VariationalModel | undefined;
  readonly isExact: boolean;
  /** The values that an exact model fits: all, or under a robust loss those that are not grossly wrong. */
  readonly fitted?: SampledView;
  /** Wide starts, and how many of them predict the same unknown cells. */
  readonly starts: number;
  readonly agreeing: number;
  /** See surprise.ts; 1 where the fit is exact. */
  readonly surprise: number;
  /** Whether no larger rank was looked for, or the search gave up. */
  readonly isAtLimit: boolean;
  /** Whether sweeps ended because they change nothing any more, and not at their limit. */
  readonly isSettled: boolean;
  /** Whether there are more values than one component has unknowns; otherwise none was looked for. */
  readonly hasRoom: boolean;
  /** Modes whose neighbors were taken for alike: rows without values are between others. */
  readonly smooth?: readonly number[];
}

/** What the steps of a search share. */
export interface Search {
  readonly entries: Entries;
  /** Undefined where no exact fit is looked for. */
  readonly view: SampledView | undefined;
  readonly compare: ComparePredictions;
  readonly seed: number;
  readonly random: RandomStream;
  /** Components at most. */
  readonly largest: number;
  readonly options: RefitOptions;
  /** So many components that take little of what is left, or much time, end the growth. */
  readonly maxLittle: number;
  /** How many there were. */
  little: number;
}

/** Components that a search looks for at most. */
export const maxRank = 16;
/** Free numbers of a grown model, relative to the number of values. */
const maxGrown = 0.95;
/** Nats per mode by which the evidence must rise for a component. */
export const marginPerMode = 2;
/** A component that leaves more than this part of σ² takes little of it. */
const littleLeft = 0.8;
/** Nats by which biases must be more likely than a constant, for components to be grown beside them, too. */
const moreLikely = 1;
/** Attempts at one component more. */
export const attempts = 2;
/**
 * Values times squared components above which fits are not carried further than they must be: wide starts have half as many components
 * more, or two, and end as soon as they predict what the best model does, and paces are looked at after fewer sweeps.
 */
const expensive = 5e5;
export const isExpensive = (count: number, rank: number): boolean => count * rank ** 2 > expensive;
const shortPace = 5;
/** Sweeps of a model that a component was taken from. Trials that end after fewer decide nothing. */
export const thinningSweeps = 60;
const shortThinning = 25;
/** Of the variance of the values: below it, σ² is rounding. */
const noiseFloor = 1e-28;
/** Where an exact fit is expensive, it is only looked for where the noise is this part of the variance or less. */
const littleNoise = 1e-2;
/**
 * Flops of a Gauss-Newton step above which an exact fit is not looked for where sweeps stand still at more noise than this part of the
 * variance: they would lead on to one.
 */
const expensiveExact = 2e7;
const exactNoise = 1e-6;
/** Values per unknown from which wide starts have two components more, where fits are expensive. */
const manyValues = 20;
/** Models agree where they differ by less than this part of the posterior's standard deviation. */
const sameShare = 0.5;
export const sameExactly = 1e-6;
/** Where the values are all alike. */
export const sameNumber = 1e-9;
const comparedCells = 2000;

/** Free numbers of one component. */
const numbersOf = (entries: Entries): number => freeNumbers(rowsWithValues(entries), 1);

/** Whether components may be that many: there must be more values than they have free numbers. */
export const hasRoom = ({ entries, largest }: Pick<Search, 'entries' | 'largest'>, rank: number): boolean =>
  rank <= largest && rank * numbersOf(entries) < maxGrown * entries.count;

/** Nats by which the evidence must rise for a component. */
export const marginOf = ({ shape }: Pick<Entries, 'shape'>): number => marginPerMode * shape.length;

/** Squared errors up to this are rounding. */
export const minNoiseOf = ({ variance, mean }: Entries): number => noiseFloor * (variance || mean ** 2 || 1);

/**
 * Adds components one by one, while the evidence rises; an exact model where one is near. Models of more evidence than `shown` are shown on
 * the way.
 */
export function* grow(
  search: Search,
  from: Fitted,
  shown: number,
): Generator<Kruskal | undefined, Fitted | FoundModel> {
  const { entries, random, options, maxLittle } = search;
  let grown = from;
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (search.little >= maxLittle || !hasRoom(search, grown.model.rank + 1)) break;
    const start = yield* withNewComponent(entries, grown.model, random);
    const next = yield* refit(entries, start, { ...options, target: grown.evidence });
    const exact = next.model.rank > grown.model.rank ? yield* exactNear(search, next) : undefined;
    if (exact) return exact;
    if (next.evidence <= grown.evidence + marginOf(entries)) continue;
    const isCostly = isExpensive(entries.count, next.model.rank);
    if (isCostly || next.model.noise > littleLeft * grown.model.noise) search.little++;
    grown = next;
    attempt = -1;
    if (grown.evidence > shown) yield kruskalOf(grown.model);
  }
  return grown;
}

export interface WideStart extends Fitted {
  /** Whether it predicts what the best model does, and was left at that. */
  readonly isSame: boolean;
}

/**
 * As many random components as there is room for beside `base`, a few times those of the best model, without those that the values do
 * not speak for; an exact model where one is near. `made`: how many such starts there were.
 */
export function* startWide(
  search: Search,
  best: VariationalModel,
  base: VariationalModel,
  made: number,
): Work<WideStart | FoundModel> {
  const { entries, random, largest, options } = search;
  const { count } = entries;
  const { sweeps } = options;
  const numbers = numbersOf(entries);
  const isCostly = isCostlyBeside(search, best);
  const hasMany = count > manyValues * best.rank * numbers;
  const times = isCostly ? (hasMany ? 1 : 1.5) : made % 2 === 0 ? 2 : 4;
  let width = Math.min(Math.ceil(times * best.rank) + 2, 2 * Math.max(maxRank, best.rank));
  while (width > 2 && width * numbers > maxWide * count) width--;
  const isSame = isCostly ? sameAs(search, best) : undefined;
  const start = yield* refit(entries, yield* wideModel(entries, width, random, base), {
    ...options,
    isRandom: true,
    ...(isSame ? { sweeps: Math.min(sweeps, thinningSweeps), isEnough: isSame } : {}),
  });
  if (isSame?.(start.model) === true) return { ...start, isSame: true };
  const early = yield* exactNear(search, start);
  if (early) return early;
  const thinning = {
    ...options,
    sweeps: Math.min(sweeps, isCostly ? shortThinning : thinningSweeps),
    ...(isCostly ? { paceSweeps: shortPace } : {}),
  };
  let next = yield* thinned(entries, start, thinning);
  if (next.model.rank > largest) {
    next = yield* cutTo(largest, entries, next, thinning);
    next = yield* refit(entries, next.model, options);
  }
  return (yield* exactNear(search, next)) ?? { ...next, isSame: false };
}

/** Whether wide starts take long. */
export const isCostlyBeside = ({ view, entries }: Search, best: VariationalModel): boolean =>
  !view || isExpensive(entries.count, best.rank);

/** Biases of values with normal noise, where they are more likely than a constant. */
export function* biasesBeside({ entries, options }: Search, constant: Fitted): Work<Fitted | undefined> {
  const rows = entries.shape.reduce((sum, size) => sum + size, 0);
  if (entries.local || rows >= maxGrown * entries.count) return undefined;
  const biases = yield* refit(entries, biasModel(entries), { ...options, target: constant.evidence });
  return biases.evidence > constant.evidence + moreLikely ? biases : undefined;
}

/** Without the biases that components have taken the place of: each must be worth as much as a component. */
export function* withoutSparedBiases({ entries, options }: Search, from: Fitted): Work<Fitted> {
  let best = from;
  for (const r of biasesOf(best.model).reverse()) {
    if (best.model.rank < 2) break;
    const target = best.evidence - marginOf(entries);
    const rest = yield* refit(entries, withoutComponent(best.model, r), { ...options, target });
    if (rest.evidence > target) best = rest;
  }
  return best;
}

/** The exact model that a fit leads to, where there is one. */
export function* exactNear(search: Search, { model, isSettled }: Fitted): Work<FoundModel | undefined> {
  const { entries, view } = search;
  const { shape, count, variance, local } = entries;
  if (!view || (local && !local.isRobust)) return undefined;
  const isExpensive = count * (shape.length * model.rank) ** 2 > expensiveExact;
  if (isExpensive && isSettled && model.noise > exactNoise * variance) return undefined;
  const unknowns = model.rank * shape.reduce((sum, size) => sum + size, 0);
  if (model.rank === 0 || (unknowns > manyUnknowns && model.noise > littleNoise * variance)) return undefined;
  const some = local ? yield* withoutGrossErrors(entries, model) : { entries, view };
  if (!some) return undefined;
  const kruskal = yield* exactModel(some.entries, some.view, kruskalOf(model));
  return kruskal && exactly(search, kruskal, local ? (yield* fittedExactly(entries, kruskal)).view : view);
}

/** An exact model as what was found; undefined where it has too many components. */
export function exactly({ largest }: Search, kruskal: Kruskal, fitted: SampledView): FoundModel | undefined {
  if (rankOf(kruskal) > largest) return undefined;
  return {
    kruskal,
    fitted,
    model: undefined,
    isExact: true,
    starts: 1,
    agreeing: 1,
    surprise: 1,
    isAtLimit: false,
    isSettled: true,
    hasRoom: true,
  };
}

/** How many of these models predict what this one does. */
export const agreeingWith = ({ entries, compare, seed }: Search, model: VariationalModel, others: Kruskal[]): number =>
  compare(others, kruskalOf(model), toleranceOf(entries, model, seed)).filter(Boolean).length;

/** Whether a model predicts what this one does. */
function sameAs({ entries, compare, seed }: Search, model: VariationalModel): (other: VariationalModel) => boolean {
  const reference = kruskalOf(model);
  const tolerance = toleranceOf(entries, model, seed);
  return (other) => compare([kruskalOf(other)], reference, tolerance)[0] === true;
}

/** Half of what the posterior leaves open at random cells: models that differ by less predict the same. */
export function toleranceOf({ shape, variance, mean }: Entries, model: VariationalModel, seed: number): number {
  const cells = randomCells(shape, comparedCells, seed, checkStreams + 2);
  const at = cellMoments(model);
  let total = 0;
  for (let n = 0; n < cells.length; n += shape.length) total += at(cells, n).variance;
  return sameShare * Math.sqrt(total / comparedCells) + sameExactly * Math.sqrt(variance) + sameNumber * Math.abs(mean);
}
