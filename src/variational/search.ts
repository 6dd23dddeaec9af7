// The components that known values speak for. Components are added one by one from what is left, as long as the evidence rises. Where it
// does not, wide starts look for more: many random components at once, of which those that are not needed die of their priors; each of
// them that is better takes over, and growth goes on. It ends when enough wide starts were made and two predict the same as the best, or
// after 15 of them.
// Values without noise are found out by an exact fit, at any of these steps, and where wide starts disagree, by wide least squares.
import { predictionComparison, type ComparePredictions, type Known } from '../analysis/agreement.js';
import type { SampledView } from '../handles/views/sampled-view.js';
import { randomStream } from '../random/stream.js';
import { checkStreams, confirmationStream, growthStream, partStream, wideFitStreams } from '../random/streams.js';
import { rankOf, type Kruskal } from '../tensor/kruskal.js';
import { freeNumbers } from '../tensor/free-numbers.js';
import { partOf, rowsWithValues, type Entries } from './entries.js';
import {
  exactFromWide,
  exactModel,
  fittedExactly,
  manyUnknowns,
  unknownsOfWide,
  withoutGrossErrors,
} from './exact-fit.js';
import {
  biasModel,
  constantModel,
  givenModel,
  biasesOf,
  kruskalOf,
  maxWide,
  randomCells,
  wideModel,
  withoutComponent,
  type VariationalModel,
} from './model.js';
import { cutTo, refit, thinned, withNewComponent, type Fitted, type RefitOptions } from './refit.js';
import { maxSurprise, surprise } from './surprise.js';
import { cellMoments } from './sweep.js';
import type { Work } from '../yield.js';

export interface SearchOptions {
  readonly rank: number | 'auto';
  readonly seed: number;
  /** Wide starts, at least. */
  readonly starts: number;
  /** Sweeps of a fit, at most. */
  readonly sweeps: number;
  /** Components to begin with, instead of a constant. */
  readonly init?: Kruskal | undefined;
  /** What `init` is the mean of; its biases stay biases. */
  readonly initModel?: VariationalModel | undefined;
  /** How many starts there were before, and how many of them came to `init`: they count as long as no component is added to it. */
  readonly agreed?: { readonly count: number; readonly agreeing: number } | undefined;
  /**
   * So many components that take little of what is left, or much time, end the search; so do held-out values that are predicted worse than
   * the model expects, before there are wide starts: the evidence goes on, but what is left is no noise.
   */
  readonly maxLittle?: number | undefined;
}

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

/** What a search shows of itself: the best model so far. */
type SearchNews = Kruskal;

/** Components that a search looks for at most. */
const maxRank = 16;
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
export const maxWideStarts = 15;
const maxExpensiveStarts = 4;
/** Wide starts, the best model among them if it is one, that must predict the same. */
export const minAgreeing = 2;
/**
 * Values times squared components above which fits are not carried further than they must be: wide starts have half as many components
 * more, or two, and end as soon as they predict what the best model does, and paces are looked at after fewer sweeps.
 */
const expensive = 5e5;
export const isExpensive = (count: number, rank: number): boolean => count * rank ** 2 > expensive;
const shortPace = 5;
/** Sweeps of a model that a component was taken from. */
const thinningSweeps = 60;
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
/** Values per unknown of one component that a search begins with, where there are more than twice as many. */
const valuesPerUnknownOfPart = 100;
/** Values per unknown from which wide starts have two components more, where fits are expensive. */
const manyValues = 20;
/** Models agree where they differ by less than this part of the posterior's standard deviation. */
const sameShare = 0.5;
const sameExactly = 1e-6;
/** Where the values are all alike. */
const sameNumber = 1e-9;
const comparedCells = 2000;

/**
 * The best model. An exact one is looked for twice, by searches with other random numbers: values without noise may have several exact
 * models, of which each search finds one.
 */
export function* search(
  entries: Entries,
  known: Known & { readonly view: SampledView },
  options: SearchOptions,
): Generator<SearchNews | undefined, FoundModel> {
  const compare = yield* predictionComparison(known);
  const searched = { entries, view: known.view, compare };
  const first = yield* searchBySome(searched, options);
  if (!first.isExact) return first;
  const second = yield* searchOnce(searched, { ...options, init: undefined }, confirmationStream);
  const tolerance = sameExactly * Math.sqrt(entries.variance) + sameNumber * Math.abs(entries.mean);
  const isSame = second.isExact && compare([second.kruskal], first.kruskal, tolerance)[0] === true;
  return { ...first, starts: 2, agreeing: isSame ? 2 : 1 };
}

/** Whether the evidence speaks for any component. */
export function* speaksForSome(
  entries: Entries,
  { seed, sweeps }: Pick<SearchOptions, 'seed' | 'sweeps'>,
): Work<boolean> {
  const options = { sweeps, minNoise: minNoiseOf(entries) };
  const none = yield* refit(entries, constantModel(entries), options);
  const start = yield* withNewComponent(entries, none.model, randomStream(seed, growthStream));
  const one = yield* refit(entries, start, { ...options, target: none.evidence });
  return one.evidence > none.evidence + marginPerMode * entries.shape.length;
}

/** Squared errors up to this are rounding. */
export const minNoiseOf = ({ variance, mean }: Entries): number => noiseFloor * (variance || mean ** 2 || 1);

/**
 * Where values are plentiful, the model of a random part of them is found first, and fitted to all; what more values speak for grows from
 * there. The starts that agreed on the part count for all as long as nothing grows.
 */
function* searchBySome(searched: Searched, options: SearchOptions): Generator<SearchNews | undefined, FoundModel> {
  const { entries, compare } = searched;
  const enough = valuesPerUnknownOfPart * freeNumbers(rowsWithValues(entries), 1);
  if (options.init || entries.count < 2 * enough) return yield* searchOnce(searched, options, growthStream);
  const random = randomStream(options.seed, partStream);
  const part = yield* partOf(entries, () => random.uniform() < enough / entries.count);
  const found = yield* searchOnce({ entries: part, view: undefined, compare }, options, growthStream);
  if (rankOf(found.kruskal) === 0) return yield* searchOnce(searched, options, growthStream);
  const { starts: count, agreeing, kruskal: init, model: initModel } = found;
  return yield* searchOnce(searched, { ...options, init, initModel, agreed: { count, agreeing } }, growthStream);
}

interface Searched {
  readonly entries: Entries;
  /** Undefined where no exact fit is looked for. */
  readonly view: SampledView | undefined;
  readonly compare: ComparePredictions;
}

function* searchOnce(
  { entries, view, compare }: Searched,
  { rank: asked, seed, starts, sweeps, init, initModel, agreed, maxLittle = Infinity }: SearchOptions,
  stream: number,
): Generator<SearchNews | undefined, FoundModel> {
  const { shape, count, variance, local } = entries;
  const random = randomStream(seed, stream);
  const rows = shape.reduce((sum, size) => sum + size, 0);
  const numbers = freeNumbers(rowsWithValues(entries), 1);
  const margin = marginPerMode * shape.length;
  const begun = init && rankOf(init) > 0 ? init : undefined;
  const largest = asked === 'auto' ? Math.max(maxRank, begun ? rankOf(begun) : 0) : asked;
  const minNoise = minNoiseOf(entries);
  let isCut = false;
  let little = 0;
  let isGivenUp = false;
  const options: RefitOptions = {
    sweeps,
    minNoise,
    // Trials that end after fewer sweeps than this decide nothing.
    ...(sweeps < thinningSweeps ? { onLimit: () => (isCut = true) } : {}),
  };
  const wide: Kruskal[] = [];
  // Wide fits by least squares, where wide starts disagree: as many as have few unknowns together.
  const fitRandom = randomStream(seed, stream + wideFitStreams);
  let fits = view && !local ? Math.floor(manyUnknowns / unknownsOfWide(entries)) : 0;

  const hasRoom = (rank: number): boolean => rank <= largest && rank * numbers < maxGrown * count;

  function* exactNear({ model, isSettled }: Fitted): Generator<SearchNews | undefined, FoundModel | undefined> {
    if (!view || (local && !local.isRobust)) return undefined;
    const isExpensive = count * (shape.length * model.rank) ** 2 > expensiveExact;
    if (isExpensive && isSettled && model.noise > exactNoise * variance) return undefined;
    if (model.rank === 0 || (rows * model.rank > manyUnknowns && model.noise > littleNoise * variance))
      return undefined;
    const some = local ? yield* withoutGrossErrors(entries, model) : { entries, view };
    if (!some) return undefined;
    const kruskal = yield* exactModel(some.entries, some.view, kruskalOf(model));
    return kruskal && exactly(kruskal, local ? (yield* fittedExactly(entries, kruskal)).view : view);
  }

  function exactly(kruskal: Kruskal, fitted: SampledView): FoundModel | undefined {
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

  /** The wide starts that predict what the best model does. */
  const agreeing = (model: VariationalModel): number =>
    compare(wide, kruskalOf(model), toleranceOf(entries, model, seed)).filter(Boolean).length;

  /** Whether a model predicts what this one does. */
  function sameAs(model: VariationalModel): (other: VariationalModel) => boolean {
    const reference = kruskalOf(model);
    const tolerance = toleranceOf(entries, model, seed);
    return (other) => compare([kruskalOf(other)], reference, tolerance)[0] === true;
  }

  /** Adds components one by one, while the evidence rises; an exact model where one is near. */
  function* grow(from: Fitted): Generator<SearchNews | undefined, Fitted | FoundModel> {
    let grown = from;
    for (let attempt = 0; attempt < attempts && little < maxLittle && hasRoom(grown.model.rank + 1); attempt++) {
      const start = yield* withNewComponent(entries, grown.model, random);
      const next = yield* refit(entries, start, { ...options, target: grown.evidence });
      const exact = next.model.rank > grown.model.rank ? yield* exactNear(next) : undefined;
      if (exact) return exact;
      if (next.evidence <= grown.evidence + margin) continue;
      const isCostly = isExpensive(count, next.model.rank);
      if (isCostly || next.model.noise > littleLeft * grown.model.noise) little++;
      grown = next;
      attempt = -1;
      if (grown.evidence > best.evidence) yield newsOf(grown);
    }
    return grown;
  }

  /** Biases of values with normal noise, where they are more likely than a constant. Components of a rank that is given are free. */
  function* biasesBeside(constant: Fitted): Work<Fitted | undefined> {
    if (begun || local || asked !== 'auto' || rows >= maxGrown * count) return undefined;
    const biases = yield* refit(entries, biasModel(entries), { ...options, target: constant.evidence });
    return biases.evidence > constant.evidence + moreLikely ? biases : undefined;
  }

  const start = begun ? yield* givenModel(entries, begun, initModel) : constantModel(entries);
  const first = yield* refit(entries, start, options);
  let biased = yield* biasesBeside(first);
  let base = biasesOf(start).length > 0 ? biasModel(entries) : constantModel(entries);
  let best = first.model.rank > largest ? yield* cutTo(largest, entries, first, options) : first;
  yield newsOf(best);
  const exactBegin = yield* exactNear(best);
  if (exactBegin) return exactBegin;

  for (let hasRisen = true; hasRisen;) {
    hasRisen = false;
    const grown = yield* grow(best);
    if ('isExact' in grown) return grown;
    best = grown;
    if (biased) {
      const other = yield* grow(biased);
      if ('isExact' in other) return other;
      if (other.evidence > best.evidence + margin * biasesOf(other.model).length) {
        best = other;
        base = biasModel(entries);
      }
      biased = undefined;
    }
    isGivenUp ||= little >= maxLittle;
    if (maxLittle < Infinity && wide.length === 0 && hasRoom(1))
      isGivenUp ||= (yield* surprise(entries, best.model, { random, minNoise })) > maxSurprise;
    if (isGivenUp) break;
    if (agreed && begun && best.model.rank === rankOf(begun)) break;
    const isEnough = (): boolean => wide.length >= starts && agreeing(best.model) >= minAgreeing;
    const isCostly = !view || isExpensive(count, best.model.rank);
    const startLimit = isCostly ? maxExpensiveStarts : maxWideStarts;
    while (hasRoom(1) && !isEnough() && wide.length < Math.max(startLimit, starts)) {
      if (view && fits > 0 && wide.length >= minAgreeing && agreeing(best.model) < minAgreeing) {
        fits--;
        const fit = yield* exactFromWide(entries, view, fitRandom);
        const exact = fit && exactly(fit, view);
        if (exact) return exact;
      }
      const { rank } = best.model;
      const hasMany = count > manyValues * rank * numbers;
      const times = isCostly ? (hasMany ? 1 : 1.5) : wide.length % 2 === 0 ? 2 : 4;
      let width = Math.min(Math.ceil(times * rank) + 2, 2 * Math.max(maxRank, rank));
      while (width > 2 && width * numbers > maxWide * count) width--;
      const isSame = isCostly ? sameAs(best.model) : undefined;
      const start = yield* refit(entries, yield* wideModel(entries, width, random, base), {
        ...options,
        isRandom: true,
        ...(isSame ? { sweeps: Math.min(sweeps, thinningSweeps), isEnough: isSame } : {}),
      });
      if (isSame?.(start.model) === true) {
        wide.push(kruskalOf(start.model));
        yield newsOf(best);
        continue;
      }
      const early = yield* exactNear(start);
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
      const exact = yield* exactNear(next);
      if (exact) return exact;
      wide.push(kruskalOf(next.model));
      if (next.evidence > best.evidence + margin) {
        best = next;
        hasRisen = true;
        yield newsOf(best);
        break;
      }
      yield newsOf(best);
    }
  }
  // Components may have taken what biases stood for: a bias must be worth as much as a component.
  for (const r of biasesOf(best.model).reverse()) {
    if (best.model.rank < 2) break;
    const rest = yield* refit(entries, withoutComponent(best.model, r), {
      ...options,
      target: best.evidence - margin,
    });
    if (rest.evidence > best.evidence - margin) best = rest;
  }
  if (!best.isSettled) best = yield* refit(entries, best.model, options);
  const same = agreeing(best.model);
  const last = local?.isRobust ? local.forLastFit() : entries;
  if (last !== entries) best = yield* refit(last, best.model, options);
  const isAgreed = agreed !== undefined && wide.length === 0;
  return {
    kruskal: kruskalOf(best.model),
    model: best.model,
    isExact: false,
    starts: isAgreed ? agreed.count : wide.length,
    agreeing: isAgreed ? agreed.agreeing : same,
    surprise: hasRoom(1) ? yield* surprise(last, best.model, { random, minNoise }) : 1,
    isAtLimit: asked === 'auto' && (best.model.rank >= largest || isGivenUp),
    isSettled: best.isSettled && !isCut,
    hasRoom: hasRoom(1),
  };
}

/** Half of what the posterior leaves open at random cells: models that differ by less predict the same. */
export function toleranceOf({ shape, variance, mean }: Entries, model: VariationalModel, seed: number): number {
  const cells = randomCells(shape, comparedCells, seed, checkStreams + 2);
  const at = cellMoments(model);
  let total = 0;
  for (let n = 0; n < cells.length; n += shape.length) total += at(cells, n).variance;
  return sameShare * Math.sqrt(total / comparedCells) + sameExactly * Math.sqrt(variance) + sameNumber * Math.abs(mean);
}

const newsOf = ({ model }: Fitted): SearchNews => kruskalOf(model);
