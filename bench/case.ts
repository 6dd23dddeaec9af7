// What a case is, and what it is given to work with. A file of bench/cases exports `cases`; see bench/run.ts.
import type { Backend } from '../src/backend/backend.js';
import type { Ceilings } from './ceilings.js';
import type { Meter } from './device.js';
import type { Spread } from './figures.js';
import type { OpenPeers } from './peers/peer.js';

export interface Case {
  /** What is measured and how large: `m 1024, d 64, order 3`. Unique in its file. */
  readonly name: string;
  /** Part of --quick. */
  readonly quick?: boolean;
  /** Too large for a software adapter; still run there when named. */
  readonly hardwareOnly?: boolean;
  run(bench: Bench): Promise<void>;
}

export interface Bench {
  /** The device of the backend, with its counters. */
  readonly meter: Meter;
  /** The webgpu backend on that device. */
  readonly backend: Backend;
  readonly ceilings: Ceilings;
  /** Other libraries on the same machine; none in Node. */
  readonly peers: OpenPeers;
  readonly rounds: number;
  /** A timed sample is made of as many runs as fill this. */
  readonly sampleMilliseconds: number;
  /** Seconds that one peer may take for the rounds of one case; a slow one gets fewer rounds. */
  readonly peerSeconds: number;
  readonly figure: (name: string, unit: string, value: number | Spread) => void;
  readonly log: (line: string) => void;
}
