// The heart of compaction: from merged directions to the fewest components that fit the target.
//   exact targets:  the fewest there can be, if that goes quickly; else eliminate → polish, merge what became one → reduce the rank
//   noisy ones:     the same, but a component stays only where it pays for itself (description-length.ts)
import { worthlessGrowth } from './description-length.js';
import { eliminate } from './eliminate.js';
import { merge } from './merge.js';
import { polished } from './polish-symmetric.js';
import { reduceRank } from './reduce-rank.js';
import { refit } from './refit.js';
import type { SymmetricView } from './symmetric-view.js';
import type { SymmetricKruskal } from '../tensor/kruskal.js';

export interface FitOptions {
  readonly tolerance: number;
  readonly rankTolerance: number;
  readonly maxSteps: number;
  /** Components among the directions that come from an earlier compaction, fitted to the noise already. */
  readonly known: number;
}

/** Directions that a polish has brought this close are one: 1 − |cosine| below 1e-3. */
const sameDirection = 1 - 1e-3;
const mostRounds = 6;

/** Turns of polish and elimination, polish steps in each, and the growth of the error that a dropped component may cause. */
const mostAlternations = 8;
const shortSteps = 8;
const cautiousGrowth = 1.1;

/** Where singular values, and so the least number of components, can still be told from rounding. */
const boundTolerance = 1e-6;

/** Of the tolerance for the rank: where polishing ends before the rank is reduced. */
const nearEnough = 0.1;

/** An unfinished model with an error below this is worth a search for a smaller one that is easier to finish. */
const nearlyExact = 1e-2;

/** The minimal model near the given directions (unit vectors), polished to the floor; the directions themselves when there are none. */
export function fitDirections(
  view: SymmetricView,
  directions: SymmetricKruskal,
  { tolerance, rankTolerance, maxSteps, known }: FitOptions,
): SymmetricKruskal {
  const errorOf = (candidate: SymmetricKruskal): number => view.measure(candidate).relativeError;

  /** Polishes; what has become one direction by then is merged, and the rest polished again. */
  function settle(begin: SymmetricKruskal, enough = 0): SymmetricKruskal {
    let current = begin;
    for (let round = 0; round < mostRounds; round++) {
      current = polished(view, current, { tolerance, maxSteps, enough }).kruskal;
      const fewer = merge(current, sameDirection);
      if (fewer.weights.length === current.weights.length) break;
      current = eliminate(view, fewer);
    }
    return current;
  }

  /** A few polish steps and an elimination in turn: while the error falls, what was worth keeping becomes superfluous. */
  function alternate(begin: SymmetricKruskal): SymmetricKruskal {
    let current = begin;
    for (let round = 0; round < mostAlternations; round++) {
      const { kruskal, relativeError } = polished(view, current, { tolerance, maxSteps: shortSteps });
      current = eliminate(view, kruskal, { growth: cautiousGrowth });
      if (relativeError < rankTolerance) break;
    }
    return current;
  }

  /**
   * Elimination first leaves the polish little to do, but where the directions are still rough it takes weak components for
   * noise. If that failed, the two take turns: dearer, and it sees what is superfluous.
   */
  function fitExactly(first: SymmetricKruskal): SymmetricKruskal {
    const second = settle(alternate(refit(view, directions)));
    const better = errorOf(second) < errorOf(first) / 2 ? second : first;
    const error = errorOf(better);
    if (error < rankTolerance || error > nearlyExact) return better;
    return settle(reduceRank(view, better, { tolerance, rankTolerance: error }).kruskal);
  }

  /** Components that no longer pay for themselves are tried without. */
  function fitNoise(first: SymmetricKruskal): SymmetricKruskal {
    let current = first;
    for (;;) {
      const count = current.weights.length;
      const mayBe = errorOf(current) * worthlessGrowth(view.given, count);
      const { kruskal } = reduceRank(view, current, { tolerance, rankTolerance: mayBe, patient: false, most: 1 });
      if (kruskal.weights.length === count) return current;
      current = settle(kruskal);
    }
  }

  /** What was compacted before is fitted to the noise: new components show their worth after some steps, and must pay for themselves. */
  function weigh(): SymmetricKruskal {
    const { kruskal } = polished(view, refit(view, directions), { tolerance, maxSteps: 2 * shortSteps });
    return eliminate(view, kruskal, { growth: 1, growthEach: worthlessGrowth(view.given, known) });
  }

  /** The cheap first try: as few components as there can be, polished while that goes quickly. */
  function tryFewest(): SymmetricKruskal | undefined {
    const least = view.rankBound(boundTolerance);
    if (least === 0 || least >= directions.weights.length) return undefined;
    let current = eliminate(view, directions, { growth: Infinity, least });
    for (let before = Infinity, error = errorOf(current); error < before / 10;) {
      before = error;
      ({ kruskal: current, relativeError: error } = polished(view, current, { tolerance, maxSteps: shortSteps }));
      if (error < rankTolerance) return current;
    }
    return undefined;
  }

  function fit(): SymmetricKruskal {
    const fewest = tryFewest();
    if (fewest) return fewest;
    // Too many components make the last digits dear, and are taken out anyway.
    const first = settle(view.noisy && known > 0 ? weigh() : eliminate(view, directions), nearEnough * rankTolerance);
    if (errorOf(first) < rankTolerance && isSaying(first)) return first;
    return view.noisy ? fitNoise(first) : fitExactly(first);
  }

  /** Fewer numbers than the target has: only then does an exact fit mean anything. */
  const isSaying = ({ weights }: SymmetricKruskal): boolean =>
    !view.noisy || worthlessGrowth(view.given, weights.length) < Infinity;

  if (directions.weights.length === 0) return directions;
  const fitted = fit();
  const exact = errorOf(fitted) < rankTolerance;
  return settle(exact ? reduceRank(view, fitted, { tolerance, rankTolerance }).kruskal : fitted);
}
