// Small programs that use the package as people do: one for compilers, one for a page.

export const typedConsumer = `
import { decompose, decomposeSteps, dense, openBackend, type DecomposeOptions, type WebGpuDevice } from 'polyadic';
import * as io from 'polyadic/io';
import * as problems from 'polyadic/problems';
import { openWorker } from 'polyadic/worker';
const options: DecomposeOptions = { rank: 1, onProgress: ({ relativeError }) => { const shown: number = relativeError; void shown; } };
const result = await decompose(dense([1, 1, 1], new Float64Array(1)), options);
export const checked: [number, object, object] = [result.relativeError, io, problems];
export const withDevice = (device: WebGpuDevice) => decompose(dense([1, 1], [1]), { device });
export const parts = [decomposeSteps, openBackend, openWorker];
`;

/** Leaves what it found in \`outcome\`. */
export const pageProgram = (openWorker: string): string => `
import { decompose, dense, factorMatchScore } from 'polyadic';
import { plantedCp } from 'polyadic/problems';
import { openWorker } from 'polyadic/worker';

async function main() {
  const { tensor, truth } = plantedCp({ shape: [8, 7, 6], rank: 2, seed: 1 });
  const target = dense(tensor.shape, tensor.data);
  const score = ({ kruskal, backend }) => [backend, factorMatchScore(kruskal, truth) > 0.999];
  const auto = score(await decompose(target, { seed: 1 }));
  const gpu = score(await decompose(target, { algorithm: 'als', rank: 2, seed: 1, backend: 'webgpu' }));
  const worker = ${openWorker};
  let reports = 0;
  const there = score(await worker.decompose(target, { seed: 1, onProgress: () => reports++ }));
  const refused = await worker.decompose(target, { rank: 0 }).catch((error) => error.name);
  const stopped = await worker.decompose(target, { seed: 1, signal: AbortSignal.abort() });
  worker.close();
  return { auto, gpu, there, reported: reports > 0, refused, stop: stopped.stop };
}
main().then((found) => (globalThis.outcome = found), (error) => (globalThis.outcome = { error: error.stack }));
`;

export const expectedOutcome = {
  auto: ['cpu', true],
  gpu: ['webgpu', true],
  there: ['cpu', true],
  reported: true,
  refused: 'InputError',
  stop: 'aborted',
};
