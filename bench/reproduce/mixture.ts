// A linear mixture of independent sources and what independent component analysis makes of it: x = A s, whitened by its own
// covariance, y = Σ^{−1/2} (x − mean). The fourth cumulant of y is Σ_j κ_j u_j^{⊗4}, κ_j the sources' excess kurtosis and u_j nearly
// orthonormal, so that a flow that finds the u_j has found the mixing directions, A_j ∝ Σ^{1/2} u_j (Comon, Signal Processing 36, 1994).
import { matrix, moments, whiten, type Matrix, type MomentsTarget } from '../../src/index.js';
import { multiply } from '../../src/linalg/algebra.js';
import { maxAssignment } from '../../src/linalg/assignment.js';
import { randomStream, type RandomStream } from '../../src/random/stream.js';

export interface Mixture {
  /** The fourth cumulant of the whitened samples. */
  readonly target: MomentsTarget;
  /** Unit columns of A, one per row, `[sources, sources]`. */
  readonly directions: Matrix;
  /** The same among the whitened samples, Σ^{−1/2} A_j: the u_j, but for the chance of samples. */
  readonly whiteDirections: Matrix;
  /** `[sources]` κ_j. */
  readonly kurtoses: Float64Array;
  /** The mixing direction of a direction u among whitened samples, Σ^{1/2} u, a unit vector. */
  readonly mixingDirection: (u: Float64Array) => Float64Array;
}

/** Sources of mean 0 and variance 1, with their excess kurtosis. */
const sources = {
  laplace: { kurtosis: 3, draw: (random: RandomStream) => (random.sign() * -Math.log(random.uniform())) / Math.SQRT2 },
  uniform: { kurtosis: -1.2, draw: (random: RandomStream) => Math.sqrt(12) * (random.uniform() - 0.5) },
  sign: { kurtosis: -2, draw: (random: RandomStream): number => random.sign() },
};
export type SourceKind = keyof typeof sources;
const sourceKinds: readonly SourceKind[] = ['laplace', 'uniform', 'sign'];

/** Directions of A from one stream, samples from another. The kinds are taken in turn. */
export function mixture(count: number, samples: number, seed: number, kinds = sourceKinds): Mixture {
  const own = Array.from({ length: count }, (_, j) => sources[kinds[j % kinds.length]!]);
  const directions = randomStream(seed, 2 ** 31).unitVectors(count, count);
  const random = randomStream(seed, 2 ** 31 + 1);
  const data = new Float64Array(samples * count);
  for (let t = 0; t < samples; t++) {
    for (let j = 0; j < count; j++) {
      const value = own[j]!.draw(random);
      for (let k = 0; k < count; k++) data[t * count + k]! += value * directions.data[j * count + k]!;
    }
  }
  const white = whiten(matrix(samples, count, data));
  return {
    target: moments({ order: 4, samples: white.samples, cumulant: true }),
    directions,
    whiteDirections: multiply(directions, white.transform),
    kurtoses: Float64Array.from(own, ({ kurtosis }) => kurtosis),
    mixingDirection: (u) => unit(product(white.inverse, u)),
  };
}

/** Mean |cosine| of the best pairing of unit rows. */
export function directionScore(found: readonly Float64Array[], truth: Matrix): number {
  const cosines = found.flatMap((one) => Array.from(product(truth, one), Math.abs));
  const pairs = maxAssignment(matrix(found.length, truth.rows, Float64Array.from(cosines)));
  const paired = Array.from(pairs, (j, i) => (j < 0 ? 0 : (cosines[i * truth.rows + j] ?? 0)));
  return paired.reduce((sum, cosine) => sum + cosine, 0) / Math.max(found.length, truth.rows);
}

function product({ rows, columns, data }: Matrix, x: Float64Array): Float64Array {
  return Float64Array.from({ length: rows }, (_, i) =>
    x.reduce((sum, value, k) => sum + data[i * columns + k]! * value, 0),
  );
}

function unit(x: Float64Array): Float64Array {
  const norm = Math.hypot(...x);
  return x.map((value) => value / norm);
}
