// The heart of compaction: from merged directions to the fewest components that fit the target.
//   exact targets:  the fewest there can be, if that goes quickly; else eliminate → polish, merge what became one → reduce the rank
//   entries that may carry noise:  the components that they speak for (fit-noisy.ts)
import { eliminate } from './eliminate.js';
import { isFull } from './evidence.js';
import { fitNoisy, type NoisyFit } from './fit-noisy.js';
import { merge } from './merge.js';
import { mergedTwins } from './merge-twins.js';
import { polished } from './polish-symmetric.js';
import { reduceRank } from './reduce-rank.js';
import { refit } from './refit.js';
import { measureSteps, type SymmetricView } from '../handles/views/symmetric-view.js';
import type { SymmetricKruskal } from '../tensor/kruskal.js';
import type { Work } from '../yield.js';

export interface FitOptions {
  readonly tolerance: number;
  readonly rankTolerance: number;
  readonly maxSteps: number;
  /** Components of the result at most, or 'auto': the fewest that fit an exact target, or those that noisy entries speak for. */
  readonly rank: number | 'auto';
}

/** Directions that a polish has brought this close are one: 1 − |cosine| below 1e-3. */
const sameDirection = 1 - 1e-3;
const maxRounds = 6;

/** Turns of polish and elimination, polish steps in each, and the growth of the error that a dropped component may cause. */
const maxAlternations = 8;
const shortSteps = 8;
const cautiousGrowth = 1.1;

/** Where singular values, and so the smallest number of components, can still be told from rounding. */
const boundTolerance = 1e-6;

/** Of the tolerance for the rank: where polishing ends before the rank is reduced. */
const nearEnough = 0.1;

/** An unfinished model with an error below this is worth a search for a smaller one that is easier to finish. */
const nearlyExact = 1e-2;

/** The model near the given directions (unit vectors), polished to the floor; the directions themselves when there are none. */
export function* fitDirections(
  view: SymmetricView,
  directions: SymmetricKruskal,
  { tolerance, rankTolerance, maxSteps, rank }: FitOptions,
): Work<NoisyFit> {
  function* errorOf(candidate: SymmetricKruskal): Work<number> {
    return (yield* measureSteps(view, candidate)).relativeError;
  }

  /** Polishes; what has become one direction by then is merged, and the rest polished again. */
  function* polishAndMerge(begin: SymmetricKruskal, targetError = 0): Work<SymmetricKruskal> {
    let current = begin;
    for (let round = 0; round < maxRounds; round++) {
      ({ kruskal: current } = yield* polished(view, current, { tolerance, maxSteps, targetError }));
      const fewer = yield* mergedTwins(view, current);
      if (!fewer) break;
      current = yield* eliminate(view, fewer);
    }
    return current;
  }

  /** A few polish steps and an elimination in turn: while the error falls, what was worth keeping becomes superfluous. */
  function* alternate(begin: SymmetricKruskal): Work<SymmetricKruskal> {
    let current = begin;
    for (let round = 0; round < maxAlternations; round++) {
      const { kruskal, relativeError } = yield* polished(view, current, { tolerance, maxSteps: shortSteps });
      current = yield* eliminate(view, kruskal, { growth: cautiousGrowth });
      if (relativeError < rankTolerance) break;
    }
    return current;
  }

  /**
   * Elimination first leaves the polish little to do, but where the directions are still rough it takes weak components for
   * noise. If that failed, the two take turns, which is more expensive and finds what is superfluous.
   */
  function* fitExactly(first: SymmetricKruskal): Work<SymmetricKruskal> {
    const second = yield* polishAndMerge(yield* alternate(yield* refit(view, directions)));
    const better = (yield* errorOf(second)) < (yield* errorOf(first)) / 2 ? second : first;
    const error = yield* errorOf(better);
    if (error < rankTolerance || error > nearlyExact) return better;
    return yield* polishAndMerge((yield* reduceRank(view, better, { tolerance, rankTolerance: error })).kruskal);
  }

  /** The cheap first try: as few components as there can be, polished while that goes quickly. */
  function* tryMinimalRank(): Work<SymmetricKruskal | undefined> {
    const minComponents = view.rankBound(boundTolerance);
    if (minComponents === 0 || minComponents >= directions.weights.length) return undefined;
    let current = yield* eliminate(view, directions, { growth: Infinity, minComponents });
    for (let before = Infinity, error = yield* errorOf(current); error < before / 10;) {
      before = error;
      ({ kruskal: current, relativeError: error } = yield* polished(view, current, {
        tolerance,
        maxSteps: shortSteps,
      }));
      if (error < rankTolerance) return current;
    }
    return undefined;
  }

  function* fitExact(): Work<SymmetricKruskal> {
    const fewest = yield* tryMinimalRank();
    if (fewest) return yield* polishAndMerge(fewest);
    // Superfluous components make the last digits expensive, and are taken out anyway.
    const first = yield* polishAndMerge(yield* eliminate(view, directions), nearEnough * rankTolerance);
    const begun = (yield* errorOf(first)) < rankTolerance ? first : yield* fitExactly(first);
    const fitted = (yield* errorOf(begun)) < rankTolerance ? begun : yield* polishAndMerge(begun);
    if ((yield* errorOf(fitted)) >= rankTolerance) return fitted;
    const found = yield* polishAndMerge((yield* reduceRank(view, fitted, { tolerance, rankTolerance })).kruskal);
    // Where an exact model has more components than the target was given by, those are the better answer.
    const { components = found } = view;
    if (components.weights.length >= found.weights.length) return found;
    const smaller = yield* reduceRank(view, merge(components, sameDirection), { tolerance, rankTolerance });
    return yield* polishAndMerge(smaller.kruskal);
  }

  /** What a noisy fit starts from. A model with as many numbers as entries fits any noise, so that one is not taken for exact. */
  function* roughStarts(): Work<SymmetricKruskal[]> {
    const fewest = yield* tryMinimalRank();
    if (fewest && !isFull(view.given, fewest.weights.length)) return [fewest];
    const minimalDirections = yield* eliminate(view, directions);
    const all = yield* eliminate(view, directions, { growth: cautiousGrowth });
    return minimalDirections.weights.length < all.weights.length ? [minimalDirections, all] : [all];
  }

  if (directions.weights.length === 0)
    return { kruskal: directions, fullest: directions, score: -Infinity, plain: false };
  const exact = view.noisy ? undefined : yield* fitExact();
  if (exact && (rank === 'auto' || exact.weights.length <= rank)) {
    return { kruskal: exact, fullest: exact, score: -Math.log(yield* errorOf(exact)), plain: true };
  }
  return yield* fitNoisy(view, exact ? [exact] : yield* roughStarts(), { rank, rankTolerance, polishAndMerge });
}
