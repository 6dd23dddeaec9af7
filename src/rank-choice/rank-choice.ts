// From a dense tensor to its rank, with reasons, and the model of that rank: compress, fit on the core, decide. Called by
// algorithms/compressed.ts, and by `ranks` for the table alone.
import { compress, type Compression, type CompressOptions } from '../compression/compress.js';
import { multiply } from '../linalg/algebra.js';
import type { DenseTensor } from '../tensor/dense.js';
import type { Kruskal } from '../tensor/kruskal.js';
import { normalize } from '../tensor/normalize.js';
import { judge, noiseBound, type RankCandidate } from './candidates.js';
import { rankByScan, rankInWhiteNoise, type Watched } from './choose.js';
import { coreFits, type CoreFit, type CoreFits } from './core-fits.js';
import { countIndistinct } from './random-signs.js';

/** A rank and its model, before the last digits. */
export interface FoundModel {
  readonly compression: Compression;
  readonly fits: CoreFits;
  readonly fit: CoreFit;
  /** Of the full tensor, unit columns. */
  readonly kruskal: Kruskal;
  /** Whether nothing but white noise is left. */
  readonly isWhite: boolean;
}

/** The rank that nothing speaks against, and its fit. */
export function* findRank(tensor: DenseTensor, seed: number): Watched<FoundModel> {
  let fits = yield* startFits(tensor, seed);
  const white = fits.compression.isWhite ? yield* rankInWhiteNoise(fits) : undefined;
  if (white === undefined) {
    if (fits.compression.isWhite) fits = yield* startFits(tensor, seed, { seeksNoise: false });
    return yield* found(fits, yield* rankByScan(fits), false);
  }
  const { compression, random } = fits;
  const first = yield* found(fits, white, true);
  const indistinct = yield* countIndistinct(tensor, compression, first.kruskal, { random, seed });
  return indistinct === 0 ? first : yield* found(fits, white - indistinct, true);
}

/** The fit of a rank that is given. */
export function* fitRank(tensor: DenseTensor, rank: number, seed: number): Watched<FoundModel> {
  const fits = yield* startFits(tensor, seed, { minDirections: rank });
  return yield* found(fits, rank, fits.compression.isWhite);
}

function* startFits(tensor: DenseTensor, seed: number, options: CompressOptions = {}): Watched<CoreFits> {
  return coreFits(yield* compress(tensor, options), seed);
}

function* found(fits: CoreFits, rank: number, isWhite: boolean): Watched<FoundModel> {
  const { compression } = fits;
  const fit = yield* fits.fit(rank);
  return { compression, fits, fit, kruskal: expand(compression, fit.kruskal), isWhite };
}

/** A model of the core as one of the tensor: factors U_n A_n, unit columns. */
export const expand = ({ bases }: Compression, model: Kruskal): Kruskal =>
  normalize({ ...model, factors: model.factors.map((factor, mode) => multiply(bases[mode]!, factor)) });

/** All ranks that were looked at, in their order. */
export const candidatesOf = ({ compression, known }: CoreFits): RankCandidate[] =>
  Array.from(known.values())
    .sort((a, b) => a.rank - b.rank)
    .flatMap((fit) => {
      const before = known.get(fit.rank - 1);
      return before ? [judge(compression, before, fit)] : [];
    });

/** A component of less than this part of the tensor's norm is no stronger than noise. */
export function visibleFrom({ compression, fit }: FoundModel): number {
  const { variance, squaredNorm } = compression;
  const perCell = variance ?? fit.squaredError / compression.liveSizes.reduce((product, size) => product * size, 1);
  return Math.sqrt((perCell * noiseBound(compression)) / squaredNorm);
}
