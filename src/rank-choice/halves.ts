// Whether two halves of a tensor, fitted apart, have the same components: those of a CP model do, and what approximates something else
// differs. Harshman & De Sarbo, "An application of PARAFAC to a small sample problem …", in Law et al. (eds.), Research Methods for
// Multimode Data Analysis (1984). One pair of halves; splitHalf (src/split-half.ts) compares three.
import { matchComponents } from '../analysis/match.js';
import { randomStream } from '../random/stream.js';
import { halvesStream } from '../random/streams.js';
import { denseNorm, type DenseTensor } from '../tensor/dense.js';
import type { Kruskal } from '../tensor/kruskal.js';
import { selectSlices } from '../tensor/slices.js';
import type { Work } from '../yield.js';
import type { SearchOptions } from './core-fits.js';
import { silently } from './choose.js';
import { fitRank } from './rank-choice.js';

/**
 * The slices of the longest mode are dealt to two halves at random, both are fitted with `rank` components, and those are paired. Returns
 * the smallest product, over the other modes, of the cosines of a pair. Two fits of half the tensor.
 */
export function* matchOfHalves(tensor: DenseTensor, rank: number, search: SearchOptions): Work<number> {
  const { shape } = tensor;
  const mode = shape.indexOf(Math.max(...shape));
  const random = randomStream(search.seed, halvesStream);
  const order = Array.from({ length: shape[mode]! }, (_, index) => ({ index, at: random.uniform() }))
    .sort((a, b) => a.at - b.at)
    .map(({ index }) => index);
  const middle = Math.ceil(order.length / 2);
  const models: Kruskal[] = [];
  for (const slices of [order.slice(0, middle), order.slice(middle)]) {
    const half = selectSlices(tensor, mode, slices);
    if (denseNorm(half) === 0) return 0;
    const { kruskal } = yield* silently(fitRank(half, rank, search));
    const ones = { rows: 1, columns: rank, data: new Float64Array(rank).fill(1) };
    models.push({ ...kruskal, factors: kruskal.factors.map((factor, k) => (k === mode ? ones : factor)) });
  }
  const { perComponent } = matchComponents(models[0]!, models[1]!, { weightPenalty: false, skip: mode });
  return Math.min(...perComponent);
}
