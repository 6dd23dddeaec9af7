// decompose and decomposeSteps on both backends: what is recovered, reported, stopped, freed and refused.
import { describe, expect, test } from 'vitest';
import {
  decompose,
  decomposeSteps,
  dense,
  factored,
  factorMatchScore,
  InputError,
  normalize,
  openBackend,
  relativeError as relativeErrorOf,
  toDense,
  observed,
  type BackendKind,
  type Progress,
} from '../src/index.js';
import { plainNote } from '../src/linalg/product-core.js';
import { orthogonal, plantedCp, plantedSymmetric } from '../src/problems/index.js';
import { casesOf } from './support/all.js';

const planted = plantedCp({ shape: [9, 8, 7], rank: 3, seed: 5 });
const target = dense(planted.tensor.shape, planted.tensor.data);
const symmetric = plantedSymmetric({ order: 3, dim: 8, rank: 2, seed: 3 }).truth;
const symmetricTarget = factored({ ...symmetric, dim: 8 });
const backends: BackendKind[] = ['cpu', 'webgpu'];

describe.each(backends)('%s', (backend) => {
  const some = <T>(grid: readonly T[], few: number) => (backend === 'cpu' ? grid : casesOf(grid, few));

  test('als recovers a planted tensor exactly', async () => {
    const result = await decompose(target, { rank: 3, seed: 1, backend });
    expect(result.stop).toBe('converged');
    expect(result.backend).toBe(backend);
    expect(result.relativeError).toBeLessThan(1e-7);
    expect(factorMatchScore(result.kruskal, planted.truth)).toBeGreaterThan(1 - 1e-6);
    expect(result.kruskal.factors.map(({ rows, columns }) => [rows, columns])).toEqual([
      [9, 3],
      [8, 3],
      [7, 3],
    ]);
  });

  const noiseless = [
    { shape: [12, 9], rank: 2 },
    { shape: [5, 4, 3, 6], rank: 2 },
    { shape: [3, 4, 2, 3, 4], rank: 1 },
    { shape: [4, 4, 4], rank: 5 },
    { shape: [1, 6, 5], rank: 2 },
  ];
  test.each(some(noiseless, 2))('als fits noiseless shape $shape of rank $rank', async ({ shape, rank }) => {
    const { tensor } = plantedCp({ shape, rank, seed: 2 });
    const result = await decompose(dense(tensor.shape, tensor.data), { rank, seed: 1, backend, starts: 8 });
    expect(result.relativeError).toBeLessThan(1e-3);
  });

  test('als reports an error that never rises beyond rounding, in the order of the steps', async () => {
    const noisy = plantedCp({ shape: [10, 9, 8], rank: 4, seed: 8, noise: 0.2 }).tensor;
    const { history } = await decompose(dense(noisy.shape, noisy.data), { rank: 3, seed: 2, backend, starts: 1 });
    const errors = history.map(({ relativeError }) => relativeError);
    errors.slice(1).forEach((error, index) => expect(error).toBeLessThanOrEqual(errors[index]! * (1 + 1e-5)));
    const steps = history.map(({ step }) => step);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
  });

  test('a rank above every dimension neither fails nor makes NaN', async () => {
    const { relativeError, kruskal } = await decompose(target, { rank: 40, seed: 1, backend, maxSteps: 40, starts: 2 });
    expect(relativeError).toBeLessThan(1e-2);
    expect(kruskal.weights.every(Number.isFinite)).toBe(true);
  });

  test('a flow of the default algorithm finds an orthogonal tensor with more components than needed', async () => {
    const { truth } = orthogonal({ order: 3, dim: 8, rank: 2, seed: 1 });
    const algorithm = { kind: 'staged', compress: false } as const;
    const result = await decompose(factored({ ...truth, dim: 8 }), { algorithm, width: 8, seed: 1, backend });
    expect(result.stop).toBe('converged');
    expect(result.relativeError).toBeLessThanOrEqual(1e-2 * (1 + 1e-4));
    expect(result.width).toBe(8);
  });

  test('the same seed gives the same bits', async () => {
    const once = await decompose(target, { rank: 2, seed: 7, backend });
    const again = await decompose(target, { rank: 2, seed: 7, backend });
    expect(again.relativeError).toBe(once.relativeError);
    expect(again.kruskal).toEqual(once.kruskal);
    expect(again.steps).toBe(once.steps);
  });

  test.each([
    {
      name: 'als',
      of: dense(
        target.shape,
        target.data.map((value) => 1e3 * value),
      ),
      options: { rank: 3, starts: 2 },
    },
    {
      name: 'staged',
      of: factored({ ...symmetric, weights: symmetric.weights.map((w) => 1e3 * w), dim: 8 }),
      options: {},
    },
  ])('$name reports its model where it is asked to, in the units of the target', async ({ of, options }) => {
    const run = { ...options, seed: 1, backend, maxSteps: 60 };
    const asked = await decompose(of, { ...run, reportModels: true });
    expect(asked.history.length).toBeGreaterThan(0);
    for (const { kruskal, relativeError, componentNorms } of asked.history) {
      if (!kruskal) throw new Error('a report without its model');
      expect(Array.from(kruskal.weights, Math.abs)).toEqual(componentNorms);
      // Errors are of float32 there: 2^-24 times a few dozen roundings a cell.
      expect(Math.abs(relativeErrorOf(kruskal, of) - relativeError)).toBeLessThan(1e-5);
    }
    const { history, kruskal } = await decompose(of, run);
    expect(history.filter((report) => 'kruskal' in report)).toEqual([]);
    expect(kruskal).toEqual(asked.kruskal);
  });

  test('a start is the same alone and in a batch', async () => {
    const together = decomposeSteps(target, { rank: 3, seed: 1, backend, starts: 3, maxSteps: 5 });
    const alone = decomposeSteps(target, { rank: 3, seed: 1, backend, starts: 1, maxSteps: 5 });
    for (let report = 0; report < 2; report++) {
      const a = (await together.next()).value as Progress;
      const b = (await alone.next()).value as Progress;
      expect(a.startErrors[0]).toBeCloseTo(b.startErrors[0]!, 5);
    }
    await together.return(undefined as never);
    await alone.return(undefined as never);
  });

  test('aborting returns what there is', async () => {
    const controller = new AbortController();
    const reports: Progress[] = [];
    const result = await decompose(symmetricTarget, {
      algorithm: 'vanilla',
      width: 6,
      seed: 1,
      backend,
      tolerance: 0,
      signal: controller.signal,
      onProgress: (progress) => {
        reports.push(progress);
        if (progress.step >= 100) controller.abort();
      },
    });
    expect(result.stop).toBe('aborted');
    expect(result.advice).toContain('aborted');
    expect(result.steps).toBe(100);
    expect(result.history).toEqual(reports);
  });

  test('an abort before the start returns the start', async () => {
    const result = await decompose(target, { rank: 2, backend, signal: AbortSignal.abort() });
    expect([result.stop, result.steps]).toEqual(['aborted', 0]);
  });

  test('a step too long diverges, and the result is the last good state', async () => {
    const algorithm = { kind: 'vanilla', learningRate: 50 } as const;
    const result = await decompose(symmetricTarget, { algorithm, width: 6, seed: 1, backend });
    expect(result.stop).toBe('diverged');
    expect(Number.isFinite(result.relativeError)).toBe(true);
  });

  test('the step limit is a stop reason', async () => {
    const result = await decompose(symmetricTarget, {
      algorithm: 'vanilla',
      width: 6,
      backend,
      maxSteps: 70,
      tolerance: 0,
      finish: 'none',
    });
    expect([result.stop, result.steps]).toEqual(['stepLimit', 70]);
  });

  test('an open backend is used, left open, and holds no array afterwards', async () => {
    using opened = await openBackend(backend);
    const first = await decompose(target, { algorithm: 'als', rank: 2, backend: opened, maxSteps: 5 });
    expect(first.backend).toBe(backend);
    expect(opened.liveBuffers).toBe(0);
    for await (const progress of decomposeSteps(target, { algorithm: 'als', rank: 2, backend: opened })) {
      expect(opened.liveBuffers).toBeGreaterThan(0);
      if (progress.step > 0) break;
    }
    expect(opened.liveBuffers).toBe(0);
  });

  test('it continues from a given model', async () => {
    const from = await decompose(target, { rank: 3, seed: 1, backend });
    const result = await decompose(target, { init: from.kruskal, backend });
    expect(result.history[0]?.relativeError).toBeLessThan(1e-5);
  });

  test.each(some([2 ** 100, 2 ** -100, 1e9], 1))('units do not matter: the target times %d', async (factor) => {
    const usual = await decompose(target, { rank: 2, seed: 1, backend });
    const data = target.data.map((value) => value * factor);
    const scaled = await decompose(dense(target.shape, data), { rank: 2, seed: 1, backend });
    expect(scaled.relativeError).toBeCloseTo(usual.relativeError, 9);
    expect(scaled.kruskal.weights[0]! / factor / usual.kruskal.weights[0]!).toBeCloseTo(1, 6);
    const weights = symmetric.weights.map((weight) => weight * factor);
    const grown = await decompose(factored({ ...symmetric, weights, dim: 8 }), { width: 8, seed: 1, backend });
    expect([grown.stop, grown.relativeError <= 1e-2 * (1 + 1e-6)]).toEqual(['converged', true]);
  });

  test('inputs are not written', async () => {
    const before = structuredClone(target);
    await decompose(target, { rank: 2, backend, maxSteps: 5 });
    expect(target).toEqual(before);
  });
});

test('both backends find the same components', async () => {
  const results = await Promise.all(backends.map((backend) => decompose(target, { rank: 3, seed: 1, backend })));
  expect(factorMatchScore(results[0]!.kruskal, results[1]!.kruskal)).toBeGreaterThan(1 - 1e-6);
});

test('results are in canonical form and survive structuredClone', async () => {
  const { kruskal, relativeError } = await decompose(target, { rank: 3, seed: 1, backend: 'cpu' });
  const weights = Array.from(kruskal.weights);
  expect(weights).toEqual([...weights].sort((a, b) => b - a));
  const unit = normalize(kruskal);
  unit.weights.forEach((weight, r) => expect(weight).toBeCloseTo(weights[r]!, 10));
  const model = toDense(structuredClone(kruskal));
  expect(relativeErrorOf(model, target)).toBeCloseTo(relativeError, 13);
});

test('auto never takes a software adapter, and says why', async () => {
  using backend = await openBackend();
  expect(backend.kind === 'cpu' || !backend.adapter.software).toBe(true);
  expect(backend.reason).not.toBe('');
});

describe('refusals, each one line with what to do', () => {
  const refusals: [string, () => Promise<unknown>, RegExp][] = [
    ['an unknown finish', () => decompose(target, { rank: 1, finish: 'raw' as never }), /a known finish .*got raw/],
    ['rank 0', () => decompose(target, { rank: 0 }), /rank to be an integer from 1/],
    ['rank 1.5', () => decompose(target, { rank: 1.5 }), /rank to be an integer/],
    ['an unknown option', () => decompose(target, { rnak: 3 } as never), /Did you mean rank\?/],
    [
      'an option of another algorithm',
      () => decompose(target, { rank: 1, algorithm: { kind: 'als', learningRate: 1 } as never }),
      /als: expected a known option/,
    ],
    ['an unknown algorithm', () => decompose(target, { rank: 1, algorithm: 'alls' as never }), /Did you mean als\?/],
    [
      'several starts of stages',
      () => decompose(factored({ ...symmetric, dim: 8 }), { starts: 3 }),
      /staged: expected one start, got 3/,
    ],
    [
      'an unfitting algorithm',
      () => decompose(target, { rank: 1, algorithm: 'vanilla' }),
      /expected a symmetric target, got a dense one/,
    ],
    ['a negative seed', () => decompose(target, { rank: 1, seed: -1 }), /seed to be an integer from 0/],
    ['a tolerance of 2', () => decompose(target, { rank: 1, tolerance: 2 }), /tolerance to be from 0/],
    ...[
      { order: 3, weights: [1, NaN], vectors: symmetric.vectors },
      { ...symmetric, vectors: { ...symmetric.vectors, data: symmetric.vectors.data.map(() => Infinity) } },
      { weights: [1], factors: [{ rows: 9, columns: 1, data: [NaN] }] },
      { weights: [1] },
      'random',
    ].map((init): [string, () => Promise<unknown>, RegExp] => [
      `an init that is no model of finite numbers, ${JSON.stringify(init).slice(0, 40)}`,
      () => decompose(target, { init: init as never }),
      /expected init to be a model of finite numbers/,
    ]),
    [
      'a truth that is not finite',
      () =>
        decompose(observed([2, 2], [0, 0, 1, 1], [1, 2]), {
          algorithm: { kind: 'completion', truth: { ...symmetric, weights: Float64Array.of(1, NaN) } },
        }),
      /expected truth to be a model of finite numbers/,
    ],
    [
      'an init of another shape',
      () => decompose(target, { init: symmetric }),
      /init of shape 9 × 8 × 7, got 8 × 8 × 8/,
    ],
    ['an unknown backend', () => decompose(target, { rank: 1, backend: 'gpu' as never }), /'auto', 'webgpu' or 'cpu'/],
    [
      'a device for the CPU',
      () =>
        decompose(target, { rank: 1, backend: 'cpu', device: { queue: {}, createBuffer: () => undefined } as never }),
      /no device with backend 'cpu'/,
    ],
    [
      'a component beyond float64',
      () => Promise.resolve().then(() => factored({ order: 3, dim: 2, weights: [1], vectors: [1e200, 0] })),
      /components of finite norm .*got Infinity/,
    ],
    ['NaN', () => Promise.resolve().then(() => dense([2, 2], [1, 2, NaN, 4])), /finite.* NaN .*\[1, 0\]/],
    ['a vector', () => Promise.resolve().then(() => dense([3], [1, 2, 3])), /at least 2 modes, got 1/],
    [
      'vectors that do not fit',
      () => Promise.resolve().then(() => factored({ order: 3, dim: 4, weights: [1], vectors: [1, 2, 3] })),
      /expected vectors \[1, 4\]/,
    ],
  ];
  test.each(refusals)('%s', async (_, attempt, message) => {
    const error: unknown = await attempt().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).not.toContain('\n');
  });
});

test('auto takes the CPU for small problems without asking for an adapter, and says why', async () => {
  const { backend, backendReason } = await decompose(factored({ ...symmetric, dim: 8 }), { seed: 1 });
  expect([backend, backendReason]).toEqual(['cpu', `the problem is too small to benefit from a GPU${plainNote()}`]);
});
