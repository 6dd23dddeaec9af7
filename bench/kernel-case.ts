// The usual case: one operation of the backend, verified against float64, timed in rounds that alternate with its ceilings
// and with the peers doing the same work. A case of this kind is data; see bench/cases/factored.ts.
import type { DeviceArray, Scope } from '../src/backend/backend.js';
import { openCpu } from '../src/backend/cpu/index.js';
import { dispose } from '../src/dispose.js';
import { randomStream } from '../src/random/stream.js';
import type { Bench, Case } from './case.js';
import { format, spread } from './figures.js';
import { measure } from './measure.js';
import type { Contestant, PeerPrograms } from './peers/peer.js';
import { sizeOf } from '../src/tensor/shape.js';

/** Name → numbers and shape; rounded to float32 so that the float64 reference works on the same ones. */
export type Inputs = Readonly<Record<string, Input>>;

export interface Input {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Some rows of the answer, in float64. */
export interface Sample {
  readonly rows: readonly number[];
  /** `[rows.length, width]` */
  readonly values: Float64Array;
}

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

/** Float32 kernels are at 1e-6; a wrong index is at 1. */
const tolerance = 1e-4;

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

/** Largest error of the sampled rows, relative to their largest entry. Refuses a wrong answer. */
export async function verified(
  contestant: Pick<Contestant, 'name' | 'answer'>,
  { rows, values }: Sample,
): Promise<number> {
  const answer = await contestant.answer();
  if (!answer) return 0;
  const width = values.length / rows.length;
  let error = 0;
  let largest = 0;
  rows.forEach((row, s) => {
    for (let k = 0; k < width; k++) {
      const value = values[s * width + k] as number;
      const off = Math.abs((answer[row * width + k] ?? NaN) - value);
      error = off <= error ? error : off; // NaN stays
      largest = Math.max(largest, Math.abs(value));
    }
  });
  const relative = error / largest;
  if (!(relative <= tolerance)) {
    throw new Error(`${contestant.name}: expected the answer within ${tolerance} of float64, got ${relative}.`);
  }
  return relative;
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

/** Seeded Gaussian numbers. */
export function gaussian(shape: readonly number[], stream: number, scale = 1): Input {
  const data = randomStream(20_260, stream).fillNormal(new Float32Array(sizeOf(shape)));
  return { shape, data: data.map((x) => x * scale) };
}

/** About `count` rows spread over all, first and last among them. */
export function someRows(rows: number, count = 8): number[] {
  const step = Math.max(1, (rows - 1) / (Math.min(count, rows) - 1 || 1));
  return Array.from({ length: Math.min(count, rows) }, (_, k) => Math.round(k * step));
}

/** Rows of a row-major matrix. */
export function pickRows(data: Float32Array, width: number, rows: readonly number[]): Float32Array {
  const picked = new Float32Array(rows.length * width);
  rows.forEach((row, s) => picked.set(data.subarray(row * width, (row + 1) * width), s * width));
  return picked;
}

/** The input of that name. */
export function inputOf(inputs: Inputs, name: string): Input {
  const input = inputs[name];
  if (!input) throw new Error(`bench: expected an input named ${name}, got ${Object.keys(inputs).join(', ')}.`);
  return input;
}
