// The usual case: one operation of the backend, verified against float64, timed in rounds that alternate with its ceilings
// and with the peers doing the same work. A case of this kind is data; see bench/cases/factored.ts.
import type { DeviceArray, Scope } from '../src/backend/backend.js';
import { openCpu } from '../src/backend/cpu/index.js';
import { dispose } from '../src/dispose.js';
import type { Bench, Case } from './case.js';
import { format, spread } from './figures.js';
import type { Inputs } from './inputs.js';
import { measure } from './measure.js';
import type { Contestant } from './peers/contestant.js';
import type { PeerPrograms } from './peers/peer.js';
import { verified, type Sample } from './sample.js';

export interface KernelCase {
  readonly name: string;
  /** Of one run, by the formula: what any implementation has to do. */
  readonly flops: number;
  /** Of inputs and outputs, each once. */
  readonly bytes: number;
  inputs(): Inputs;
  /** Makes arrays of the inputs and gives back what records one run and the array that then holds the answer. */
  ours(scope: Scope, inputs: Inputs): { readonly record: () => void; readonly answer: DeviceArray };
  /** Rows of the answer, usually from the cpu backend on a slice of the problem: `onCpu`. */
  expected(inputs: Inputs): Promise<Sample>;
  readonly peers?: PeerPrograms;
  /** Most bytes that one run may take beside inputs and answer. */
  readonly extraBytes?: number;
}

export function kernelCase(kernel: KernelCase): Case {
  return { name: kernel.name, run: (bench) => run(kernel, bench) };
}

async function run(kernel: KernelCase, bench: Bench): Promise<void> {
  const inputs = kernel.inputs();
  const expected = await kernel.expected(inputs);
  const ours = await openOurs(kernel, bench, inputs);
  const peers = kernel.peers ? await bench.peers(kernel.peers, inputs) : [];
  try {
    bench.figure('error', '', await verified(ours, expected));
    if (kernel.extraBytes !== undefined) checkExtra(bench, ours.extraBytes, kernel.extraBytes);
    const { wall, device, ceiling, copy, shares, copyShares, others } = await measure(
      ours,
      peers,
      kernel,
      expected,
      bench,
    );
    bench.figure('time', 'ms', spread(wall.map((seconds) => seconds * 1e3)));
    bench.figure('time on the device', 'ms', spread(device.map((seconds) => seconds * 1e3)));
    bench.figure('rate', 'GFLOP/s', spread(device.map((seconds) => kernel.flops / seconds / 1e9)));
    bench.figure('multiply-add ceiling', 'GFLOP/s', spread(ceiling));
    bench.figure('share of multiply-add ceiling', '%', spread(shares));
    bench.figure('bandwidth', 'GB/s', spread(device.map((seconds) => kernel.bytes / seconds / 1e9)));
    bench.figure('copy ceiling', 'GB/s', spread(copy));
    bench.figure('share of copy ceiling', '%', spread(copyShares));
    for (const { name, seconds, ratios } of others) {
      bench.figure(`time of ${name}`, 'ms', spread(seconds.map((s) => s * 1e3)));
      bench.figure(`speed against ${name}`, '×', spread(ratios));
    }
  } finally {
    for (const contestant of [ours, ...peers]) contestant.free();
  }
}

interface Ours extends Contestant {
  /** Bytes that the backend took beside the arrays of inputs and answer, once it has run. */
  readonly extraBytes: number;
}

export async function openOurs(kernel: KernelCase, { meter, backend, log }: Bench, inputs: Inputs): Promise<Ours> {
  const scope = backend.scope(kernel.name);
  const compiledBefore = meter.compiled.length;
  const { record, answer } = kernel.ours(scope, inputs);
  await scope.flush();
  const before = meter.liveBytes;
  meter.resetPeak();
  record();
  await scope.flush();
  const extraBytes = meter.peakBytes - before;
  for (const { label, seconds } of meter.compiled.slice(compiledBefore)) {
    log(`  compiled ${label.split(' ')[0] ?? label} in ${format(seconds)} s`);
  }
  return {
    name: 'polyadic',
    extraBytes,
    async time(count) {
      for (let k = 0; k < count; k++) record();
      await meter.passSeconds();
      const begun = performance.now();
      await scope.flush();
      const wall = (performance.now() - begun) / 1e3;
      const device = await meter.passSeconds();
      return device === undefined ? { wall } : { wall, device };
    },
    answer: () => scope.read(answer),
    free: () => scope[dispose](),
  };
}

function checkExtra({ figure }: Bench, extra: number, allowed: number): void {
  figure('extra memory', 'KiB', extra / 1024);
  if (extra > allowed) throw new Error(`expected at most ${allowed} bytes beside inputs and answer, got ${extra}.`);
}

/** Runs operations on the cpu backend in float64. */
export async function onCpu(record: (scope: Scope) => DeviceArray): Promise<Float64Array> {
  const cpu = openCpu();
  const scope = cpu.scope('reference');
  try {
    return await scope.read(record(scope));
  } finally {
    scope[dispose]();
    cpu[dispose]();
  }
}
