// From nothing to the first result: opening the backend on a device of its own, compiling, one gradient step, read back.
import { openBackend } from '../../src/backend/open.js';
import { dispose } from '../../src/dispose.js';
import type { Bench, Case } from '../case.js';
import { format, spread } from '../figures.js';
import { openSteps, stepCase, stepInputs, type StepSizes } from '../gradient-steps.js';
import { verified } from '../sample.js';

const sizes: StepSizes = { batch: 1, m: 1024, rank: 8, d: 64 };

export const cases: readonly Case[] = [{ name: 'first iteration, m 1024, d 64', quick: true, run: firstIteration }];

async function firstIteration({ rounds, figure, log }: Bench): Promise<void> {
  const inputs = stepInputs(sizes);
  const expected = await stepCase(sizes).expected(inputs);
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const begun = performance.now();
    const backend = await openBackend('webgpu');
    try {
      const scope = backend.scope('first iteration');
      const { record, answer } = openSteps(scope, sizes, inputs);
      record();
      const vectors = await scope.read(answer);
      times.push((performance.now() - begun) / 1e3);
      await verified({ name: 'polyadic', answer: () => Promise.resolve(vectors) }, expected);
    } finally {
      backend[dispose]();
    }
  }
  figure('time to the first iteration', 's', spread(times));
  log(`  ${format(spread(times).value)} s`);
}
