// How the cost of an operation grows with one of its sizes: times at several sizes and the fitted exponent. Each time is
// multiplied by the ceiling measured beside it, so that the exponent is of the work and not of the machine's mood.
import type { Bench, Case } from './case.js';
import { fittedExponent, format, median } from './figures.js';
import { openOurs, verified, type KernelCase } from './kernel-case.js';
import { sized } from './measure.js';

export function costCurve(
  name: string,
  variable: string,
  points: readonly (readonly [number, Omit<KernelCase, 'name'>])[],
): Case {
  return {
    name,
    async run(bench) {
      const costs: [number, number][] = [];
      for (const [x, kernel] of points) {
        const point = `${variable} ${x}`;
        costs.push([x, await cost(`time at ${point}`, { name: point, ...kernel }, bench)]);
      }
      const exponent = fittedExponent(costs);
      bench.figure(`exponent of ${variable}`, '', exponent);
      bench.log(`  time ∝ ${variable}^${format(exponent)}`);
    },
  };
}

/** Multiply-adds that the ceiling would have done in the time of one run. */
async function cost(name: string, kernel: KernelCase, bench: Bench): Promise<number> {
  const { ceilings, sampleMilliseconds, figure } = bench;
  const inputs = kernel.inputs();
  const ours = await openOurs(kernel, bench, inputs);
  try {
    await verified(ours, await kernel.expected(inputs));
    const count = await sized(ours, sampleMilliseconds);
    const times: number[] = [];
    const costs: number[] = [];
    for (let round = 0; round < 3; round++) {
      const before = await ceilings.multiplyAdd();
      const { wall, device = wall } = await ours.time(count);
      const seconds = device / count;
      times.push(seconds);
      costs.push((seconds * (before + (await ceilings.multiplyAdd()))) / 2);
    }
    figure(name, 'ms', median(times) * 1e3);
    return median(costs);
  } finally {
    ours.free();
  }
}
