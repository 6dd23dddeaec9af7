// What the device can do at best, measured right beside every kernel: multiply-adds that never leave the registers, and
// copying. A kernel's share of such a ceiling means the same on a noisy machine and on a quiet one, and tells how much
// is left to gain; its GFLOP/s alone tell neither.
import { openDevice, type OpenDevice } from './device.js';
import { passClock, type PassClock } from './pass-clock.js';

export interface Ceilings {
  /** Names of the fastest variants, for the record. */
  readonly multiplyAddVariant: string;
  readonly copyVariant: string;
  /** GFLOP/s now, a multiply-add counted as two. */
  multiplyAdd(): Promise<number>;
  /** GB/s now, each byte read and written counted as two. */
  copy(): Promise<number>;
}

/** One way to load the device: `work` units (flops, bytes) a run. */
interface Load {
  readonly name: string;
  readonly work: number;
  submit(runs: number, clock: PassClock | undefined): void;
}

const usage = { copySource: 0x04, copyTarget: 0x08, uniform: 0x40, storage: 0x80 } as const;
const unroll = 32;
const workgroup = 64;

/** Chains of dependent multiply-adds: 8 to 12 hide the latency of one another and still fit the registers. */
const chains = [
  { type: 'f32', count: 8, operation: 'mad' },
  { type: 'f32', count: 12, operation: 'mad' },
  { type: 'f32', count: 8, operation: 'fma' },
  { type: 'vec4f', count: 2, operation: 'mad' },
] as const;

type Chain = (typeof chains)[number];

/** Compiles all variants on a device of its own, keeps the fastest. A sample lasts `milliseconds` or more. */
export async function openCeilings(milliseconds: number): Promise<Ceilings> {
  const open = await openDevice();
  const clock = passClock(open.device);
  const arithmetic = await Promise.all(chains.map((chain) => multiplyAddLoad(open, chain)));
  const pair = copyBuffers(open);
  const copying = [await copyKernelLoad(open, pair, 'f32'), await copyKernelLoad(open, pair, 'vec4f')];
  const multiplyAdd = await fastest(arithmetic, open, clock, milliseconds);
  const copy = await fastest([...copying, copyBufferLoad(open, pair)], open, clock, milliseconds);
  return {
    multiplyAddVariant: multiplyAdd.name,
    copyVariant: copy.name,
    multiplyAdd: multiplyAdd.rate,
    copy: copy.rate,
  };
}

/** By the best of three samples each, taken in turns: a disturbed sample must not choose. */
async function fastest(loads: readonly Load[], open: OpenDevice, clock: PassClock | undefined, milliseconds: number) {
  const entrants = [];
  for (const load of loads) {
    const runs = await sized(load, open, milliseconds);
    const rate = async (): Promise<number> => (load.work * runs) / (await timed(load, open, clock, runs)) / 1e9;
    entrants.push({ name: load.name, rate, best: 0 });
  }
  for (let turn = 0; turn < 3; turn++) {
    for (const entrant of entrants) entrant.best = Math.max(entrant.best, await entrant.rate());
  }
  return entrants.reduce((best, next) => (next.best > best.best ? next : best));
}

/** Runs that fill `milliseconds`; at first few, so that the first submit of an unknown card stays short. */
async function sized(load: Load, open: OpenDevice, milliseconds: number): Promise<number> {
  await timed(load, open, undefined, 1);
  let runs = 1;
  for (;;) {
    const each = (await timed(load, open, undefined, runs)) / runs;
    const wanted = Math.max(1, Math.ceil(milliseconds / 1e3 / Math.max(each, 1e-6)));
    if (wanted <= 2 * runs) return wanted;
    runs = Math.min(wanted, 16 * runs);
  }
}

/** By the clock of the pass where it tells one, else by the wall. */
async function timed(load: Load, { device }: OpenDevice, clock: PassClock | undefined, runs: number): Promise<number> {
  const begun = performance.now();
  load.submit(runs, clock);
  await device.queue.onSubmittedWorkDone();
  const wall = (performance.now() - begun) / 1e3;
  return (await clock?.read()) ?? wall;
}

function multiplyAddCode({ type, count, operation }: Chain, turns: number): string {
  const ids = Array.from({ length: count }, (_, id) => id);
  const turn = Array.from({ length: unroll }, (_, u) =>
    ids
      .map((id) => {
        const value = u === 0 ? `a${id}` : `s${id}_${u}`;
        return `let s${id}_${u + 1} = ${operation === 'fma' ? `fma(${value}, x, y)` : `${value} * x + y`};`;
      })
      .join(' '),
  );
  return `
@group(0) @binding(0) var<storage, read_write> out: array<${type}>;
@group(0) @binding(1) var<uniform> factors: vec4f;
@compute @workgroup_size(${workgroup})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let x = ${type}(factors.x);
  let y = ${type}(factors.y);
  ${ids.map((id) => `var a${id} = ${type}(factors.z + ${id}.0);`).join(' ')}
  for (var k = 0u; k < ${turns}u; k++) {
    ${turn.join('\n    ')}
    ${ids.map((id) => `a${id} = s${id}_${unroll};`).join(' ')}
  }
  out[id.x] = ${ids.map((id) => `a${id}`).join(' + ')};
}`;
}

/** 4096 invocations fill a software adapter; a GPU needs enough for all its warps: 2^20 are 8 waves of the largest. */
async function multiplyAddLoad({ device, info }: OpenDevice, chain: Chain): Promise<Load> {
  const invocations = info.software ? 4096 : 2 ** 20;
  const turns = 64;
  const { type, count, operation } = chain;
  const lanes = type === 'f32' ? 1 : 4;
  const out = device.createBuffer({ label: 'ceiling', size: invocations * 4 * lanes, usage: usage.storage });
  const factors = device.createBuffer({ label: 'ceiling', size: 16, usage: usage.uniform | usage.copyTarget });
  device.queue.writeBuffer(factors, 0, new Float32Array([0.999, 0.001, 0.5, 0]));
  const dispatch = await dispatcher(device, multiplyAddCode(chain, turns), [out, factors], invocations / workgroup);
  return {
    name: `${type} × ${count} ${operation}, unroll ${unroll}`,
    work: invocations * turns * unroll * count * lanes * 2,
    submit: dispatch,
  };
}

interface CopyPair {
  readonly from: GPUBuffer;
  readonly to: GPUBuffer;
  readonly size: number;
}

/** Larger than the caches: 64 MiB each, on a GPU 256. */
function copyBuffers({ device, info }: OpenDevice): CopyPair {
  const size = info.software ? 2 ** 26 : 2 ** 28;
  const flags = usage.storage | usage.copySource | usage.copyTarget;
  const make = (): GPUBuffer => device.createBuffer({ label: 'ceiling copy', size, usage: flags });
  return { from: make(), to: make(), size };
}

async function copyKernelLoad({ device }: OpenDevice, { from, to, size }: CopyPair, type: 'f32' | 'vec4f') {
  const groups = size / (type === 'f32' ? 4 : 16) / workgroup;
  const code = `
@group(0) @binding(0) var<storage, read> source: array<${type}>;
@group(0) @binding(1) var<storage, read_write> copied: array<${type}>;
@compute @workgroup_size(${workgroup})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = (group.y * groups.x + group.x) * ${workgroup}u + lane;
  if (index < arrayLength(&copied)) { copied[index] = source[index]; }
}`;
  return { name: `${type} kernel`, work: 2 * size, submit: await dispatcher(device, code, [from, to], groups) };
}

function copyBufferLoad({ device }: OpenDevice, { from, to, size }: CopyPair): Load {
  return {
    name: 'copyBufferToBuffer',
    work: 2 * size,
    submit: (runs) => {
      const encoder = device.createCommandEncoder();
      for (let k = 0; k < runs; k++) encoder.copyBufferToBuffer(from, 0, to, 0, size);
      device.queue.submit([encoder.finish()]);
    },
  };
}

async function dispatcher(
  device: GPUDevice,
  code: string,
  buffers: readonly GPUBuffer[],
  groups: number,
): Promise<Load['submit']> {
  const pipeline = await device.createComputePipelineAsync({
    label: 'ceiling',
    layout: 'auto',
    compute: { module: device.createShaderModule({ label: 'ceiling', code }), entryPoint: 'main' },
  });
  const group = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
  const rows = Math.ceil(groups / 65_535);
  return (runs, clock) => {
    const timestampWrites = clock?.writes();
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass(timestampWrites ? { timestampWrites } : {});
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    for (let k = 0; k < runs; k++) pass.dispatchWorkgroups(Math.ceil(groups / rows), rows);
    pass.end();
    device.queue.submit([encoder.finish()]);
  };
}
