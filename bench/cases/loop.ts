// What an iteration costs beside its arithmetic: plain gradient steps on a problem so small that recording, sending,
// launching and waiting are all there is. Every submit ends with reading a few numbers back, as a run does.
import { dispose } from '../../src/dispose.js';
import { decompose, factored } from '../../src/index.js';
import { plantedSymmetric } from '../../src/problems/index.js';
import type { Bench, Case } from '../case.js';
import { format, spread } from '../figures.js';
import { openSteps, stepCase, stepInputs, type StepSizes } from '../gradient-steps.js';
import { openOurs } from '../kernel-case.js';
import { verified } from '../sample.js';

const sizes: StepSizes = { batch: 1, m: 64, rank: 4, d: 16 };

export const cases: readonly Case[] = [
  ...[1, 10, 100].map((iterations) => ({
    name: `m 64, d 16, ${iterations} iterations per submit`,
    quick: iterations === 100,
    run: (bench: Bench) => overhead(iterations, bench),
  })),
  { name: 'm 64, d 16, a whole run of beyondLazy', quick: true, run: wholeRun },
];

/** 1,000 steps through decompose(): contraction, update, a look at the residual every tenth step, a report every fiftieth. */
async function wholeRun({ backend, meter, rounds, figure, log }: Bench): Promise<void> {
  const { m, d, rank } = sizes;
  const { truth } = plantedSymmetric({ order: 3, dim: d, rank, seed: 1 });
  const steps = 1000;
  const options = {
    algorithm: 'beyondLazy',
    finish: 'none',
    width: m,
    maxSteps: steps,
    tolerance: 0,
    seed: 1,
    backend,
  } as const;
  const run = async (): Promise<number> => {
    await meter.passSeconds();
    const begun = performance.now();
    const { relativeError } = await decompose(factored({ ...truth, dim: d }), options);
    if (!(relativeError < 1e-3))
      throw new Error(`expected an error below 1e-3 after ${steps} steps, got ${relativeError}.`);
    return (performance.now() - begun) / steps;
  };
  await run();
  const before = meter.dispatches;
  const times = [await run()];
  const dispatches = (meter.dispatches - before) / steps;
  for (let round = 1; round < rounds; round++) times.push(await run());
  figure('time per iteration', 'ms', spread(times));
  figure('dispatches per iteration', '', dispatches);
  log(`  ${format(spread(times).value)} ms an iteration, ${format(dispatches)} dispatches`);
}

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
    figure('time per iteration', 'ms', spread(times));
    figure('dispatches per iteration', '', dispatches);
    log(`  ${format(spread(times).value)} ms an iteration, ${dispatches} dispatches`);
  } finally {
    scope[dispose]();
  }
}
