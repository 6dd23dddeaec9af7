// Components of a tensor with modes whose neighbors are alike (smooth-rows.ts). A picture has components without end, each of them less
// than the one before: they are not added one by one, as in search.ts, but all at once, at random, twice as many as before while
// the evidence rises.
import { predictionComparison, type Known } from '../analysis/agreement.js';
import { randomStream } from '../random/stream.js';
import { growthStream } from '../random/streams.js';
import { freeNumbers } from '../tensor/free-numbers.js';
import type { Kruskal } from '../tensor/kruskal.js';
import { rowsWithValues, type Entries } from './entries.js';
import { constantModel, givenModel, kruskalOf, maxWide, wideModel, type VariationalModel } from './model.js';
import { refit, thinned, withNewComponent, type Fitted } from './refit.js';
import { attempts, isExpensive, marginOf, minNoiseOf, toleranceOf, type FoundModel } from './search-steps.js';
import { maxWideStarts, minAgreeing, type SearchOptions } from './search.js';
import { withSmoothModes } from './smooth-rows.js';
import { surprise } from './surprise.js';
import type { Work } from '../yield.js';

/** Components of the first wide start, and of the last one, where no rank is given. */
const minWidth = 6;
const maxWidth = 48;
/**
 * Sweeps end where ten of them raise the evidence by less than this, in nats per entry: squared errors fall by less than a fifth. Of pictures
 * more sweeps fit the known cells better, and not the others.
 */
const calm = 0.1;

interface SmoothOptions extends Pick<SearchOptions, 'rank' | 'seed' | 'starts' | 'sweeps' | 'init'> {
  readonly smooth: readonly number[];
}

/** The start with the most evidence, and how many of as many random components predict the same, itself among them if it is one. */
export function* smoothSearch(
  entries: Entries,
  known: Known,
  { rank, seed, starts, sweeps, init, smooth }: SmoothOptions,
): Generator<Kruskal | undefined, FoundModel> {
  const { count } = entries;
  const random = randomStream(seed, growthStream);
  const minNoise = minNoiseOf(entries);
  const numbers = freeNumbers(rowsWithValues(entries), 1);
  const margin = marginOf(entries);
  // One component may stand for the mean, too.
  const base = constantModel(rank === 1 ? { ...entries, mean: 0 } : entries);
  const isCheap = (rank: number): boolean => !isExpensive(count, rank);
  const limits = { sweeps, minNoise };
  const largest = Math.min(rank === 'auto' ? maxWidth : rank, Math.floor((maxWide * count) / numbers));

  function* fitted(start: VariationalModel): Work<Fitted> {
    let before = -Infinity;
    const isEnough = (_: VariationalModel, evidence: number): boolean => {
      const gain = evidence - before;
      before = evidence;
      return gain < calm * count;
    };
    return yield* refit(entries, withSmoothModes(start, smooth), { ...limits, isEnough });
  }
  /** Where that is cheap, until sweeps change nothing, and without components that the values do not speak for. */
  function* finished(fit: Fitted): Work<Fitted> {
    if (!isCheap(fit.model.rank)) return fit;
    const thin = yield* thinned(entries, yield* refit(entries, fit.model, limits), limits, margin);
    return thin.isSettled ? thin : yield* refit(entries, thin.model, limits);
  }
  /** With components that the values speak for beside it, one by one. */
  function* grown(from: Fitted): Work<Fitted> {
    let fit = from;
    for (let attempt = 0; attempt < attempts && isCheap(fit.model.rank) && fit.model.rank < largest; attempt++) {
      const start = yield* withNewComponent(entries, fit.model, random);
      const next = yield* refit(entries, start, { ...limits, target: fit.evidence });
      if (next.evidence <= fit.evidence + margin) continue;
      fit = next;
      attempt = -1;
    }
    return fit;
  }
  const wideStart = function* (width: number): Work<Fitted> {
    return yield* fitted(yield* wideModel(entries, width - base.rank, random, base));
  };

  let best = yield* fitted(init ? yield* givenModel(entries, init) : constantModel(entries));
  yield kruskalOf(best.model);
  let width = rank === 'auto' ? Math.min(minWidth, largest) : largest;
  for (let next = width; next > 0 && next <= largest && !init; next *= 2) {
    const start = yield* wideStart(next);
    if (start.evidence <= best.evidence + margin) break;
    best = start;
    width = next;
    yield kruskalOf(best.model);
  }
  best = yield* grown(yield* finished(best));
  yield kruskalOf(best.model);
  const compare = yield* predictionComparison(known);
  const wide: Kruskal[] = best.model.rank > base.rank && !init ? [kruskalOf(best.model)] : [];
  const agreeing = (): number =>
    compare(wide, kruskalOf(best.model), toleranceOf(entries, best.model, seed)).filter(Boolean).length;
  const isAtLimit = rank === 'auto' && width === maxWidth && best.model.rank > maxWidth / 2;
  const isDone = (): boolean => {
    // A limit is doubt enough.
    if (isAtLimit) return wide.length > 0;
    if (!isCheap(best.model.rank)) return wide.length >= minAgreeing;
    return wide.length >= starts && (agreeing() >= minAgreeing || wide.length >= maxWideStarts);
  };
  while (width > 0 && !isDone()) {
    const start = yield* finished(yield* wideStart(width));
    wide.push(kruskalOf(start.model));
    if (start.evidence > best.evidence + margin) best = yield* grown(start);
    yield kruskalOf(best.model);
  }
  const same = agreeing();
  return {
    kruskal: kruskalOf(best.model),
    model: best.model,
    isExact: false,
    smooth,
    starts: wide.length,
    agreeing: same,
    // Where there is doubt in any case, it is not tested.
    surprise: isAtLimit || same < minAgreeing ? 1 : yield* surprise(entries, best.model, { random, minNoise }),
    isAtLimit,
    isSettled: best.isSettled,
    hasRoom: width > 0,
  };
}
