// The device all of our own measurements run on, with a meter: it is handed to openBackend, and everything the backend
// does with it is counted from outside: compile time of each pipeline, live and peak bytes of its buffers, dispatches,
// and the time of its compute passes by timestamp queries. The backend knows nothing of this.
import { findGpu } from '../src/backend/webgpu/gpu.js';
import { passClock, type PassClock } from './pass-clock.js';

export interface CompiledPipeline {
  readonly label: string;
  readonly seconds: number;
}

export interface Meter {
  readonly device: GPUDevice;
  readonly info: AdapterInfo;
  /** Bytes of all buffers not destroyed. */
  readonly liveBytes: number;
  /** The most they have been since `resetPeak`. */
  readonly peakBytes: number;
  readonly dispatches: number;
  readonly compiled: readonly CompiledPipeline[];
  resetPeak(): void;
  /** Seconds the compute passes took that were submitted since the last call; undefined without timestamp queries. */
  passSeconds(): Promise<number | undefined>;
}

export interface AdapterInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  readonly software: boolean;
  readonly timestamps: boolean;
  readonly subgroups: boolean;
}

/** Dawn in Node crashes when its GPU object is collected under a live device. */
const held: GPU[] = [];

export interface OpenDevice {
  readonly device: GPUDevice;
  readonly info: AdapterInfo;
}

/** A device with all that the adapter has: what the backend would ask for, plus timestamps. */
export async function openDevice(): Promise<OpenDevice> {
  const gpu = await findGpu();
  held.push(gpu);
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new Error('bench: expected a WebGPU adapter, got none. Run it on a machine with a GPU driver.');
  const limits: Record<string, number> = {};
  for (const name in adapter.limits) {
    const value = (adapter.limits as unknown as Record<string, unknown>)[name];
    if (typeof value === 'number') limits[name] = value;
  }
  const wanted = ['subgroups', 'timestamp-query'] as const;
  const device = await adapter.requestDevice({
    label: 'bench',
    requiredFeatures: wanted.filter((name) => adapter.features.has(name)),
    requiredLimits: limits,
  });
  return { device, info: describe(adapter) };
}

function describe({ info, features }: GPUAdapter): AdapterInfo {
  const { vendor, architecture, device, description } = info;
  const names = [vendor, architecture, device, description].join(' ');
  return {
    vendor,
    architecture,
    device,
    description,
    software: info.isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe|basic render|warp/i.test(names),
    timestamps: features.has('timestamp-query'),
    subgroups: features.has('subgroups'),
  };
}

/** Another device, so that ceilings and peers on their own devices are not counted. */
export async function openMeter(): Promise<Meter> {
  const { device, info } = await openDevice();
  const compiled: CompiledPipeline[] = [];
  const clock = passClock(device);
  const bytes = countBytes(device);
  const dispatches = countDispatches(device, clock);

  const compile = device.createComputePipelineAsync.bind(device);
  device.createComputePipelineAsync = async (descriptor) => {
    const begun = performance.now();
    const pipeline = await compile(descriptor);
    compiled.push({ label: descriptor.label ?? '', seconds: (performance.now() - begun) / 1e3 });
    return pipeline;
  };

  return {
    device,
    info,
    compiled,
    get liveBytes() {
      return bytes.live;
    },
    get peakBytes() {
      return bytes.peak;
    },
    get dispatches() {
      return dispatches.count;
    },
    resetPeak: () => {
      bytes.peak = bytes.live;
    },
    passSeconds: async () => clock?.read(),
  };
}

function countBytes(device: GPUDevice): { live: number; peak: number } {
  const bytes = { live: 0, peak: 0 };
  const create = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const buffer = create(descriptor);
    const destroy = buffer.destroy.bind(buffer);
    let alive = true;
    bytes.live += descriptor.size;
    bytes.peak = Math.max(bytes.peak, bytes.live);
    buffer.destroy = () => {
      if (alive) bytes.live -= descriptor.size;
      alive = false;
      destroy();
      return undefined;
    };
    return buffer;
  };
  return bytes;
}

function countDispatches(device: GPUDevice, clock: PassClock | undefined): { count: number } {
  const dispatches = { count: 0 };
  const createEncoder = device.createCommandEncoder.bind(device);
  device.createCommandEncoder = (descriptor) => {
    const encoder = createEncoder(descriptor);
    const begin = encoder.beginComputePass.bind(encoder);
    encoder.beginComputePass = (passDescriptor) => {
      const timestampWrites = clock?.writes();
      const pass = begin({ ...passDescriptor, ...(timestampWrites ? { timestampWrites } : {}) });
      const dispatch = pass.dispatchWorkgroups.bind(pass);
      pass.dispatchWorkgroups = (x, y, z) => {
        dispatches.count++;
        dispatch(x, y, z);
        return undefined;
      };
      return pass;
    };
    return encoder;
  };
  return dispatches;
}
