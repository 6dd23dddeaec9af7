// From merged directions to the components that entries with noise speak for. All that was found is fitted first; then components
// are taken out one after the other, each smaller model is fitted anew, and the one with the most evidence is chosen.
//   The noise level is never taken from one misfit alone, which hidden components may explain: only from models with more
//   components that fit better. So all that was found is kept beside the choice, and a search goes on from there while the
//   choice is not plain.
import type { SymmetricKruskal } from '../tensor/kruskal.js';
import { without } from './eliminate.js';
import { evidence, freeEntries, isRival, noiseEnergy, plainEvidence, type FitSize } from './evidence.js';
import { mergedTwins } from './merge-twins.js';
import { polished } from './polish-symmetric.js';
import { reduceRank } from './reduce-rank.js';
import { dropCosts, refit } from './refit.js';
import type { SymmetricView } from '../handles/views/symmetric-view.js';

export interface NoisyFitOptions {
  /** Components of the result, or 'auto': those that the entries speak for. */
  readonly rank: number | 'auto';
  /** Below this relative error a fit is exact. */
  readonly rankTolerance: number;
  /** Polishes to the end and merges what became one direction. */
  readonly settle: (model: SymmetricKruskal) => SymmetricKruskal;
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

/** Nats that Kass & Raftery call strong: odds of 20 to 1 (evidence.ts). */
const strongEvidence = 3;

/** Steps of a polish between two looks, more of them for models of few numbers; the factor by which the error has to fall for another turn, and the most turns. */
const polishSteps = 8;
const patientSteps = 60;
const fastFall = 2;
const maxTurns = 6;
const polishTolerance = 1e-4;
const patientTolerance = 1e-6;

/** Components whose removal is tried where none leads to more evidence: in models of few numbers, and in larger ones. */
const maxRemovals = 8;
const minRemovals = 3;
/** Few numbers: a step takes a millisecond or less. */
const smallModel = 200;

/** While a model has more numbers than half of the entries, one component in so many goes at once. */
const bulkShare = 8;

/** A smaller model ends the way down at once where it loses this evidence; otherwise two in a row that lose any do. */
const decisiveLoss = 20;
const maxLosses = 2;

interface Candidate extends FitSize {
  readonly model: SymmetricKruskal;
  readonly evidence: number;
}

/** Starts have one component or more, unit vectors; the last one holds all that was found. */
export function fitNoisy(view: SymmetricView, starts: readonly SymmetricKruskal[], options: NoisyFitOptions): NoisyFit {
  const { rank, rankTolerance, settle } = options;
  const { given } = view;

  function candidate(model: SymmetricKruskal): Candidate {
    const components = model.weights.length;
    const { relativeError } = view.measure(model);
    return { model, components, relativeError, evidence: evidence(given, components, relativeError) };
  }

  /** Polishes while the error falls quickly, and merges what has become one direction. */
  function fitted(rough: SymmetricKruskal): Candidate {
    let current = rough;
    let error = Infinity;
    for (let turn = 0; turn < maxTurns; turn++) {
      const next = polished(view, current, {
        tolerance: current.vectors.data.length <= smallModel ? patientTolerance : polishTolerance,
        maxSteps: current.vectors.data.length <= smallModel ? patientSteps : polishSteps,
        targetError: rankTolerance / 10,
      });
      const fewer = mergedTwins(view, next.kruskal);
      current = fewer ?? next.kruskal;
      if (!fewer && !(next.relativeError > rankTolerance / 10 && next.relativeError < error / fastFall)) break;
      error = next.relativeError;
    }
    return candidate(current);
  }

  const isExact = ({ relativeError }: Candidate): boolean => relativeError < rankTolerance;

  /** The best of the models with one component less, cheapest removals first: the first with more evidence, or the best of a few. */
  function oneLess(last: Candidate): Candidate {
    const costs = dropCosts(last.model);
    const order = Array.from(costs.keys()).sort((a, b) => costs[a]! - costs[b]!);
    const tries = last.model.vectors.data.length <= smallModel ? maxRemovals : minRemovals;
    let best: Candidate | undefined;
    for (const component of order.slice(0, tries)) {
      const next = fitted(refit(view, without(last.model, component)));
      if (!best || next.relativeError < best.relativeError) best = next;
      if (isExact(best) || best.evidence > last.evidence) break;
    }
    return best ?? last;
  }

  /** The cheapest components taken out by least squares alone, one after the other, while `mayDrop` allows. */
  function thinned(
    all: SymmetricKruskal,
    mayDrop: (model: SymmetricKruskal, cost: number) => boolean,
  ): SymmetricKruskal {
    let model = refit(view, all);
    while (model.weights.length > 1) {
      const costs = dropCosts(model);
      const cheapest = costs.indexOf(costs.reduce((least, cost) => Math.min(least, cost), Infinity));
      if (!mayDrop(model, costs[cheapest]!)) break;
      model = refit(view, without(model, cheapest));
    }
    return model;
  }

  /** Whether a removal that costs this much energy takes out no more than a fit to noise. */
  function costsNoise(model: SymmetricKruskal, cost: number): boolean {
    const variance = (view.measure(model).relativeError * view.norm) ** 2 / freeEntries(given, model.weights.length);
    return cost <= noiseEnergy(given) * variance;
  }

  /** Fitted models, fewer and fewer components: down to the rank asked for, or until evidence is lost. */
  function wayDown(first: Candidate): Candidate[] {
    const least = rank === 'auto' ? 1 : rank;
    const path = [first];
    let last = first;
    const add = (next: Candidate): void => {
      path.push(next);
      last = next;
    };
    // Close to as many numbers as entries every fit is close to the noise: there a part of the components goes at once.
    while (last.components > least && 2 * freeEntries(given, last.components) < freeEntries(given, 0)) {
      const fewer = Math.max(least, last.components - Math.ceil(last.components / bulkShare));
      add(fitted(thinned(last.model, ({ weights }) => weights.length > fewer)));
    }
    const clean = thinned(last.model, (model, cost) => model.weights.length > least && costsNoise(model, cost));
    if (clean.weights.length < last.components) add(fitted(clean));
    for (let losses = 0; last.components > least && losses < maxLosses;) {
      const best = path.reduce((most, one) => Math.max(most, one.evidence), 0);
      add(oneLess(last));
      if (rank !== 'auto') continue;
      losses = last.evidence < best ? losses + 1 : 0;
      if (last.evidence < best - decisiveLoss) break;
    }
    return path;
  }

  /** Whether noise alone could explain what the larger model explains more. */
  function isNoise(larger: Candidate, smaller: Candidate): boolean {
    const free = freeEntries(given, larger.components);
    if (free <= 0) return true;
    const gain = (smaller.relativeError ** 2 - larger.relativeError ** 2) / (larger.components - smaller.components);
    return gain < (noiseEnergy(given) * larger.relativeError ** 2) / free;
  }

  function finish(chosen: Candidate, fullest: Candidate, plain: boolean): NoisyFit {
    const kruskal = settle(chosen.model);
    const { relativeError, evidence: nats } = candidate(kruskal);
    const score = relativeError < rankTolerance ? Infinity : rank === 'auto' ? nats : -Math.log(relativeError);
    return { kruskal, fullest: fullest.model, plain, score };
  }

  const minimalOf = ({ model }: Candidate): Candidate =>
    candidate(settle(reduceRank(view, model, { rankTolerance }).kruskal));

  /** Whether an exact fit answers the question: it has as few components as were asked for, or fewer numbers than there are entries. */
  const isAnswer = ({ components }: Candidate): boolean =>
    rank === 'auto' ? freeEntries(given, components) > 0 : components <= rank;

  const begun: Candidate[] = [];
  for (const start of starts) {
    const first = begun.length === 0 ? candidate(settle(start)) : fitted(start);
    begun.push(first);
    if (!isExact(first)) continue;
    const minimal = minimalOf(first);
    if (isAnswer(minimal)) return finish(minimal, minimal, true);
    begun.push(minimal);
    break;
  }
  const fullest = begun[begun.length - 1]!;
  const path = [...begun.slice(0, -1), ...wayDown(fullest)];
  const best = path.reduce((a, b) => (b.evidence > a.evidence ? b : a));
  if (rank !== 'auto') {
    const last = path[path.length - 1] ?? best;
    // Of an exact target anything that is left is structure; of entries, what larger models explain plainly more.
    const isTooSmall = !view.noisy || path.some((other) => isRival(given, other, last));
    return finish(last, fullest, last.components === rank && (isExact(last) || !isTooSmall));
  }
  if (isExact(best) && isAnswer(best)) {
    const minimal = minimalOf(best);
    return finish(minimal, minimal, true);
  }
  if (best.evidence < strongEvidence) {
    // Nothing speaks for a smaller model, so an exact one is preferred, although one of its size fits any tensor.
    const exact = path.filter(isExact).at(-1);
    return finish(exact ?? best, fullest, false);
  }
  let chosen = best;
  const smallerOnes = path.filter(({ components }) => components < best.components);
  for (const smaller of smallerOnes.sort((a, b) => b.components - a.components)) {
    if (isNoise(chosen, smaller)) chosen = smaller;
  }
  const isClose = (other: Candidate): boolean =>
    other.components > chosen.components && other.evidence > chosen.evidence - strongEvidence;
  const hasRival = path.some((other) => isClose(other) || isRival(given, other, chosen));
  return finish(chosen, fullest, chosen === best && best.evidence >= plainEvidence && !hasRival);
}
