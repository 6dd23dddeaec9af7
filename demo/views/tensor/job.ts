// Your tensor in the worker: reads it, finds its rank and its components, and tells what every rank gives. A list of few entries is
// completed.
import {
  coreConsistency,
  DeviceLostError,
  decomposeSteps,
  type Decomposition,
  type DecomposeOptions,
  type DenseTarget,
  type Kruskal,
  type Matrix,
  type ObservedTarget,
  type RankChoice,
  type StopReason,
} from '../../../src/index.js';
import type { Mode } from '../../examples/unemployment.js';
import type { Tools } from '../../worker/protocol.js';
import { leftOver } from './left-over.js';
import type { RankFit } from './rank-table.js';
import type { Settings } from './settings.js';
import { load, type Source } from './source.js';
import { sizeOf } from '../../arithmetic.js';

export interface Input {
  readonly source: Source;
  readonly settings: Settings;
}

export type Report =
  | { readonly kind: 'tensor'; readonly tensor: TensorFacts }
  | {
      readonly kind: 'search';
      readonly rank: number | 'auto';
      /** Whether the rank is chosen. */
      readonly final: boolean;
      readonly step: number;
      readonly relativeError: number;
    }
  | { readonly kind: 'fit'; readonly fit: RankFit };

export interface TensorFacts {
  readonly title: string;
  readonly about: string;
  readonly unit: string;
  readonly shape: readonly number[];
  /** Cells that are known, and all cells. */
  readonly known: number;
  readonly cells: number;
  readonly modes: readonly Mode[];
  readonly arrays?: readonly string[];
  readonly array?: string;
}

export interface Outcome {
  readonly fit: RankFit;
  readonly stop: StopReason;
  readonly advice: string;
  readonly algorithm: string;
  /** How the rank was chosen, where it was. */
  readonly rankChoice?: RankChoice;
  readonly weights: Float64Array;
  readonly factors: readonly Matrix[];
  /** For every index of every mode, Σ residual² / Σ data² of its slice. */
  readonly leftOver: readonly (readonly number[])[];
  readonly seed: number;
}

/** The search for the rank computes in float64 on the CPU; a GPU that is asked for by name is used all the same. */
const backendOf = (target: DenseTarget | ObservedTarget, { backend }: Settings): Settings['backend'] =>
  target.kind === 'dense' && backend === 'auto' ? 'cpu' : backend;

export async function* tensor({ source, settings }: Input, tools: Tools): AsyncGenerator<Report, Outcome> {
  const { target, ...facts } = await load(source);
  const cells = sizeOf(target.shape);
  const known = target.kind === 'observed' ? target.count : target.data.length - missingCells(target);
  yield { kind: 'tensor', tensor: { ...facts, shape: target.shape, known, cells } };
  const { rank, starts, seed } = settings;
  const backend = await tools.open(backendOf(target, settings));
  const result = yield* decomposed(target, { rank, starts, seed, backend, signal: tools.signal });
  const { kruskal, stop, advice, algorithm, rankChoice } = result;
  if (stop === 'deviceLost') throw new DeviceLostError(advice);
  for (const candidate of rankChoice?.candidates ?? []) yield { kind: 'fit', fit: candidate };
  const fit = fitOf(result, target);
  yield { kind: 'fit', fit };
  const { weights, factors } = kruskal;
  const choice = rankChoice ? { rankChoice } : {};
  return { fit, stop, advice, algorithm, ...choice, weights, factors, leftOver: leftOver(target, kruskal), seed };
}

const missingCells = ({ known }: DenseTarget): number => known?.reduce((sum, cell) => sum + 1 - cell, 0) ?? 0;

/** Runs decompose, and tells every rank as soon as it is fitted. */
async function* decomposed(
  target: DenseTarget | ObservedTarget,
  options: DecomposeOptions & { readonly rank: number | 'auto' },
): AsyncGenerator<Report, Decomposition<Kruskal>> {
  const steps = decomposeSteps(target, options);
  let told = 0;
  try {
    for (;;) {
      const { done, value } = await steps.next();
      if (done) return value;
      const ranks = value.details.ranks ?? [];
      if (ranks.length !== told) for (const fit of ranks) yield { kind: 'fit', fit };
      told = ranks.length;
      const final = value.phase === 'polish';
      yield { kind: 'search', rank: options.rank, final, step: value.step, relativeError: value.relativeError };
    }
  } finally {
    await steps.return(undefined as never);
  }
}

/** What the answer's own rank gives. */
function fitOf(
  { kruskal, relativeError, starts, rankChoice }: Decomposition<Kruskal>,
  target: DenseTarget | ObservedTarget,
): RankFit {
  const rank = kruskal.weights.length;
  const candidate = rankChoice?.candidates.find((one) => one.rank === rank);
  if (candidate) return { ...candidate, relativeError };
  const isWhole = target.kind === 'dense' && !target.known;
  const consistency = isWhole ? coreConsistency(target, kruskal) : undefined;
  return { rank, relativeError, coreConsistency: consistency, starts: starts.count, agreeing: starts.agreeing };
}
