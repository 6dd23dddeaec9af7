// How the cost of an operation grows with one of its sizes: times at several sizes and the fitted exponent. Every round
// times all sizes, each multiplied by the ceiling measured beside it, so that the exponent is of the work and not of what
// else the machine did at the time.
import type { Bench, Case } from './case.js';
import { fittedExponent, format, median, spread } from './figures.js';
import { openOurs, type KernelCase } from './kernel-case.js';
import { verified } from './sample.js';
import { sized } from './measure.js';
import type { Contestant } from './peers/contestant.js';

export type Point = readonly [x: number, kernel: Omit<KernelCase, 'name'>];

interface OpenPoint {
  readonly x: number;
  readonly ours: Contestant;
  /** Runs of one sample. */
  readonly count: number;
  readonly seconds: number[];
  /** Multiply-adds, in 10⁹, that the ceiling would have done in the time of one run. */
  readonly costs: number[];
}

export function costCurve(name: string, variable: string, points: readonly Point[]): Case {
  return {
    name,
    async run(bench) {
      const open: OpenPoint[] = [];
      try {
        for (const [x, kernel] of points) open.push(await openPoint(x, { name: `${variable} ${x}`, ...kernel }, bench));
        for (let round = 0; round < bench.rounds; round++) {
          for (const point of open) await time(point, bench);
        }
      } finally {
        for (const { ours } of open) ours.free();
      }
      for (const { x, seconds } of open) {
        bench.figure(`time at ${variable} ${x}`, 'ms', spread(seconds.map((s) => s * 1e3)));
      }
      const exponent = fittedExponent(open.map(({ x, costs }) => [x, median(costs)]));
      bench.figure(`exponent of ${variable}`, '', exponent);
      bench.log(`  time ∝ ${variable}^${format(exponent)}`);
    },
  };
}

async function openPoint(x: number, kernel: KernelCase, bench: Bench): Promise<OpenPoint> {
  const inputs = kernel.inputs();
  const ours = await openOurs(kernel, bench, inputs);
  await verified(ours, await kernel.expected(inputs));
  return { x, ours, count: await sized(ours, bench.sampleMilliseconds), seconds: [], costs: [] };
}

async function time({ ours, count, seconds, costs }: OpenPoint, { ceilings }: Bench): Promise<void> {
  const before = await ceilings.multiplyAdd();
  const { wall, device = wall } = await ours.time(count);
  const after = await ceilings.multiplyAdd();
  seconds.push(device / count);
  costs.push(((device / count) * (before + after)) / 2);
}
