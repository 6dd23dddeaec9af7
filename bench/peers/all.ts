// Every peer that a page can hold: TensorFlow.js, jax-js, and NumPy outside of it, asked through the driver.
import type { Inputs } from '../inputs.js';
import { openJax } from './jax.js';
import { openNumpy } from './numpy-client.js';
import type { PeerPrograms } from './peer.js';
import type { Contestant } from './contestant.js';
import { openTfjs } from './tfjs.js';

export async function openAllPeers(programs: PeerPrograms, inputs: Inputs): Promise<Contestant[]> {
  return [
    ...(programs.jax ? await openJax(programs.jax, inputs) : []),
    ...(programs.tfjs ? await openTfjs(programs.tfjs, inputs) : []),
    ...(programs.numpy ? await openNumpy(programs.numpy) : []),
  ];
}
