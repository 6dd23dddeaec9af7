// Devices whose calls are counted, so that one of them can be where something happens.
import { findGpu } from '../../src/backend/webgpu/gpu.js';

/** What is called on a device, by whom. Made objects report their own calls. */
const calls = {
  device: [
    'createBuffer',
    'createBindGroup',
    'createBindGroupLayout',
    'createPipelineLayout',
    'createShaderModule',
    'createComputePipelineAsync',
    'createCommandEncoder',
  ],
  queue: ['writeBuffer', 'submit', 'onSubmittedWorkDone'],
  buffer: ['mapAsync', 'getMappedRange'],
} as const;

export const callNames = Object.values(calls).flat();
export type CallName = (typeof callNames)[number];
type Call = (...args: never[]) => unknown;

/** Does the call by `make`, or something else in its place. `call` counts from 0 over all calls of the device. */
export type OnCall = (event: { device: GPUDevice; opened: number; name: CallName; call: number }, make: Call) => Call;

export interface CountedDevices extends Disposable {
  /** Calls so far, by device in the order of their opening. */
  readonly counts: readonly number[];
}

/** While it is open, every device that is opened here tells of its calls. */
export async function countDevices(onCall: OnCall): Promise<CountedDevices> {
  const adapter = await (await findGpu()).requestAdapter();
  const prototype = Object.getPrototypeOf(adapter) as Pick<GPUAdapter, 'requestDevice'>;
  const { requestDevice } = prototype;
  const counts: number[] = [];
  prototype.requestDevice = async function (descriptor) {
    const device = await requestDevice.call(this as GPUAdapter, descriptor);
    countCalls(device, counts, onCall);
    return device;
  };
  return { counts, [Symbol.dispose]: () => (prototype.requestDevice = requestDevice) };
}

function countCalls(device: GPUDevice, counts: number[], onCall: OnCall): void {
  const opened = counts.push(0) - 1;
  const watch = (object: object, names: readonly CallName[], made?: (result: object) => void): void => {
    const methods = object as Record<CallName, Call>;
    for (const name of names) {
      const plain = methods[name].bind(object);
      methods[name] = (...args) => {
        const result = onCall({ device, opened, name, call: counts[opened]!++ }, plain)(...args);
        if (name === 'createBuffer') made?.(result as object);
        return result;
      };
    }
  };
  watch(device, calls.device, (buffer) => watch(buffer, calls.buffer));
  watch(device.queue, calls.queue);
}
