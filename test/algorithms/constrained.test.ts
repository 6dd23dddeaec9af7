// decompose() of dense tensors with nonnegative and fixed factors: what the result promises about them, how it is vouched for, and what is
// refused. The truth of a planted tensor keeps to its constraints, so the best model under them is at least as good as the truth.
import { describe, expect, test } from 'vitest';
import {
  decompose,
  dense,
  factorMatchScore,
  observed,
  relativeError,
  type DecomposeOptions,
  type Decomposition,
  type Kruskal,
} from '../../src/index.js';
import { kktResidual, onConstraints } from '../../src/compaction/constrained.js';
import { randomStream } from '../../src/random/stream.js';
import { solveRows } from '../../src/linalg/solve-rows.js';
import { sizeOf } from '../../src/tensor/shape.js';
import { columnProducts, type Matrix } from '../../src/tensor/matrix.js';
import { hadamard } from '../../src/linalg/algebra.js';
import { finished } from '../../src/yield.js';
import { bruteDense } from '../support/brute.js';
import { expectClose } from '../support/close.js';

const factorOf = (rows: number, columns: number, draw: () => number): Matrix => ({
  rows,
  columns,
  data: Float64Array.from({ length: rows * columns }, draw),
});

/** A tensor of components whose entries are |normal|, and noise of this part of its root mean square. */
function planted(
  shape: readonly number[],
  rank: number,
  { seed = 1, noise = 0, sign = (value: number) => Math.abs(value) } = {},
) {
  const random = randomStream(seed);
  const weights = new Float64Array(rank).fill(1);
  const factors = shape.map((rows) => factorOf(rows, rank, () => sign(random.normal())));
  const truth: Kruskal = { weights, factors };
  const data = bruteDense(truth);
  const level = noise * Math.sqrt(data.reduce((sum, value) => sum + value ** 2, 0) / data.length);
  return { truth, shape: [...shape], data: data.map((value) => value + level * random.normal()), random };
}

const signed = (value: number): number => value;
const { truth, shape, data } = planted([13, 14, 15], 3, { noise: 0.1 });
const target = dense(shape, data);
const withGaps = (values: Float64Array, share: number, seed: number) => {
  const random = randomStream(seed, 3);
  return values.map((value) => (random.uniform() < share ? NaN : value));
};

/** What a result claims: of the tensor, and of its own entries. */
function expectKept(result: Decomposition<Kruskal>, nonnegative: readonly number[], of = target): void {
  const { kruskal, rank, algorithm } = result;
  expect([kruskal.weights.length, algorithm]).toEqual([rank, 'compressed']);
  expect(kruskal.factors.map(({ rows }) => rows)).toEqual(of.shape);
  expect(Math.abs(result.relativeError - relativeError(kruskal, of))).toBeLessThan(1e-12);
  expect(kruskal.weights.every((weight) => weight >= 0)).toBe(true);
  for (const mode of nonnegative) expect(kruskal.factors[mode]!.data.every((value) => value >= 0)).toBe(true);
}

describe('the rank is found without being told', () => {
  test.each([1, 2, 3])('in four modes, 5 %% noise, 200 gaps, seed %i', async (seed) => {
    const { data: cells, truth: hidden } = planted([13, 4, 12, 8], 3, { seed, noise: 0.05 });
    const gaps = randomStream(seed, 7);
    for (let k = 0; k < 200; k++) cells[Math.floor(gaps.uniform() * cells.length)] = NaN;
    const partly = dense([13, 4, 12, 8], cells, { missing: 'nan' });
    const result = await decompose(partly, { nonnegative: true });
    expectKept(result, [0, 1, 2, 3], partly);
    expect([result.rank, result.stop]).toEqual([3, 'converged']);
    expect(factorMatchScore(result.kruskal, hidden)).toBeGreaterThan(0.99);
    expect(result.relativeError).toBeLessThanOrEqual(relativeError(hidden, partly));
  });

  test('the reasons say how, and the KKT residual is small', async () => {
    const result = await decompose(target, { nonnegative: true });
    expectKept(result, [0, 1, 2]);
    expect(result).toMatchObject({ rank: 3, stop: 'converged', rankChoice: { rank: 3, confidence: 'sure' } });
    expect(result.advice).toContain('found without the constraints, which cost no more than noise would make them');
    expect(result.relativeError).toBeLessThanOrEqual(relativeError(truth, target));
    // The limit for the default tolerance of 1e-9: √(2 · 1e-9) times the error.
    expect(result.kktResidual).toBeLessThanOrEqual(result.relativeError * Math.sqrt(2e-9));
    const kept = { nonnegative: [0, 1, 2], fixed: [] };
    expect(Math.abs(finished(kktResidual(target, result.kruskal, kept)) - (result.kktResidual ?? NaN))).toBeLessThan(
      1e-12,
    );
  });

  test('the same seed gives the same bits', async () => {
    const structured = planted([9, 10, 11], 3, { seed: 5, noise: 0.02, sign: signed });
    const run = () => decompose(dense(structured.shape, structured.data), { nonnegative: true, seed: 3 });
    const first = await run();
    const second = await run();
    expect(first.kruskal).toEqual(second.kruskal);
    expect(first.advice).toBe(second.advice);
  });

  test('without noise the fit is exact', async () => {
    const exact = planted([8, 9, 10], 4, { seed: 2 });
    const result = await decompose(dense(exact.shape, exact.data), { nonnegative: true });
    expect([result.rank, result.stop]).toEqual([4, 'converged']);
    expect(result.relativeError).toBeLessThan(1e-9);
    expect(factorMatchScore(result.kruskal, exact.truth)).toBeGreaterThan(0.9999);
  });

  test('no low-rank structure in noise', async () => {
    const random = randomStream(4);
    const noise = dense([15, 16, 17], random.fillNormal(new Float64Array(sizeOf([15, 16, 17]))));
    expect((await decompose(noise, { nonnegative: true })).rank).toBe(0);
  });

  test('components with signs: the constraints cost more than noise, and the ranks are fitted under them', async () => {
    const free = planted([14, 15, 16], 3, { seed: 3, noise: 0.05, sign: signed });
    const of = dense(free.shape, free.data);
    const without = await decompose(of);
    const result = await decompose(of, { nonnegative: true });
    expectKept(result, [0, 1, 2], of);
    expect(without.rank).toBe(3);
    expect(result.relativeError).toBeGreaterThan(5 * without.relativeError);
    expect(result.rankChoice?.confidence).not.toBe('sure');
    expect(result.stop).toBe('stalled');
    expect(result.advice).toContain('Ranks were compared by fits under the constraints');
    expect(result.advice).toContain('Without the constraints a model of rank 3 leaves nothing but noise');
  });

  test('bounds that hold one component back do not refuse it', async () => {
    // Half of the squared norm is negative: the best nonnegative component is far from stationary without its bounds.
    const half = planted([25, 6, 11], 2, { seed: 4, noise: 1, sign: signed });
    const of = dense(half.shape, half.data);
    const result = await decompose(of, { nonnegative: true });
    expectKept(result, [0, 1, 2], of);
    const [first] = result.rankChoice?.candidates ?? [];
    expect([first?.rank, first?.coreConsistency]).toEqual([1, undefined]);
    expect(result.rank).toBeGreaterThan(0);
  });
});

describe('a rank that is given', () => {
  test.each([1, 2, 3, 4])('%i of 3: one more component is never worse', async (rank) => {
    const result = await decompose(target, { nonnegative: true, rank });
    expectKept(result, [0, 1, 2]);
    expect(result.rank).toBe(rank);
    // A model without constraints is at least as good.
    const without = await decompose(target, { rank });
    expect(without.relativeError).toBeLessThanOrEqual(result.relativeError * (1 + 1e-8));
    if (rank === 1) return;
    const below = await decompose(target, { nonnegative: true, rank: rank - 1 });
    expect(result.relativeError).toBeLessThanOrEqual(below.relativeError);
  });

  test.each([0.3, 0.6])('%f of the cells missing: starts are compared over the known ones', async (share) => {
    const partly = dense(shape, withGaps(data, share, 1), { missing: 'nan' });
    const result = await decompose(partly, { nonnegative: true, rank: 3 });
    expectKept(result, [0, 1, 2], partly);
    expect(result.stop).toBe('converged');
    expect(result.starts.agreeing).toBeGreaterThanOrEqual(2);
    expect(result.relativeError).toBeLessThanOrEqual(relativeError(truth, partly));
    // The rank alone cannot be told from cells that were filled.
    const found = await decompose(partly, { nonnegative: true });
    expect(found.stop).toBe('stalled');
    expect(found.advice).toContain('More than a tenth of the cells are missing');
  });

  test('steps that are not enough are no answer', async () => {
    const result = await decompose(target, { nonnegative: true, rank: 5, maxSteps: 1 });
    expectKept(result, [0, 1, 2]);
    expect(result.stop).toBe('stepLimit');
    expect(result.advice).toMatch(/^The KKT residual is /);
    expect((await decompose(target, { nonnegative: true, finish: 'none' })).stop).toBe('stalled');
  });
});

describe('some modes only', () => {
  test.each([[[0]], [[2]], [[0, 2]], [[1, 2]]])('%j', async (nonnegative) => {
    const half = planted([11, 12, 13], 3, { seed: 6, noise: 0.05, sign: signed });
    const factors = half.truth.factors.map((factor, mode) =>
      nonnegative.includes(mode) ? { ...factor, data: factor.data.map(Math.abs) } : factor,
    );
    const hidden = { ...half.truth, factors };
    const of = dense(
      half.shape,
      bruteDense(hidden).map((value) => value + 0.05 * half.random.normal()),
    );
    const result = await decompose(of, { nonnegative });
    expectKept(result, nonnegative, of);
    expect([result.rank, result.stop]).toEqual([3, 'converged']);
    expect(result.relativeError).toBeLessThanOrEqual(relativeError(hidden, of));
    expect(factorMatchScore(result.kruskal, hidden)).toBeGreaterThan(0.99);
  });

  test('all but one: the sign of a negative tensor goes there, a mode of size 1 included', async () => {
    const minus = data.map((value) => -value);
    const result = await decompose(dense([13, 14, 1, 15], minus), { nonnegative: [0, 1, 3], rank: 3 });
    expect(result.kruskal.factors[2]!.data).toEqual(Float64Array.of(-1, -1, -1));
    expect(result.relativeError).toBeLessThanOrEqual(relativeError(truth, target));
    expect(result.stop).toBe('converged');
  });

  test('modes of size 1 change nothing where all are meant', async () => {
    const plain = await decompose(target, { nonnegative: true });
    const long = await decompose(dense([13, 1, 14, 15, 1], data), { nonnegative: true });
    expect(long.relativeError).toBe(plain.relativeError);
    expect(long.kktResidual).toBe(plain.kktResidual);
    expect(long.kruskal.factors[1]!.data).toEqual(Float64Array.of(1, 1, 1));
  });
});

describe('where nothing can be found', () => {
  const negative = dense(
    shape,
    data.map((value) => -Math.abs(value)),
  );

  test.each([undefined, 2])('a tensor without positive entries: no components, rank %o', async (rank) => {
    const result = await decompose(negative, { nonnegative: true, ...(rank === undefined ? {} : { rank }) });
    expect(result).toMatchObject({ rank: 0, stop: 'converged', relativeError: 1, kktResidual: 0 });
    expect(result.advice).toMatch(/No entry is positive.*Leave out nonnegative/);
  });

  test('components that became 0 are left out, and the answer is not vouched for', async () => {
    const mostly = dense(
      shape,
      data.map((value) => -value),
    );
    const result = await decompose(mostly, { nonnegative: true, rank: 2 });
    expectKept(result, [0, 1, 2], mostly);
    expect(result.rank).toBeLessThan(2);
    expect(result.stop).toBe('stalled');
    expect(result.advice).toMatch(/components became 0/);
  });

  test('a tensor of zeros', async () => {
    const zero = await decompose(dense([3, 4, 5], new Float64Array(60)), { nonnegative: true });
    expect([zero.rank, zero.relativeError]).toEqual([0, 0]);
  });
});

test('the components of a matrix are called not unique', async () => {
  const flat = planted([20, 25], 3, { seed: 8, noise: 0.02 });
  for (const matrixShape of [
    [20, 25],
    [20, 1, 25],
  ]) {
    const of = dense(matrixShape, flat.data);
    const result = await decompose(of, { nonnegative: true, rank: 3 });
    expectKept(result, [0, 1], of);
    expect(result.advice).toContain('not unique');
    expect((await decompose(of, { nonnegative: true })).advice).toContain('not unique');
  }
  const one = await decompose(dense([20, 25], flat.data), { nonnegative: true, rank: 1 });
  expect(one.advice).not.toContain('not unique');
});

describe('fixed modes', () => {
  const random = randomStream(11);
  const noisy = (rows: number): Matrix => factorOf(rows, 3, () => random.normal());
  /** Weights and columns of any size and sign, and the third component before the others in strength. */
  const init: Kruskal = {
    weights: Float64Array.of(-2, 0.5, 30),
    factors: [noisy(13), { ...truth.factors[1]!, data: truth.factors[1]!.data.map((value) => 7 * value) }, noisy(15)],
  };

  function expectFixed({ kruskal }: Decomposition<Kruskal>, fixed: readonly number[], from = init): void {
    for (const mode of fixed) {
      const want = from.factors[mode]!.data;
      kruskal.factors[mode]!.data.forEach((value, at) => expect(Object.is(value, want[at])).toBe(true));
    }
    kruskal.factors.forEach((factor, mode) => {
      if (fixed.includes(mode)) return;
      expectClose(columnNorms(factor), [1, 1, 1], 1e-12);
    });
  }

  const columnNorms = (factor: Matrix): number[] =>
    Array.from({ length: factor.columns }, (_, r) =>
      Math.sqrt(columnProducts(factor, factor).data[r * (factor.columns + 1)]!),
    );

  test.each([{ fixed: [1] }, { fixed: [1], nonnegative: true }])('%j: the others are found', async (options) => {
    const result = await decompose(target, { init, ...options });
    expectKept(result, options.nonnegative ? [0, 1, 2] : []);
    expectFixed(result, [1]);
    expect(result.stop).toBe('converged');
    expect(factorMatchScore(result.kruskal, truth)).toBeGreaterThan(0.99);
    // In the order of init, whatever the weights.
    expect(Array.from(result.kruskal.weights)).not.toEqual(Array.from(result.kruskal.weights).sort((a, b) => b - a));
  });

  test('two of three modes: the third is the solution of least squares', async () => {
    const result = await decompose(target, { init, fixed: [0, 1] });
    expectFixed(result, [0, 1]);
    expect(result.stop).toBe('converged');
    const gram = hadamard(
      columnProducts(init.factors[0]!, init.factors[0]!),
      columnProducts(init.factors[1]!, init.factors[1]!),
    );
    const product: Matrix = { rows: 15, columns: 3, data: new Float64Array(45) };
    data.forEach((value, cell) => {
      const i = Math.floor(cell / 210);
      const j = Math.floor(cell / 15) % 14;
      const k = cell % 15;
      for (let r = 0; r < 3; r++) {
        product.data[k * 3 + r]! += value * init.factors[0]!.data[i * 3 + r]! * init.factors[1]!.data[j * 3 + r]!;
      }
    });
    const solved = solveRows(gram, product, 0).data;
    const { weights, factors } = result.kruskal;
    // Gauss-Newton stops where a step lowers the error by 1e-9 of itself; what is left of the way is about its square root.
    expectClose(
      factors[2]!.data.map((value, at) => value * weights[at % 3]!),
      solved,
      Math.sqrt(1e-9),
    );
  });

  test.each([false, true])('all modes: only the weights are fitted, nonnegative %o', async (nonnegative) => {
    const positive = {
      ...init,
      factors: [0, 1, 2].map((mode) => ({ ...init.factors[mode]!, data: init.factors[mode]!.data.map(Math.abs) })),
    };
    const of = dense(shape, bruteDense({ ...positive, weights: Float64Array.of(2, -1, 3) }));
    const result = await decompose(of, { init: positive, fixed: [0, 1, 2], nonnegative });
    expectFixed(result, [0, 1, 2], positive);
    expect(result.stop).toBe('converged');
    if (!nonnegative) {
      expectClose(result.kruskal.weights, [2, -1, 3], 1e-9);
      return;
    }
    // The best of the least-squares fits with some of the weights at 0 that has none below.
    const gram = positive.factors.map((factor) => columnProducts(factor, factor)).reduce(hadamard);
    const right = [0, 1, 2].map((r) => [2, -1, 3].reduce((sum, weight, s) => sum + weight * gram.data[r * 3 + s]!, 0));
    const loss = (w: readonly number[]): number =>
      w.reduce(
        (sum, a, r) => sum - 2 * a * right[r]! + w.reduce((own, b, s) => own + a * b * gram.data[r * 3 + s]!, 0),
        0,
      );
    const candidates = [1, 2, 3, 4, 5, 6, 7].flatMap((bits) => {
      const on = [0, 1, 2].filter((r) => (bits >> r) % 2 === 1);
      const part = {
        rows: on.length,
        columns: on.length,
        data: Float64Array.from(on.flatMap((r) => on.map((s) => gram.data[r * 3 + s]!))),
      };
      const fitted = solveRows(
        part,
        { rows: 1, columns: on.length, data: Float64Array.from(on, (r) => right[r]!) },
        0,
      ).data;
      const w = [0, 1, 2].map((r) => (on.includes(r) ? fitted[on.indexOf(r)]! : 0));
      return w.every((weight) => weight >= 0) ? [w] : [];
    });
    const best = candidates.reduce((least, next) => (loss(next) < loss(least) ? next : least));
    expectClose(result.kruskal.weights, best, 1e-6);
    expect(result.kruskal.weights[1]).toBe(0);
  });

  test('with gaps, the weights are those of the known cells', async () => {
    const of = dense(shape, withGaps(bruteDense({ ...init, weights: Float64Array.of(2, -1, 3) }), 0.4, 2), {
      missing: 'nan',
    });
    const { kruskal, relativeError: error } = await decompose(of, { init, fixed: [0, 1, 2] });
    expectClose(kruskal.weights, [2, -1, 3], 1e-9);
    expect(error).toBeLessThan(1e-9);
  });

  test('components that differ in no fixed column, or have a column of zeros, are named', async () => {
    const twice = (factor: Matrix): Matrix => ({
      ...factor,
      data: factor.data.map((_, at) => factor.data[at - (at % 3 === 2 ? 1 : 0)]!),
    });
    const equal = { ...init, factors: init.factors.map(twice) };
    const result = await decompose(target, { init: equal, fixed: [0, 1, 2] });
    expect(result.stop).toBe('stalled');
    expect(result.advice).toContain('components 1 and 2 have proportional columns');
    const sum = (factor: Matrix): Matrix => ({
      ...factor,
      data: factor.data.map((value, at) => (at % 3 === 2 ? factor.data[at - 1]! + factor.data[at - 2]! : value)),
    });
    const flat = factorOf(14, 3, () => 1);
    const dependent = { ...init, factors: [sum(noisy(13)), flat, noisy(15)] };
    const third = await decompose(target, { init: dependent, fixed: [0, 1] });
    expect([third.stop, third.advice]).toEqual(['stalled', expect.stringContaining('linearly dependent')]);
    // All cells but two of a slice are missing, and three components are to be fitted to it.
    const holes = data.map((value, cell) => (cell % 15 === 4 && cell > 20 ? NaN : value));
    const partly = dense(shape, holes, { missing: 'nan' });
    const few = await decompose(partly, { init, fixed: [0, 1] });
    expect([few.stop, few.advice]).toEqual(['stalled', expect.stringContaining('2 known cells')]);
    const empty = {
      ...init,
      factors: init.factors.map((factor) => ({
        ...factor,
        data: factor.data.map((value, at) => (at % 3 === 0 ? 0 : value)),
      })),
    };
    expect((await decompose(target, { init: empty, fixed: [0, 1] })).advice).toContain(
      'component 0 have a column of zeros',
    );
  });
});

describe('what is refused, in one line', () => {
  const random = randomStream(12);
  const init: Kruskal = {
    weights: Float64Array.of(1),
    factors: shape.map((rows) => factorOf(rows, 1, () => random.normal())),
  };
  const cases: [DecomposeOptions, RegExp][] = [
    [{ fixed: [0] }, /expected init with fixed, got none/],
    [{ fixed: [0, 0], init }, /fixed to be a list of different modes from 0 to 2, got \[0,0\]/],
    [{ nonnegative: [3] }, /nonnegative to be true, false or a list of different modes from 0 to 2, got \[3\]/],
    [{ nonnegative: 'yes' as unknown as boolean }, /got "yes"/],
    [{ fixed: [0], init, rank: 2 }, /expected rank to be that of init, 1, .* got 2/],
    [{ fixed: [0], init, nonnegative: true }, /factors\[0\] of init without negative entries/],
    [
      { nonnegative: true, algorithm: 'als' },
      /^als: expected no nonnegative, got it. Only .*compressed, for dense targets/,
    ],
    [{ fixed: [0], init, algorithm: 'als' }, /^als: expected no fixed, got it. Only compressed/],
    [{ nonnegative: true, backend: 'webgpu' }, /^compressed: expected the cpu backend, got webgpu/],
  ];
  test.each(cases)('%j', async (options, words) => {
    await expect(decompose(target, options)).rejects.toThrow(words);
  });

  test('observed entries by completion: all modes or none', async () => {
    const entries = observed([3, 3], [0, 0, 1, 1, 2, 2], [1, 2, 3]);
    const completion = { algorithm: 'completion', backend: 'cpu' } as const;
    await expect(decompose(entries, { ...completion, nonnegative: [0] })).rejects.toThrow(
      /nonnegative for some modes only/,
    );
    const { kruskal } = await decompose(entries, { ...completion, nonnegative: true, maxSteps: 100 });
    expect(kruskal.factors.every((factor) => factor.data.every((value) => value >= 0))).toBe(true);
  });
});

describe('the KKT residual', () => {
  const small = [3, 4, 2];
  const random = randomStream(21);
  const tensor = dense(small, random.fillNormal(new Float64Array(24)));
  const norm = Math.hypot(...tensor.data);
  const model: Kruskal = {
    weights: Float64Array.of(1.5, 0.7),
    factors: small.map((rows) => factorOf(rows, 2, () => Math.max(0, random.normal()))),
  };
  const unit = { ...model, factors: model.factors.map(unitColumns) };

  /** By definition: the gradient by central differences, which are exact for a quadratic but for rounding. */
  function byDifferences({ nonnegative, fixed }: { nonnegative: number[]; fixed: number[] }): number {
    const h = 1e-4;
    const half = (one: Kruskal): number =>
      bruteDense(one).reduce((sum, value, at) => sum + (value - tensor.data[at]!) ** 2, 0) / 2;
    let largest = 0;
    unit.factors.forEach((factor, mode) => {
      if (fixed.includes(mode)) return;
      const own = factor.data.map((value, at) => value * unit.weights[at % 2]!);
      const moved = (at: number, change: number): Kruskal => ({
        weights: Float64Array.of(1, 1),
        factors: unit.factors.map((other, k) =>
          k === mode ? { ...other, data: own.with(at, own[at]! + change) } : other,
        ),
      });
      own.forEach((entry, at) => {
        const slope = (half(moved(at, h)) - half(moved(at, -h))) / (2 * h);
        largest = Math.max(largest, Math.abs(nonnegative.includes(mode) ? Math.min(entry, slope) : slope) / norm);
      });
    });
    return largest;
  }

  test.each([
    { nonnegative: [0, 1, 2], fixed: [] },
    { nonnegative: [1], fixed: [] },
    { nonnegative: [0, 1, 2], fixed: [1] },
    { nonnegative: [], fixed: [0, 2] },
  ])('is what its formula says: %j', (constraints) => {
    expect(Math.abs(finished(kktResidual(tensor, unit, constraints)) - byDifferences(constraints))).toBeLessThan(1e-9);
    // The scale of the columns does not matter.
    const scaled = {
      weights: unit.weights.map((weight) => weight / 8),
      factors: unit.factors.map((factor) => ({ ...factor, data: factor.data.map((value) => 2 * value) })),
    };
    expectClose(
      finished(kktResidual(tensor, scaled, constraints)),
      finished(kktResidual(tensor, unit, constraints)),
      1e-12,
    );
  });

  function unitColumns(factor: Matrix): Matrix {
    const norms = [0, 1].map((r) =>
      Math.sqrt(factor.data.reduce((sum, value, at) => (at % 2 === r ? sum + value ** 2 : sum), 0)),
    );
    return { ...factor, data: factor.data.map((value, at) => value / norms[at % 2]!) };
  }
});

describe('a model is brought onto constraints', () => {
  const random = randomStream(31);
  const model: Kruskal = {
    weights: Float64Array.of(-1, 2),
    factors: [3, 4, 5].map((rows) => factorOf(rows, 2, () => random.normal())),
  };
  const positive = {
    ...model,
    factors: model.factors.map((factor) => ({ ...factor, data: factor.data.map(Math.abs) })),
  };

  test('which it keeps to already, up to signs: nothing changes but these', () => {
    for (const nonnegative of [[], [0], [0, 2], [1, 2]]) {
      const moved = onConstraints(positive, { nonnegative, fixed: [] });
      expectClose(bruteDense(moved), bruteDense(positive), 1e-15);
    }
    const turned = positive.factors.map((factor, mode) => ({
      ...factor,
      data: factor.data.map((value) => (mode < 2 ? -value : value)),
    }));
    const moved = onConstraints(
      { weights: Float64Array.of(1, 2), factors: turned },
      { nonnegative: [0, 1, 2], fixed: [] },
    );
    expect(moved.factors.map((factor) => Array.from(factor.data))).toEqual(
      positive.factors.map((factor) => Array.from(factor.data)),
    );
  });

  test('no negative entry is left, and no column is lost', () => {
    const moved = onConstraints(model, { nonnegative: [0, 1, 2], fixed: [] });
    for (const { data: entries } of moved.factors) {
      expect(entries.every((value) => value >= 0)).toBe(true);
      for (const r of [0, 1]) expect(entries.some((value, at) => at % 2 === r && value > 0)).toBe(true);
    }
    expect(moved.weights.every((weight) => weight >= 0)).toBe(true);
  });
});
