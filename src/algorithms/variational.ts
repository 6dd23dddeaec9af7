// Completion of observed entries by variational inference: needs no rank and no tuning, and recovers tensors without noise exactly.
// Every row of every factor is a normal distribution (src/variational), so components that the values do not speak for disappear.
//   grow components, try wide starts ─► exact? Gauss-Newton ─► posterior means
import { predictionError } from '../analysis/predict.js';
import { InputError } from '../errors.js';
import { polishedSampled } from '../compaction/cp/polish-sampled.js';
import type { FinishState } from '../handles/handle.js';
import type { SampledProblem } from '../handles/sampled.js';
import type { RunEnd } from '../result.js';
import { rankOf, toKruskal, type Kruskal } from '../tensor/kruskal.js';
import { freeNumbers } from '../tensor/free-numbers.js';
import { entriesOf, type Entries } from '../variational/entries.js';
import { minAgreeing, search, type FoundModel } from '../variational/search.js';
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
    yield { ...state, end: tooFewValues(entries, found, kruskal) ?? endOf(found, kruskal, state.relativeError) };
  },
};

/** Values per unknown of a model of noisy values: below it, one of three or four that starts agreed on was wrong. */
const minValues = 2;

/** Whether there are rows that nothing is known of, or too few values to know a model of this rank. */
function tooFewValues(
  { shape, count, modes }: Entries,
  { isExact, starts, agreeing }: FoundModel,
  kruskal: Kruskal,
): RunEnd | undefined {
  const stalled = (advice: string): RunEnd => ({
    stop: 'stalled',
    agreement: { agreeing, count: starts, compared: 'predictions' },
    advice,
  });
  const empty = modes.map(({ starts: from }) =>
    from.reduce((sum, at, row) => sum + (row > 0 && at === from[row - 1] ? 1 : 0), 0),
  );
  const mode = empty.findIndex((rows) => rows > 0);
  if (mode >= 0) {
    return stalled(
      `${empty[mode]!} of ${shape[mode]!} indices of mode ${mode} have no value: what is predicted for them is not known. Leave them out, or give values of them.`,
    );
  }
  const unknowns = freeNumbers(shape, rankOf(kruskal));
  if (isExact || count >= minValues * unknowns) return undefined;
  return stalled(
    `There are ${count} values for the ${unknowns} unknowns of rank ${rankOf(kruskal)}, too few to tell whether the model is right. Give more values, or ask for a smaller rank.`,
  );
}

/** Part of the wide starts that must predict the same unknown cells. */
const agreeingShare = 0.5;
/**
 * Of 40 planted problems with noise and 3.5 to 15 values per unknown none was above 1.17; of models that were wrong, where values were
 * fewer than 2 per unknown, three of four were above this.
 */
const maxSurprise = 1.2;
/** Where more than this is left of the values, what was found may be the lesser part of what there is. */
const maxError = 0.5;

function endOf(
  { isExact, starts, agreeing, surprise, isAtLimit }: FoundModel,
  kruskal: Kruskal,
  relativeError: number,
): RunEnd {
  const agreement = { agreeing, count: starts, compared: 'predictions' } as const;
  const stalled = (advice: string): RunEnd => ({ stop: 'stalled', agreement, advice });
  if (isExact) {
    return agreeing >= minAgreeing
      ? { stop: 'converged', agreement }
      : stalled(
          'The model fits the values exactly, but another search did not come to it: others may fit as well, and predict other unknown cells. Give more values, or the rank if you know it.',
        );
  }
  if (rankOf(kruskal) === 0) {
    return stalled(
      'The values speak for no component: noise, or too few of them. Give more values, or the rank if you know it.',
    );
  }
  if (surprise > maxSurprise) {
    return stalled(
      `Held-out values have ${surprise.toPrecision(2)} times the squared error that the model expects, so its noise level or its rank is wrong. Give more values, raise starts, or try another rank or seed.`,
    );
  }
  if (isAtLimit) {
    return stalled(
      `${rankOf(kruskal)} components are the most that are looked for, and there may be more. Give the rank.`,
    );
  }
  if (agreeing < Math.max(minAgreeing, agreeingShare * starts)) {
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
