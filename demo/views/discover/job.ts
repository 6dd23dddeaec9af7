// Discover in the worker: one algorithm on one instance as a stream of states. A report of the library has no components, so
// the model at a report is the result of the same run ended there: by its seed a run is the same to the last bit, which is
// checked by the hash each time.
import { DeviceLostError } from '../../../src/errors.js';
import {
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

export async function* discover({ settings, algorithm }: Input, tools: Tools): AsyncGenerator<State, Outcome> {
  const instance = instanceOf(settings);
  const options = await openOptions({ settings, algorithm }, instance, tools);
  const steps = decomposeSteps(instance.target, { ...options, signal: tools.signal });
  const budget = new ModelBudget();
  try {
    for (let index = 0; ; index++) {
      const { done, value } = await steps.next();
      if (done) return outcomeOf(instance.truth, value);
      const state = { ...stateOf(index, value), ...(index === 0 ? { truth: truthOf(instance) } : {}) };
      if (!tools.pull.thorough && !budget.allows(index)) yield state;
      else yield await budget.spend(index, () => withModel(state, instance, options));
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
  const instance = instanceOf(input.settings);
  const options = await openOptions(input, instance, tools);
  yield await stateAt(index, instance, options);
  return undefined;
}

async function openOptions(
  { settings, algorithm }: Input,
  { truth }: Instance,
  tools: Tools,
): Promise<DecomposeOptions> {
  const backend = await tools.open(settings.backend);
  return { ...optionsOf(settings, algorithm, truth), backend };
}

async function withModel(state: State, instance: Instance, options: DecomposeOptions): Promise<State> {
  const again = await stateAt(state.index, instance, options);
  if (again.hash === state.hash && again.model) return { ...state, model: again.model };
  throw new Error(
    `discover: expected state ${state.index} to be ${state.hash} when computed again, got ${again.hash}. Choose another backend.`,
  );
}

/** The run up to its report `index`, ended there. */
async function stateAt(index: number, { target, truth }: Instance, options: DecomposeOptions): Promise<State> {
  const abort = new AbortController();
  const steps = decomposeSteps(target, { ...options, signal: abort.signal });
  let last: Progress | undefined;
  for (let k = 0; ; k++) {
    const { done, value } = await steps.next();
    if (!done) {
      last = value;
      if (k === index) abort.abort();
      continue;
    }
    if (!last) throw new Error('discover: a run without a report.');
    requireDevice(value);
    return { ...stateOf(index, last), model: modelOf(truth, value.kruskal) };
  }
}

function stateOf(index: number, progress: Progress): State {
  const { step, relativeError, componentNorms, deflation } = progress;
  const { time, arrivals, loss, shares } = deflation ?? {};
  const hash = hashNumbers([step, relativeError, time ?? 0, loss ?? 0], componentNorms, shares ?? []);
  return {
    ...{ index, step, relativeError, componentNorms, hash },
    ...(time !== undefined && arrivals ? { time, arrivals } : {}),
  };
}

const truthOf = ({ truth }: Instance): Truth => ({
  weights: Array.from(truth.weights),
  cosines: absoluteCosines(truth, truth),
});

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

/** Models cost the whole run up to them: at most half of the time goes there. */
class ModelBudget {
  #free = 0;
  #milliseconds = 0;
  #index = 0;

  allows(index: number): boolean {
    const expected = (this.#milliseconds * (index + 1)) / (this.#index + 1);
    return performance.now() - this.#free >= expected;
  }

  async spend<T>(index: number, work: () => Promise<T>): Promise<T> {
    const begun = performance.now();
    const value = await work();
    this.#free = performance.now();
    [this.#milliseconds, this.#index] = [this.#free - begun, index];
    return value;
  }
}
