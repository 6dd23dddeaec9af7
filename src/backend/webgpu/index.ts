// The webgpu backend: float32 on whatever adapter there is. Operations are recorded and sent together (recorder.ts).
import type { Kernel } from '../../../shaders/kernel.js';
import { dispose } from '../../dispose.js';
import { BackendError, DeviceLostError } from '../../errors.js';
import type { Backend, DeviceArray, OperationArgs, Operations, Scope } from '../backend.js';
import { kernelOperations, type KernelOperations } from '../operations/kernels.js';
import {
  createArray,
  createIndices,
  destroyArray,
  gpuArray,
  megabytes,
  type GpuArray,
  type GpuIndices,
} from './arrays.js';
import type { Context } from './context.js';
import * as denseSymmetric from './dense-symmetric.js';
import * as dense from './dense.js';
import * as descent from './descent.js';
import { openDevice } from './device.js';
import { backendError, thrownBy, withErrors, type ErrorOfCalls } from './error-scopes.js';
import * as factored from './factored.js';
import * as largeOrder from './large-order.js';
import * as modeProducts from './mode-products.js';
import * as observed from './observed.js';
import { Pace } from './pace.js';
import { Recorder } from './recorder.js';
import { RecoverableDevice } from './recovery.js';
import * as reduce from './reduce.js';
import { resting } from './rest.js';
import * as sensing from './sensing.js';
import { defaultTileConfig, registerTile, sharedTile, type Tuning } from './tiles.js';

/** Operations of more than one dispatch: whatever these files export. The other operations are their kernel (operations/kernels.ts). */
const composedOperations = {
  ...dense,
  ...denseSymmetric,
  ...descent,
  ...factored,
  ...largeOrder,
  ...modeProducts,
  ...observed,
  ...reduce,
  ...sensing,
} satisfies {
  readonly [name in Exclude<keyof Operations, keyof KernelOperations>]: (
    context: Context,
    args: OperationArgs<name>,
  ) => void;
};

/** Below the adapter's own, for tests. */
export interface Limits {
  /** Bytes of an array. */
  readonly maxArrayBytes?: number;
  /** Flops of a submit; adapted to the device when left out. */
  readonly submitWork?: number;
  /** Dispatches between two snapshots (recovery.ts); by what they cost when left out. */
  readonly snapshotEvery?: number;
}

class GpuScope {
  readonly #owner: RecoverableDevice;
  readonly #scopes: Set<GpuScope>;
  readonly #recorder: Recorder;
  readonly #arrays = new Set<GpuArray>();
  /** Errors of calls that the device has not answered yet. */
  #errors: ErrorOfCalls[] = [];
  /** The first error of a call: what the arrays hold since then means nothing. */
  #failure: BackendError | undefined;
  #isDisposed = false;

  /** `scopes`: those that are open, this one among them. */
  constructor(owner: RecoverableDevice, scopes: Set<GpuScope>, recorder: Recorder) {
    this.#owner = owner;
    this.#scopes = scopes;
    this.#recorder = recorder;
    scopes.add(this);
  }

  get bufferCount(): number {
    return this.#arrays.size + this.#recorder.bufferCount;
  }

  array(label: string, content: number | Float64Array | Float32Array): GpuArray {
    const { device, memory } = this.#owner;
    return this.#keep(this.#watched(() => createArray(device, memory, label, content)));
  }

  indices(label: string, content: Uint32Array): GpuIndices {
    const { device, memory } = this.#owner;
    return this.#keep(this.#watched(() => createIndices(device, memory, label, content)));
  }

  write(array: DeviceArray, content: Float64Array, first = 0): void {
    const own = gpuArray(array);
    this.#recorder.requireSent(array.label);
    this.#watched(() => this.#owner.write(own, content, first));
  }

  async flush(): Promise<void> {
    await this.#surviving(async (device) => {
      await this.#recorder.submit();
      await resting(device.queue.onSubmittedWorkDone());
    });
    await this.#owner.snapshotIfDue();
  }

  async read(array: DeviceArray, first = 0, end = array.length): Promise<Float64Array> {
    const entries = await this.#surviving(async () => {
      await this.#recorder.submit();
      return this.#recorder.read(gpuArray(array), first, end);
    });
    await this.#owner.snapshotIfDue();
    return entries;
  }

  [dispose](): void {
    this.#isDisposed = true;
    this.#recorder.destroy();
    this.#owner.forget(this.#arrays);
    for (const array of this.#arrays) destroyArray(array, this.#owner.memory);
    this.#arrays.clear();
    this.#scopes.delete(this);
  }

  /** Does work that waits for the device, once more where the device was lost on the way and replaced. */
  async #surviving<T>(work: (device: GPUDevice) => Promise<T>): Promise<T> {
    for (;;) {
      this.#requireOpen();
      const { device } = this.#owner;
      try {
        const result = await work(device);
        await this.#check(device);
        return result;
      } catch (error) {
        this.#requireOpen();
        if (!this.#failure && (await this.#owner.replaced(device))) continue;
        if (this.#owner.loss) throw this.#owner.loss;
        throw (this.#failure ??= thrownBy(error));
      }
    }
  }

  #keep<A extends GpuArray>(array: A): A {
    this.#arrays.add(array);
    this.#owner.add(array);
    return array;
  }

  #requireOpen(): void {
    if (!this.#isDisposed) return;
    throw new BackendError(
      'webgpu: expected an open backend, got one that was disposed while a run used it. Dispose it when the run has ended.',
    );
  }

  #watched<T>(calls: () => T): T {
    this.#requireOpen();
    try {
      const { value, error } = withErrors(this.#owner.device, calls);
      this.#errors.push(error);
      return value;
    } catch (error) {
      // An array that is refused harms nothing.
      if (error instanceof BackendError) throw error;
      throw (this.#failure ??= thrownBy(error));
    }
  }

  /** Waits for what the device has to say of the calls so far. @throws what is wrong with this scope, or with the device. */
  async #check(device: GPUDevice): Promise<void> {
    const asked = [...this.#errors, ...this.#recorder.takeErrors()];
    this.#errors = [];
    const error = (await Promise.all(asked)).find((one) => one !== undefined);
    this.#requireOpen();
    // What a lost device says means nothing.
    if (this.#owner.isLost || this.#owner.device !== device) throw new DeviceLostError('webgpu: the device was lost.');
    if (error) this.#failure ??= backendError(error, megabytes(this.#owner.memory.used));
    if (this.#failure) throw this.#failure;
  }
}

/**
 * Opens the adapter's device, or works on the caller's, which then stays the caller's to destroy.
 * `tuning` is what tune() found for this adapter; without it tiles follow the kind of adapter. `limits` lowers the adapter's.
 */
export async function openWebGpu(borrowedDevice?: GPUDevice, tuning?: Tuning, limits: Limits = {}): Promise<Backend> {
  const open = await openDevice(borrowedDevice);
  const { device, adapter } = open;
  const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
  const maxArrayBytes = Math.min(limits.maxArrayBytes ?? Infinity, maxBufferSize, maxStorageBufferBindingSize);
  const owner = new RecoverableDevice(open, maxArrayBytes, limits.snapshotEvery);
  const scopes = new Set<GpuScope>();
  const pace = new Pace(adapter.software, limits.submitWork);
  const config = tuning?.tiles ?? defaultTileConfig(adapter.software, device.features.has('subgroups'));

  const scope = (label: string): Scope => {
    const recorder = new Recorder(owner, label, pace);
    const arrays = new GpuScope(owner, scopes, recorder);
    const scratches = new Map<string, GpuArray>();
    const once = (key: string, make: () => GpuArray): GpuArray => {
      const array = scratches.get(key) ?? make();
      scratches.set(key, array);
      return array;
    };
    const context: Context = {
      recorder,
      registerTile: (rows, columns) => registerTile(config, rows, columns),
      sharedTile: (rows, columns) => sharedTile(config, rows, columns),
      scratch: (name, length) => once(`${name} ${length}`, () => arrays.array(name, length)),
      ones: (length) => once(`ones ${length}`, () => arrays.array('ones', new Float64Array(length).fill(1))),
      software: adapter.software,
      subgroups: device.features.has('subgroups'),
      workgroupsToFill: adapter.software ? 8 : 1024,
    };
    const bound = Object.fromEntries([
      ...Object.entries<Kernel>(kernelOperations).map(([name, kernel]) => [
        name,
        (args: never) => recorder.dispatch(kernel, args),
      ]),
      ...Object.entries(composedOperations).map(([name, run]) => [name, (args: never) => run(context, args)]),
    ]) as Operations;
    return Object.assign(arrays, bound);
  };

  return {
    kind: 'webgpu',
    get adapter() {
      return owner.adapter;
    },
    roundoff: 2 ** -24,
    maxLength: Math.floor(maxArrayBytes / 4),
    get liveBuffers() {
      return [...scopes].reduce((count, { bufferCount }) => count + bufferCount, 0);
    },
    get replacements() {
      return owner.replacements;
    },
    scope,
    [dispose]: () => {
      for (const one of scopes) one[dispose]();
      owner.destroy();
    },
  };
}
