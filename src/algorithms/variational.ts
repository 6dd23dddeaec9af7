// Completion of observed entries by variational inference, with a rank that is given or not. Values without noise are fitted exactly
// where an exact model is found.
// Every row of every factor is a normal distribution (src/variational), so components that the values do not speak for disappear.
//   grow components, try wide starts ─► exact? Gauss-Newton ─► posterior means
// Where values are plentiful and what is left of them is no noise, as in most measured tensors, the evidence speaks for ever more
// components. There the rank is that of a dense tensor with missing cells (compressed.ts).
// A GPU, where there is one, adds up the rows of sweeps that are long enough (row-sums-on-device.ts); all else is in float64 on the CPU.
import type { Posterior } from '../analysis/posterior.js';
import { predictionErrorSteps } from '../analysis/predict.js';
import type { Backend } from '../backend/backend.js';
import { InputError } from '../errors.js';
import { parametricLosses } from '../losses/local.js';
import { defaultLoss, lossOf, namedLoss, type LossName } from '../losses/losses.js';
import { polishedSampled } from '../compaction/cp/polish-sampled.js';
import { denseProblem } from '../handles/dense.js';
import type { FinishState, FinishWork } from '../handles/handle.js';
import { observedProblem } from '../handles/observed.js';
import type { SampledProblem } from '../handles/sampled.js';
import type { RunEnd } from '../result.js';
import type { DenseTarget } from '../targets/dense.js';
import type { ObservedTarget } from '../targets/observed.js';
import { usedIndices } from '../targets/used-indices.js';
import { rankOf, toKruskal, type Kruskal } from '../tensor/kruskal.js';
import { isConstrained, unconstrained } from '../tensor/constraints.js';
import { freeNumbers } from '../tensor/free-numbers.js';
import { sizeOf } from '../tensor/shape.js';
import { absorbWeights } from '../tensor/stacked.js';
import { bytesOfEntries, entriesOf, rowsWithValues, type Entries } from '../variational/entries.js';
import { modelOf, secondMomentOf, type VariationalModel } from '../variational/model.js';
import { pairsOf } from '../variational/packed.js';
import { areWorthADevice, rowSumTime } from '../variational/row-sums.js';
import type { FoundModel } from '../variational/search-steps.js';
import { search, speaksForSome, type SearchOptions } from '../variational/search.js';
import { inRanges, waitFor, type Work } from '../yield.js';
import type { DirectAlgorithm, DirectSetup } from './algorithm.js';
import { requireLossValues } from './loss-values.js';
import { variationalOptions, type VariationalOptions } from './options/variational.js';
import type { OpenRowSums } from './row-sums-on-device.js';
import { endOf, overAllIndices, withChoice } from './variational-end.js';

/** Bytes that are asked for at most. */
const maxBytes = 2 ** 33;
/** Components that memory and flops are counted for: a run may need more. */
const countedRank = 8;
/** Sweeps that flops are counted for: of a few components and wide starts. */
const usualSweeps = 300;

/** Entries sorted by every mode; means, covariances and moments of the rows, of the best model and of a trial. */
export const variationalBytes = ({ shape, count }: Pick<ObservedTarget, 'shape' | 'count'>): number =>
  bytesOfEntries(shape.length, count) +
  8 * 4 * (countedRank + pairsOf(countedRank)) * shape.reduce((sum, rows) => sum + rows, 0);

const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

export const variational: DirectAlgorithm<SampledProblem, VariationalOptions> = {
  kind: 'variational',
  family: 'sampled',
  options: variationalOptions,
  defaults: {
    starts: 3,
    tolerance: 1e-9,
    maxSteps: 150,
    width: ({ expectedRank }, rank) => (rank === 'auto' ? expectedRank : rank),
  },
  // At a flop per nanosecond. Where a GPU gains nothing, only who asks for it gets it; other losses and bounds are the CPU's.
  gpuFlops({ entries }, { options: { loss = defaultLoss }, constraints }) {
    if (!entries || loss !== defaultLoss || isConstrained(constraints)) return 0;
    return areWorthADevice(entries, countedRank) ? usualSweeps * rowSumTime(entries, countedRank) : 1;
  },
  lossOf: ({ loss = defaultLoss }) => namedLoss(loss),
  check({ entries }, { loss = defaultLoss, lossParameter, smooth = [] }, { constraints }) {
    if (!entries)
      throw new InputError('variational: expected single entries, got measurements. Use the algorithm completion.');
    requireLossValues('variational', entries, loss);
    if (lossParameter !== undefined && !parametricLosses.includes(loss)) {
      throw new InputError(
        `variational: expected lossParameter with loss ${parametricLosses.join(' or ')} only, got it with loss ${loss}. The others have none or learn it: leave it out.`,
      );
    }
    if (smooth.length > 0) requireSmoothModes(entries, smooth, loss !== defaultLoss || isConstrained(constraints));
    const bytes = variationalBytes(entries);
    if (bytes > maxBytes) {
      throw new InputError(
        `variational: expected a problem of up to ${gibibytes(maxBytes)}, got one of ${gibibytes(bytes)} (${bytes} bytes for ${entries.count} entries of order ${entries.shape.length}). Use the algorithm completion.`,
      );
    }
  },

  *solve(problem, setup) {
    if (!problem.entries) return;
    const { smooth = [] } = setup.options;
    const modes = Array.from(problem.shape.keys()).filter((mode) => !smooth.includes(mode));
    const used = yield* usedIndices(problem.entries, modes);
    if (!used) {
      yield* solveEntries(problem, problem.entries, setup);
      return;
    }
    const init = setup.init && used.taken(toKruskal(setup.init));
    for (const state of solveEntries(observedProblem(used.target), used.target, { ...setup, init })) {
      yield (
        state && {
          ...state,
          kruskal: used.restored(toKruskal(state.kruskal)),
          ...(state.end ? { end: overAllIndices(state.end, used) } : {}),
        }
      );
    }
  },
};

/** Where every index has a value. */
function* solveEntries(
  problem: SampledProblem,
  observed: ObservedTarget,
  setup: DirectSetup<VariationalOptions>,
): FinishWork {
  const { seed, starts, maxSteps, finish } = setup;
  const { target, view } = problem;
  const { loss = defaultLoss, lossParameter, smooth = [] } = setup.options;
  using device = setup.device && loss === defaultLoss ? yield* openDevice(setup.device) : undefined;
  const given = yield* entriesOf(observed, device);
  // Loaded where they are asked for: most completions are of squared errors, without bounds.
  const entries =
    loss === defaultLoss
      ? given
      : (yield* waitFor(import('../variational/local-gaussians.js'))).withLoss(given, loss, lossParameter);
  const bounds = boundsOf(problem, setup, loss);
  const bounded = bounds && (yield* waitFor(import('./bounded-completion.js')));
  const errorOf = (kruskal: Kruskal): Work<number> => predictionErrorSteps(kruskal, target, loss);
  const begun = setup.init && toKruskal(setup.init);
  const smoothed = smooth.length > 0 && (yield* waitFor(import('../variational/smooth-search.js')));
  const dense =
    setup.rank === 'auto' && !begun && !entries.local && !smoothed
      ? yield* modelOfCells(entries, setup, !bounds)
      : undefined;
  let step = dense?.step ?? 0;
  const { rank } = setup;
  const limits = { seed, starts, sweeps: maxSteps };
  const searched = function* (options: Omit<SearchOptions, keyof typeof limits>): FinishWork<FoundModel> {
    const asked = { ...limits, ...options };
    const steps = smoothed
      ? smoothed.smoothSearch(entries, problem, { ...asked, smooth })
      : search(entries, problem, asked);
    for (;;) {
      const { done, value } = steps.next();
      if (done) return value;
      if (!value) {
        yield;
        continue;
      }
      const kruskal = bounds && bounded ? bounded.onBounds(value, bounds) : value;
      yield { step: ++step, kruskal, relativeError: yield* errorOf(kruskal) };
    }
  };
  const isClear = dense?.end.stop === 'converged';
  // One component is no head start, and may stand for biases.
  const several = dense && rankOf(dense.kruskal) > 1 ? dense : undefined;
  let found = isClear
    ? undefined
    : yield* searched({ rank, init: begun ?? several?.kruskal, maxLittle: dense && maxLittle });
  let chosen: ChosenModel | undefined;
  if (dense && (!found || (found.isAtLimit && !found.isExact))) {
    chosen = dense;
    const { kruskal: init, agreed } = dense;
    found = yield* searched({ rank: rankOf(init), init, agreed });
  }
  if (!found) return;
  let { kruskal } = found;
  if (found.isExact && finish === 'compact') {
    ({ kruskal } = yield* polishedSampled(found.fitted ?? view, kruskal, { tolerance: 1e-9, maxSteps: 20 }));
  }
  if (bounds && bounded) {
    yield* bounded.boundedStates(problem, found, bounds, { kruskal, step, entries, chosen: chosen?.end, ...setup });
    return;
  }
  const state: FinishState = { step: ++step, phase: 'polish', kruskal, relativeError: yield* errorOf(kruskal) };
  const end = withChoice(endOf(entries, found, kruskal, state.relativeError), chosen?.end);
  // No component, or an exact fit that nobody vouches for, says nothing of what it leaves open: its deviations would be 0.
  const isKnown = rankOf(kruskal) > 0 && (found.model !== undefined || end.stop === 'converged');
  yield {
    ...state,
    end: {
      ...end,
      ...(isKnown ? { posterior: posteriorOf(entries, found, kruskal) } : {}),
      ...(device?.whyNot === undefined ? {} : { backendNote: device.whyNot }),
    },
  };
}

/** @throws InputError for modes that are not there, or beside what does not know of neighbors. */
function requireSmoothModes({ shape }: ObservedTarget, smooth: readonly number[], hasOther: boolean): void {
  const last = shape.length - 1;
  const wrong = smooth.find((mode) => mode > last);
  if (wrong !== undefined)
    throw new InputError(`variational: expected smooth to be modes from 0 to ${last}, got ${wrong}. Change smooth.`);
  if (hasOther)
    throw new InputError(
      `variational: expected smooth with loss ${defaultLoss} and without nonnegative, got another loss or nonnegative. Leave one of them out.`,
    );
}

/** Modes whose factors may not be negative; undefined where all may be. A rate of counts is a sum of nonnegative products. */
function boundsOf(
  { shape }: SampledProblem,
  { constraints: { nonnegative } }: DirectSetup<VariationalOptions>,
  loss: LossName,
): readonly number[] | undefined {
  if (lossOf(loss).domain.minPrediction === 0) return Array.from(shape.keys());
  return nonnegative.length > 0 ? nonnegative : undefined;
}

/** Loaded where there is one. */
function* openDevice(device: Backend): Work<OpenRowSums> {
  const { openRowSums } = yield* waitFor(import('./row-sums-on-device.js'));
  return openRowSums(device);
}

/** Values per unknown of one component, part of the cells, and cells in all, of lists that are as good as a dense tensor with gaps. */
const minPerUnknown = 15;
const minShare = 0.1;
const maxCells = 4e6;
/** Beyond the components of the dense tensor, so many that take little of what is left say that it is no noise. */
const maxLittle = 3;

/** The entries as a dense tensor, where they are many of its cells, every index has some, and no cell has two values. */
function* denseOf(entries: Entries): Work<DenseTarget | undefined> {
  const { shape, count, indices, values } = entries;
  const order = shape.length;
  const size = sizeOf(shape);
  const rows = rowsWithValues(entries);
  if (order < 3 || size > maxCells || count < Math.max(minShare * size, minPerUnknown * freeNumbers(shape, 1)))
    return undefined;
  if (rows.some((some, mode) => some < shape[mode]!)) return undefined;
  const data = new Float64Array(size);
  const known = new Uint8Array(size);
  let isTwice = false;
  yield* inRanges(count, 2 * order, (from, end) => {
    for (let e = from; e < end; e++) {
      let at = 0;
      for (let mode = 0; mode < order; mode++) at = at * shape[mode]! + indices[e * order + mode]!;
      isTwice ||= known[at] === 1;
      known[at] = 1;
      data[at] = values[e]!;
    }
  });
  return isTwice ? undefined : { kind: 'dense', shape, data, known };
}

/** A model whose rank was chosen, and how many starts came to it. */
interface ChosenModel {
  readonly kruskal: Kruskal;
  readonly step: number;
  readonly end: RunEnd;
  readonly agreed: SearchOptions['agreed'];
}

/** The model of the same cells as a dense tensor, where they are one and it has components. */
function* modelOfCells(
  entries: Entries,
  { seed, maxSteps: sweeps }: DirectSetup<VariationalOptions>,
  isShown: boolean,
): Generator<FinishState | undefined, ChosenModel | undefined> {
  const target = yield* denseOf(entries);
  if (!target || !(yield* speaksForSome(entries, { seed, sweeps }))) return undefined;
  // Loaded where it is needed: few lists are nearly full.
  const { compressed } = yield* waitFor(import('./compressed.js'));
  const { starts, tolerance, maxSteps } = compressed.defaults;
  let last: FinishState | undefined;
  for (const state of compressed.solve(denseProblem(target), {
    options: { kind: 'compressed' },
    rank: 'auto',
    seed,
    starts,
    tolerance,
    maxSteps,
    init: undefined,
    constraints: unconstrained,
    finish: 'compact',
    device: undefined,
  })) {
    last = state ?? last;
    yield state && isShown ? stateOnTheWay(state) : undefined;
  }
  if (!last?.end || rankOf(last.kruskal) === 0) return undefined;
  const { step, end, kruskal } = last;
  const { count, agreeing } = end.agreement ?? {};
  const agreed = count === undefined || agreeing === undefined ? undefined : { count, agreeing };
  return { kruskal: toKruskal(kruskal), step, end, agreed };
}

const stateOnTheWay = ({ step, kruskal, relativeError, details }: FinishState): FinishState => ({
  step,
  kruskal,
  relativeError,
  ...(details ? { details } : {}),
});

/** Values per unknown that the inflation of variances counts at least. */
const minValuesPerUnknown = 1.25;

/**
 * An exact fit leaves nothing open. Otherwise the rows of one mode take those of the others for independent of them, so that variances come
 * out too small, the more so the fewer the values. They are raised by count / (count − unknowns), as that of a residual is: a heuristic,
 * whose intervals `npm run reproduce -- sample-complexity` compares with what they should cover.
 */
function posteriorOf({ shape, count }: Entries, { model }: FoundModel, kruskal: Kruskal): Posterior {
  const exact = (): VariationalModel =>
    modelOf(
      shape,
      absorbWeights(kruskal).factors.map(({ data }) => data),
      rankOf(kruskal),
      0,
    );
  const { noise, ...found } = model ?? exact();
  const perUnknown = Math.max(minValuesPerUnknown, count / Math.max(1, freeNumbers(shape, found.rank)));
  return {
    secondMoment: secondMomentOf({ noise, ...found }),
    noise: Math.sqrt(noise),
    inflation: model ? perUnknown / (perUnknown - 1) : 1,
  };
}
