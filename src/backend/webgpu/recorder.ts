// Records dispatches and sends them. A dispatch is kept as data until `submit`, when its pipeline has been compiled; buffers
// are passed by name, bind groups and uniform blocks are made once and found again by their content. What is recorded is cut
// into submits of bounded work (pace.ts), a large dispatch into ranges of workgroups, and a dispatch on arrays beyond the
// limit of a binding into ranges with windows (window.ts). Where the cuts fall changes no result.
import type { Kernel } from '../../../shaders/kernel.js';
import { packParams } from '../../../shaders/kernel.js';
import { BackendError } from '../../errors.js';
import { gpuArray, mapModeRead, megabytes, usage, type GpuArray } from './arrays.js';
import { Pace } from './pace.js';
import { compile, pipelineKey, type Compiled } from './pipelines.js';
import { cutWhere, upTo, type Range, type Reach, type Reached } from './window.js';
import type { DeviceArray, IndexArray } from '../backend.js';

/** What an operation tells of a dispatch beside what the kernel needs. */
export interface DispatchCost<name extends string = string> {
  /** Flops of the whole dispatch, or what takes as long. Default: a few for every invocation. */
  readonly work?: number;
  /** Needed where an array may be larger than a binding. Default: every workgroup touches all of every array. */
  readonly reach?: Reach<name>;
}

interface Dispatch {
  readonly compiled: Promise<Compiled>;
  readonly key: string;
  readonly bound: readonly Bound[];
  /** The uniform block, with a hole for the first workgroup. */
  readonly words: Uint32Array<ArrayBuffer>;
  readonly groups: Range;
  readonly workOfGroup: number;
}

/** An array, or the window of it that is bound. */
interface Bound {
  readonly array: GpuArray;
  readonly window: Range | undefined;
}

/** What has been encoded of the next submit. */
interface Open {
  readonly encoder: GPUCommandEncoder;
  readonly pass: GPUComputePassEncoder;
  work: number;
}

/** Of one device: limits of what a submit and a binding hold. */
export interface RecorderLimits {
  readonly pace: Pace;
  readonly bindingBytes: number;
}

/** Uniform blocks of one scope: slots of 256 bytes (the alignment of dynamic offsets), one for each distinct content. */
const slotBytes = 256;
const slotsPerBlock = 256;
const blockBytes = slotBytes * slotsPerBlock;
/** Bindings begin at multiples of this; every adapter allows 256 bytes. */
const windowEntries = 64;
/** Long rows of workgroups are folded: this many in x, below the limit of 65,535 and a power of two as the ranges are. */
const groupsPerRow = 32_768;
/** Work of an invocation that nothing is told about. */
const defaultWork = 32;
/** Submits that wait on the device; one more than runs, so that it never idles. */
const submitsInFlight = 2;
/** Parameters that are kept for dispatches that come again; those that change with every step would fill the device. */
const mostSlots = 4096;
/** Bytes that are read back at a time. */
const stagingBytes = 2 ** 26;

/**
 * How many of `count` workgroups fit in some work: a power of two, or all, so that ranges, and with them uniform blocks, recur
 * however the pace changes; and whole rows where they are folded.
 */
export function groupsThatFit(count: number, workOfGroup: number, work: number): number {
  const fitting = 2 ** Math.max(0, Math.floor(Math.log2(work / workOfGroup)));
  const groups = Math.min(count, fitting);
  return groups <= groupsPerRow ? groups : groups - (groups % groupsPerRow);
}

/** Folds workgroups into two dimensions, exactly; kernels unfold them with groupIndex(). */
export function foldGroups(groups: number): [number, number] {
  return groups <= groupsPerRow ? [groups, 1] : [groupsPerRow, groups / groupsPerRow];
}

export class Recorder {
  readonly #device: GPUDevice;
  readonly #label: string;
  readonly #limits: RecorderLimits;
  #pending: Dispatch[] = [];
  #sending: Promise<void> = Promise.resolve();
  #open: Open | undefined;
  readonly #inFlight: Promise<unknown>[] = [];
  #lastDone = 0;
  readonly #bindGroups = new Map<string, GPUBindGroup>();
  readonly #paramSlots = new Map<string, number>();
  readonly #paramBlocks: GPUBuffer[] = [];

  constructor(device: GPUDevice, label: string, limits?: RecorderLimits) {
    this.#device = device;
    this.#label = label;
    this.#limits = limits ?? { pace: new Pace(false), bindingBytes: device.limits.maxStorageBufferBindingSize };
  }

  /** Uniform buffers it holds. */
  get bufferCount(): number {
    return this.#paramBlocks.length;
  }

  /** Entries that a kernel can bind of one array, wherever they begin. */
  get windowLength(): number {
    return Math.floor(this.#limits.bindingBytes / 4) - (windowEntries - 1);
  }

  /** Records one dispatch of `groups` workgroups. */
  dispatch<B extends Kernel['bindings'], P extends Kernel['params'], V>(
    kernel: Kernel<B, P, V>,
    variant: NoInfer<V>,
    arrays: { readonly [name in keyof B]: B[name]['of'] extends 'u32' ? IndexArray : DeviceArray },
    params: { readonly [name in keyof P]: number },
    groups: number,
    cost: DispatchCost<keyof B & string> = {},
  ): void {
    if (groups === 0) return;
    const names = Object.keys(kernel.bindings);
    const bound = names.map((name) => gpuArray(arrays[name as keyof B]));
    const windowed = names.filter((_, index) => this.#isWindowed(bound[index]!));
    const compiled = compile(this.#device, kernel, variant, windowed);
    const key = pipelineKey(kernel, variant, windowed);
    const workOfGroup = cost.work === undefined ? 64 * defaultWork : cost.work / groups;
    for (const range of this.#ranges(kernel.name, names, bound, groups, cost.reach)) {
      const reached: Reached = windowed.length > 0 ? (cost.reach?.(range) ?? {}) : {};
      const windows = bound.map((array, index): Bound => {
        const window = this.#isWindowed(array) ? windowOf(array, reached[names[index]!]) : undefined;
        return { array, window };
      });
      const shifts = windows.flatMap(({ array, window }) => (window ? [(array.view?.from ?? 0) - window.begin] : []));
      this.#pending.push({
        compiled,
        key: [key, ...windows.map(({ array, window }) => keyOf(array, window))].join(' '),
        bound: windows,
        words: packParams(kernel, params, shifts),
        groups: range,
        workOfGroup,
      });
    }
  }

  /** A write to `label` now would run before what is recorded. */
  requireSent(label: string): void {
    if (this.#pending.length > 0)
      throw new Error(`webgpu: expected a flush before writing ${label}, got dispatches that wait.`);
  }

  /** Sends everything recorded so far; resolves when it is sent. */
  submit(): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    const sent = this.#sending.then(() => this.#send(pending));
    this.#sending = sent.catch(() => {});
    return sent;
  }

  /** Reads float32 entries back; call after `submit`. */
  async read(array: GpuArray): Promise<Float64Array> {
    const entries = new Float64Array(array.length);
    if (array.length === 0) return entries;
    const staging = this.#device.createBuffer({
      label: `${array.label} read-back`,
      size: Math.min(array.length * 4, stagingBytes),
      usage: usage.mapRead | usage.copyTarget,
    });
    try {
      for (let at = 0; at < array.length; at += stagingBytes / 4) {
        const size = Math.min((array.length - at) * 4, stagingBytes);
        const encoder = this.#device.createCommandEncoder({ label: `read ${array.label}` });
        encoder.copyBufferToBuffer(array.buffer, at * 4, staging, 0, size);
        this.#device.queue.submit([encoder.finish()]);
        await staging.mapAsync(mapModeRead, 0, size);
        entries.set(new Float32Array(staging.getMappedRange(0, size)), at);
        staging.unmap();
      }
      return entries;
    } finally {
      staging.destroy();
    }
  }

  destroy(): void {
    this.#pending = [];
    this.#bindGroups.clear();
    for (const block of this.#paramBlocks) block.destroy();
    this.#paramBlocks.length = 0;
  }

  #isWindowed({ length, view }: GpuArray): boolean {
    return view !== undefined || length * 4 > this.#limits.bindingBytes;
  }

  /** The ranges of workgroups that touch no more of any array than can be bound. */
  #ranges(
    kernel: string,
    names: readonly string[],
    bound: readonly GpuArray[],
    groups: number,
    reach: Reach | undefined,
  ): readonly Range[] {
    const most = this.windowLength;
    const fits = (range: Range): boolean => {
      const reached = reach?.(range) ?? {};
      return bound.every(({ length }, index) => {
        const { begin, end } = reached[names[index]!] ?? upTo(length);
        return length <= most || !this.#isWindowed(bound[index]!) || end - begin <= most;
      });
    };
    const ranges = bound.every((array) => array.length <= most || !this.#isWindowed(array))
      ? [upTo(groups)]
      : cutWhere(groups, fits);
    if (ranges) return ranges;
    const { label, length } = bound.reduce((longest, next) => (next.length > longest.length ? next : longest));
    throw new BackendError(
      `webgpu: expected arrays of at most ${megabytes(this.#limits.bindingBytes)} (what a kernel can bind on this adapter) for ${kernel}, got ${megabytes(4 * length)} for ${label}. Use fewer starts or a smaller problem, or { backend: 'cpu' }.`,
    );
  }

  async #send(pending: readonly Dispatch[]): Promise<void> {
    const compiled = await Promise.all(pending.map((dispatch) => dispatch.compiled));
    const { pace } = this.#limits;
    for (const [index, dispatch] of pending.entries()) {
      const { begin, end } = dispatch.groups;
      for (let first = begin, count = 0; first < end; first += count) {
        count = groupsThatFit(end - first, dispatch.workOfGroup, pace.work);
        const work = count * dispatch.workOfGroup;
        if (this.#open && this.#open.work + work > pace.work) await this.#close(this.#open);
        this.#open ??= this.#begin();
        this.#open.work += work;
        this.#encode(this.#open.pass, compiled[index] as Compiled, dispatch, first, count);
      }
    }
    if (this.#open) await this.#close(this.#open);
  }

  #begin(): Open {
    // Nothing encoded waits for a slot now, and writes come after what was sent before: all of them can be written anew.
    if (this.#paramSlots.size > mostSlots) this.#paramSlots.clear();
    const encoder = this.#device.createCommandEncoder({ label: this.#label });
    return { encoder, pass: encoder.beginComputePass({ label: this.#label }), work: 0 };
  }

  #encode(
    pass: GPUComputePassEncoder,
    { pipeline, layout }: Compiled,
    dispatch: Dispatch,
    first: number,
    count: number,
  ): void {
    dispatch.words[0] = first;
    const offset = this.#paramSlot(dispatch.words);
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, this.#bindGroup(dispatch, layout, Math.floor(offset / blockBytes)), [offset % blockBytes]);
    pass.dispatchWorkgroups(...foldGroups(count));
  }

  /** Sends what is encoded, times it, and waits while there are enough submits on the device. */
  async #close({ encoder, pass, work }: Open): Promise<void> {
    this.#open = undefined;
    pass.end();
    this.#device.queue.submit([encoder.finish()]);
    const begun = performance.now();
    const done = this.#device.queue.onSubmittedWorkDone().then(
      () => {
        const now = performance.now();
        this.#limits.pace.measured(work, now - Math.max(begun, this.#lastDone));
        this.#lastDone = now;
      },
      () => {}, // A lost device: whoever waits for the result is told.
    );
    this.#inFlight.push(done);
    if (this.#inFlight.length >= submitsInFlight) await this.#inFlight.shift();
  }

  #bindGroup(dispatch: Dispatch, layout: GPUBindGroupLayout, block: number): GPUBindGroup {
    const key = `${dispatch.key} ${block}`;
    const known = this.#bindGroups.get(key);
    if (known) return known;
    const group = this.#device.createBindGroup({
      label: dispatch.key,
      layout,
      entries: [
        { binding: 0, resource: { buffer: this.#paramBlocks[block] as GPUBuffer, size: slotBytes } },
        ...dispatch.bound.map(({ array: { buffer }, window }, index) => ({
          binding: index + 1,
          resource: window ? { buffer, offset: 4 * window.begin, size: 4 * (window.end - window.begin) } : { buffer },
        })),
      ],
    });
    this.#bindGroups.set(key, group);
    return group;
  }

  /** Byte offset, over all blocks, of the slot that holds these parameters. */
  #paramSlot(words: Uint32Array<ArrayBuffer>): number {
    const key = words.join(' ');
    const known = this.#paramSlots.get(key);
    if (known !== undefined) return known;
    if (words.byteLength > slotBytes) throw new BackendError('webgpu: a kernel has more parameters than a slot holds.');
    const slot = this.#paramSlots.size;
    if (slot === this.#paramBlocks.length * slotsPerBlock) {
      const label = `${this.#label} params`;
      this.#paramBlocks.push(
        this.#device.createBuffer({ label, size: blockBytes, usage: usage.uniform | usage.copyTarget }),
      );
    }
    const offset = slot * slotBytes;
    const block = this.#paramBlocks[Math.floor(offset / blockBytes)] as GPUBuffer;
    this.#device.queue.writeBuffer(block, offset % blockBytes, words);
    this.#paramSlots.set(key, offset);
    return offset;
  }
}

/** The window of its buffer that is bound for some entries of an array, all of them when left out. */
function windowOf({ length, view }: GpuArray, { begin, end }: Range = upTo(length)): Range {
  const from = view?.from ?? 0;
  return { begin: from + begin - ((from + begin) % windowEntries), end: from + end };
}

const keyOf = ({ id }: GpuArray, window: Range | undefined): string =>
  window ? `${id}:${window.begin}-${window.end}` : `${id}`;
