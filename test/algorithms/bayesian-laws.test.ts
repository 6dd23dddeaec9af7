// Samplers by laws that hold exactly: moments of a Gaussian, and the joint distribution that Gibbs steps leave as it is. Chains are many and
// independent of each other, so standard errors are those of independent draws; seeds are fixed.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backend, Scope } from '../../src/backend/backend.js';
import { openBackend } from '../../src/index.js';
import { randomStream } from '../../src/random/stream.js';

const chains = 4000;

describe.each(['cpu', 'webgpu'] as const)('on %s', (kind) => {
  let backend: Backend;
  beforeAll(async () => void (backend = await openBackend(kind)));
  afterAll(() => backend[Symbol.dispose]());

  /** Draws of the last step of SGHMC on a Gaussian of the given precision matrix, `[chains, 2]`; `noisy`: standard deviation added to every gradient. */
  async function draws(
    scope: Scope,
    precision: readonly (readonly number[])[],
    {
      stepSize,
      steps,
      noisy = 0,
      friction = 0.2,
    }: { stepSize: number; steps: number; noisy?: number; friction?: number },
  ): Promise<Float64Array> {
    const length = 2 * chains;
    const random = randomStream(3);
    const parameters = scope.array('parameters', random.fillNormal(new Float64Array(length)));
    const gradient = scope.array('gradient', length);
    const nothing = scope.array('nothing', length);
    const state = {
      curvatures: scope.array('curvatures', Float64Array.of(1)),
      velocity: scope.array('velocity', random.fillNormal(new Float64Array(length))),
      previous: scope.array('previous', length),
      variance: scope.array('variance', new Float64Array(length).fill(noisy ** 2)),
    };
    const move = (
      step: number,
      options: { drift: number; friction: number; gradient: typeof gradient; estimates: boolean },
    ) =>
      scope.stepSghmc({
        batch: 1,
        length,
        base: 1 / stepSize ** 2,
        slope: 0,
        share: 0.01,
        seedLow: 1,
        seedHigh: 0,
        stream: 7,
        step,
        ...state,
        parameters,
        ...options,
      });
    // Begun half way between two gradients, as after every draw.
    move(0, { drift: 0.5, friction: 0, gradient: nothing, estimates: false });
    for (let step = 1; step <= steps; step++) {
      const x = await scope.read(parameters);
      scope.write(
        gradient,
        x.map((_, at) => {
          const first = x[at - (at % 2)]!;
          const second = x[at - (at % 2) + 1]!;
          const row = precision[at % 2]!;
          return row[0]! * first + row[1]! * second + (noisy > 0 ? noisy * random.normal() : 0);
        }),
      );
      move(step, { drift: step === steps ? 0.5 : 1, friction, gradient, estimates: noisy > 0 });
    }
    return scope.read(parameters);
  }

  /** Means, variances and covariance to three standard errors: 1/√n for means, √2/√n for variances, √(1 + ρ²)/√n for a correlation. */
  function expectMoments(x: Float64Array, [[a = 0, b = 0] = [], [, d = 0] = []]: readonly (readonly number[])[]): void {
    const moment = (of: (first: number, second: number) => number): number => {
      let sum = 0;
      for (let c = 0; c < chains; c++) sum += of(x[2 * c]!, x[2 * c + 1]!) / chains;
      return sum;
    };
    const determinant = a * d - b * b;
    const first = Math.sqrt(d / determinant);
    const second = Math.sqrt(a / determinant);
    const rho = -b / Math.sqrt(a * d);
    const error = 3 / Math.sqrt(chains);
    expect(Math.abs(moment((u) => u / first))).toBeLessThan(error);
    expect(Math.abs(moment((_, v) => v / second))).toBeLessThan(error);
    expect(Math.abs(moment((u) => (u / first) ** 2) - 1)).toBeLessThan(Math.SQRT2 * error);
    expect(Math.abs(moment((_, v) => (v / second) ** 2) - 1)).toBeLessThan(Math.SQRT2 * error);
    expect(Math.abs(moment((u, v) => (u / first) * (v / second)) - rho)).toBeLessThan(Math.sqrt(1 + rho ** 2) * error);
  }

  // ε² times the largest eigenvalue of the precision is 1.2, a third of what blows up: without the half step the variance along it would be
  // 1 / (1 − 1.2 / 3.6) = 1.5 times too large.
  test('SGHMC has the moments of a Gaussian, with steps that are not small', async () => {
    using scope = backend.scope('law');
    const precision = [
      [2, 1.2],
      [1.2, 2],
    ];
    const stepSize = Math.sqrt(1.2 / 3.2);
    expectMoments(await draws(scope, precision, { stepSize, steps: 60 }), precision);
  });

  // The gradient's variance, 0.2/ε², takes as much off the injected noise as it adds: without, variances would be 1.5 times too large. The
  // slope that changes between two steps adds ½ ε² to it, one thousandth here.
  test('the variance of noisy gradients is taken off the noise', async () => {
    using scope = backend.scope('law');
    const precision = [
      [1, 0],
      [0, 1],
    ];
    const stepSize = 0.25;
    expectMoments(await draws(scope, precision, { stepSize, steps: 150, noisy: Math.sqrt(0.2) / stepSize }), precision);
  });

  // Geweke (JASA 2004): x | λ and λ | x by turns leave their joint distribution as it is, so λ stays as its prior has it.
  test('Gibbs draws of precisions leave the joint distribution as it is', async () => {
    using scope = backend.scope('law');
    const shape = 1;
    const rate = 0.05;
    const numbers = 3;
    const random = randomStream(5);
    let lambda: Float64Array = Float64Array.from({ length: chains }, () => -Math.log(random.uniform()) / rate);
    const squares = scope.array('squares', chains);
    const precisions = scope.array('precisions', chains);
    for (let step = 1; step <= 12; step++) {
      scope.write(
        squares,
        lambda.map((one) => {
          let sum = 0;
          for (let k = 0; k < numbers; k++) sum += random.normal() ** 2 / one;
          return sum;
        }),
      );
      const prior = { shape: shape + numbers / 2, rate, scale: 0.5 };
      const where = { seedLow: 9, seedHigh: 0, stream: 2, step };
      scope.drawPrecisions({ batch: chains, rank: 1, parts: 1, by: 'draw', ...prior, ...where, squares, precisions });
      lambda = await scope.read(precisions);
    }
    // Of an exponential distribution in units of its mean: E x^k = k!, var x^k = (2k)! − (k!)²; its median is ln 2.
    const moment = (of: (x: number) => number): number => lambda.reduce((sum, one) => sum + of(one * rate), 0) / chains;
    const error = 3 / Math.sqrt(chains);
    expect(Math.abs(moment((x) => x) - 1)).toBeLessThan(error);
    expect(Math.abs(moment((x) => x * x) - 2)).toBeLessThan(Math.sqrt(20) * error);
    expect(Math.abs(moment((x) => (x < Math.LN2 ? 1 : 0)) - 0.5)).toBeLessThan(0.5 * error);
    expect(Math.abs(moment((x) => (x < 0.1 ? 1 : 0)) - (1 - Math.exp(-0.1)))).toBeLessThan(0.3 * error);
  });
});
