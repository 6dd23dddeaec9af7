// The GPU object of this lane: the browser's own, or in Node that of Dawn (npm package `webgpu`).
// Dawn is created once: each instance keeps its own devices and threads.

export const lane = typeof window === 'undefined' ? 'node' : 'chromium';

let gpu: Promise<GPU | undefined> | undefined;

export function testGpu(): Promise<GPU | undefined> {
  return (gpu ??= lane === 'node' ? dawn() : Promise.resolve(navigator.gpu));
}

async function dawn(): Promise<GPU> {
  const { create, globals } = await import('webgpu');
  Object.assign(globalThis, globals);
  return create([]);
}
