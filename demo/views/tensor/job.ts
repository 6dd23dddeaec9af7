// Your tensor in the worker: reads it, fits it at one rank or at ranks 1 to 6, and tells what every rank gives. A dense tensor is
// fitted by alternating least squares from several starts; a list of few entries is completed.
import {
  DeviceLostError,
  decomposeSteps,
  type Backend,
  type Decomposition,
  type DenseTarget,
  type Kruskal,
  type Matrix,
  type ObservedTarget,
  type StopReason,
} from '../../../src/index.js';
import type { Mode } from '../../examples/unemployment.js';
import type { Tools } from '../../worker/protocol.js';
import { coreConsistency } from './core-consistency.js';
import { leftOver } from './left-over.js';
import { chooseRank, maxTried, type RankFit } from './rank.js';
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
      /** Whether this is the fit that will be shown. */
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
  readonly weights: Float64Array;
  readonly factors: readonly Matrix[];
  /** For every index of every mode, Σ residual² / Σ data² of its slice. */
  readonly leftOver: readonly (readonly number[])[];
  readonly seed: number;
}

interface Fitted {
  readonly fit: RankFit;
  readonly result: Decomposition<Kruskal>;
}

/** Cells times the largest rank up to which several ranks are tried. */
const maxWork = 2e7;

export async function* tensor({ source, settings }: Input, tools: Tools): AsyncGenerator<Report, Outcome> {
  const { target, ...facts } = await load(source);
  const cells = sizeOf(target.shape);
  const known = target.kind === 'observed' ? target.count : target.data.length - missingCells(target);
  yield { kind: 'tensor', tensor: { ...facts, shape: target.shape, known, cells } };
  const backend = await tools.open(settings.backend);
  const fitAt = (rank: number | 'auto', quick: boolean) => fit(rank, target, settings, quick, backend, tools);
  const quick: RankFit[] = [];
  for (const rank of ranksToTry(target, settings)) {
    quick.push((yield* fitAt(rank, true)).fit);
    yield { kind: 'fit', fit: quick.at(-1) as RankFit };
  }
  const found = yield* fitAt(quick.length > 0 ? chooseRank(quick) : settings.rank, false);
  yield { kind: 'fit', fit: found.fit };
  const { kruskal, stop, advice, algorithm, seed } = found.result;
  const { weights, factors } = kruskal;
  return { fit: found.fit, stop, advice, algorithm, weights, factors, leftOver: leftOver(target, kruskal), seed };
}

const missingCells = ({ known }: DenseTarget): number => known?.reduce((sum, cell) => sum + 1 - cell, 0) ?? 0;

/** None where a rank is given; a completion finds the rank itself. */
function ranksToTry(target: DenseTarget | ObservedTarget, { rank }: Settings): number[] {
  if (rank !== 'auto' || target.kind === 'observed') return [];
  if (target.shape.length < 3) {
    throw new Error('rank auto: expected at least 3 modes, got a matrix, whose parts are not unique. Give a rank.');
  }
  if (target.data.length * maxTried > maxWork) {
    throw new Error(
      `rank auto: expected at most ${Math.floor(maxWork / maxTried).toLocaleString('en')} cells, got ${target.data.length.toLocaleString('en')}. Give a rank.`,
    );
  }
  // No tensor needs more components than the product of all sizes but the largest.
  const enough = target.data.length / Math.max(...target.shape);
  return Array.from({ length: Math.min(maxTried, enough) }, (_, k) => k + 1);
}

/** Steps of the finish that show how well a rank fits. */
const quickSteps = 40;

/** A quick fit ends soon after the search: a rank too many has no end that is worth the minutes of its finish. */
async function* fit(
  rank: number | 'auto',
  target: DenseTarget | ObservedTarget,
  { starts, seed }: Settings,
  quick: boolean,
  backend: Backend,
  { signal }: Tools,
): AsyncGenerator<Report, Fitted> {
  const enough = new AbortController();
  const steps = decomposeSteps(target, {
    rank,
    starts,
    seed,
    backend,
    ...(quick ? { tolerance: 1e-6 } : {}),
    signal: AbortSignal.any([signal, enough.signal]),
  });
  let polished = 0;
  try {
    for (;;) {
      const { done, value } = await steps.next();
      if (done) return fittedBy(value, target);
      if (value.phase === 'polish') polished++;
      if (quick && polished >= quickSteps) enough.abort();
      yield { kind: 'search', rank, final: !quick, step: value.step, relativeError: value.relativeError };
    }
  } finally {
    await steps.return(undefined as never);
  }
}

function fittedBy(result: Decomposition<Kruskal>, target: DenseTarget | ObservedTarget): Fitted {
  const { kruskal, relativeError, starts, stop, advice } = result;
  if (stop === 'deviceLost') throw new DeviceLostError(advice);
  const consistency = target.kind === 'dense' ? coreConsistency(target, kruskal) : undefined;
  const rank = kruskal.weights.length;
  const fit = { rank, relativeError, starts: starts.count, agreeing: starts.agreeing };
  return { fit: consistency === undefined ? fit : { ...fit, coreConsistency: consistency }, result };
}
