// Models and targets for the tests of the completion's finish: random and perturbed factors, and the truth as a run with many
// components would leave it.
import type { RandomStream } from '../../../src/random/stream.js';
import type { Kruskal } from '../../../src/tensor/kruskal.js';
import { matrix, type Matrix } from '../../../src/tensor/matrix.js';

/** Gaussian columns of norm about 1 and the given weight. */
export function randomKruskal(shape: readonly number[], rank: number, weight: number, random: RandomStream): Kruskal {
  const factors = shape.map((rows) =>
    matrix(
      rows,
      rank,
      Float64Array.from({ length: rows * rank }, () => random.normal() / Math.sqrt(rows)),
    ),
  );
  return { weights: new Float64Array(rank).fill(weight), factors };
}

/** Unit columns moved by a Gaussian of norm about `amount`. */
export function perturbed(model: Kruskal, amount: number, random: RandomStream): Kruskal {
  const moved = (factor: Matrix): Matrix => ({
    ...factor,
    data: factor.data.map((value) => value + (amount * random.normal()) / Math.sqrt(factor.rows)),
  });
  return { weights: model.weights.slice(), factors: model.factors.map(moved) };
}

export const scaled = (model: Kruskal, by: number): Kruskal => ({
  ...model,
  weights: model.weights.map((weight) => by * weight),
});

/** Components of all models, one after the other. */
export function together(models: readonly Kruskal[]): Kruskal {
  const weights = Float64Array.from(models.flatMap((model) => Array.from(model.weights)));
  const factors = models[0]!.factors.map(({ rows }, mode) => {
    const data = new Float64Array(rows * weights.length);
    let column = 0;
    for (const { factors: own } of models) {
      const { columns, data: from } = own[mode]!;
      for (let i = 0; i < rows; i++) {
        for (let c = 0; c < columns; c++) data[i * weights.length + column + c] = from[i * columns + c]!;
      }
      column += columns;
    }
    return matrix(rows, weights.length, data);
  });
  return { weights, factors };
}

/** Every component of the truth as two perturbed ones, and 50 tiny random ones. */
export function overParametrized(truth: Kruskal, random: RandomStream): Kruskal {
  const shape = truth.factors.map(({ rows }) => rows);
  const parts = [0.6, 0.4].map((share) => scaled(perturbed(truth, 0.1, random), share));
  return together([...parts, randomKruskal(shape, 50, 5e-3, random)]);
}
