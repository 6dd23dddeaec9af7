// A peer is another library doing the same work in the same page. A case hands it the inputs and one or more programs in
// that library's words; the fastest of them counts, and its answer is verified like ours.
import type { Inputs } from '../inputs.js';
import type { Contestant } from './contestant.js';
import type { JaxProgram } from './jax.js';
import type { TfjsProgram } from './tfjs.js';

export interface PeerPrograms {
  readonly tfjs?: readonly TfjsProgram[];
  readonly jax?: readonly JaxProgram[];
  /** Name of a program in observed_numpy.py with its sizes. It draws inputs of the same sizes and checks itself. */
  readonly numpy?: { readonly program: string; readonly sizes: Readonly<Record<string, number>> };
}

/** Puts the inputs in place for every program of every peer at hand. */
export type OpenPeers = (programs: PeerPrograms, inputs: Inputs) => Promise<Contestant[]>;

export const noPeers: OpenPeers = () => Promise.resolve([]);
