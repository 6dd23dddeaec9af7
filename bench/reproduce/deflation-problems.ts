// The problems of the deflation paper: order l, d = 10, r = 5, weights 1, 1/ratio, 1/ratio² … scaled to ‖T*‖ = 1.
import { factored, norm, normalize, type FactoredTarget, type SymmetricKruskal } from '../../src/index.js';
import { orthogonal, plantedSymmetric } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';

export interface DeflationProblem {
  readonly order: number;
  /** Default: 1.2. */
  readonly ratio?: number;
  /** Gaussian noise of this norm is added to every orthonormal direction. Default: 0. */
  readonly noise?: number;
  /** Random directions instead of orthonormal ones. Default: false. */
  readonly oblique?: boolean;
}

const dim = 10;
const rank = 5;

export function deflationProblem(
  problem: DeflationProblem,
  seed: number,
): { target: FactoredTarget; truth: SymmetricKruskal } {
  const { order, ratio = 1.2, noise = 0, oblique = false } = problem;
  const planted = oblique
    ? plantedSymmetric({ order, dim, rank, seed, ratio, mixedSigns: false }).truth
    : orthogonal({ order, dim, rank, seed, ratio }).truth;
  const random = randomStream(seed, noiseStream);
  const data = planted.vectors.data.map((x) => x + (noise * random.normal()) / Math.sqrt(dim));
  const { vectors } = normalize({ ...planted, vectors: { rows: rank, columns: dim, data } });
  const turned = { ...planted, vectors };
  const truth = { ...turned, weights: turned.weights.map((weight) => weight / norm(turned)) };
  return { target: factored({ ...truth, dim }), truth };
}

/** Away from those of planted problems. */
const noiseStream = 2 ** 31 + 77;
