// descend, descendAdam, groupRates: float32 on the adapter against float64 on the CPU. Roundings are counted in the worst case,
// with WGSL's 2.5 units in the last place of a division and 4.5 of a square root, two roundings each.
import { describe, expect, test } from 'vitest';
import type { DeviceArray, Scope } from '../../src/backend/backend.js';
import { expectParity, normals, onCpu, webgpu, type Inputs } from '../support/parity.js';

const lengths = [1, 63, 64, 65, 1000];
const batch = 3;
const variants = [
  { momentum: 0, nonnegative: false },
  { momentum: 0.9, nonnegative: false },
  { momentum: 0, nonnegative: true },
  { momentum: 0.9, nonnegative: true },
];

type Arrays<I extends Inputs> = Record<keyof I, DeviceArray>;

const positive = <I extends Inputs>(inputs: I): I =>
  Object.fromEntries(Object.entries(inputs).map(([name, values]) => [name, values.map(Math.abs)])) as unknown as I;

describe.each(lengths)('%i parameters', (length) => {
  const count = batch * length;
  const gradient = normals(count, 1);
  const parameters = normals(count, 2);

  test.each(variants)('descend, momentum $momentum, nonnegative $nonnegative', async ({ momentum, nonnegative }) => {
    const inputs = { gradient, parameters, velocity: normals(count, 3), rates: normals(batch, 4) };
    const along =
      (rate: number) =>
      (scope: Scope, { velocity, ...arrays }: Arrays<typeof inputs>) => {
        const moved = { ...arrays, ...(momentum > 0 ? { velocity } : {}) };
        scope.descend({ batch, length, rate, momentum, nonnegative, ...moved });
        return { parameters: arrays.parameters, velocity };
      };
    // Magnitudes: everything positive, and the step added.
    const magnitudes = await onCpu(positive(inputs), along(-0.3));
    await expectParity({ inputs, record: along(0.3), roundings: 8, magnitudes });
  });

  test('descend without rates takes the same step everywhere', async () => {
    const inputs = { gradient, parameters };
    const along = (rate: number) => (scope: Scope, arrays: Arrays<typeof inputs>) => {
      scope.descend({ batch, length, rate, momentum: 0.5, ...arrays });
      return { parameters: arrays.parameters };
    };
    const magnitudes = await onCpu(positive(inputs), along(-0.7));
    await expectParity({ inputs, record: along(0.7), roundings: 5, magnitudes });
  });

  test.each([
    { step: 1, nonnegative: false },
    { step: 40, nonnegative: true },
    { step: 100_000, nonnegative: false },
  ])('descendAdam, step $step, nonnegative $nonnegative', async ({ step, nonnegative }) => {
    const inputs = { gradient, parameters, first: normals(count, 3), second: normals(count, 4).map(Math.abs) };
    inputs.gradient[0] = inputs.first[0] = inputs.second[0] = 0;
    const along = (rate: number) => (scope: Scope, arrays: Arrays<typeof inputs>) => {
      const betas = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
      scope.descendAdam({ batch, length, rate, step, nonnegative, ...betas, ...arrays });
      return arrays;
    };
    const magnitudes = await onCpu(positive(inputs), along(-0.01));
    // m: 5; s: 6, halved by the root, which adds 9; ε 2, division 5, rate and product 2, difference 1.
    await expectParity({ inputs, record: along(0.01), roundings: 27 ** 2 / 36, magnitudes });
  });
});

test.each([1, 2, 1000])('groupRates, step %i', async (step) => {
  const inputs = {
    squares: normals(70, 1).map((x) => Math.abs(x) * 1e-9),
    averages: normals(70, 2).map((x) => Math.abs(x) * 1e-10),
    rates: normals(70, 3),
  };
  inputs.squares[0] = inputs.averages[0] = 0;
  await expectParity({
    inputs,
    record: (scope, arrays) => {
      scope.groupRates({ batch: 70, step, alpha: 0.99, epsilon: 1e-6, ...arrays });
      return { averages: arrays.averages, rates: arrays.rates };
    },
    // The average 5, its scale 2, both halved by the root, which adds 9; ε 2, division 5.
    roundings: 20 ** 2 / 36,
  });
});

test.each(lengths)('sumOfSquares of 2 × %i entries and of 2 × 5 others', async (length) => {
  await expectParity({
    inputs: { values: normals(2 * length, 1), others: normals(2 * 5, 2), out: normals(2, 3) },
    record: (scope, { values, others, out }) => {
      scope.sumOfSquares({ batch: 2, length: 5, values: others, out });
      scope.sumOfSquares({ batch: 2, length, values, out, accumulate: true });
      return { out };
    },
    roundings: 2 * Math.ceil(Math.sqrt(length)) + 5,
  });
});

test('nothing falls below 0 where it may not, and a rate of 0 changes no bit', async () => {
  using scope = (await webgpu()).scope('projection');
  const before = Float64Array.of(0.5, -0.25, 2, 0.125, 1, 3);
  const parameters = scope.array('parameters', before);
  const gradient = scope.array('gradient', Float64Array.of(1, 1, 1, 1, -1, 9));
  const rates = scope.array('rates', Float64Array.of(0, 1));
  scope.descend({ batch: 2, length: 3, rate: 1, momentum: 0, rates, gradient, parameters });
  expect(Array.from(await scope.read(parameters))).toEqual([0.5, -0.25, 2, -0.875, 2, -6]);
  scope.descend({ batch: 2, length: 3, rate: 1, momentum: 0, nonnegative: true, gradient, parameters });
  expect(Array.from(await scope.read(parameters))).toEqual([0, 0, 1, 0, 3, 0]);
});

// A schedule: another rate, and another bias correction, with every step of one submit.
test('thousands of steps, each with its own numbers', async () => {
  const steps = 3000;
  const inputs = {
    gradient: normals(5, 1),
    parameters: normals(5, 2),
    adam: normals(5, 2),
    first: new Float64Array(5),
    second: new Float64Array(5),
  };
  const along = (sign: number) => (scope: Scope, arrays: Arrays<typeof inputs>) => {
    const { gradient, parameters, adam, first, second } = arrays;
    for (let step = 1; step <= steps; step++) {
      const rate = (sign * (1 + Math.cos((Math.PI * step) / steps))) / steps;
      const moments = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, first, second };
      scope.descend({ batch: 1, length: 5, rate, momentum: 0, gradient, parameters });
      scope.descendAdam({ batch: 1, length: 5, rate, step, ...moments, gradient, parameters: adam });
    }
    return { parameters, adam };
  };
  const magnitudes = await onCpu(positive(inputs), along(-1));
  // Each step's own, 27 in the worst case, enter with its share of the path; every step rounds the parameter once more. The moments
  // forget: with 1 − β₂ = 1e-3 their roundings add up over a thousand steps, halved by the root.
  await expectParity({ inputs, record: along(1), roundings: (27 + 500 + 5) ** 2 / 36 + steps, magnitudes });
});
