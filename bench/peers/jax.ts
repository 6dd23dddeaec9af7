// jax-js on its webgpu and wasm devices, jitted. Arrays are reference counted: a call consumes its arguments, so every
// use takes a `.ref`.
import { defaultDevice, init, jit, numpy, type Array as JaxArray, type Device } from '@jax-js/jax';
import { inputOf, type Inputs } from '../inputs.js';
import type { Contestant } from './contestant.js';

/** Gets one array an input, in the order of `inputs`; must consume each exactly once. */
export interface JaxProgram {
  readonly inputs: readonly string[];
  readonly run: (np: typeof numpy) => (...arrays: JaxArray[]) => JaxArray;
}

const devices: readonly Device[] = ['webgpu', 'wasm'];

export async function openJax(programs: readonly JaxProgram[], inputs: Inputs): Promise<Contestant[]> {
  const started = await init(...devices);
  const contestants: Contestant[] = [];
  for (const device of devices.filter((one) => started.includes(one))) {
    defaultDevice(device);
    for (const program of programs) contestants.push(await open(device, program, inputs));
  }
  return contestants;
}

async function open(device: Device, { inputs: names, run }: JaxProgram, inputs: Inputs): Promise<Contestant> {
  const arrays: JaxArray[] = [];
  for (const name of names) {
    const { shape, data } = inputOf(inputs, name);
    const array = numpy.array(data).reshape([...shape]);
    arrays.push(await array.blockUntilReady());
  }
  const jitted = jit(run(numpy));
  let last: JaxArray | undefined;
  const runOnce = (): JaxArray => jitted(...arrays.map((array) => array.ref));
  return {
    name: `jax-js ${device}`,
    async time(count) {
      defaultDevice(device);
      const begun = performance.now();
      // Its arrays are lazy: one that is disposed before it was waited for may never have been computed.
      const results = Array.from({ length: count }, runOnce);
      await Promise.all(results.map((result) => result.blockUntilReady()));
      const wall = (performance.now() - begun) / 1e3;
      last?.dispose();
      last = results.pop();
      for (const result of results) result.dispose();
      return { wall };
    },
    async answer() {
      defaultDevice(device);
      return (await last?.ref.data()) as Float32Array | undefined;
    },
    free: () => {
      last?.dispose();
      for (const array of arrays) array.dispose();
      jitted.dispose();
    },
  };
}
