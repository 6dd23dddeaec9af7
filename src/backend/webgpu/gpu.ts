// Where the GPU object comes from: the page or worker itself, or in Node the package `webgpu` (Dawn), an optional peer.
import { BackendError } from '../../errors.js';

/** Of a page or worker, or of Electron. */
export const gpuOfPage = (): GPU | undefined => (globalThis as { navigator?: { gpu?: GPU } }).navigator?.gpu;

/** Made once in a thread: every new one looks for drivers again, and warns again where there are none. */
let ofNode: GPU | undefined;

export async function findGpu(): Promise<GPU> {
  const here = gpuOfPage();
  if (here) return here;
  if (typeof process === 'undefined' || !process.versions?.node) {
    throw new BackendError(
      "openBackend: expected WebGPU in this browser, got no navigator.gpu. Use { backend: 'cpu' }, or a browser with WebGPU on a secure origin (https or localhost).",
    );
  }
  // Bundlers for Node leave this import alone; those for a page put an empty module there ("browser" in package.json).
  const dawn = (await import(/* webpackIgnore: true */ /* turbopackIgnore: true */ 'webgpu').catch((cause: unknown) => {
    throw new BackendError(
      "openBackend: expected the package 'webgpu' for WebGPU in Node, got none that loads. Run npm install webgpu, or use { backend: 'cpu' }.",
      { cause },
    );
  })) as { create(options: string[]): GPU };
  return (ofNode ??= dawn.create([]));
}
