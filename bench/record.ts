// The record of one run: every figure with the machine it was measured on. Kept as JSON in bench/results.
import type { AdapterInfo } from './device.js';
import type { Figure } from './figures.js';

export interface BenchRecord {
  readonly date: string;
  readonly commit: string;
  readonly host: 'chromium' | 'node';
  readonly quick: boolean;
  readonly adapter: AdapterInfo;
  /** Browser or Node, and the packages that took part. */
  readonly versions: Readonly<Record<string, string>>;
  readonly system: System;
  readonly figures: readonly Figure[];
  readonly failures: readonly string[];
}

export interface System {
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
}

/** What a peer measured by itself (bench/gpu/peer_torch.py, bench/peers/als_numpy.py) prints: its times of the same cases. */
export interface PeerRecord {
  readonly peer: string;
  readonly device: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly times: readonly PeerTime[];
}

export interface PeerTime {
  readonly family: string;
  readonly case: string;
  readonly seconds: number;
  /** Instances of 10 solved exactly, in the time to the answer. */
  readonly exact?: number;
}
