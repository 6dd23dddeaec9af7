// The golden deflation flows on both backends: half-fitting times and losses of Euler's method with the golden step, against the
// same method there, and against the accurate flow.
import { describe, expect, test } from 'vitest';
import { decompose, openBackend, type BackendKind } from '../../src/index.js';
import { expectClose } from '../support/close.js';
import { deflationGolden } from '../support/golden-deflation.js';

// cpu: the same steps in float64, interpolated alike; rounding grows over the plateaus, where errors double every few steps.
// webgpu: the tolerance of the fixtures for float32.
const lanes: { backend: BackendKind; times: number; losses: number }[] = [
  { backend: 'cpu', times: 1e-8, losses: 1e-8 },
  { backend: 'webgpu', times: 1e-2, losses: 1e-5 },
];
/** What a step of 0.25 leaves of the first half-time of the order-3 flow, which is 9.5276 in place of 9.4656; of all others, less. */
const eulerError = 0.007;

describe.each(lanes)('$backend', ({ backend, times, losses }) => {
  test.each(deflationGolden)('$name', async ({ target, init, file }) => {
    using opened = await openBackend(backend);
    const { h: timeStep, T: epochTime, half_times, loss_first_20 } = file.euler;
    const result = await decompose(target, {
      finish: 'none',
      algorithm: { kind: 'deflation', timeStep, epochTime, epochs: 1 },
      init,
      tolerance: 1e-6,
      backend: opened,
    });
    expect(result.stop).toBe('converged');
    expect(result.relativeError).toBeLessThan(1e-6);
    const { arrivals, loss } = result.history.at(-1)?.details.deflation ?? expect.fail('no report');
    expect(arrivals.map(({ component }) => component)).toEqual(file.target.c.map((_, k) => k));
    expectEach(arrivals, half_times, times);
    expectEach(arrivals, file.flow_reference.half_times, eulerError + times);
    expect(loss).toBeLessThan(1e-12);
    const first = result.history.filter(({ step }) => step < loss_first_20.length);
    expect(first.map(({ step }) => step)).toEqual([0, 10, 20]);
    expectClose(
      first.map(({ details: { deflation } }) => deflation?.loss ?? NaN),
      first.map(({ step }) => loss_first_20[step] ?? NaN),
      losses,
      'loss',
    );
    expect(opened.liveBuffers).toBe(0);
  });
});

function expectEach(arrivals: readonly { time: number }[], wanted: readonly number[], relative: number): void {
  expect(arrivals).toHaveLength(wanted.length);
  arrivals.forEach(({ time }, k) => expectClose(time, wanted[k]!, relative, `half-time ${k}`));
}
