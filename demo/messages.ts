// What the page and its worker say to each other. The page asks for every report (`pull`), so nothing is computed while
// it does not ask: pausing is not asking. Each message carries the number of its run; answers of an older run are stale.
import type { AdapterDescription, BackendKind, Progress, StopReason } from '../src/index.js';
import type { Configuration } from './configuration.js';

export type Request =
  | { readonly kind: 'start'; readonly run: number; readonly configuration: Configuration }
  /** One report; more of them as long as `milliseconds` have not passed. */
  | { readonly kind: 'pull'; readonly run: number; readonly milliseconds: number };

export type Reply =
  | { readonly kind: 'opened'; readonly run: number; readonly opened: Opened }
  | { readonly kind: 'reports'; readonly run: number; readonly reports: readonly Progress[] }
  | { readonly kind: 'finished'; readonly run: number; readonly outcome: Outcome }
  | { readonly kind: 'failed'; readonly run: number; readonly message: string };

/** Where the run computes and why there, and what it is looking for. */
export interface Opened {
  readonly backend: BackendKind;
  readonly adapter: AdapterDescription;
  readonly reason: string;
  /** Whether this worker has WebGPU at all. */
  readonly webgpu: boolean;
  readonly truthWeights: readonly number[];
}

/** The result, compared with the truth. */
export interface Outcome {
  readonly stop: StopReason;
  readonly advice: string;
  readonly relativeError: number;
  readonly errorFloor: number;
  readonly steps: number;
  readonly seconds: number;
  readonly starts: { readonly count: number; readonly agreeing: number };
  /** Of the components, descending in magnitude. */
  readonly weights: readonly number[];
  /** |cosine| of each true component (row) with each component found (column). */
  readonly cosines: readonly (readonly number[])[];
  /** Factor match score; only where there are as many components as true ones. */
  readonly matchScore: number | undefined;
}
