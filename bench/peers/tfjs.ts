// TensorFlow.js on its webgpu and wasm backends. Its backend is a global, set before every sample.
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-webgpu';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { inputOf, type Inputs } from '../inputs.js';
import type { Contestant } from './contestant.js';

/** Gets one tensor an input, in the order of `inputs`. */
export interface TfjsProgram {
  readonly inputs: readonly string[];
  readonly run: (lib: typeof tf) => (...tensors: tf.Tensor[]) => tf.Tensor;
}

/** The driver serves the .wasm files of the package here (bench/browser.ts). */
export const wasmPath = '/tfjs-wasm/';
const backends = ['webgpu', 'wasm'] as const;

export async function openTfjs(programs: readonly TfjsProgram[], inputs: Inputs): Promise<Contestant[]> {
  setWasmPaths(wasmPath);
  tf.enableProdMode();
  const contestants: Contestant[] = [];
  for (const backend of backends) {
    await use(backend);
    for (const program of programs) contestants.push(open(backend, program, inputs));
  }
  return contestants;
}

async function use(backend: string): Promise<void> {
  if (!(await tf.setBackend(backend))) throw new Error(`tfjs: expected its ${backend} backend to start, it did not.`);
}

function open(backend: string, { inputs: names, run }: TfjsProgram, inputs: Inputs): Contestant {
  const tensors = names.map((name) => {
    const { shape, data } = inputOf(inputs, name);
    return tf.tensor(data, [...shape], 'float32');
  });
  const program = run(tf);
  const runOnce = (): tf.Tensor => tf.tidy(() => program(...tensors));
  let answer: ArrayLike<number> = [];
  return {
    name: `tfjs ${backend}`,
    async time(count) {
      await use(backend);
      const begun = performance.now();
      for (let k = 1; k < count; k++) runOnce().dispose();
      const last = runOnce();
      answer = await last.data<'float32'>(); // there is no other way to wait
      const wall = (performance.now() - begun) / 1e3;
      last.dispose();
      return { wall };
    },
    answer: () => Promise.resolve(answer),
    free: () => {
      for (const tensor of tensors) tensor.dispose();
    },
  };
}
