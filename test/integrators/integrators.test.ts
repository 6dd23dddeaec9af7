// The integrators on equations with known solutions: order of convergence, error control, surfaces, dense output, crossings.
import { describe, expect, test } from 'vitest';
import { crossing, stateAt } from '../../src/integrators/dense-output.js';
import { heun } from '../../src/integrators/heun.js';
import {
  controlledStep,
  pointAt,
  type Method,
  type Point,
  type Step,
  type System,
} from '../../src/integrators/integrator.js';
import { rk23 } from '../../src/integrators/rk23.js';
import { nextSize } from '../../src/integrators/step-size.js';

/** y′ = y (1 − y): the curve that components grow along. */
const logistic: System = { slope: ([y = 0]) => Float64Array.of(y * (1 - y)) };
const logisticAt = (time: number, start: number): number => 1 / (1 + (1 / start - 1) * Math.exp(-time));

/** One step of exactly this size, whatever its error. */
async function fixedStep(system: System, method: Method, from: Point, size: number): Promise<Step> {
  const { state } = await method.step(system, from, size);
  return { from, to: await pointAt(system, from.time + size, state), size, rejected: 0 };
}

async function reach(system: System, method: Method, start: Float64Array, end: number, steps: number): Promise<Step> {
  let point = await pointAt(system, 0, start);
  let step: Step | undefined;
  for (let k = 0; k < steps; k++) {
    step = await fixedStep(system, method, point, end / steps);
    point = step.to;
  }
  return step ?? expect.fail('no step');
}

async function control(system: System, method: Method, start: Float64Array, end: number, tolerance: number) {
  let point = await pointAt(system, 0, start);
  let size = 0.1;
  const steps: Step[] = [];
  while (point.time < end - 1e-12) {
    const step = await controlledStep(system, method, point, Math.min(size, end - point.time), {
      tolerance,
      largest: 2,
    });
    steps.push(step);
    point = step.to;
    size = step.size;
  }
  return { point, steps };
}

describe.each([
  { method: heun, order: 2 },
  { method: rk23, order: 3 },
])('$method.kind', ({ method, order }) => {
  test('twice the steps, 2^order less error', async () => {
    const errorOf = async (steps: number): Promise<number> => {
      const { to } = await reach(logistic, method, Float64Array.of(0.1), 4, steps);
      return Math.abs(to.state[0]! - logisticAt(4, 0.1));
    };
    const ratio = Math.log2((await errorOf(80)) / (await errorOf(160)));
    expect(ratio).toBeGreaterThan(order - 0.15);
    expect(ratio).toBeLessThan(order + 0.15);
  });

  test('a state on a circle stays there, in the end and between', async () => {
    const system: System = {
      slope: ([x = 0, y = 0]) => Float64Array.of(-y, x),
      retract: (state) => {
        const norm = Math.hypot(...state);
        state.forEach((value, i) => (state[i] = value / norm));
      },
    };
    const step = await reach(system, method, Float64Array.of(1, 0), 1, 20);
    expect(Math.hypot(...step.to.state)).toBeCloseTo(1, 14);
    expect(Math.hypot(...stateAt(system, step, step.from.time + 0.02))).toBeCloseTo(1, 14);
    // A step of Euler's method would turn by atan h = h − h³/3.
    expect(Math.abs(Math.atan2(step.to.state[1]!, step.to.state[0]!) - 1)).toBeLessThan((20 * 0.05 ** 3) / 3);
  });

  test('a slope that has to be waited for is the same', async () => {
    const waiting: System = { slope: async (state) => await logistic.slope(state) };
    const [now, later] = [logistic, waiting].map((system) => reach(system, method, Float64Array.of(0.2), 1, 5));
    expect((await later)?.to.state).toEqual((await now)?.to.state);
  });
});

test('methods are exact on what their order promises: polynomials in time', async () => {
  // y = t^n, with the time as an entry of its own.
  const power = (n: number): System => ({ slope: ([t = 0]) => Float64Array.of(1, n * t ** (n - 1)) });
  for (const [method, order] of [
    [heun, 2],
    [rk23, 3],
  ] as const) {
    for (let n = 1; n <= 3; n++) {
      const { to } = await reach(power(n), method, Float64Array.of(0, 0), 2, 1);
      const error = Math.abs(to.state[1]! - 2 ** n);
      expect([method.kind, n, error < 1e-14]).toEqual([method.kind, n, n <= order]);
    }
  }
});

describe('error control', () => {
  test.each([heun, rk23])('$kind: a tenth of the tolerance, less error, and more evaluations', async (method) => {
    let evaluations = 0;
    const counted: System = { slope: (state) => (evaluations++, logistic.slope(state)) };
    const outcome = [];
    for (const tolerance of [1e-3, 1e-4, 1e-5]) {
      evaluations = 0;
      const { point } = await control(counted, method, Float64Array.of(1e-3), 10, tolerance);
      outcome.push({ error: Math.abs(point.state[0]! - logisticAt(10, 1e-3)), evaluations });
      expect(point.time).toBeCloseTo(10, 12);
    }
    for (const [at, { error, evaluations: count }] of outcome.slice(1).entries()) {
      expect(error).toBeLessThan(outcome[at]?.error ?? NaN);
      expect(count).toBeGreaterThan(outcome[at]?.evaluations ?? NaN);
    }
    // An error at the start grows with the curve, a thousandfold at most.
    expect(outcome[2]?.error).toBeLessThan(1e-3);
  });

  test('rk23 evaluates three times a step, and once to begin', async () => {
    let evaluations = 0;
    const counted: System = { slope: (state) => (evaluations++, logistic.slope(state)) };
    const { steps } = await control(counted, rk23, Float64Array.of(0.1), 5, 1e-4);
    const tries = steps.reduce((sum, { rejected }) => sum + 1 + rejected, 0);
    expect(evaluations).toBe(1 + 3 * tries);
  });

  test('a stiff equation is followed in steps as long as are stable', async () => {
    // λ = 50: without control a step of 0.1 grows by 1 − 5 + 12.5 − 20.8 = −12 each time.
    const stiff: System = { slope: ([y = 0]) => Float64Array.of(-50 * y) };
    const { point, steps } = await control(stiff, rk23, Float64Array.of(1), 5, 1e-3);
    expect(Math.abs(point.state[0]!)).toBeLessThan(1e-2);
    expect(steps.length).toBeGreaterThan(5 / (2.6 / 50));
    expect(steps.length).toBeLessThan(3 * (5 / (2.5 / 50)));
  });

  test('a slope that is no number ends in a state that is none, not in an endless search for a size', async () => {
    const broken: System = { slope: () => Float64Array.of(NaN) };
    const from = { time: 1, state: Float64Array.of(0), slope: Float64Array.of(1) };
    const { to, rejected } = await controlledStep(broken, rk23, from, 1, { tolerance: 1e-3, largest: 1 });
    expect(to.state).toEqual(Float64Array.of(NaN));
    expect(rejected).toBeLessThan(50);
  });
});

describe('the controller alone', () => {
  const rule = { tolerance: 1e-3, largest: 10 };

  test('the next size is that at which the error would be a little below the tolerance', () => {
    // Error ∝ size^3: eight times too large wants half the size, less the safety.
    expect(nextSize(rule, 3, 1, [8e-3])).toEqual({ accepted: false, size: 0.9 / 2 });
    const { accepted, size } = nextSize(rule, 3, 1, [1e-3 / 8]);
    expect([accepted, size]).toEqual([true, 1.8]);
  });

  test('sizes change by a factor of 5 at most, and end at the largest', () => {
    expect(nextSize(rule, 2, 1, [0])).toEqual({ accepted: true, size: 5 });
    expect(nextSize(rule, 2, 1, [1e9])).toEqual({ accepted: false, size: 0.2 });
    expect(nextSize(rule, 2, 8, [0])).toEqual({ accepted: true, size: 10 });
  });

  test('what is not a number is too large; the entries count by their root mean square', () => {
    expect(nextSize(rule, 2, 1, [0, NaN])).toEqual({ accepted: false, size: 0.2 });
    expect(nextSize(rule, 2, 1, [Infinity])).toEqual({ accepted: false, size: 0.2 });
    expect(nextSize(rule, 2, 1, [1.9e-3, 0, 0, 0]).accepted).toBe(true);
    expect(nextSize(rule, 2, 1, [2.1e-3, 0, 0, 0]).accepted).toBe(false);
  });
});

describe('between the ends of a step', () => {
  test('cubics are met exactly', async () => {
    // y = t³ − t, with the time as the first entry.
    const cubic: System = { slope: ([t = 0]) => Float64Array.of(1, 3 * t ** 2 - 1) };
    const step = await reach(cubic, rk23, Float64Array.of(0, 0), 2, 1);
    for (const time of [0, 0.3, 1, 1.7, 2]) {
      expect(stateAt(cubic, step, time)[0]).toBeCloseTo(time, 13);
      expect(stateAt(cubic, step, time)[1]).toBeCloseTo(time ** 3 - time, 13);
    }
  });

  test('the half-time of a logistic curve, from steps of 0.3, to a thousandth', async () => {
    let point = await pointAt(logistic, 0, Float64Array.of(1e-3));
    for (;;) {
      const step = await fixedStep(logistic, rk23, point, 0.3);
      point = step.to;
      if (point.state[0]! < 0.5) continue;
      const time = crossing(logistic, step, ([y = 0]) => y - 0.5);
      expect(Math.abs(time / Math.log(999) - 1)).toBeLessThan(1e-3);
      expect(stateAt(logistic, step, time)[0]).toBeCloseTo(0.5, 5);
      break;
    }
  });

  test('a quantity that jumps crosses where it jumps', async () => {
    const clock: System = { slope: () => Float64Array.of(1) };
    const step = await reach(clock, heun, Float64Array.of(0), 1, 1);
    expect(crossing(clock, step, ([t = 0]) => (t < 0.3 ? -1 : 1))).toBeCloseTo(0.3, 6);
  });
});
