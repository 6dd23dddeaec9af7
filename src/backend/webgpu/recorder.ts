// Records dispatches and sends them. A dispatch is kept as data until `submit`, when its pipeline has been compiled; buffers
// are passed by name, bind groups and uniform blocks are made once and found again by their content. What is recorded is cut
// into submits of bounded work (pace.ts), and a large dispatch into ranges of workgroups. Where the cuts fall changes no result.
import { packParams, type Bindings, type Kernel, type Params } from '../../../shaders/kernel.js';
import { BackendError } from '../../errors.js';
import type { KernelArgs, KernelArrays } from '../operations/kernels.js';
import { gpuArray, mapModeRead, usage, type GpuArray } from './arrays.js';
import { errorsSince, watchErrors, withErrors, type ErrorOfCalls } from './error-scopes.js';
import { Pace } from './pace.js';
import { compile, type Compiled } from './pipelines.js';
import type { RecoverableDevice } from './recovery.js';
import { resting } from './rest.js';

interface Dispatch {
  /** The pipeline, on any device. */
  compiled(device: GPUDevice): Promise<Compiled>;
  readonly key: string;
  readonly arrays: readonly GpuArray[];
  /** Those among them that it writes. */
  readonly changed: readonly GpuArray[];
  /** The uniform block; its first word is that of the first workgroup. */
  readonly words: Uint32Array<ArrayBuffer>;
  readonly groups: number;
  readonly workOfGroup: number;
}

/** What has been encoded of the next submit. */
interface Open {
  readonly encoder: GPUCommandEncoder;
  readonly pass: GPUComputePassEncoder;
  work: number;
}

/** Uniform blocks of one scope: slots of 256 bytes (the alignment of dynamic offsets), one for each distinct content. */
const slotBytes = 256;
const slotsPerBlock = 256;
const blockBytes = slotBytes * slotsPerBlock;
/** Long rows of workgroups are folded: this many in x, below the limit of 65,535 and a power of two as the ranges are. */
const groupsPerRow = 32_768;
/** Submits that wait on the device; one more than runs, so that it never idles. */
const submitsInFlight = 2;
/** Parameters that are kept for dispatches that come again; those that change with every step would fill the device. */
const maxSlots = 4096;
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

/** Folds workgroups into two dimensions, exactly; the entry point of every kernel unfolds them. */
export function foldGroups(groups: number): [number, number] {
  return groups <= groupsPerRow ? [groups, 1] : [groupsPerRow, groups / groupsPerRow];
}

export class Recorder {
  readonly #owner: RecoverableDevice;
  readonly #label: string;
  /** Of the device: scopes share it. */
  readonly #pace: Pace;
  #pending: Dispatch[] = [];
  #sending: Promise<void> = Promise.resolve();
  #open: Open | undefined;
  readonly #inFlight: Promise<unknown>[] = [];
  #lastDone = 0;
  readonly #bindGroups = new Map<string, GPUBindGroup>();
  readonly #paramSlots = new Map<string, number>();
  readonly #paramBlocks: GPUBuffer[] = [];
  /** Errors of what was sent since they were last taken. */
  #errors: ErrorOfCalls[] = [];

  /** The device that bind groups and blocks of parameters were made on. */
  #madeOn: GPUDevice;

  constructor(owner: RecoverableDevice, label: string, pace = new Pace(false)) {
    this.#owner = owner;
    this.#madeOn = owner.device;
    this.#label = label;
    this.#pace = pace;
  }

  /** Uniform buffers it holds. */
  get bufferCount(): number {
    return this.#paramBlocks.length;
  }

  /** Records one dispatch. */
  dispatch<B extends Bindings, P extends Params, V>(kernel: Kernel<B, P, V>, args: KernelArgs<B, P, NoInfer<V>>): void {
    const groups = kernel.workgroups(args, args);
    if (groups === 0) return;
    const given: KernelArrays<B> = args;
    const bound = Object.entries(kernel.bindings).map(([name, { access }]) => {
      return { array: gpuArray(given[name as keyof B]), access };
    });
    const arrays = bound.map(({ array }) => array);
    const compiled = (device: GPUDevice): Promise<Compiled> => compile(device, kernel, args);
    // It begins to compile now; where that fails, it is told when it is sent.
    void compiled(this.#owner.device).catch(() => {});
    this.#pending.push({
      compiled,
      key: [kernel.key(args), ...arrays.map(({ id }) => id)].join(' '),
      arrays,
      changed: bound.filter(({ access }) => access === 'read_write').map(({ array }) => array),
      words: packParams(kernel, args),
      groups,
      workOfGroup: kernel.work(args, args) / groups,
    });
  }

  /** A write to `label` now would run before what is recorded. */
  requireSent(label: string): void {
    if (this.#pending.length > 0)
      throw new Error(`webgpu: expected a flush before writing ${label}, got dispatches that wait.`);
  }

  /** Errors of all that was sent since the last call. */
  takeErrors(): readonly ErrorOfCalls[] {
    const errors = this.#errors;
    this.#errors = [];
    return errors;
  }

  /** Sends everything recorded so far; resolves when it is sent. What does not compile stays recorded. */
  submit(): Promise<void> {
    const sent = this.#sending.then(() => this.#send());
    this.#sending = sent.catch(() => {});
    return sent;
  }

  /** Reads float32 entries first … end − 1 back; call after `submit`. */
  async read(array: GpuArray, first: number, end: number): Promise<Float64Array> {
    const length = end - first;
    const entries = new Float64Array(length);
    if (length === 0) return entries;
    const { device } = this.#owner;
    const staging = this.#watched(() =>
      device.createBuffer({
        label: `${array.label} read-back`,
        size: Math.min(length * 4, stagingBytes),
        usage: usage.mapRead | usage.copyTarget,
      }),
    );
    try {
      for (let at = 0; at < length; at += stagingBytes / 4) {
        const size = Math.min((length - at) * 4, stagingBytes);
        await this.#owner.alone(async () => {
          this.#watched(() => {
            const encoder = device.createCommandEncoder({ label: `read ${array.label}` });
            encoder.copyBufferToBuffer(array.buffer, (first + at) * 4, staging, 0, size);
            device.queue.submit([encoder.finish()]);
          });
          return Promise.resolve();
        });
        await resting(this.#watched(() => staging.mapAsync(mapModeRead, 0, size)));
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
    this.#paramSlots.clear();
    for (const block of this.#paramBlocks) block.destroy();
    this.#paramBlocks.length = 0;
  }

  #watched<T>(calls: () => T): T {
    const { value, error } = withErrors(this.#owner.device, calls);
    this.#errors.push(error);
    return value;
  }

  async #send(): Promise<void> {
    while (this.#pending.length > 0) {
      // More may be recorded while these are compiled.
      const pending = [...this.#pending];
      const { device } = this.#owner;
      const compiled = await Promise.all(pending.map((dispatch) => dispatch.compiled(device)));
      await this.#owner.alone(async () => {
        // A device that was replaced meanwhile has its own pipelines; nothing is recorded where the scope was disposed.
        if (this.#owner.device !== device || this.#pending.length === 0) return;
        this.#pending = this.#pending.slice(pending.length);
        this.#owner.note({
          arrays: new Set(pending.flatMap(({ arrays }) => arrays)),
          changed: new Set(pending.flatMap(({ changed }) => changed)),
          count: pending.length,
          send: () => this.#sendAgain(pending),
        });
        await this.#encodeAll(pending, compiled);
      });
    }
  }

  /** On another device, in the turn of whoever restores it. */
  async #sendAgain(dispatches: readonly Dispatch[]): Promise<void> {
    const { device } = this.#owner;
    await this.#encodeAll(dispatches, await Promise.all(dispatches.map((dispatch) => dispatch.compiled(device))));
  }

  async #encodeAll(dispatches: readonly Dispatch[], compiled: readonly Compiled[]): Promise<void> {
    if (this.#madeOn !== this.#owner.device) {
      this.#bindGroups.clear();
      this.#paramSlots.clear();
      this.#paramBlocks.length = 0;
      this.#madeOn = this.#owner.device;
    }
    try {
      await this.#encodeInSubmits(dispatches, compiled);
    } finally {
      // Where encoding failed, nothing of it is sent, and nobody else's errors are watched.
      if (this.#open) {
        this.#open = undefined;
        this.#errors.push(errorsSince(this.#madeOn));
      }
    }
  }

  async #encodeInSubmits(dispatches: readonly Dispatch[], compiled: readonly Compiled[]): Promise<void> {
    for (const [index, dispatch] of dispatches.entries()) {
      for (let first = 0, count = 0; first < dispatch.groups; first += count) {
        count = groupsThatFit(dispatch.groups - first, dispatch.workOfGroup, this.#pace.work);
        const work = count * dispatch.workOfGroup;
        if (this.#open && this.#open.work + work > this.#pace.work) await this.#close(this.#open);
        this.#open ??= this.#begin();
        this.#open.work += work;
        this.#encode(this.#open.pass, compiled[index]!, dispatch, first, count);
      }
    }
    if (this.#open) await this.#close(this.#open);
  }

  #begin(): Open {
    // Nothing encoded waits for a slot now, and writes come after what was sent before: all of them can be written anew.
    if (this.#paramSlots.size > maxSlots) this.#paramSlots.clear();
    watchErrors(this.#madeOn);
    const encoder = this.#madeOn.createCommandEncoder({ label: this.#label });
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
    this.#madeOn.queue.submit([encoder.finish()]);
    this.#errors.push(errorsSince(this.#madeOn));
    const begun = performance.now();
    const done = resting(this.#madeOn.queue.onSubmittedWorkDone()).then(
      () => {
        if (this.#owner.isLost) return;
        const now = performance.now();
        const milliseconds = now - Math.max(begun, this.#lastDone);
        this.#pace.measured(work, milliseconds);
        this.#owner.worked(milliseconds);
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
    const group = this.#madeOn.createBindGroup({
      label: dispatch.key,
      layout,
      entries: [
        { binding: 0, resource: { buffer: this.#paramBlocks[block]!, size: slotBytes } },
        ...dispatch.arrays.map(({ buffer }, index) => ({ binding: index + 1, resource: { buffer } })),
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
        this.#madeOn.createBuffer({ label, size: blockBytes, usage: usage.uniform | usage.copyTarget }),
      );
    }
    const offset = slot * slotBytes;
    const block = this.#paramBlocks[Math.floor(offset / blockBytes)]!;
    this.#madeOn.queue.writeBuffer(block, offset % blockBytes, words);
    this.#paramSlots.set(key, offset);
    return offset;
  }
}
