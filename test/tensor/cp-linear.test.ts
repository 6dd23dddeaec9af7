// The linear layer of CP tensors: it is the matrix that its factors stand for, its gradients are those of finite differences, and the
// precisions of its components are the means of their gamma posterior.
import { describe, expect, test } from 'vitest';
import {
  componentPrecisions,
  cpLinear,
  cpLinearGradient,
  cpLinearOutput,
  InputError,
  keepComponents,
  toDense,
  transposedCpLinear,
  type CpLinear,
  type Matrix,
} from '../../src/index.js';
import { multiply } from '../../src/linalg/algebra.js';
import { randomStream } from '../../src/random/stream.js';
import { transpose } from '../../src/tensor/matrix.js';
import { expectClose } from '../support/close.js';

const batch = 4;
const normals = (rows: number, columns: number, stream: number): Matrix => ({
  rows,
  columns,
  data: randomStream(1, stream).fillNormal(new Float64Array(rows * columns)),
});

/** W, `[inputs, outputs]`. */
function matrixOf({ inputShape, factors }: CpLinear): Matrix {
  const { data } = toDense({ weights: new Float64Array(factors[0]?.columns ?? 0).fill(1), factors });
  const rows = inputShape.reduce((product, size) => product * size, 1);
  return { rows, columns: data.length / rows, data };
}

describe.each([
  { inputShape: [3, 2], outputShape: [2, 4], rank: 3 },
  { inputShape: [6], outputShape: [5], rank: 1 },
  { inputShape: [2, 2, 3], outputShape: [4], rank: 7 },
])('$inputShape → $outputShape, rank $rank', ({ inputShape, outputShape, rank }) => {
  const layer = cpLinear(inputShape, outputShape, { rank, seed: 2 });
  const matrix = matrixOf(layer);
  const inputs = normals(batch, matrix.rows, 3);
  const gradient = normals(batch, matrix.columns, 4);

  test('outputs are inputs times the matrix, and back by its transpose', () => {
    // Sums of a few dozen products.
    expectClose(cpLinearOutput(layer, inputs).data, multiply(inputs, matrix).data, 1e-14);
    const back = cpLinearOutput(transposedCpLinear(layer), gradient);
    expectClose(back.data, multiply(gradient, transpose(matrix)).data, 1e-14);
  });

  test('the gradient is that of finite differences', () => {
    // Σ gradient · output is a polynomial of degree one in every single entry: a difference quotient is exact but for rounding, ε / step.
    const step = 1e-2;
    const value = (): number =>
      cpLinearOutput(layer, inputs).data.reduce((sum, output, at) => sum + output * gradient.data[at]!, 0);
    const gradients = cpLinearGradient(layer, inputs, gradient);
    expect(gradients.map(({ length }) => length)).toEqual(layer.factors.map(({ data }) => data.length));
    layer.factors.forEach(({ data }, n) => {
      const slopes = data.map((entry, at) => {
        const at0 = value();
        data[at] = entry + step;
        const moved = value();
        data[at] = entry;
        return (moved - at0) / step;
      });
      expectClose(gradients[n] ?? [], slopes, 1e-11);
    });
  });
});

test('begins with outputs of about the size of the inputs', () => {
  const layer = cpLinear([8, 8], [6, 6], { rank: 40 });
  const { data } = cpLinearOutput(layer, normals(50, 64, 5));
  const square = data.reduce((sum, value) => sum + value ** 2, 0) / data.length;
  // Products of four Gaussians have heavy tails: 40 components of 28 numbers leave a factor of two.
  expect(square).toBeGreaterThan(1 / 3);
  expect(square).toBeLessThan(3);
});

test('the precision of a component is the mean of its gamma posterior', () => {
  const layer = cpLinear([3], [2], { rank: 2 });
  const [a, c] = layer.factors;
  a?.data.set([1, 0, 2, 0, 0, 0]);
  c?.data.set([1, 0, 0, 0]);
  // Shape 1 + 5/2, rates 0.05 + 6/2 and 0.05.
  expectClose(componentPrecisions(layer.factors), [3.5 / 3.05, 3.5 / 0.05], 1e-15);
  expectClose(componentPrecisions(layer.factors, { shape: 2, rate: 1 }), [4.5 / 4, 4.5], 1e-15);
});

test('components that are kept make the matrix of these alone', () => {
  const layer = cpLinear([3, 2], [4], { rank: 3, seed: 1 });
  const parts = [0, 1, 2].map((r) => matrixOf(keepComponents(layer, [r])).data);
  const two = matrixOf(keepComponents(layer, [2, 0])).data;
  expectClose(
    two,
    Float64Array.from(two, (_, at) => (parts[0]?.[at] ?? 0) + (parts[2]?.[at] ?? 0)),
    1e-15,
  );
});

test('refuses what does not fit', () => {
  const layer = cpLinear([3, 2], [4], { rank: 3 });
  expect(() => cpLinearOutput(layer, normals(2, 5, 1))).toThrow(
    'expected inputs with 6 columns, for shape [3, 2], got 2 × 5',
  );
  expect(() => cpLinearGradient(layer, normals(2, 6, 1), normals(2, 3, 1))).toThrow(InputError);
  expect(() => cpLinearGradient(layer, normals(2, 6, 1), normals(3, 4, 1))).toThrow('with 2 rows and 4 columns');
  expect(() => cpLinear([3, 2], [4], { rank: 0 })).toThrow(InputError);
  expect(() => cpLinear([3, -2], [4], { rank: 1 })).toThrow(InputError);
});

test('what is no layer, no component and no prior is refused in one line', () => {
  const layer = cpLinear([3, 2], [4], { rank: 3 });
  const inputs = normals(2, 6, 1);
  const cases: [() => unknown, RegExp][] = [
    [() => cpLinear([3], [4], undefined as never), /cpLinear: expected options to be an object/],
    [() => cpLinear([3], [4], { rank: 2, sed: 1 } as never), /expected a known option \(rank, seed\), got sed/],
    [() => cpLinear([3], [4], { rank: 2, seed: -1 }), /cpLinear: expected seed to be an integer from 0, got -1/],
    [() => cpLinearOutput(undefined as never, inputs), /cpLinearOutput: expected the layer to be/],
    [() => transposedCpLinear({} as never), /transposedCpLinear: expected the layer to be/],
    [() => cpLinearOutput({ ...layer, factors: layer.factors.slice(1) }, inputs), /rows of factors to be 3, 2, 4/],
    [
      () => cpLinearOutput({ ...layer, factors: [normals(3, 2, 1), ...layer.factors.slice(1)] }, inputs),
      /as many columns/,
    ],
    [() => keepComponents(layer, [3]), /keepComponents: expected kept to be components from 0 to 2/],
    [() => keepComponents(layer, [-1]), /from 0 to 2/],
    [() => keepComponents(layer, undefined as never), /from 0 to 2/],
    [() => componentPrecisions(undefined as never), /componentPrecisions: expected factors to be matrices/],
    [() => componentPrecisions([normals(2, 2, 1), normals(2, 3, 1)]), /as many columns each/],
    [() => componentPrecisions(layer.factors, { shape: -1 }), /shape to be a number above 0, got -1/],
    [() => componentPrecisions(layer.factors, { rate: 0 }), /rate to be a number above 0, got 0/],
    [() => componentPrecisions(layer.factors, { rat: 1 } as never), /known option \(shape, rate\), got rat/],
  ];
  for (const [run, message] of cases) {
    expect(run).toThrow(message);
    expect(run).toThrow(InputError);
  }
});
