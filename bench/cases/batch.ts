// Many small problems at once: a step of 256 problems in one batched call, against 256 steps of single problems, recorded
// together in one submit and one after another. Small problems alone leave a GPU idle; the batch axis is what fills it.
import { dispose } from '../../src/dispose.js';
import type { Bench, Case } from '../case.js';
import { costCurve } from '../cost-curve.js';
import { format, spread } from '../figures.js';
import { openSteps, stepCase, stepInputs, type StepSizes } from '../gradient-steps.js';
import { openOurs } from '../kernel-case.js';
import { verified } from '../sample.js';

const problems = (batch: number): StepSizes => ({ batch, m: 12, rank: 4, d: 20 });

export const cases: readonly Case[] = [
  { name: '256 problems, m 12, d 20, order 3', quick: true, run: compare },
  costCurve(
    'cost against batch',
    'batch',
    [64, 128, 256, 512].map((batch) => [batch, stepCase(problems(batch))]),
  ),
];

async function compare(bench: Bench): Promise<void> {
  const count = 256;
  const { backend, rounds, figure, log } = bench;
  const inputs = stepInputs(problems(count));
  const batched = stepCase(problems(count));
  const ours = await openOurs(batched, bench, inputs);
  const scope = backend.scope('single steps');
  try {
    figure('error', '', await verified(ours, await batched.expected(inputs)));
    const small = stepInputs(problems(1));
    const singles = Array.from({ length: count }, () => openSteps(scope, problems(1), small));
    const together = async (): Promise<void> => {
      for (const { record } of singles) record();
      await scope.flush();
    };
    const apart = async (): Promise<void> => {
      for (const { record } of singles) {
        record();
        await scope.flush();
      }
    };
    await together();
    const times: Record<'batched' | 'together' | 'apart', number[]> = { batched: [], together: [], apart: [] };
    for (let round = 0; round < rounds; round++) {
      times.batched.push((await ours.time(20)).wall / 20);
      times.together.push(await seconds(together));
      times.apart.push(await seconds(apart));
    }
    const ratios = (many: readonly number[]) => spread(many.map((time, k) => time / times.batched[k]!));
    const milliseconds = (samples: readonly number[]) => spread(samples.map((sample) => sample * 1e3));
    figure('time of a batched step', 'ms', milliseconds(times.batched));
    figure('time of 256 single steps in one submit', 'ms', milliseconds(times.together));
    figure('time of 256 single steps one after another', 'ms', milliseconds(times.apart));
    figure('batched against single steps in one submit', '×', ratios(times.together));
    figure('batched against single steps one after another', '×', ratios(times.apart));
    log(
      `  ${format(ratios(times.together).value)} × faster than single steps in one submit, ` +
        `${format(ratios(times.apart).value)} × than one after another`,
    );
  } finally {
    scope[dispose]();
    ours.free();
  }
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1e3;
}
