// A peer is another library doing the same work in the same page. A case hands it the inputs and one or more programs in
// that library's words; the fastest of them counts, and its answer is verified like ours.
import type { Inputs } from '../kernel-case.js';
import type { JaxProgram } from './jax.js';
import type { TfjsProgram } from './tfjs.js';

export interface PeerPrograms {
  readonly tfjs?: readonly TfjsProgram[];
  readonly jax?: readonly JaxProgram[];
  /** Name of a program in observed_numpy.py with its sizes. It draws inputs of the same sizes and checks itself. */
  readonly numpy?: { readonly program: string; readonly sizes: Readonly<Record<string, number>> };
}

export interface Timing {
  /** Seconds by the wall clock, sending and waiting included. */
  readonly wall: number;
  /** Seconds on the device, where it tells. */
  readonly device?: number;
}

/** One program on one library and device, with its inputs in place. */
export interface Contestant {
  readonly name: string;
  /** `count` runs one after another, until the last one is finished. */
  time(count: number): Promise<Timing>;
  /** The answer of the last timed run, row-major; undefined when it has checked it itself. */
  answer(): Promise<ArrayLike<number> | undefined>;
  free(): void;
}

/** Puts the inputs in place for every program of every peer at hand. */
export type OpenPeers = (programs: PeerPrograms, inputs: Inputs) => Promise<Contestant[]>;

export const noPeers: OpenPeers = () => Promise.resolve([]);
