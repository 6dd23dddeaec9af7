// Compiles kernels, once per device, kernel and variant, without blocking; shows the generated source when one fails, and tries it anew
// when it is asked for again.
import { BackendError } from '../../errors.js';
import { withErrors } from './error-scopes.js';
import { resting } from './rest.js';
import type { Kernel } from '../../../shaders/kernel.js';

export interface Compiled {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

type AnyKernel<V> = Kernel<Kernel['bindings'], Kernel['params'], V>;

const caches = new WeakMap<GPUDevice, Map<string, Promise<Compiled>>>();
const computeStage = 0x4;

export function compile<V>(device: GPUDevice, kernel: AnyKernel<V>, variant: V): Promise<Compiled> {
  const cache = caches.get(device) ?? new Map<string, Promise<Compiled>>();
  caches.set(device, cache);
  const key = kernel.key(variant);
  const known = cache.get(key);
  if (known) return known;
  const compiled = build(device, kernel, kernel.source(variant), key);
  cache.set(key, compiled);
  compiled.catch(() => cache.delete(key));
  return compiled;
}

async function build(
  device: GPUDevice,
  kernel: Pick<Kernel, 'bindings'>,
  code: string,
  label: string,
): Promise<Compiled> {
  // What is wrong with a module or a layout makes the pipeline fail, which says it.
  const { value } = withErrors(device, () => {
    const module = device.createShaderModule({ label, code });
    // An explicit layout: with 'auto' a binding that some variant does not touch would be dropped from it.
    const layout = device.createBindGroupLayout({
      label,
      entries: [
        { binding: 0, visibility: computeStage, buffer: { type: 'uniform', hasDynamicOffset: true } },
        ...Object.values(kernel.bindings).map(({ access }, index): GPUBindGroupLayoutEntry => {
          const type = access === 'read' ? 'read-only-storage' : 'storage';
          return { binding: index + 1, visibility: computeStage, buffer: { type } };
        }),
      ],
    });
    const pipelineLayout = device.createPipelineLayout({ label, bindGroupLayouts: [layout] });
    return { module, layout, pipelineLayout };
  });
  const { module, layout, pipelineLayout } = value;
  try {
    const compute = { module, entryPoint: 'main' };
    const pipeline = await resting(device.createComputePipelineAsync({ label, layout: pipelineLayout, compute }));
    return { pipeline, layout };
  } catch (cause) {
    // The device that made the module may be gone, and its report with it.
    const report = await compilerReport(module, code).catch(() => '');
    throw new BackendError(`webgpu: ${label} does not compile.\n${report}`, { cause });
  }
}

/** The compiler's messages, each with the numbered lines of generated source around it. */
async function compilerReport(module: GPUShaderModule, code: string): Promise<string> {
  const { messages } = await module.getCompilationInfo();
  const lines = code.split('\n');
  return messages
    .map(({ type, message, lineNum }) => {
      const first = Math.max(0, lineNum - 4);
      const near = lines
        .slice(first, lineNum + 3)
        .map((line, index) => `${String(first + index + 1).padStart(5)} ${line.slice(0, 200)}`);
      return [`${type}: ${message}`, ...near].join('\n');
    })
    .join('\n');
}
