// Discover in the worker: one algorithm on one instance as a stream of states. A report of the library has no components, so
// the model at a report is the result of the same run ended there: by its seed a run is the same to the last bit, which is
// checked by the hash each time.
import {
  DeviceLostError,
  decomposeSteps,
  matchComponents,
  type Arrival,
  type Decomposition,
  type DecomposeOptions,
  type Progress,
  type StopReason,
  type SymmetricKruskal,
} from '../../../src/index.js';
import { hashNumbers } from '../../worker/hash.js';
import { listen } from '../../worker/listen.js';
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
  readonly model?: Model;
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
  const budget = new ModelBudget();
  try {
    for (;;) {
      const { done, value } = await states.next();
      if (done) return outcomeOf(truth, value);
      const state = value.index === 0 ? { ...value, truth: truthOf(truth) } : value;
      if (state.model || (!tools.pull.thorough && !budget.allows(state.index))) yield state;
      else yield await budget.spend(state.index, () => withModel(state, prepared, tools.signal));
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
        last = stateOf(index, algorithm, value);
        yield last;
        await listen();
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

/** One state of such a run, computed from its seed. */
export async function* discoverState(
  { index, ...input }: Input & { readonly index: number },
  tools: Tools,
): AsyncGenerator<State, undefined> {
  yield await stateAt(index, await prepare(input, tools), tools.signal);
  return undefined;
}

async function prepare({ settings, algorithm }: Input, tools: Tools): Promise<Prepared> {
  const instance = instanceOf(settings);
  const backend = await tools.open(settings.backend);
  return { ...instance, algorithm, options: { ...optionsOf(settings, algorithm, instance.truth), backend } };
}

async function withModel(state: State, prepared: Prepared, signal: AbortSignal): Promise<State> {
  const again = await stateAt(state.index, prepared, signal);
  if (again.hash === state.hash && again.model) return { ...state, model: again.model };
  throw new Error(
    `discover: expected state ${state.index} to be ${state.hash} when computed again, got ${again.hash}. Choose another backend.`,
  );
}

/** The run up to its state `index`, ended there; or before, when the page wants nothing any more. */
async function stateAt(index: number, prepared: Prepared, signal: AbortSignal): Promise<State> {
  const abort = new AbortController();
  const states = statesOf(prepared, AbortSignal.any([abort.signal, signal]));
  let last: State | undefined;
  for (;;) {
    const { done, value } = await states.next();
    if (!done) {
      last = value;
      if (value.index === index) abort.abort();
      continue;
    }
    if (!last) throw new Error('discover: expected a run to report, got none. Reload the page.');
    return last.model ? last : { ...last, model: modelOf(prepared.truth, value.kruskal) };
  }
}

/** Stages put their components in an order of their own: those of `staged` are told by size, so that lines go on. */
function stateOf(index: number, algorithm: Algorithm, progress: Progress): State {
  const { step, relativeError } = progress;
  const { deflation } = progress.details;
  const norms = progress.componentNorms;
  const componentNorms = algorithm === 'staged' ? [...norms].sort((a, b) => b - a) : norms;
  const { time, arrivals, loss, shares } = deflation ?? {};
  const hash = hashNumbers([step, relativeError, time ?? 0, loss ?? 0], componentNorms, shares ?? []);
  return {
    ...{ index, step, relativeError, componentNorms, hash },
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

function modelOf(truth: SymmetricKruskal, found: SymmetricKruskal): Model {
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
    ...{ stop, advice, relativeError, steps, model: modelOf(truth, kruskal) },
    matchScore: comparable ? matchComponents(truth, kruskal).score : undefined,
  };
}

function requireDevice({ stop, advice }: Decomposition): void {
  if (stop === 'deviceLost') throw new DeviceLostError(advice);
}

/** Milliseconds, less than a frame. */
const cheap = 12;

/** Models cost the whole run up to them: cheap ones are always made, and two thirds of the time may go into the others. */
class ModelBudget {
  #free = 0;
  #milliseconds = 0;
  #index = 0;

  allows(index: number): boolean {
    const expected = (this.#milliseconds * (index + 1)) / (this.#index + 1);
    return expected <= cheap || performance.now() - this.#free >= expected / 2;
  }

  async spend<T>(index: number, work: () => Promise<T>): Promise<T> {
    const begun = performance.now();
    const value = await work();
    this.#free = performance.now();
    [this.#milliseconds, this.#index] = [this.#free - begun, index];
    return value;
  }
}
