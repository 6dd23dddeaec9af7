// Records dispatches and sends them in one submit. A dispatch is kept as data until `flush`, when its pipeline has been
// compiled; buffers are passed by name, bind groups and uniform blocks are made once and found again by their content.
import type { Kernel } from '../../../shaders/kernel.js';
import { packParams } from '../../../shaders/kernel.js';
import { BackendError } from '../../errors.js';
import { gpuArray, mapModeRead, usage, type GpuArray } from './arrays.js';
import { compile, pipelineKey, type Compiled } from './pipelines.js';
import type { DeviceArray, IndexArray } from '../backend.js';

interface Dispatch {
  readonly compiled: Promise<Compiled>;
  readonly key: string;
  readonly arrays: readonly GpuArray[];
  readonly paramOffset: number;
  readonly groups: number;
}

/** Uniform blocks of one scope: slots of 256 bytes (the alignment of dynamic offsets), one for each distinct content. */
const slotBytes = 256;
const slotsPerBlock = 256;
const maxGroupsPerDimension = 65_535;

/** Folds a row of workgroups into two dimensions; kernels unfold it with groupIndex() and check the end. */
export function foldGroups(groups: number): [number, number] {
  if (groups <= maxGroupsPerDimension) return [groups, 1];
  const rows = Math.ceil(groups / maxGroupsPerDimension);
  return [Math.ceil(groups / rows), rows];
}

export class Recorder {
  readonly #device: GPUDevice;
  readonly #label: string;
  #pending: Dispatch[] = [];
  readonly #bindGroups = new Map<string, GPUBindGroup>();
  readonly #paramSlots = new Map<string, number>();
  readonly #paramBlocks: GPUBuffer[] = [];

  constructor(device: GPUDevice, label: string) {
    this.#device = device;
    this.#label = label;
  }

  /** Uniform buffers it holds. */
  get bufferCount(): number {
    return this.#paramBlocks.length;
  }

  /** Records one dispatch of `groups` workgroups. */
  dispatch<B extends Kernel['bindings'], P extends Kernel['params'], V>(
    kernel: Kernel<B, P, V>,
    variant: NoInfer<V>,
    arrays: { readonly [name in keyof B]: B[name]['of'] extends 'u32' ? IndexArray : DeviceArray },
    params: { readonly [name in keyof P]: number },
    groups: number,
  ): void {
    if (groups === 0) return;
    const bound = Object.keys(kernel.bindings).map((name) => gpuArray(arrays[name as keyof B]));
    this.#pending.push({
      compiled: compile(this.#device, kernel, variant),
      key: `${pipelineKey(kernel, variant)} ${bound.map(({ id }) => id).join(' ')}`,
      arrays: bound,
      paramOffset: this.#paramSlot(kernel, params),
      groups,
    });
  }

  /** A write to `label` now would run before what is recorded. */
  requireSent(label: string): void {
    if (this.#pending.length > 0)
      throw new Error(`webgpu: expected a flush before writing ${label}, got dispatches that wait.`);
  }

  /** Sends everything recorded so far in one submit; resolves when it is sent. */
  async submit(): Promise<void> {
    const pending = this.#pending;
    if (pending.length === 0) return;
    this.#pending = [];
    const compiled = await Promise.all(pending.map((dispatch) => dispatch.compiled));
    const encoder = this.#device.createCommandEncoder({ label: this.#label });
    const pass = encoder.beginComputePass({ label: this.#label });
    pending.forEach((dispatch, index) => {
      const { pipeline, layout } = compiled[index] as Compiled;
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, this.#bindGroup(dispatch, layout), [dispatch.paramOffset % (slotBytes * slotsPerBlock)]);
      pass.dispatchWorkgroups(...foldGroups(dispatch.groups));
    });
    pass.end();
    this.#device.queue.submit([encoder.finish()]);
  }

  /** Reads float32 entries back; call after `submit`. */
  async read(array: GpuArray): Promise<Float64Array> {
    const size = array.length * 4;
    if (size === 0) return new Float64Array(0);
    const staging = this.#device.createBuffer({
      label: `${array.label} read-back`,
      size,
      usage: usage.mapRead | usage.copyTarget,
    });
    try {
      const encoder = this.#device.createCommandEncoder({ label: `read ${array.label}` });
      encoder.copyBufferToBuffer(array.buffer, 0, staging, 0, size);
      this.#device.queue.submit([encoder.finish()]);
      await staging.mapAsync(mapModeRead);
      return Float64Array.from(new Float32Array(staging.getMappedRange()));
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

  #bindGroup(dispatch: Dispatch, layout: GPUBindGroupLayout): GPUBindGroup {
    const block = Math.floor(dispatch.paramOffset / (slotBytes * slotsPerBlock));
    const key = `${dispatch.key} ${block}`;
    const known = this.#bindGroups.get(key);
    if (known) return known;
    const group = this.#device.createBindGroup({
      label: dispatch.key,
      layout,
      entries: [
        { binding: 0, resource: { buffer: this.#paramBlocks[block] as GPUBuffer, size: slotBytes } },
        ...dispatch.arrays.map(({ buffer }, index) => ({ binding: index + 1, resource: { buffer } })),
      ],
    });
    this.#bindGroups.set(key, group);
    return group;
  }

  /** Byte offset, over all blocks, of the slot that holds these parameters. */
  #paramSlot(
    kernel: { readonly name: string; readonly params: Kernel['params'] },
    values: Record<string, number>,
  ): number {
    const words = packParams(kernel, values);
    if (words.byteLength > slotBytes)
      throw new BackendError(`webgpu: ${kernel.name} has more parameters than a slot holds.`);
    const key = words.join(' ');
    const known = this.#paramSlots.get(key);
    if (known !== undefined) return known;
    const slot = this.#paramSlots.size;
    if (slot % slotsPerBlock === 0) {
      const size = slotBytes * slotsPerBlock;
      this.#paramBlocks.push(
        this.#device.createBuffer({ label: `${this.#label} params`, size, usage: usage.uniform | usage.copyTarget }),
      );
    }
    const offset = slot * slotBytes;
    const block = this.#paramBlocks[Math.floor(slot / slotsPerBlock)] as GPUBuffer;
    this.#device.queue.writeBuffer(block, offset % (slotBytes * slotsPerBlock), words);
    this.#paramSlots.set(key, offset);
    return offset;
  }
}
