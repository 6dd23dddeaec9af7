// What a thread does for the thread that started it, by name: loaded in the worker's script when it is asked for. Whatever a thread loads
// costs every thread time: no more than its calls need.
import { dispose } from '../dispose.js';
import type { AlgorithmChoice, AnyAlgorithm } from '../algorithms/registry.js';
import type { Algorithm, Setup } from '../algorithms/algorithm.js';
import { openBackend } from '../backend/open.js';
import type { BatchOptions, BatchOutcome } from '../decompose-batch.js';
import { algorithmLoaders, loadProblemMaker } from '../families/load.js';
import type { Problem } from '../handles/problem.js';
import type { Observed } from '../result.js';
import type { FactoredTarget } from '../targets/factored.js';
import type { Starts } from './starts.js';
import type { CallName } from './threads.js';
import { passed, untilAborted } from '../yield.js';

/** Problems of a batch, and its options as far as a message can hold them. */
interface Problems {
  readonly targets: readonly FactoredTarget[];
  readonly options: BatchOptions;
}

/** What goes on from call to call: the starts that this thread was given last. */
let begun:
  | {
      readonly algorithm: Algorithm<Problem, AlgorithmChoice, unknown>;
      readonly setup: Setup<Problem, AlgorithmChoice>;
      readonly state: unknown;
    }
  | undefined;

/** Answers when the script has loaded. */
const ready = (_: undefined): Promise<void> => Promise.resolve();

/** Takes the place of the starts before. */
async function begin({ target, setup: given }: Starts): Promise<void> {
  const algorithm = searchOf(await algorithmLoaders[given.options.kind]());
  const makeProblem = await loadProblemMaker(target.kind);
  begun?.setup.scope[dispose]();
  const backend = await openBackend('cpu');
  const scope = backend.scope('starts of a thread');
  const setup = { ...given, problem: makeProblem(target as never), scope, roundoff: backend.roundoff };
  begun = { algorithm, setup, state: await untilAborted(passed(await algorithm.init(setup)), undefined) };
}

/** Goes so many steps, and observes. */
async function advance(steps: number): Promise<Observed> {
  if (!begun) throw new Error('threads: expected starts to advance, got none.');
  const { algorithm, setup, state } = begun;
  for (let step = 0; step < steps; step++) {
    const waiting = algorithm.step(state);
    if (waiting) await waiting;
  }
  await setup.scope.flush();
  return algorithm.observe(state);
}

async function batch({ targets, options }: Problems, signal: AbortSignal): Promise<BatchOutcome[]> {
  const { decomposeBatch } = await import('../decompose-batch.js');
  return decomposeBatch(targets, { ...options, backend: 'cpu', threads: 1, signal });
}

const calls = { ready, begin, advance, batch } satisfies Record<CallName, (arg: never, signal: AbortSignal) => unknown>;

/** @throws Error for what is no call. */
export function answerCall(name: string, arg: unknown, signal: AbortSignal): Promise<unknown> {
  const known = Object.entries(calls).find(([own]) => own === name);
  if (!known) throw new Error(`threads: expected one of ${Object.keys(calls).join(', ')}, got ${name}.`);
  return (known[1] as (arg: unknown, signal: AbortSignal) => Promise<unknown>)(arg, signal);
}

function searchOf(algorithm: AnyAlgorithm): Algorithm<Problem, AlgorithmChoice, unknown> {
  if ('solve' in algorithm) throw new Error(`threads: expected an algorithm with steps, got ${algorithm.kind}.`);
  return algorithm;
}
