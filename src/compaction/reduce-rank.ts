// The fifth stage of compaction: fewer components for the same tensor. An exact model need not be minimal (for order 3 two
// components and a third in their plane can be written as three others in a continuum of ways), so every component is
// taken out for a trial and the rest polished; a trial that does not converge quickly is given up.
import type { SymmetricKruskal } from '../tensor/kruskal.js';
import { withoutComponents } from '../tensor/normalize.js';
import { polished } from './polish-symmetric.js';
import { cheapestFirst, refit } from './refit.js';
import { measureSteps, type SymmetricView } from '../handles/views/symmetric-view.js';
import type { Work } from '../yield.js';

export interface ReduceRankOptions {
  /** A model with one component less is accepted below this relative error. Default 1e-7. */
  readonly rankTolerance?: number;
  /** As in the polish. Default 1e-9. */
  readonly tolerance?: number;
}

export interface ReducedRank {
  readonly kruskal: SymmetricKruskal;
  /** Components tried, with success or without. */
  readonly trials: number;
}

/**
 * Polish steps in which a trial must lower the error tenfold, again and again; and those that are spent in the end, when no
 * trial has met the tolerance, on the ones that did so once.
 */
const shortSteps = 8;
const longSteps = 60;
/** A trial ends this far below the tolerance: what is left is for the polish of the final model. */
const trialMargin = 1e-2;
/** It also ends where a step lowers the error by less than this, relative to itself: all its steps would not come to a tenth. */
const trialTolerance = 1e-4;
/** Where true directions are nearly parallel the polish first creeps along a valley: small models get the time to leave it. */
const patientSteps = 300;
/** The bound on the rank is used this far above the tolerance that models must meet, where its rounding cannot mislead. */
const boundSafety = 10;

/** Few enough unknowns for a patient trial to take some hundred milliseconds at most. */
const isSmall = ({ weights, vectors }: SymmetricKruskal): boolean => weights.length * vectors.columns <= 400;

/** Takes out components, cheapest first by least squares, until no trial reaches the tolerance. */
export function* reduceRank(
  target: SymmetricView,
  start: SymmetricKruskal,
  { rankTolerance = 1e-7, tolerance = 1e-9 }: ReduceRankOptions = {},
): Work<ReducedRank> {
  const trial = { tolerance: Math.max(tolerance, trialTolerance), targetError: trialMargin * rankTolerance };
  let kruskal = start;
  let trials = 0;
  if (kruskal.weights.length <= 1) return { kruskal, trials };
  const bound = Math.max(1, target.rankBound(Math.max(boundSafety * rankTolerance, 1e-6)));

  /** One component less, or undefined; `patient` gives every trial its full time. */
  function* smaller(model: SymmetricKruskal, patient: boolean): Work<SymmetricKruskal | undefined> {
    const unfinished: SymmetricKruskal[] = [];
    for (const { component } of yield* cheapestFirst(model)) {
      trials++;
      const rest = yield* refit(target, withoutComponents(model, [component]));
      let before = (yield* measureSteps(target, rest)).relativeError;
      let last = yield* polished(target, rest, { ...trial, maxSteps: patient ? patientSteps : shortSteps });
      const promising = last.relativeError < before / 10;
      while (last.relativeError >= rankTolerance && last.relativeError < before / 10) {
        before = last.relativeError;
        last = yield* polished(target, last.kruskal, { ...trial, maxSteps: shortSteps });
      }
      if (last.relativeError < rankTolerance) return last.kruskal;
      if (promising) unfinished.push(last.kruskal);
    }
    for (const rest of unfinished) {
      const last = yield* polished(target, rest, { ...trial, maxSteps: longSteps });
      if (last.relativeError < rankTolerance) return last.kruskal;
    }
    return undefined;
  }

  while (kruskal.weights.length > bound) {
    const next = (yield* smaller(kruskal, false)) ?? (isSmall(kruskal) ? yield* smaller(kruskal, true) : undefined);
    if (!next) break;
    kruskal = next;
  }
  return { kruskal, trials };
}
