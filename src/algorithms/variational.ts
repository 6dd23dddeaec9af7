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

/** Part of the wide starts that must predict the same unknown cells. */
const minAgreeing = 0.5;
/**
 * Of 40 planted problems with noise and 3.5 to 15 values per unknown none was above 1.17; of models that were wrong, where values were
 * fewer than 2 per unknown, three of four were above this.
 */
const maxSurprise = 1.2;
/** Where more than this is left of the values, what was found may be the lesser part of what there is. */
const maxError = 0.5;

function endOf({ isExact, starts, agreeing, surprise }: FoundModel, kruskal: Kruskal, relativeError: number): RunEnd {
  const agreement = { agreeing, count: starts, compared: 'predictions' } as const;
  const stalled = (advice: string): RunEnd => ({ stop: 'stalled', agreement, advice });
  if (isExact || relativeError <= explicitErrorFloor) return { stop: 'converged', agreement };
  if (rankOf(kruskal) === 0) {
    return stalled(
      'The values speak for no component: noise, or too few of them. Give more values, or the rank if you know it.',
    );
  }
  if (surprise > maxSurprise) {
    return stalled(
      `Values that are left out are predicted ${surprise.toPrecision(2)} times worse, in squares, than the model expects: it takes structure for noise or noise for structure. Give more values, raise starts, or try another rank or seed.`,
    );
  }
  if (agreeing < minAgreeing * starts) {
    return stalled(
      `Only ${agreeing} of ${starts} wide starts predict the same unknown cells, so a better model may exist. Give more values, raise starts, or try another seed.`,
    );
  }
  if (relativeError > maxError) {
    return stalled(
      'What is left is as large as what was found: noise, or components that the values are too few for. Give more values.',
    );
  }
  return { stop: 'converged', agreement };
}
