// The operations of sampling, on the device and in float64 with the same random words.
import { expect, test } from 'vitest';
import { expectParity, normals, onCpu } from '../support/parity.js';

const random = { seedLow: 5, seedHigh: 2, stream: 9, step: 4 };

test('the gradient of the posterior', async () => {
  const batch = 3;
  const rows = 7;
  const rank = 5;
  await expectParity({
    inputs: {
      noise: normals(batch, 1),
      precisions: normals(batch * rank, 2),
      parameters: normals(batch * rows * rank, 3),
      gradient: normals(batch * rows * rank, 4),
    },
    record: (scope, { noise, precisions, parameters, gradient }) => {
      const arrays = { noisePrecisions: noise, precisions, parameters, gradient };
      scope.posteriorGradient({ batch, rows, rank, scale: 12.5, ...arrays });
      return { gradient };
    },
    roundings: 4,
  });
});

// Normal numbers are at most 6. WGSL gives logarithms between ½ and 1 to 2⁻²¹ only, so √(−2 ln u) to 2⁻²¹ / √(−2 ln u): less than 2⁻¹³
// for all u here, of which none is nearer to 1 than 1e-4 (asserted by the seeds: the numbers are always the same).
const normalError = 2 ** -13 / (6 * 2 ** -24);

test.each([false, true])('a step of SGHMC, with the variance of the gradient: %s', async (estimates) => {
  const batch = 3;
  const length = 101;
  const size = batch * length;
  // Of normal numbers, and of what of the gradient, every tenth of them a thousand times larger, is let through.
  const magnitude = new Float64Array(size).fill(14);
  await expectParity({
    inputs: {
      gradient: normals(size, 1).map((slope, at) => (at % 10 === 3 ? 1000 * slope : slope)),
      curvatures: normals(batch, 2).map(Math.abs),
      velocity: normals(size, 3),
      parameters: normals(size, 4),
      previous: normals(size, 5),
      variance: normals(size, 6).map(Math.abs),
    },
    record: (scope, arrays) => {
      const numbers = { base: 0.5, slope: 2, friction: 0.2, drift: 0.5, share: 0.25 };
      scope.stepSghmc({ batch, length, ...numbers, ...random, estimates, ...arrays });
      const { velocity, parameters, variance } = arrays;
      return { velocity, parameters, variance };
    },
    roundings: normalError ** 2,
    magnitudes: {
      velocity: magnitude,
      parameters: magnitude,
      variance: magnitude.map((own, at) => (at % 10 === 3 ? 1e7 : own)),
    },
  });
});

test.each(['draw', 'mean'] as const)('precisions by their %s', async (by) => {
  const batch = 3;
  const rank = 5;
  const parts = 2;
  const shapes = [1.5, 17, 2001];
  for (const shape of shapes) {
    await expectParity({
      inputs: { squares: normals(parts * batch * rank * rank, 1).map(Math.abs) },
      record: (scope, { squares }) => {
        const precisions = scope.array('precisions', batch * rank);
        scope.drawPrecisions({ batch, rank, parts, shape, rate: 0.3, scale: 0.5, by, ...random, squares, precisions });
        return { precisions };
      },
      roundings: by === 'mean' ? 8 : normalError ** 2,
      magnitudes: { precisions: new Float64Array(batch * rank).fill(8 * shape) },
    });
  }
});

test.each([1, 2, 5, 40])('the kernel of %i particles, and where it moves them', async (count) => {
  const length = 6;
  const inputs = { parameters: normals(count * length, 1), gradient: normals(count * length, 2) };
  const record: Parameters<typeof expectParity<typeof inputs>>[0]['record'] = (scope, { parameters, gradient }) => {
    const products = scope.array('products', count * count);
    const kernel = scope.array('kernel', count * count);
    const bandwidth = scope.array('bandwidth', 1);
    const direction = scope.array('direction', count * length);
    const rows = { vectorStride: length, entryStride: 1, outOffset: 0 };
    scope.gram({ batch: 1, count, length, ...rows, values: parameters, gram: products });
    scope.steinKernel({ parts: 1, count, products, kernel, bandwidth });
    scope.steinDirection({ count, length, kernel, bandwidth, parameters, gradient, direction });
    return { kernel, bandwidth, direction };
  };
  await expectParity({
    inputs,
    record,
    // Sums of 3 · 6 products in a distance, exp (3 + 2 |x| units in the last place, |x| below 100), and sums over the particles.
    roundings: 203 ** 2,
    magnitudes: {
      kernel: new Float64Array(count * count).fill(1),
      bandwidth: Float64Array.of(40),
      direction: new Float64Array(count * length).fill(40),
    },
  });
  const { kernel = [], bandwidth = [], direction = [] } = await onCpu(inputs, record);
  const { parameters, gradient } = inputs;
  const distance = (p: number, q: number): number =>
    Array.from({ length }, (_, i) => (parameters[p * length + i]! - parameters[q * length + i]!) ** 2).reduce(
      (a, b) => a + b,
    );
  const pairs = Array.from({ length: count }, (_, p) => Array.from({ length: p }, (_, q) => distance(p, q))).flat();
  pairs.sort((a, b) => a - b);
  const h = count === 1 ? 1 : pairs[Math.floor((pairs.length - 1) / 2)]! / Math.log(count + 1);
  expect(bandwidth[0]).toBeCloseTo(h, 12);
  const last = count - 1;
  expect(kernel[last]).toBeCloseTo(Math.exp(-distance(0, last) / h), 12);
  const expected = Array.from({ length: count }, (_, q) => {
    const k = Math.exp(-distance(last, q) / h);
    return (k * (gradient[q * length]! - (2 / h) * (parameters[last * length]! - parameters[q * length]!))) / count;
  });
  expect(direction[last * length]).toBeCloseTo(
    expected.reduce((a, b) => a + b),
    12,
  );
});
