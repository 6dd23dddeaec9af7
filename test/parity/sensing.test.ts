// Linear measurements, dense and Kruskal, and their adjoints: float32 on the adapter against float64 on the CPU. Their
// gradients against finite differences are in test/backend/finite-differences.test.ts.
import { describe, expect, test } from 'vitest';
import type { DeviceArray, Scope } from '../../src/backend/backend.js';
import { expectParity, normals, onCpu, type Inputs } from '../support/parity.js';

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);
const magnitudes = (values: Float64Array): Float64Array => values.map(Math.abs);

// Rows of 1, around the runs of 64 entries, primes; more and fewer items than a read serves.
describe.each([
  { batch: 1, count: 1, size: 1 },
  { batch: 2, count: 5, size: 63 },
  { batch: 1, count: 65, size: 64 },
  { batch: 4, count: 13, size: 65 },
  { batch: 5, count: 7, size: 129 },
  { batch: 1, count: 129, size: 4099 },
  { batch: 3, count: 301, size: 17 },
  { batch: 9, count: 40, size: 70 },
])('dense: batch $batch, count $count, size $size', ({ batch, count, size }) => {
  test('predictions', async () => {
    await expectParity({
      inputs: { measurements: normals(count * size, 1), tensor: normals(batch * size, 2) },
      record: (scope, arrays) => {
        const prediction = scope.array('prediction', batch * count);
        scope.measureDense({ batch, count, size, ...arrays, prediction });
        return { prediction };
      },
      roundings: size + 1,
    });
  });

  test('adjoint', async () => {
    await expectParity({
      inputs: { measurements: normals(count * size, 1), derivative: normals(batch * count, 3) },
      record: (scope, arrays) => {
        const tensor = scope.array('tensor', batch * size);
        scope.measureAdjoint({ batch, count, size, ...arrays, tensor });
        return { tensor };
      },
      roundings: count + 1,
    });
  });

  test('⟨w, A·T⟩ = ⟨Aᵀ·w, T⟩ in float64', async () => {
    const tensor = normals(batch * size, 2);
    const derivative = normals(batch * count, 3);
    const inputs = { measurements: normals(count * size, 1), tensor, derivative };
    const { prediction = tensor, adjoint = tensor } = await onCpu(inputs, (scope, arrays): Outputs => {
      const out = { prediction: scope.array('prediction', batch * count), adjoint: scope.array('a', batch * size) };
      const { measurements } = arrays;
      scope.measureDense({ batch, count, size, measurements, tensor: arrays.tensor, prediction: out.prediction });
      scope.measureAdjoint({ batch, count, size, measurements, derivative: arrays.derivative, tensor: out.adjoint });
      return out;
    });
    const left = dot(derivative, prediction);
    const right = dot(adjoint, tensor);
    expect(Math.abs(left - right)).toBeLessThan(1e-12 * dot(magnitudes(derivative), magnitudes(prediction)) + 1e-12);
  });
});

interface KruskalProblem {
  readonly shape: readonly number[];
  readonly rank: number;
  readonly batch: number;
  readonly count: number;
  readonly terms: number;
}

const kruskalProblems: KruskalProblem[] = [
  { shape: [1, 1], rank: 1, batch: 1, count: 1, terms: 1 },
  { shape: [3, 5], rank: 2, batch: 3, count: 4, terms: 1 },
  { shape: [7, 2, 5], rank: 3, batch: 2, count: 11, terms: 2 },
  { shape: [63, 64, 65], rank: 17, batch: 1, count: 33, terms: 1 },
  { shape: [4, 3, 2, 5], rank: 4, batch: 2, count: 64, terms: 3 },
];

const kruskalInputs = ({ shape, rank, batch, count, terms }: KruskalProblem): Inputs => ({
  ...Object.fromEntries(
    shape.flatMap((size, mode) => [
      [`vectors${mode}`, normals(count * terms * size, 10 + mode).map((x) => x / Math.sqrt(size))],
      [`factor${mode}`, normals(batch * size * rank, 20 + mode)],
    ]),
  ),
  weights: normals(count * terms, 1),
  derivative: normals(batch * count, 2),
});

describe.each(kruskalProblems)(
  'Kruskal: shape $shape, rank $rank, batch $batch, count $count, terms $terms',
  (problem) => {
    const { shape, rank, terms, count } = problem;
    // Per mode an inner product, their errors add up in the Hadamard product; then a sum over terms and rank.
    const inner = shape.length ** 2 * (Math.max(...shape) + 1);

    test('predictions', async () => {
      await expectParity<Inputs>({
        inputs: kruskalInputs(problem),
        record: (scope, arrays) => ({ prediction: recordKruskal(scope, arrays, problem).prediction }),
        roundings: inner + terms * rank + 2,
      });
    });

    test.each(shape.map((_, mode) => mode))('gradient in the factor of mode %i', async (mode) => {
      await expectParity<Inputs>({
        inputs: kruskalInputs(problem),
        record: (scope, arrays) => ({ gradient: recordKruskal(scope, arrays, problem, mode).gradient }),
        roundings: inner + count * terms + 2,
      });
    });
  },
);

describe.each(kruskalProblems.slice(0, 3))('Kruskal laws in float64: shape $shape', (problem) => {
  const { shape, count, terms } = problem;

  test('predictions are those of the measurements as dense tensors', async () => {
    const inputs = kruskalInputs(problem);
    const { prediction = new Float64Array(0) } = await onCpu<Inputs>(inputs, (scope, arrays) => ({
      prediction: recordKruskal(scope, arrays, problem).prediction,
    }));
    const measurements = new Float64Array(count * sizeOf(shape));
    for (let q = 0; q < count * terms; q++) {
      for (let i = 0; i < sizeOf(shape); i++) {
        let product = at(inputs, 'weights', q);
        let rest = i;
        for (let k = shape.length - 1; k >= 0; k--) {
          const size = shape[k]!;
          product *= at(inputs, `vectors${k}`, q * size + (rest % size));
          rest = Math.floor(rest / size);
        }
        measurements[Math.floor(q / terms) * sizeOf(shape) + i]! += product;
      }
    }
    const dense = await onCpu<Inputs>({ ...inputs, measurements }, (scope, arrays) => ({
      prediction: recordDense(scope, arrays, problem).prediction,
    }));
    dense['prediction']?.forEach((value, j) => expect(prediction[j]).toBeCloseTo(value, 11));
  });
});

type Outputs = Record<string, DeviceArray>;
type Arrays = Readonly<Record<string, DeviceArray>>;

const at = (inputs: Inputs, name: string, index: number): number => inputs[name]?.[index] ?? NaN;
const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + x * (b[i] ?? NaN), 0);

/** Predictions of Kruskal measurements, and the gradient of ⟨derivative, prediction⟩ in one mode. */
function recordKruskal(scope: Scope, arrays: Arrays, problem: KruskalProblem, mode = 0) {
  const { shape, rank, batch, count, terms } = problem;
  const all = (name: string): DeviceArray[] => shape.map((_, k) => arrays[`${name}${k}`]!);
  const products = shape.map((_, k) => scope.array(`products ${k}`, batch * count * terms * rank));
  const prediction = scope.array('prediction', batch * count);
  const gradient = scope.array('gradient', batch * shape[mode]! * rank);
  const shared = { shape, rank, batch, count, terms, weights: arrays['weights']!, vectors: all('vectors'), products };
  scope.measureKruskal({ ...shared, factors: all('factor'), prediction });
  scope.measureKruskalAdjoint({ ...shared, mode, derivative: arrays['derivative']!, gradient });
  return { prediction, gradient };
}

/** Predictions of dense measurements, by the model as a tensor. */
function recordDense(scope: Scope, arrays: Arrays, { shape, rank, batch, count }: KruskalProblem) {
  const size = sizeOf(shape);
  const factors = shape.map((_, k) => arrays[`factor${k}`]!);
  const tensor = scope.array('model', batch * size);
  const prediction = scope.array('prediction', batch * count);
  scope.residualDense({ shape, rank, batch, factors, tensor: scope.array('zeros', size), residual: tensor });
  scope.measureDense({ batch, count, size, measurements: arrays['measurements']!, tensor, prediction });
  return { prediction };
}
