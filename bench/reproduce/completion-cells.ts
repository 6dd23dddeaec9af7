// What completion.ts measures, for its claims and its figures.
import type { Spread } from '../figures.js';

export interface ScaleCell {
  readonly kind: 'scale';
  readonly setting: string;
  /** Standard deviation of the first factor entries. */
  readonly scale: number;
  readonly bound: number;
  readonly zeroFill: number;
  /** ‖W − W*‖ / ‖W*‖ */
  readonly reconstruction: Spread;
  readonly components: Spread;
  readonly runs: readonly ScaleRun[];
}

export interface ScaleRun {
  readonly seed: number;
  readonly converged: boolean;
  readonly steps: number;
  readonly seconds: number;
  /** ‖residual‖ / ‖values‖ over what is known, of the report where it is least; so are the next two. */
  readonly trainError: number;
  readonly reconstruction: number;
  /** Components of 1 % of the largest norm and more. */
  readonly components: number;
  /** For every one of them, the first report in which so many were as large as a twentieth of the tensor. */
  readonly arrivals: readonly number[];
  /** The largest norms of every report, of the seeds that are drawn. */
  readonly history: readonly { readonly step: number; readonly norms: readonly number[] }[];
}

/** The run of a cell whose error is the median, or next to it. */
export function typicalRun({ runs, reconstruction }: ScaleCell): ScaleRun | undefined {
  const distance = (run: ScaleRun): number => Math.abs(run.reconstruction - reconstruction.value);
  return runs.toSorted((a, b) => distance(a) - distance(b))[0];
}
