// Weak components next to what noise of the very same entries could make: the residual of the strong components with random signs has
// the same sizes in every cell and no structure. Heavy tails and unequal variances make stronger components than white noise does.
// Hong, Sheng & Dobriban, "Selecting the number of components in PCA via random signflips", arXiv:2012.02985 (2020).
import { bestRankOne } from '../compaction/grow-cp.js';
import type { Compression } from '../compression/compress.js';
import type { RandomStream } from '../random/stream.js';
import { cpResidualSteps } from '../tensor/cp-products.js';
import type { DenseTensor } from '../tensor/dense.js';
import { selectComponents } from '../tensor/normalize.js';
import type { Kruskal } from '../tensor/kruskal.js';
import { absorbWeights } from '../tensor/stacked.js';
import { isPauseDue, type Work } from '../yield.js';
import { noiseBound } from './candidates.js';

/** Components of less than so many times what white noise gives are compared. */
const weakBelow = 10;
/** Patterns of signs. */
const draws = 2;
/** What drawing a sign takes, in flops. */
const signFlops = 10;

/** How many of the components (of the full tensor, unit columns) are no stronger than those of the residual with random signs. */
export function* countIndistinct(
  tensor: DenseTensor,
  compression: Compression,
  model: Kruskal,
  { random, seed }: { readonly random: RandomStream; readonly seed: number },
): Work<number> {
  const limit = weakBelow * (compression.variance ?? 0) * noiseBound(compression);
  const numbers = Array.from(model.weights.keys());
  const weak = numbers.filter((r) => model.weights[r]! ** 2 < limit);
  if (weak.length === 0) return 0;
  const strong = selectComponents(
    model,
    numbers.filter((r) => !weak.includes(r)),
  );
  const { factors, weights } = absorbWeights(strong);
  const residual = new Float64Array(tensor.data.length);
  yield* cpResidualSteps(
    tensor.shape,
    weights.length,
    factors.map(({ data }) => data),
    tensor.data,
    residual,
  );
  let strongest = 0;
  for (let draw = 0; draw < draws; draw++) {
    const data = residual.map((value) => value * random.sign());
    if (isPauseDue(signFlops * data.length)) yield;
    const { weights: found } = yield* bestRankOne({ shape: tensor.shape, data }, seed);
    strongest = Math.max(strongest, Math.abs(found[0]!));
  }
  return weak.filter((r) => Math.abs(model.weights[r]!) <= strongest).length;
}
