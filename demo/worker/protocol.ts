// The messages between the page and its worker. The page asks for every report (`pull`), so nothing is computed while it
// does not ask: pausing is not asking. Each message carries the number of its run.
import type { AdapterDescription, Backend, BackendChoice, BackendKind } from '../../src/index.js';

export type Request =
  /** `skip`: reports that the page has from an earlier worker; they are computed again and only the last one is sent. */
  | {
      readonly kind: 'start';
      readonly run: number;
      readonly job: string;
      readonly input: unknown;
      readonly skip: number;
    }
  | { readonly kind: 'pull'; readonly run: number; readonly pull: Pull }
  | { readonly kind: 'end'; readonly run: number };

export interface Pull {
  /** Reports wanted; fewer come at the end of the run. */
  readonly count: number;
  /** Time after which fewer will do, but one. */
  readonly milliseconds: number;
}

export type Reply =
  | { readonly kind: 'opened'; readonly run: number; readonly machine: Machine }
  | { readonly kind: 'started'; readonly run: number; readonly last: unknown }
  | { readonly kind: 'reports'; readonly run: number; readonly reports: readonly unknown[] }
  | { readonly kind: 'finished'; readonly run: number; readonly outcome: unknown }
  | { readonly kind: 'failed'; readonly run: number; readonly message: string }
  | { readonly kind: 'lost'; readonly run: number }
  /** The last message of every run: the worker is free again. */
  | { readonly kind: 'ended'; readonly run: number };

/** Where a run computes, and why there. */
export interface Machine {
  readonly backend: BackendKind;
  readonly adapter: AdapterDescription;
  readonly reason: string;
  /** Whether the worker has WebGPU at all. */
  readonly webgpu: boolean;
}

/** What a job is given beside its input. */
export interface Tools {
  readonly signal: AbortSignal;
  /** Reports that the page has already; a job may answer them with anything. */
  readonly skip: number;
  /** The pull that is being answered. */
  readonly pull: Pull;
  /** Opens a backend, or shares the one that another run of this choice has opened; it is closed with the last run. */
  open(choice: BackendChoice): Promise<Backend>;
}

/** A computation in the worker: a pull stream of reports, and an outcome. @throws DeviceLostError to be started again. */
export type Job<Input, Report, Outcome> = (input: Input, tools: Tools) => AsyncGenerator<Report, Outcome>;
