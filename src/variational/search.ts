// The components that known values speak for. Components are added one by one from what is left, as long as the evidence rises. Where it
// does not, wide starts look for more: many random components at once, of which those that are not needed die of their priors; each of
// them that is better takes over, and growth goes on. It ends when enough wide starts were made and two predict the same as the best, or
// after 15 of them.
// Values without noise are found out by an exact fit, at any of these steps, and where wide starts disagree, by wide least squares.
import { predictionComparison, type ComparePredictions, type Known } from '../analysis/agreement.js';
import type { SampledView } from '../handles/views/sampled-view.js';
import { randomStream } from '../random/stream.js';
import { confirmationStream, growthStream, partStream, wideFitStreams } from '../random/streams.js';
import { freeNumbers } from '../tensor/free-numbers.js';
import { rankOf, type Kruskal } from '../tensor/kruskal.js';
import type { Work } from '../yield.js';
import { partOf, rowsWithValues, type Entries } from './entries.js';
import { exactFromWide, manyUnknowns, unknownsOfWide } from './exact-fit.js';
import { biasesOf, biasModel, constantModel, givenModel, kruskalOf, type VariationalModel } from './model.js';
import { cutTo, refit, withNewComponent } from './refit.js';
import {
  agreeingWith,
  biasesBeside,
  exactly,
  exactNear,
  grow,
  hasRoom,
  isCostlyBeside,
  marginOf,
  maxRank,
  minNoiseOf,
  sameExactly,
  sameNumber,
  startWide,
  thinningSweeps,
  withoutSparedBiases,
  type FoundModel,
  type Search,
} from './search-steps.js';
import { maxSurprise, surprise } from './surprise.js';

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

/** Wide starts at most, and where they take long. */
export const maxWideStarts = 15;
const maxExpensiveStarts = 4;
/** Wide starts, the best model among them if it is one, that must predict the same. */
export const minAgreeing = 2;
/** Values per unknown of one component that a search begins with, where there are more than twice as many. */
const valuesPerUnknownOfPart = 100;

/**
 * The best model. An exact one is looked for twice, by searches with other random numbers: values without noise may have several exact
 * models, of which each search finds one.
 */
export function* search(
  entries: Entries,
  known: Known & { readonly view: SampledView },
  options: SearchOptions,
): Generator<Kruskal | undefined, FoundModel> {
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
  return one.evidence > none.evidence + marginOf(entries);
}

/**
 * Where values are plentiful, the model of a random part of them is found first, and fitted to all; what more values speak for grows from
 * there. The starts that agreed on the part count for all as long as nothing grows.
 */
function* searchBySome(searched: Searched, options: SearchOptions): Generator<Kruskal | undefined, FoundModel> {
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
): Generator<Kruskal | undefined, FoundModel> {
  const { local } = entries;
  const random = randomStream(seed, stream);
  const begun = init && rankOf(init) > 0 ? init : undefined;
  const largest = asked === 'auto' ? Math.max(maxRank, begun ? rankOf(begun) : 0) : asked;
  const minNoise = minNoiseOf(entries);
  let isCut = false;
  const options = { sweeps, minNoise, ...(sweeps < thinningSweeps ? { onLimit: () => (isCut = true) } : {}) };
  const search: Search = { entries, view, compare, seed, random, largest, options, maxLittle, little: 0 };
  const hasAny = hasRoom(search, 1);
  const margin = marginOf(entries);

  const start = begun ? yield* givenModel(entries, begun, initModel) : constantModel(entries);
  const first = yield* refit(entries, start, options);
  // Components of a rank that is given are free: no biases beside them.
  let biased = begun || asked !== 'auto' ? undefined : yield* biasesBeside(search, first);
  let base = biasesOf(start).length > 0 ? biasModel(entries) : constantModel(entries);
  let best = first.model.rank > largest ? yield* cutTo(largest, entries, first, options) : first;
  yield kruskalOf(best.model);
  const exact = yield* exactNear(search, best);
  if (exact) return exact;

  const wide: Kruskal[] = [];
  const agreeing = (): number => agreeingWith(search, best.model, wide);
  // Where wide starts disagree, wide fits by least squares beside them: as many as have few unknowns together.
  const fitRandom = randomStream(seed, stream + wideFitStreams);
  let fits = local ? 0 : Math.floor(manyUnknowns / unknownsOfWide(entries));
  let isGivenUp = false;
  for (let hasRisen = true; hasRisen;) {
    hasRisen = false;
    const grown = yield* grow(search, best, best.evidence);
    if ('isExact' in grown) return grown;
    best = grown;
    if (biased) {
      const other = yield* grow(search, biased, best.evidence);
      if ('isExact' in other) return other;
      if (other.evidence > best.evidence + margin * biasesOf(other.model).length) {
        best = other;
        base = biasModel(entries);
      }
      biased = undefined;
    }
    isGivenUp ||= search.little >= maxLittle;
    if (maxLittle < Infinity && wide.length === 0 && hasAny)
      isGivenUp ||= (yield* surprise(entries, best.model, { random, minNoise })) > maxSurprise;
    if (isGivenUp || !hasAny) break;
    if (agreed && begun && best.model.rank === rankOf(begun)) break;
    const maxStarts = Math.max(starts, isCostlyBeside(search, best.model) ? maxExpensiveStarts : maxWideStarts);
    while (wide.length < maxStarts && !hasRisen) {
      const areAgreed = wide.length >= minAgreeing && agreeing() >= minAgreeing;
      if (areAgreed && wide.length >= starts) break;
      if (view && fits > 0 && wide.length >= minAgreeing && !areAgreed) {
        fits--;
        const fit = yield* exactFromWide(entries, view, fitRandom);
        const found = fit && exactly(search, fit, view);
        if (found) return found;
      }
      const next = yield* startWide(search, best.model, base, wide.length);
      if ('isExact' in next) return next;
      wide.push(kruskalOf(next.model));
      hasRisen = !next.isSame && next.evidence > best.evidence + margin;
      if (hasRisen) best = next;
      yield kruskalOf(best.model);
    }
  }
  best = yield* withoutSparedBiases(search, best);
  if (!best.isSettled) best = yield* refit(entries, best.model, options);
  const same = agreeing();
  const last = local?.isRobust ? local.forLastFit() : entries;
  if (last !== entries) best = yield* refit(last, best.model, options);
  const isAgreed = agreed !== undefined && wide.length === 0;
  return {
    kruskal: kruskalOf(best.model),
    model: best.model,
    isExact: false,
    starts: isAgreed ? agreed.count : wide.length,
    agreeing: isAgreed ? agreed.agreeing : same,
    surprise: hasAny ? yield* surprise(last, best.model, { random, minNoise }) : 1,
    isAtLimit: asked === 'auto' && (best.model.rank >= largest || isGivenUp),
    isSettled: best.isSettled && !isCut,
    hasRoom: hasAny,
  };
}
