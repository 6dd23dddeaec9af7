// Moments of samples: subtractGaussian on both backends, and on the CPU the whole contraction against explicit moment tensors.
import { expect, test } from 'vitest';
import type { DeviceArray } from '../../src/backend/backend.js';
import { expectParity, normals, onCpu } from '../support/parity.js';

// A positive scale makes differences of what the parity helper's run on magnitudes should add: scale −1 adds.
test.each([
  { batch: 1, rows: 1, dim: 1 },
  { batch: 2, rows: 63, dim: 5 },
  { batch: 1, rows: 64, dim: 17 },
  { batch: 3, rows: 65, dim: 2 },
])('subtractGaussian: batch $batch, rows $rows, dim $dim', async ({ batch, rows, dim }) => {
  const columns = rows + 1;
  await expectParity({
    inputs: {
      queries: normals(batch * columns * dim, 1),
      contraction: normals(batch * rows * dim, 2),
      strengths: normals(batch * rows, 3),
    },
    record: (scope, arrays) => {
      scope.subtractGaussian({ batch, rows, dim, queryStride: columns * dim, scale: -1, ...arrays });
      return { contraction: arrays.contraction, strengths: arrays.strengths };
    },
    // ‖q‖² twice in the strengths, two products and the difference.
    roundings: 4 * (dim + 1) + 4,
  });
});

test('chunks of samples, then subtractGaussian: the fourth cumulant contracted, as from explicit tensors', async () => {
  const count = 9;
  const dim = 3;
  const rows = 4;
  const order = 4;
  const samples = normals(count * dim, 5);
  const queries = normals(rows * dim, 6);
  const cut = 5;
  const inputs = {
    queries,
    head: samples.slice(0, cut * dim),
    tail: samples.slice(cut * dim),
    headWeights: new Float64Array(cut).fill(1 / count),
    tailWeights: new Float64Array(count - cut).fill(1 / count),
  };
  const { contraction = queries, strengths = queries } = await onCpu(inputs, (scope, arrays): Outputs => {
    const out = { contraction: scope.array('contraction', rows * dim), strengths: scope.array('strengths', rows) };
    const shared = { order, batch: 1, rows, dim, queries: arrays.queries, queryStride: rows * dim, ...out };
    scope.contractFactored({ ...shared, columns: cut, vectors: arrays.head, weights: arrays.headWeights });
    const rest = { columns: count - cut, vectors: arrays.tail, weights: arrays.tailWeights };
    scope.contractFactored({ ...shared, ...rest, accumulate: true });
    scope.subtractGaussian({ ...shared, scale: 1 });
    return out;
  });
  for (let i = 0; i < rows; i++) {
    let strength = 0;
    for (let k = 0; k < dim; k++) {
      let expected = 0;
      forEachIndex(dim, ([a, b, c]) => {
        expected += cumulant(samples, dim, k, a, b, c) * query(i, a) * query(i, b) * query(i, c);
      });
      expect(contraction[i * dim + k]).toBeCloseTo(expected, 10);
      strength += expected * query(i, k);
    }
    expect(strengths[i]).toBeCloseTo(strength, 10);
  }

  function query(i: number, k: number): number {
    return queries[i * dim + k]!;
  }
});

type Outputs = Record<string, DeviceArray>;

/** Entry of the fourth moment minus that of a standard normal vector, δ_ka δ_bc + δ_kb δ_ac + δ_kc δ_ab. */
function cumulant(samples: Float64Array, dim: number, k: number, a: number, b: number, c: number): number {
  const count = samples.length / dim;
  let moment = 0;
  for (let t = 0; t < count; t++) {
    const x = (index: number): number => samples[t * dim + index]!;
    moment += (x(k) * x(a) * x(b) * x(c)) / count;
  }
  const pairs = [k === a && b === c, k === b && a === c, k === c && a === b];
  return moment - pairs.filter(Boolean).length;
}

function forEachIndex(dim: number, visit: (index: [number, number, number]) => void): void {
  for (let flat = 0; flat < dim ** 3; flat++) {
    visit([Math.floor(flat / dim ** 2), Math.floor(flat / dim) % dim, flat % dim]);
  }
}
