// The fifth stage of compaction: fewer components for the same tensor. An exact model need not be minimal (for order 3 two
// components and a third in their plane can be written as three others in a continuum of ways), so every component is
// taken out for a trial and the rest polished; a trial that does not converge quickly is given up.
import type { SymmetricKruskal } from '../tensor/kruskal.js';
import { without } from './eliminate.js';
import { polished } from './polish-symmetric.js';
import { rankBound } from './rank-bound.js';
import { dropCosts, refit } from './refit.js';
import { residualMeter } from './residual-error.js';

export interface ReduceRankOptions {
  /** A model with one component less is accepted below this relative error. Default 1e-7. */
  readonly rankTolerance?: number;
  /** As in the polish. Default 1e-9. */
  readonly tolerance?: number;
}

export interface ReducedRank {
  readonly kruskal: SymmetricKruskal;
  /** Components tried in vain or with success. */
  readonly trials: number;
}

/** Polish steps after which a trial must have lowered the error tenfold, and those of one that did. */
const shortSteps = 8;
const longSteps = 60;
/** The bound on the rank is used this far above the tolerance that models must meet, where its rounding cannot mislead. */
const boundSafety = 10;

/** Takes out components, cheapest first by least squares, until no trial reaches the tolerance. */
export function reduceRank(
  target: SymmetricKruskal,
  start: SymmetricKruskal,
  { rankTolerance = 1e-7, tolerance = 1e-9 }: ReduceRankOptions = {},
): ReducedRank {
  const measure = residualMeter(target);
  let kruskal = start;
  let trials = 0;
  if (kruskal.weights.length <= 1) return { kruskal, trials };
  const bound = Math.max(1, rankBound(target, Math.max(boundSafety * rankTolerance, 1e-6)));

  /** One component less, or undefined. */
  function smaller(model: SymmetricKruskal): SymmetricKruskal | undefined {
    const costs = dropCosts(model);
    const order = Array.from(costs.keys()).sort((i, j) => costs[i]! - costs[j]!);
    for (const component of order) {
      trials++;
      const rest = refit(target, without(model, component));
      const before = measure(rest).relativeError;
      const short = polished(target, rest, { tolerance, maxSteps: shortSteps });
      const promising = short.relativeError >= rankTolerance && short.relativeError < before / 10;
      const last = promising ? polished(target, short.kruskal, { tolerance, maxSteps: longSteps }) : short;
      if (last.relativeError < rankTolerance) return last.kruskal;
    }
    return undefined;
  }

  while (kruskal.weights.length > bound) {
    const next = smaller(kruskal);
    if (!next) break;
    kruskal = next;
  }
  return { kruskal, trials };
}
