// Completion of observed entries by variational inference: needs no rank and no tuning, and recovers tensors without noise exactly.
// Every row of every factor is a normal distribution (src/variational), so components that the values do not speak for disappear.
//   grow components, try wide starts ─► exact? Gauss-Newton ─► posterior means, and how sure they are
import { explicitErrorFloor } from '../analysis/relative-error.js';
import { predictionError } from '../analysis/predict.js';
import { InputError } from '../errors.js';
import { polishedSampled } from '../compaction/cp/polish-sampled.js';
import type { FinishState } from '../handles/handle.js';
import type { SampledProblem } from '../handles/sampled.js';
import type { RunEnd } from '../result.js';
import { rankOf, toKruskal, type Kruskal } from '../tensor/kruskal.js';
import { entriesOf } from '../variational/entries.js';
import { search, type FoundModel } from '../variational/search.js';
import type { DirectAlgorithm } from './algorithm.js';

export interface VariationalOptions {
  readonly kind: 'variational';
}

export const variational: DirectAlgorithm<SampledProblem, VariationalOptions> = {
  kind: 'variational',
  family: 'sampled',
  options: {},
  defaults: {
    starts: 3,
    tolerance: 1e-9,
    maxSteps: 150,
    width: ({ expectedRank }, rank) => (rank === 'auto' ? expectedRank : rank),
  },
  check({ entries }) {
    if (!entries)
      throw new InputError('variational: expected single entries, got measurements. Use the algorithm completion.');
  },

  *solve(problem, { rank, seed, starts, maxSteps, finish, init }) {
    const { target, view, entries: observed } = problem;
    if (!observed) return;
    const entries = entriesOf(observed);
    const errorOf = (kruskal: Kruskal): number => predictionError(kruskal, target);
    const steps = search(entries, problem, { rank, seed, starts, sweeps: maxSteps, init: init && toKruskal(init) });
    let step = 0;
    let found: FoundModel | undefined;
    while (!found) {
      const { done, value } = steps.next();
      if (done) found = value;
      else yield value && { step: ++step, kruskal: value.kruskal, relativeError: errorOf(value.kruskal) };
    }
    let { kruskal } = found;
    if (found.isExact && finish === 'compact') {
      ({ kruskal } = yield* polishedSampled(view, kruskal, { tolerance: 1e-9, maxSteps: 20 }));
    }
    const state: FinishState = { step: ++step, phase: 'polish', kruskal, relativeError: errorOf(kruskal) };
    yield { ...state, end: endOf(found, kruskal, state.relativeError) };
  },
};

function endOf({ isExact, starts, agreeing }: FoundModel, kruskal: Kruskal, relativeError: number): RunEnd {
  const agreement = { agreeing, count: starts, compared: 'predictions' } as const;
  if (isExact || relativeError <= explicitErrorFloor) return { stop: 'converged', agreement };
  if (rankOf(kruskal) === 0) return { stop: 'stalled', agreement, advice: 'The values speak for no component.' };
  if (agreeing >= Math.min(2, starts)) return { stop: 'converged', agreement };
  return {
    stop: 'stalled',
    agreement,
    advice: `Only ${agreeing} of ${starts} wide starts predict the same unknown cells, so a better model may exist. Give more values, raise starts, or try another seed.`,
  };
}
