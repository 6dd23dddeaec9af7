// updatePolar, setRates and normalizeRows: float32 on the adapter against float64 on the CPU.
import { describe, expect, test } from 'vitest';
import { openBackend } from '../../src/index.js';
import { expectParity, normals } from '../support/parity.js';

const unit = (values: Float64Array, dim: number): Float64Array =>
  values.map((value, at) => value / Math.hypot(...values.subarray(at - (at % dim), at - (at % dim) + dim)));

describe.each([1, 63, 64, 65])('%i rows', (rows) => {
  test.each([
    { order: 3, logModeSwitch: -1e4 },
    { order: 5, logModeSwitch: -2 },
  ])('updatePolar, order $order, switch at $logModeSwitch', async ({ order, logModeSwitch }) => {
    const batch = 2;
    const columns = rows + 3;
    const dim = 7;
    const contracted = rows + 2;
    const inputs = {
      contraction: normals(batch * contracted * dim, 1),
      strengths: normals(batch * contracted, 2),
      rates: Float64Array.of(0.01, 0.03),
      caps: Float64Array.of(0.5, 1),
      signs: normals(batch * rows, 3).map(Math.sign),
      logNorms: normals(batch * rows, 4).map((x) => x - 2),
      vectors: unit(normals(batch * columns * dim, 5), dim),
      weights: normals(batch * columns, 6),
    };
    await expectParity({
      inputs,
      record: (scope, arrays) => {
        const sizes = { order, batch, rows, columns, dim, contracted };
        const rule = { radialFactor: order, regularization: 0.01, logModeSwitch };
        scope.updatePolar({ ...sizes, ...rule, ...arrays });
        return { vectors: arrays.vectors, logNorms: arrays.logNorms, weights: arrays.weights };
      },
      // exp carries an error of 3 + 2 |x| roundings in WGSL, |x| ≤ 20 here; a step has about dim + 12 more.
      roundings: (2 * 20 + 3 + dim + 12) ** 2 / 36,
      // Unit vectors, log norms below 8, weights below e^{2 · cap} = e² or what was there.
      magnitudes: {
        vectors: new Float64Array(batch * columns * dim).fill(1),
        logNorms: new Float64Array(batch * rows).fill(8),
        weights: new Float64Array(batch * columns).fill(Math.exp(2)),
      },
    });
  });

  test('normalizeRows leaves a zero row alone', async () => {
    const dim = 11;
    const source = normals(rows * dim, 7);
    source.fill(0, 0, dim);
    await expectParity({
      inputs: { source, unit: normals(rows * dim, 8) },
      record: (scope, arrays) => {
        scope.normalizeRows({ batch: 1, rows, dim, ...arrays });
        return { unit: arrays.unit };
      },
      roundings: dim + 4,
      magnitudes: { unit: new Float64Array(rows * dim).fill(4) },
    });
  });

  test('shiftRows moves every row the way of its sign', async () => {
    const dim = 11;
    const rowsBefore = unit(normals(rows * dim, 11), dim);
    await expectParity({
      inputs: { source: normals(rows * dim, 10), unit: rowsBefore, strengths: normals(rows, 12) },
      record: (scope, arrays) => {
        scope.shiftRows({ batch: 1, rows, dim, shift: 3, ...arrays });
        return { unit: arrays.unit };
      },
      roundings: dim + 8,
      // Numbers up to 4.5 + 3 over a norm that the shift of 3 along a unit vector keeps near 3 and more.
      magnitudes: { unit: new Float64Array(rows * dim).fill(7.5) },
    });
  });

  test('setRates takes the strongest direction, and no step where there is none', async () => {
    const batch = 3;
    const strengths = normals(batch * rows, 9);
    strengths.fill(0, rows, 2 * rows);
    await expectParity({
      inputs: { strengths, scales: new Float64Array(batch), rates: new Float64Array(batch) },
      record: (scope, arrays) => {
        scope.setRates({ batch, rows, factor: 0.25, ...arrays });
        return { scales: arrays.scales, rates: arrays.rates };
      },
      // One division; WGSL allows it 2.5 units in the last place, that is 5 roundings.
      roundings: 25,
    });
  });
});

test.each(['cpu', 'webgpu'] as const)('a rate of 0 changes no bit on %s', async (kind) => {
  using backend = await openBackend(kind);
  using scope = backend.scope('stopped');
  const rows = 5;
  const dim = 7;
  const vectors = scope.array('vectors', unit(normals(rows * dim, 1), dim));
  const before = await scope.read(vectors);
  scope.updatePolar({
    order: 3,
    batch: 1,
    rows,
    columns: rows,
    dim,
    contracted: rows,
    radialFactor: 3,
    regularization: 0.5,
    logModeSwitch: -1e4,
    vectors,
    contraction: scope.array('contraction', normals(rows * dim, 2)),
    strengths: scope.array('strengths', normals(rows, 3)),
    rates: scope.array('rates', 1),
    caps: scope.array('caps', Float64Array.of(1)),
    signs: scope.array('signs', new Float64Array(rows).fill(1)),
    logNorms: scope.array('log norms', normals(rows, 4)),
    weights: scope.array('weights', rows),
  });
  expect(await scope.read(vectors)).toEqual(before);
});
