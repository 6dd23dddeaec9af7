// Discover in the worker: one algorithm on one instance as a stream of states. By its seed a run is the same to the last bit, so a
// state can be computed again and compared with the one that was kept.
import {
  DeviceLostError,
  arrange,
  decomposeSteps,
  fixSigns,
  matchComponents,
  type AnyKruskal,
  type Arrival,
  type Decomposition,
  type DecomposeOptions,
  type Progress,
  type StopReason,
  type SymmetricKruskal,
} from '../../../src/index.js';
import { hashNumbers } from '../../worker/hash.js';
import { yieldToPage } from '../../worker/yield-to-page.js';
import type { Tools } from '../../worker/protocol.js';
import { absoluteCosines } from './comparison.js';
import { instanceOf, optionsOf, type Instance } from './instance.js';
import type { Algorithm, Settings } from './settings.js';

export interface Input {
  readonly settings: Settings;
  readonly algorithm: Algorithm;
}

/** A state of the run as a report tells it. */
export interface State {
  /** Number of the report, from 0. */
  readonly index: number;
  readonly step: number;
  readonly relativeError: number;
  readonly componentNorms: readonly number[];
  /** Deflation: its own time, and when each true component has arrived in it. */
  readonly time?: number;
  readonly arrivals?: readonly Arrival[];
  /** Of all numbers of the report but the clock's. */
  readonly hash: string;
  readonly model: Model;
  /** With the first state. */
  readonly truth?: Truth;
}

export interface Truth {
  readonly weights: readonly number[];
  /** |cosine| between any two. */
  readonly cosines: readonly (readonly number[])[];
}

/** The components at a state; unit directions, weights descending in magnitude. */
export interface Model {
  readonly weights: readonly number[];
  readonly cosines: readonly (readonly number[])[];
  readonly hash: string;
}

/** The result, compared with the truth. */
export interface Outcome {
  readonly stop: StopReason;
  readonly advice: string;
  readonly relativeError: number;
  readonly steps: number;
  readonly model: Model;
  /** Factor match score; only where there are as many components as true ones. */
  readonly matchScore: number | undefined;
}

/** Everything that a run needs; the same for a run that is computed again. */
interface Prepared extends Instance {
  readonly algorithm: Algorithm;
  readonly options: DecomposeOptions;
}

export async function* discover(input: Input, tools: Tools): AsyncGenerator<State, Outcome> {
  const prepared = await prepare(input, tools);
  const { truth } = prepared;
  const states = statesOf(prepared, tools.signal);
  try {
    for (;;) {
      const { done, value } = await states.next();
      if (done) return outcomeOf(truth, value);
      yield value.index === 0 ? { ...value, truth: truthOf(truth) } : value;
    }
  } finally {
    await states.return(undefined as never);
  }
}

/** A state for every report, then one for the result, unless the run is ended before. */
async function* statesOf(
  { target, truth, algorithm, options }: Prepared,
  signal: AbortSignal,
): AsyncGenerator<State, Decomposition<SymmetricKruskal>> {
  const steps = decomposeSteps(target, { ...options, signal });
  let last: State | undefined;
  try {
    for (let index = 0; ; index++) {
      const { done, value } = await steps.next();
      if (!done) {
        last = stateOf(index, algorithm, truth, value);
        yield last;
        await yieldToPage();
        continue;
      }
      requireDevice(value);
      if (last && !signal.aborted)
        yield endState(index, algorithm, last, value.steps, value.relativeError, modelOf(truth, value.kruskal));
      return value;
    }
  } finally {
    await steps.return(undefined as never);
  }
}

/** State `index` of such a run, computed from its seed; the last one where there are fewer. */
export async function* discoverState(
  { index, ...input }: Input & { readonly index: number },
  tools: Tools,
): AsyncGenerator<State, undefined> {
  const states = statesOf(await prepare(input, tools), tools.signal);
  let last: State | undefined;
  try {
    while (last?.index !== index) {
      const { done, value } = await states.next();
      if (done) break;
      last = value;
    }
  } finally {
    await states.return(undefined as never);
  }
  if (!last) throw new Error('discover: expected a run to report, got none. Reload the page.');
  yield last;
  return undefined;
}

async function prepare({ settings, algorithm }: Input, tools: Tools): Promise<Prepared> {
  const instance = instanceOf(settings);
  const backend = await tools.open(settings.backend);
  return {
    ...instance,
    algorithm,
    options: { ...optionsOf(settings, algorithm, instance.truth), reportModels: true, backend },
  };
}

/** Stages put their components in an order of their own: those of `staged` are told by size, so that lines go on. */
function stateOf(index: number, algorithm: Algorithm, truth: SymmetricKruskal, progress: Progress): State {
  const { step, relativeError, kruskal } = progress;
  const { deflation } = progress.details;
  const norms = progress.componentNorms;
  const componentNorms = algorithm === 'staged' ? [...norms].sort((a, b) => b - a) : norms;
  const { time, arrivals, loss, shares } = deflation ?? {};
  const hash = hashNumbers([step, relativeError, time ?? 0, loss ?? 0], componentNorms, shares ?? []);
  return {
    index,
    step,
    relativeError,
    componentNorms,
    hash,
    model: modelOf(truth, symmetric(kruskal)),
    ...(time !== undefined && arrivals ? { time, arrivals } : {}),
  };
}

const truthOf = (truth: SymmetricKruskal): Truth => ({
  weights: Array.from(truth.weights),
  cosines: absoluteCosines(truth, truth),
});

/** The result: staged has compacted what its last report tells; for the others it is the same, in another order. */
function endState(
  index: number,
  algorithm: Algorithm,
  last: State,
  step: number,
  relativeError: number,
  model: Model,
): State {
  const componentNorms = algorithm === 'staged' ? model.weights.map(Math.abs) : last.componentNorms;
  const hash = hashNumbers([index, step, relativeError], componentNorms, model.weights);
  return { ...last, index, step, relativeError, componentNorms, hash, model };
}

/** The model of a report. */
function symmetric(kruskal: AnyKruskal | undefined): SymmetricKruskal {
  if (kruskal && 'vectors' in kruskal) return kruskal;
  throw new Error('discover: expected a symmetric model in every report, got none. Reload the page.');
}

function modelOf(truth: SymmetricKruskal, model: SymmetricKruskal): Model {
  const found = fixSigns(arrange(model));
  return {
    weights: Array.from(found.weights),
    cosines: absoluteCosines(truth, found),
    hash: hashNumbers(found.weights, found.vectors.data),
  };
}

function outcomeOf(truth: SymmetricKruskal, result: Decomposition<SymmetricKruskal>): Outcome {
  requireDevice(result);
  const { kruskal, stop, advice, relativeError, steps } = result;
  const comparable = kruskal.weights.length === truth.weights.length;
  return {
    stop,
    advice,
    relativeError,
    steps,
    model: modelOf(truth, kruskal),
    matchScore: comparable ? matchComponents(truth, kruskal).score : undefined,
  };
}

function requireDevice({ stop, advice }: Decomposition): void {
  if (stop === 'deviceLost') throw new DeviceLostError(advice);
}
