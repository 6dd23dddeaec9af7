// Which components of a dense tensor with missing cells the known ones speak for. Cells were filled so that ranks could be compared
// (rank-choice/fill-missing.ts), and what was filled in may have made components of its own: without them the known cells are fitted as
// well, but for what a component takes of noise. Used by compressed.ts.
import { coarse } from '../compaction/grow-cp.js';
import { polishedCp, type PolishOptions } from '../compaction/polish-cp.js';
import { exactError } from '../finish/exact-error.js';
import type { FinishWork } from '../handles/handle.js';
import { noiseBound } from '../rank-choice/candidates.js';
import { silently } from '../rank-choice/choose.js';
import { filledBy } from '../rank-choice/fill-missing.js';
import { findRank, type FoundModel, type RankSearchOptions } from '../rank-choice/rank-choice.js';
import type { DenseTarget } from '../targets/dense.js';
import type { DenseTensor } from '../tensor/dense.js';
import { freeNumbers } from '../tensor/free-numbers.js';
import { rankOf, type Kruskal } from '../tensor/kruskal.js';
import { normalize, selectComponents } from '../tensor/normalize.js';
import { hasManyMissing, knownCells } from '../tensor/partly-known.js';
import { inRanges, type Work } from '../yield.js';
import { polish, type Polished } from './dense-polish.js';

/** Searches on a tensor whose missing cells were filled anew. */
const maxRefills = 3;

/**
 * The model without components that only the filled cells speak for, and the choice of its rank. Few cells are filled anew with what the
 * smaller model has there, and the ranks compared again, on the CPU.
 */
export function* overKnownCells(
  target: DenseTarget,
  given: FoundModel,
  start: Polished,
  { search, limits }: { readonly search: RankSearchOptions; readonly limits: Limits },
): FinishWork<Filling> {
  let found = given;
  let model = start;
  let tensor: DenseTensor | undefined;
  for (let refill = 0; refill < maxRefills; refill++) {
    const fewer = yield* withoutNeedless(target, model, found, limits);
    const rank = rankOf(fewer.kruskal);
    if (rank === rankOf(model.kruskal)) break;
    model = fewer;
    if (rank === 0 || hasManyMissing(target)) break;
    tensor = yield* filledBy(target, model.kruskal);
    found = yield* silently(findRank(tensor, search));
    if (found.fit.rank === rank) break;
    const { kruskal, fit } = found;
    model = yield* polish(target, { ...model, kruskal, relativeError: fit.relativeError }, limits);
  }
  const rank = rankOf(model.kruskal);
  if (found.fit.rank === rank) return { model, tensor, found };
  // The filled cells and the known ones do not agree on the rank: what is left of them is not known to be white noise.
  return { model, tensor, found: { ...found, fit: yield* found.fits.fit(rank), isWhite: false } };
}

interface Filling {
  readonly model: Polished;
  readonly found: FoundModel;
  /** What was filled in last; undefined where that is what the search began with. */
  readonly tensor: DenseTensor | undefined;
}

type Limits = Pick<PolishOptions, 'tolerance' | 'maxSteps'>;

/** Components that only filled cells may speak for: the weakest over the known cells, and one or two with most of their energy at missing ones. */
function* suspects({ shape, known }: DenseTarget, { weights, factors }: Kruskal): Work<number[][]> {
  const squares = new Float64Array(weights.length);
  const indices = new Uint32Array(shape.length);
  const cells = known ?? new Uint8Array(0);
  yield* inRanges(cells.length, shape.length * weights.length, (from, end) => {
    for (let at = from; at < end; at++) {
      if (cells[at] !== 0) continue;
      for (let k = shape.length - 1, rest = at; k >= 0; k--) {
        indices[k] = rest % shape[k]!;
        rest = Math.floor(rest / shape[k]!);
      }
      weights.forEach((weight, r) => {
        const value = factors.reduce(
          (product, { columns, data }, k) => product * data[indices[k]! * columns + r]!,
          weight,
        );
        squares[r]! += value ** 2;
      });
    }
  });
  const byKey = (key: (r: number) => number): number[] => Array.from(squares.keys()).sort((r, s) => key(r) - key(s));
  const weakest = byKey((r) => weights[r]! ** 2 - squares[r]!).slice(0, 1);
  const most = byKey((r) => -squares[r]! / (weights[r]! ** 2 || 1));
  // Two may be large at missing cells and cancel each other at the known ones.
  const differ = weakest[0] !== most[0];
  return weights.length === 0 ? [] : [...(differ ? [weakest] : []), most.slice(0, 1), most.slice(0, 2)];
}

/** Takes components away as long as the known cells are fitted as well without them, but for what they take of noise. */
function* withoutNeedless(
  target: DenseTarget,
  model: Polished,
  { compression }: FoundModel,
  limits: Limits,
): FinishWork<Polished> {
  let best = model;
  for (let attempts = yield* suspects(target, normalize(model.kruskal)); attempts.length > 0;) {
    const rank = rankOf(best.kruskal);
    const taken = attempts.shift() ?? [];
    const kept = Array.from(best.kruskal.weights.keys()).filter((r) => !taken.includes(r));
    const kruskal = selectComponents(best.kruskal, kept);
    const fewer = kept.length === 0 ? { kruskal, relativeError: 1 } : yield* polishedCp(target, kruskal, coarse);
    const before = fewer.relativeError ** 2;
    const left = best.relativeError ** 2;
    const spare = Math.max(1, knownCells(target) - freeNumbers(target.shape, rank));
    const ofNoise = taken.length * left * noiseBound(compression);
    const isNeedless = left <= exactError ** 2 ? before <= exactError ** 2 : (before - left) * spare <= ofNoise;
    if (!isNeedless) continue;
    const smaller = { step: best.step, kruskal: fewer.kruskal, relativeError: fewer.relativeError };
    best = kept.length === 0 ? smaller : yield* polish(target, smaller, limits);
    attempts = yield* suspects(target, normalize(best.kruskal));
  }
  return best;
}
