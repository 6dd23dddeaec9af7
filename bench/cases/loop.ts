// What an iteration costs beside its arithmetic: plain gradient steps on a problem so small that recording, sending,
// launching and waiting are all there is. Every submit ends with reading a few numbers back, as a run does.
import { dispose } from '../../src/dispose.js';
import type { Bench, Case } from '../case.js';
import { format, spread } from '../figures.js';
import { openSteps, stepCase, stepInputs, type StepSizes } from '../gradient-steps.js';
import { openOurs, verified } from '../kernel-case.js';

const sizes: StepSizes = { batch: 1, m: 64, rank: 4, d: 16 };

export const cases: readonly Case[] = [1, 10, 100].map((iterations) => ({
  name: `m 64, d 16, ${iterations} iterations a submit`,
  quick: iterations === 100,
  run: (bench) => overhead(iterations, bench),
}));

async function overhead(iterations: number, bench: Bench): Promise<void> {
  const { backend, meter, rounds, figure, log } = bench;
  const inputs = stepInputs(sizes);
  const step = stepCase(sizes);
  const one = await openOurs(step, bench, inputs);
  await verified(one, await step.expected(inputs));
  one.free();

  const scope = backend.scope('loop');
  const { record, strengths } = openSteps(scope, sizes, inputs);
  const submit = async (): Promise<void> => {
    for (let k = 0; k < iterations; k++) record();
    await scope.read(strengths);
  };
  try {
    await submit();
    const before = meter.dispatches;
    await submit();
    const dispatches = (meter.dispatches - before) / iterations;
    const submits = Math.max(1, Math.ceil(100 / iterations));
    const times: number[] = [];
    for (let round = 0; round < 2 * rounds; round++) {
      await meter.passSeconds(); // else the query set fills up
      const begun = performance.now();
      for (let k = 0; k < submits; k++) await submit();
      times.push((performance.now() - begun) / submits / iterations);
    }
    figure('time an iteration', 'ms', spread(times));
    figure('dispatches an iteration', '', dispatches);
    log(`  ${format(spread(times).value)} ms an iteration, ${dispatches} dispatches`);
  } finally {
    scope[dispose]();
  }
}
