// What corruption.ts measures, for its claims and its figures.
import type { LossName } from '../../src/index.js';
import type { Spread } from '../figures.js';

export interface CorruptionCell {
  readonly kind: 'corruption';
  readonly loss: LossName;
  readonly zeroFill: number;
  /** ‖W − W*‖ / ‖W*‖: the least of a run, at its end, and where the held-out score is least. */
  readonly least: Spread;
  readonly final: Spread;
  readonly chosen: Spread;
  readonly runs: readonly CorruptionRun[];
}

export interface CorruptionRun {
  readonly seed: number;
  readonly least: number;
  readonly minStep: number;
  readonly final: number;
  readonly chosen: number;
  readonly chosenStep: number;
  readonly history: readonly { readonly step: number; readonly reconstruction: number; readonly heldOut: number }[];
}
