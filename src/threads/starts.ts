// A search whose starts are shared by threads. Each thread goes the steps of its starts and observes them; the loop of src/run.ts, with
// all that is decided by looking at every start, and the finish stay where they are. So it stops where one thread would, with the same bits.
import type { Algorithm, Setup } from '../algorithms/algorithm.js';
import { smallest } from '../algorithms/algorithm.js';
import type { AlgorithmChoice } from '../algorithms/registry.js';
import type { Problem } from '../handles/problem.js';
import type { Observed } from '../result.js';
import type { Target } from '../targets/target.js';
import { unlessAborted, type Threads } from './threads.js';
import { inPieces } from './threads-for.js';

/** Some starts of a search: what a message can hold of its setup. */
export interface Starts {
  readonly target: Target;
  readonly setup: PlainSetup;
}

type PlainSetup = Omit<Setup<Problem, AlgorithmChoice>, 'scope' | 'problem' | 'roundoff'>;

interface SharedStarts {
  /** Steps that are recorded and not yet gone. */
  steps: number;
  /** Threads that have starts. */
  readonly count: number;
}

/** The algorithm with its starts in these threads; only for one that `hasIndependentStarts`. */
export function sharedStarts(
  algorithm: Algorithm<Problem, AlgorithmChoice, unknown>,
  threads: Threads,
  signal: AbortSignal | undefined,
): Algorithm<Problem, AlgorithmChoice, SharedStarts> {
  return {
    ...algorithm,
    async init(setup) {
      const { problem, options, width, rank, seed, tolerance, maxSteps, init, constraints, resumed } = setup;
      const plain = { options, width, rank, seed, tolerance, maxSteps, init, constraints };
      const pieces = inPieces([...setup.starts.keys()], threads.count);
      const given = pieces.map((own): Starts => {
        const starts = own.map((k) => setup.starts[k]!);
        const models = resumed && own.map((k) => resumed[k]!);
        return { target: problem.target, setup: { ...plain, starts, ...(models ? { resumed: models } : {}) } };
      });
      await unlessAborted(threads.call('begin', given), signal);
      return { steps: 0, count: pieces.length };
    },
    step(state) {
      state.steps++;
    },
    async observe(state) {
      const { steps, count } = state;
      state.steps = 0;
      const each = Array<number>(count).fill(steps);
      return merged((await unlessAborted(threads.call('advance', each), signal)) as Observed[]);
    },
  };
}

function merged(parts: readonly Observed[]): Observed {
  const startErrors = parts.flatMap((part) => part.startErrors);
  const models = parts.flatMap((part) => part.models ?? []);
  const best = smallest(startErrors);
  return { startErrors, best, models, kruskal: models[best]! };
}
