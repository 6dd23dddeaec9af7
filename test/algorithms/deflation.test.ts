// Deflation: what the paper promises of it (components one by one, the largest first, all of them in the end), its documented
// limits, and what it reports while it runs. The sweeps over many seeds are in npm run reproduce -- deflation.
import { describe, expect, test } from 'vitest';
import { deflationProblem, type DeflationProblem } from '../../bench/reproduce/deflation-problems.js';
import {
  compact,
  decompose,
  denseSymmetric,
  factored,
  factorMatchScore,
  packKruskal,
  type BackendKind,
  type DecomposeOptions,
  type Decomposition,
  type DeflationOptions,
  type DeflationReport,
  type SymmetricKruskal,
  type Target,
} from '../../src/index.js';
import { deflationGolden } from '../support/golden-deflation.js';
import { casesOf } from '../support/all.js';

type Options = Omit<DeflationOptions, 'kind'>;

const staircase: Options = { initScale: 1e-15 };
const inOrder = [0, 1, 2, 3, 4];

const run = (
  target: Target,
  algorithm: Options,
  options: Omit<DecomposeOptions, 'algorithm'> = {},
): Promise<Decomposition> =>
  decompose(target, {
    width: 50,
    backend: 'cpu',
    finish: 'none',
    ...options,
    algorithm: { kind: 'deflation', ...algorithm },
  });

function reportOf({ history }: Decomposition): DeflationReport {
  return history.at(-1)?.details.deflation ?? expect.fail('no report');
}

const orderOf = (result: Decomposition): number[] => reportOf(result).arrivals.map(({ component }) => component);

const near: DeflationProblem[] = [
  { order: 4, noise: 0.1 },
  { order: 4, noise: 0.3 },
];

describe.each<{ backend: BackendKind; seeds: number; problems: DeflationProblem[] }>([
  { backend: 'cpu', seeds: 10, problems: [{ order: 3 }, { order: 4 }, { order: 5 }, ...near] },
  { backend: 'webgpu', seeds: 1, problems: [{ order: 4 }, { order: 5 }] },
])('$backend', ({ backend, seeds, problems }) => {
  const seedList = casesOf(
    Array.from({ length: seeds }, (_, seed) => seed),
    1,
  );

  test.each(problems)('%o from 1e-15: all five, the largest first', async (problem) => {
    for (const seed of seedList) {
      const { target, truth } = deflationProblem(problem, seed);
      const result = await run(target, staircase, { seed, backend, tolerance: 1e-6 });
      expect([seed, result.stop, orderOf(result)]).toEqual([seed, 'converged', inOrder]);
      expect(result.relativeError).toBeLessThanOrEqual(1.01e-6);
      expect(factorMatchScore(compact(target, result.kruskal as SymmetricKruskal).kruskal, truth)).toBeGreaterThan(
        0.999999,
      );
    }
  });

  test('equal coefficients arrive together', async () => {
    for (const seed of seedList) {
      const { target } = deflationProblem({ order: 4, ratio: 1 }, seed);
      const result = await run(target, staircase, { seed, backend, tolerance: 1e-6 });
      const times = reportOf(result).arrivals.map(({ time }) => time);
      expect([result.stop, times.length]).toEqual(['converged', 5]);
      // ln(1e15) / (2 / √5) = 38.6 for a component that is aligned from the start; alignment takes a few units.
      expect(Math.min(...times)).toBeGreaterThan(35);
      expect(Math.max(...times) - Math.min(...times)).toBeLessThan(3);
    }
  });

  test('norms far below float32: 1e-25, whose squares are no numbers there', async () => {
    const { target } = deflationProblem({ order: 4 }, 1);
    const result = await run(target, { initScale: 1e-25 }, { seed: 1, backend, tolerance: 1e-6 });
    expect([result.stop, orderOf(result)]).toEqual(['converged', inOrder]);
  });
});

describe('the staircase of the paper', () => {
  const golden = deflationGolden[1] ?? expect.fail('no golden flow');
  const { target, init, file } = golden;
  const flow = { epochTime: 90, epochs: 1, integrator: 'rk23', integratorTolerance: 1e-5 } as const;

  test('half-times under error control are those of the accurate flow', async () => {
    const result = await run(target, flow, { width: init.weights.length, init, tolerance: 0 });
    const { arrivals, evaluations } = reportOf(result);
    expect(arrivals.map(({ component }) => component)).toEqual(inOrder);
    // Measured: 0.0004 at most.
    arrivals.forEach(({ time }, k) => expect(Math.abs(time - file.flow_reference.half_times[k]!)).toBeLessThan(0.001));
    expect(evaluations).toBeLessThan(1000);
  });

  test('the loss falls in five steps, one at each arrival', async () => {
    // A report every half unit of time.
    const result = await run(
      target,
      { ...staircase, timeStep: 0.05 },
      { width: 50, init, tolerance: 0, maxSteps: 1450 },
    );
    const points = result.history.map(({ details: { deflation } }) => deflation ?? expect.fail('no report'));
    const falls = points.slice(1).map(({ time, loss }, at) => {
      const before = points[at] ?? expect.fail('no report before');
      return { time: (time + before.time) / 2, speed: (before.loss - loss) / (time - before.time) };
    });
    // Below 1e-6 the loss is rounding and tail.
    const steepest = falls.filter(
      ({ speed }, at) => speed > 1e-6 && speed > (falls[at - 1]?.speed ?? 0) && speed >= (falls[at + 1]?.speed ?? 0),
    );
    const { arrivals } = reportOf(result);
    expect(steepest).toHaveLength(5);
    steepest.forEach(({ time }, k) => expect(Math.abs(time - (arrivals[k]?.time ?? NaN))).toBeLessThan(0.75));
    expect(reportOf(result).loss).toBeLessThan(1e-9);
  });

  test('rk23 at 1e-3 takes at most 450 evaluations to T = 110, with half-times within 0.03', async () => {
    const coarse = { ...flow, epochTime: 110, integratorTolerance: 1e-3 };
    const { arrivals, evaluations } = reportOf(
      await run(target, coarse, { width: init.weights.length, init, tolerance: 0 }),
    );
    expect(evaluations).toBeLessThanOrEqual(450);
    arrivals.forEach(({ time }, k) => expect(Math.abs(time - file.flow_reference.half_times[k]!)).toBeLessThan(0.03));
  });

  test('heun, and contractions in float32, give the same times', async () => {
    const options = { width: init.weights.length, init, tolerance: 0 };
    const methods = [
      await run(target, { ...flow, integrator: 'heun', integratorTolerance: 1e-4 }, options),
      await run(target, { ...flow, integratorTolerance: 1e-3 }, { ...options, backend: 'webgpu' }),
    ];
    for (const result of methods) {
      reportOf(result).arrivals.forEach(({ time }, k) =>
        expect(Math.abs(time / file.flow_reference.half_times[k]! - 1)).toBeLessThan(1e-3),
      );
      expect(orderOf(result)).toEqual(inOrder);
    }
  });
});

describe('epochs', () => {
  test.each([3, 4, 5])('order %i, random directions: all components within four epochs', async (order) => {
    for (const seed of casesOf(
      Array.from({ length: 10 }, (_, seed) => seed),
      1,
    )) {
      const { target, truth } = deflationProblem({ order, oblique: true }, seed);
      const result = await run(target, {}, { seed });
      expect([seed, result.stop]).toEqual([seed, 'converged']);
      expect(factorMatchScore(compact(target, result.kruskal as SymmetricKruskal).kruskal, truth)).toBeGreaterThan(
        0.999,
      );
    }
  });

  test('a quarter of the components: what the first epoch misses, later ones find', async () => {
    let later = 0;
    for (let seed = 0; seed < 5; seed++) {
      const { target } = deflationProblem({ order: 4 }, seed);
      const result = await run(target, staircase, { seed, width: 10, tolerance: 1e-6 });
      if (result.stop === 'converged' && reportOf(result).epoch > 0) later++;
    }
    expect(later).toBeGreaterThan(0);
  });

  test('as many components as hidden ones fail often, and the result says what is missing', async () => {
    let failures = 0;
    for (let seed = 0; seed < 5; seed++) {
      const { target } = deflationProblem({ order: 4 }, seed);
      const result = await run(target, {}, { seed, width: 5, tolerance: 1e-6 });
      if (result.stop === 'converged') continue;
      failures++;
      const fitted = reportOf(result).shares.filter((share) => share >= 0.5).length;
      expect(fitted).toBeLessThan(5);
      expect(result.stop).toBe('stepLimit');
      expect(result.advice).toContain(
        `All 4 epochs are over before the tolerance was reached: ${fitted} of the 5 hidden`,
      );
      expect(result.advice).toContain('Give more components (width');
    }
    expect(failures).toBeGreaterThanOrEqual(3);
  });

  test('a run ends with its epochs', async () => {
    const { target } = deflationProblem({ order: 4 }, 0);
    const result = await run(target, { timeStep: 0.3, epochTime: 2, epochs: 3 });
    expect([result.stop, result.steps]).toEqual(['stepLimit', 21]);
    const last = reportOf(result);
    expect([last.epoch, last.evaluations]).toEqual([2, 21]);
    expect(last.time).toBeCloseTo(6.3, 12);
    const adaptive = await run(target, { integrator: 'heun', epochTime: 2, epochs: 3 });
    expect([adaptive.stop, reportOf(adaptive).epoch]).toEqual(['stepLimit', 2]);
    expect(reportOf(adaptive).time).toBeCloseTo(6, 9);
  });
});

describe('limits', () => {
  test.each([3, 4])(
    'order %i: fixed steps are stable up to 2 / rate, 4 S the rate of a fitted weight',
    async (order) => {
      const { target } = deflationProblem({ order }, 1);
      const stopAt = async (stepFactor: number): Promise<string> =>
        (await run(target, { stepFactor, initScale: 1e-6 }, { seed: 1, tolerance: 1e-6 })).stop;
      const limit = order / 2;
      expect([await stopAt(0.8 * limit), await stopAt(1.05 * limit)]).toEqual(['converged', 'stepLimit']);
    },
  );

  test('a regularizer takes λ/2 from every weight', async () => {
    const { target, truth } = deflationProblem({ order: 4 }, 2);
    const lambda = 0.01;
    const result = await run(target, { ...staircase, regularization: lambda, epochs: 1 }, { seed: 2, tolerance: 0 });
    const { shares } = reportOf(result);
    shares.forEach((share, k) => expect(share).toBeCloseTo(1 - lambda / 2 / truth.weights[k]!, 4));
    // Five times λ/2 on orthogonal components.
    expect(result.relativeError / ((lambda / 2) * Math.sqrt(5))).toBeCloseTo(1, 2);
  });

  test('negative weights of even order need free signs', async () => {
    const { target, truth } = deflationProblem({ order: 4 }, 3);
    const mixed = factored({ ...truth, dim: target.dim, weights: truth.weights.map((c, k) => (k % 2 === 1 ? -c : c)) });
    const plus = await run(mixed, { signs: 'plus' }, { seed: 1 });
    expect([plus.stop, orderOf(plus)]).toEqual(['stepLimit', [0, 2, 4]]);
    expect(plus.advice).toContain('free signs where weights are negative');
    // Free is the default where the weights are known.
    const free = await run(mixed, {}, { seed: 1 });
    expect([free.stop, orderOf(free).toSorted()]).toEqual(['converged', inOrder]);
  });

  test.each([
    [{ initScale: 0 }, 'expected initScale to be a number above 0, at most 0.999999, got 0'],
    [{ initScale: 2 }, 'expected initScale to be a number above 0, at most 0.999999, got 2'],
    [{ epochs: 1.5 }, 'expected epochs to be an integer from 1, got 1.5'],
    [{ regularization: -1 }, 'expected regularization to be a number from 0, got -1'],
    [{ integrator: 'rk4' as 'rk23' }, 'expected a known value of integrator (euler, heun, rk23), got rk4'],
    [{ signs: 'minus' as 'plus' }, 'expected a known value of signs (plus, free), got minus'],
    [{ truth: deflationProblem({ order: 3 }, 0).truth }, 'deflation: truth: expected two tensors of one shape'],
  ])('%o is refused', async (options: Options, message) => {
    await expect(run(deflationProblem({ order: 4 }, 0).target, options)).rejects.toThrow(message);
  });

  test('error control takes one start, and no component may begin at zero', async () => {
    const { target, truth } = deflationProblem({ order: 4 }, 0);
    await expect(run(target, { integrator: 'rk23' }, { starts: 2 })).rejects.toThrow(
      'expected starts to be 1 with integrator rk23',
    );
    const zero = { ...truth, weights: new Float64Array(5) };
    await expect(run(target, {}, { init: zero, width: 5 })).rejects.toThrow('expected init without zero components');
  });
});

describe('reports', () => {
  const { target, truth } = deflationProblem({ order: 4 }, 4);

  test('entries alone: components are discovered, and arrive when those of the truth do', async () => {
    const known = await run(target, staircase, { seed: 5, tolerance: 1e-6 });
    const entries = denseSymmetric(packKruskal(truth));
    const found = await run(entries, staircase, { seed: 5, tolerance: 1e-6 });
    const told = await run(entries, { ...staircase, truth }, { seed: 5, tolerance: 1e-6 });
    expect([found.stop, orderOf(found), orderOf(told)]).toEqual(['converged', inOrder, inOrder]);
    reportOf(known).arrivals.forEach(({ time }, k) => {
      expect(Math.abs((reportOf(found).arrivals[k]?.time ?? NaN) / time - 1)).toBeLessThan(1e-3);
      expect(Math.abs((reportOf(told).arrivals[k]?.time ?? NaN) / time - 1)).toBeLessThan(1e-6);
    });
    expect(reportOf(found).shares.every((share) => Math.abs(share - 1) < 1e-3)).toBe(true);
  });

  test('in units of the target: three times the target takes a third of the time, and reports the same', async () => {
    const tripled = { ...truth, weights: truth.weights.map((weight) => 3 * weight) };
    const entries = denseSymmetric(packKruskal(tripled));
    const plain = reportOf(await run(target, { ...staircase, truth }, { seed: 5, tolerance: 1e-6 }));
    const large = reportOf(await run(entries, { ...staircase, truth: tripled }, { seed: 5, tolerance: 1e-6 }));
    expect(large.arrivals).toHaveLength(5);
    large.arrivals.forEach(({ time }, k) => expect(time).toBeCloseTo(plain.arrivals[k]?.time ?? NaN, 5));
  });

  test('components point at what they are nearest to', async () => {
    const result = await run(target, {}, { seed: 5 });
    const last = result.history.at(-1) ?? expect.fail('no history');
    const { correlations, nearest, shares } = reportOf(result);
    expect([correlations.length, nearest.length]).toEqual([50, 50]);
    last.componentNorms.forEach((norm, i) => {
      if (norm > 0.05) expect(Math.abs(correlations[i]!)).toBeGreaterThan(0.99);
    });
    shares.forEach((share, k) => {
      const own = last.componentNorms.filter((_, i) => nearest[i] === k && Math.abs(correlations[i]!) > 0.9);
      expect(own.reduce((sum, norm) => sum + norm, 0) / truth.weights[k]!).toBeCloseTo(share, 12);
    });
  });

  test('components of weight 0 hide nothing', async () => {
    const padded = factored({ ...truth, dim: 10, weights: [...truth.weights.slice(0, 4), 0] });
    const result = await run(padded, {}, { seed: 5 });
    expect([result.stop, orderOf(result), reportOf(result).shares.length]).toEqual(['converged', [0, 1, 2, 3], 4]);
  });

  test('a batch of starts is the same as the starts alone, and the best one is reported', async () => {
    const options = { seed: 6, tolerance: 0, width: 8, maxSteps: 40 } as const;
    const together = await run(target, {}, { ...options, starts: 3 });
    const alone = await run(target, {}, options);
    expect(together.history.at(-1)?.startErrors[0]).toBe(alone.history.at(-1)?.startErrors[0]);
    expect(new Set(together.history.at(-1)?.startErrors).size).toBe(3);
  });
});
