// Starting models for the tests of compaction: the truth as an over-parametrized flow would leave it.
import type { RandomStream } from '../../src/random/stream.js';
import type { SymmetricKruskal } from '../../src/tensor/kruskal.js';
import { matrix } from '../../src/tensor/matrix.js';
import { factored, type FactoredTarget } from '../../src/targets/factored.js';

export interface Part {
  weight: number;
  vector: readonly number[];
}

export const targetOf = ({ order, weights, vectors }: SymmetricKruskal): FactoredTarget =>
  factored({ order, dim: vectors.columns, weights, vectors });

export function partsOf({ weights, vectors }: SymmetricKruskal): Part[] {
  const dim = vectors.columns;
  return Array.from(weights, (weight, r) => ({ weight, vector: [...vectors.data.subarray(r * dim, (r + 1) * dim)] }));
}

export function modelOf(order: number, parts: readonly Part[]): SymmetricKruskal {
  const dim = parts[0]?.vector.length ?? 0;
  const vectors = matrix(
    parts.length,
    dim,
    parts.flatMap(({ vector }) => vector),
  );
  return { order, weights: Float64Array.from(parts, ({ weight }) => weight), vectors };
}

/** The direction moved by a Gaussian of norm about `amount`, a unit vector again. */
export function perturbed(vector: readonly number[], amount: number, random: RandomStream): number[] {
  const moved = vector.map((value) => value + (amount * random.normal()) / Math.sqrt(vector.length));
  const length = Math.hypot(...moved);
  return moved.map((value) => value / length);
}

/** Every component of the truth as two perturbed ones, and as many tiny ones in random directions. */
export function overParametrized(truth: SymmetricKruskal, random: RandomStream, amount: number): SymmetricKruskal {
  const smallest = truth.weights.reduce((least, weight) => Math.min(least, Math.abs(weight)), Infinity);
  const parts = partsOf(truth).flatMap(({ weight, vector }) => [
    { weight: 0.6 * weight, vector: perturbed(vector, amount, random) },
    { weight: 0.4 * weight, vector: perturbed(vector, amount, random) },
    {
      weight: 0.02 * smallest * random.sign(),
      vector: perturbed(
        vector.map(() => 0),
        1,
        random,
      ),
    },
  ]);
  return modelOf(truth.order, parts);
}
