// From merged directions to the components that entries with noise speak for. All that was found is fitted first; then components
// are taken out one after the other, each smaller model is fitted anew, and the one with the most evidence is chosen.
//   The noise level is never taken from one misfit alone, which hidden components may explain: only from models with more
//   components that fit better. So all that was found is kept beside the choice, and a search goes on from there while the
//   choice is not plain.
import type { SymmetricKruskal } from '../tensor/kruskal.js';
import { chooseByEvidence, bestSupported, type FittedModel } from './choose-by-evidence.js';
import { evidence, freeEntries, isCrowded, isFull, isRival, noiseEnergy, strongEvidence } from './evidence.js';
import { mergedTwins } from './merge-twins.js';
import { polished } from './polish-symmetric.js';
import { reduceRank } from './reduce-rank.js';
import { withoutComponents } from '../tensor/normalize.js';
import { cheapestFirst, refit } from './refit.js';
import { measureSteps, type SymmetricView } from '../handles/views/symmetric-view.js';
import { passed, type MaybeWork, type Work } from '../yield.js';

export interface NoisyFitOptions {
  /** Components of the result, or 'auto': those that the entries speak for. */
  readonly rank: number | 'auto';
  /** Below this relative error a fit is exact. */
  readonly rankTolerance: number;
  /** Polishes to the end and merges what became one direction. */
  readonly polishAndMerge: (model: SymmetricKruskal) => Work<SymmetricKruskal>;
}

export interface NoisyFit {
  readonly kruskal: SymmetricKruskal;
  /** All that was found, fitted: it may hold fitted noise. */
  readonly fullest: SymmetricKruskal;
  /** What rises while a search makes progress: the evidence for `kruskal`, or −ln relativeError where the rank is given; Infinity for an exact fit. */
  readonly score: number;
  /** Whether the entries plainly speak for `kruskal`, so that what it leaves may be called noise. */
  readonly plain: boolean;
}

/** Up to so many numbers a polish step takes a millisecond or less, and a model gets the effort of small ones. */
const smallModel = 200;
/** A turn of the polish that comes before a merge, and the removals that are tried where none leads to more evidence. */
const small = { polish: { maxSteps: 60, tolerance: 1e-6 }, removals: 8 };
const large = { polish: { maxSteps: 8, tolerance: 1e-4 }, removals: 3 };
const effortFor = ({ vectors }: SymmetricKruskal): typeof small => (vectors.data.length <= smallModel ? small : large);

/** The factor by which the error has to fall for another turn, and how many turns there are at most. */
const fastFall = 2;
const maxTurns = 6;

/** While a model is crowded (evidence.ts), one component in so many goes at once. */
const bulkShare = 8;

/** The way down ends at a smaller model that loses so many nats, or at the second in a row that loses any. */
const decisiveLoss = 20;
const maxLosses = 2;

interface Candidate extends FittedModel {
  readonly model: SymmetricKruskal;
}

/** Starts have one component or more, unit vectors; the last one holds all that was found. */
export function* fitNoisy(
  view: SymmetricView,
  starts: readonly SymmetricKruskal[],
  options: NoisyFitOptions,
): Work<NoisyFit> {
  const { rank, rankTolerance, polishAndMerge } = options;
  const { given } = view;

  function* candidate(model: SymmetricKruskal): Work<Candidate> {
    const components = model.weights.length;
    const { relativeError } = yield* measureSteps(view, model);
    return { model, components, relativeError, evidence: evidence(given, components, relativeError) };
  }

  /** Polishes while the error falls quickly, and merges what has become one direction. */
  function* fitted(rough: SymmetricKruskal): Work<Candidate> {
    let current = rough;
    let error = Infinity;
    for (let turn = 0; turn < maxTurns; turn++) {
      const next = yield* polished(view, current, { ...effortFor(current).polish, targetError: rankTolerance / 10 });
      const fewer = yield* mergedTwins(view, next.kruskal);
      current = fewer ?? next.kruskal;
      if (!fewer && !(next.relativeError > rankTolerance / 10 && next.relativeError < error / fastFall)) break;
      error = next.relativeError;
    }
    return yield* candidate(current);
  }

  const isExact = ({ relativeError }: Candidate): boolean => relativeError < rankTolerance;

  /** The best of the models with one component less, cheapest removals first: the first with more evidence, or the best of a few. */
  function* oneLess(last: Candidate): Work<Candidate> {
    let best: Candidate | undefined;
    for (const { component } of (yield* cheapestFirst(last.model)).slice(0, effortFor(last.model).removals)) {
      const next = yield* fitted(yield* refit(view, withoutComponents(last.model, [component])));
      if (!best || next.relativeError < best.relativeError) best = next;
      if (isExact(best) || best.evidence > last.evidence) break;
    }
    return best ?? last;
  }

  /** The cheapest components taken out by least squares alone, one after the other, while `mayDrop` allows. */
  function* thinned(
    all: SymmetricKruskal,
    mayDrop: (model: SymmetricKruskal, cost: number) => MaybeWork<boolean>,
  ): Work<SymmetricKruskal> {
    let model = yield* refit(view, all);
    while (model.weights.length > 1) {
      const { component, cost } = (yield* cheapestFirst(model))[0]!;
      if (!(yield* passed(mayDrop(model, cost)))) break;
      model = yield* refit(view, withoutComponents(model, [component]));
    }
    return model;
  }

  /** Whether a removal that costs this much energy takes out no more than a fit to noise. */
  function* costsNoise(model: SymmetricKruskal, cost: number): Work<boolean> {
    const { relativeError } = yield* measureSteps(view, model);
    const variance = (relativeError * view.norm) ** 2 / freeEntries(given, model.weights.length);
    return cost <= noiseEnergy(given) * variance;
  }

  /** Fitted models, fewer and fewer components: down to the rank asked for, or until evidence is lost. */
  function* wayDown(first: Candidate): Work<Candidate[]> {
    const min = rank === 'auto' ? 1 : rank;
    const path = [first];
    let last = first;
    const add = (next: Candidate): void => {
      path.push(next);
      last = next;
    };
    while (last.components > min && isCrowded(given, last.components)) {
      const fewer = Math.max(min, last.components - Math.ceil(last.components / bulkShare));
      add(yield* fitted(yield* thinned(last.model, ({ weights }) => weights.length > fewer)));
    }
    const clean = yield* thinned(last.model, (model, cost) => model.weights.length > min && costsNoise(model, cost));
    if (clean.weights.length < last.components) add(yield* fitted(clean));
    for (let losses = 0; last.components > min && losses < maxLosses;) {
      const best = path.reduce((max, one) => Math.max(max, one.evidence), 0);
      add(yield* oneLess(last));
      if (rank !== 'auto') continue;
      losses = last.evidence < best ? losses + 1 : 0;
      if (last.evidence < best - decisiveLoss) break;
    }
    return path;
  }

  function* finish(chosen: Candidate, fullest: Candidate, plain: boolean): Work<NoisyFit> {
    const kruskal = yield* polishAndMerge(chosen.model);
    const { relativeError, evidence: nats } = yield* candidate(kruskal);
    const score = relativeError < rankTolerance ? Infinity : rank === 'auto' ? nats : -Math.log(relativeError);
    return { kruskal, fullest: fullest.model, plain, score };
  }

  function* minimalOf({ model }: Candidate): Work<Candidate> {
    const { kruskal } = yield* reduceRank(view, model, { rankTolerance });
    return yield* candidate(yield* polishAndMerge(kruskal));
  }

  /** Whether an exact fit answers the question: it has as few components as were asked for, or fewer numbers than there are entries. */
  const isAnswer = ({ components }: Candidate): boolean =>
    rank === 'auto' ? !isFull(given, components) : components <= rank;

  const begun: Candidate[] = [];
  for (const start of starts) {
    const first = yield* begun.length === 0 ? candidate(yield* polishAndMerge(start)) : fitted(start);
    begun.push(first);
    if (!isExact(first)) continue;
    const minimal = yield* minimalOf(first);
    if (isAnswer(minimal)) return yield* finish(minimal, minimal, true);
    begun.push(minimal);
    break;
  }
  const fullest = begun[begun.length - 1]!;
  const path = [...begun.slice(0, -1), ...(yield* wayDown(fullest))];
  const best = bestSupported(path);
  if (rank !== 'auto') {
    const last = path[path.length - 1] ?? best;
    // Of an exact target anything that is left is structure; of entries, what larger models explain plainly more.
    const isTooSmall = !view.noisy || path.some((other) => isRival(given, other, last));
    return yield* finish(last, fullest, last.components === rank && (isExact(last) || !isTooSmall));
  }
  if (isExact(best) && isAnswer(best)) {
    const minimal = yield* minimalOf(best);
    return yield* finish(minimal, minimal, true);
  }
  if (best.evidence < strongEvidence) {
    // Nothing speaks for a smaller model, so an exact one is preferred, although one of its size fits any tensor.
    const exact = path.filter(isExact).at(-1);
    return yield* finish(exact ?? best, fullest, false);
  }
  const { chosen, plain } = chooseByEvidence(given, path);
  return yield* finish(chosen, fullest, plain);
}
