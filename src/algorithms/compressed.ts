// The default of dense tensors: no rank is needed, and it is found with reasons. The tensor is compressed to a small core, models of
// every rank that may be right are fitted there from several starts, the rank is decided (src/rank-choice), and the last digits come
// from Gauss-Newton on the full tensor, in float64. Where a rank is given, only that one is fitted.
// A GPU, where there is one, computes the products with the whole tensor: the first ones of the compression and most steps of the polish,
// if float32 is precise enough for the noise that there is; the last step is always in float64.
// Missing cells are filled for the search; the last digits come from the known cells alone. Nonnegative and fixed factors:
// constrained.ts.
//   compress ─► fit ranks on the core ─► decide ─► factors U_n A_n ─► polish on the tensor
import { opposite } from '../analysis/cancellation.js';
import { degeneracy } from '../analysis/degeneracy.js';
import { denseErrorSteps } from '../analysis/relative-error.js';
import type { Backend, DeviceTensor, Scope } from '../backend/backend.js';
import { coarse, withNewComponent } from '../compaction/grow-cp.js';
import { polishedCp, type PolishOptions } from '../compaction/polish-cp.js';
import { InputError } from '../errors.js';
import { matrixAdvice, oneWayAdvice, oppositeAdvice } from '../finish/dense-advice.js';
import { exactError } from '../finish/exact-error.js';
import { doubted, doubtOfComponents } from '../finish/doubt-of-components.js';
import type { DenseProblem } from '../handles/dense.js';
import type { FinishState } from '../handles/handle.js';
import { expand } from '../rank-choice/expand.js';
import { noiseBound } from '../rank-choice/candidates.js';
import type { RankSearch } from '../rank-choice/choose.js';
import type { SearchOptions } from '../rank-choice/core-fits.js';
import { matchOfHalves } from '../rank-choice/halves.js';
import { outlierComponents, withoutOutliers } from '../rank-choice/outliers.js';
import { candidatesOf, findRank, fitRank, rankChoiceOf, type FoundModel } from '../rank-choice/rank-choice.js';
import { isUnevenBeside, minCellsPerNumber } from '../rank-choice/verdict.js';
import type { RunEnd } from '../result.js';
import type { DenseTarget } from '../targets/dense.js';
import { hasManyMissing, knownCells } from '../tensor/partly-known.js';
import { isConstrained } from '../tensor/constraints.js';
import { denseNorm, type DenseTensor } from '../tensor/dense.js';
import { rankOf, toKruskal, type Kruskal } from '../tensor/kruskal.js';
import { selectComponents } from '../tensor/normalize.js';
import { waitFor, type Work } from '../yield.js';
import type { DirectAlgorithm } from './algorithm.js';
import { agreementOf, endOfPolish, polish, type Polished } from './dense-polish.js';
import { compressedOptions, type CompressedOptions } from './options/compressed.js';
import { freeNumbers } from '../tensor/free-numbers.js';

/** On the full tensor, where nothing but noise is left: the core's model is right but for a few digits. */
const inNoise: PolishOptions = { tolerance: 5e-7, maxSteps: 3 };

export const compressed: DirectAlgorithm<DenseProblem, CompressedOptions> = {
  kind: 'compressed',
  family: 'dense',
  options: compressedOptions,
  defaults: {
    starts: 6,
    tolerance: 1e-9,
    maxSteps: 100,
    width: ({ expectedRank }, rank) => (rank === 'auto' ? expectedRank : rank),
  },

  gpuFlops: ({ target: { data, shape } }, { constraints }) =>
    isConstrained(constraints) ? 0 : 2 * data.length * Math.min(...shape),

  *solve({ target }, setup) {
    const { rank, init, seed, starts, finish, constraints } = setup;
    const { maxRank } = setup.options;
    if (maxRank !== undefined && (rank !== 'auto' || init)) {
      throw new InputError(
        `compressed: expected maxRank only where the rank is to be found, got it with ${init ? 'init' : `rank ${rank}`}. Leave one of them out.`,
      );
    }
    if (isConstrained(constraints)) {
      const { solveConstrained } = yield* waitFor(import('./constrained.js'));
      yield* solveConstrained(target, setup);
      return;
    }
    const limits = { tolerance: setup.tolerance, maxSteps: setup.maxSteps };
    if (init) {
      const model = yield* polish(target, { step: 0, kruskal: toKruskal(init), relativeError: 1 }, limits);
      yield { ...model, end: yield* withDoubt(target, model, endOf(target, model) ?? { stop: 'converged' }) };
      return;
    }
    const { device: backend } = setup;
    // Loaded before the work begins, so that no file is missing at its end: few tensors have gaps, and seldom there is a GPU.
    const gaps = target.known && (yield* waitFor(import('./missing-cells.js')));
    const gpu = backend && (yield* waitFor(import('./dense-polish-on-device.js')));
    const filled = gaps ? yield* gaps.fillMissing(target, seed) : { tensor: target, isExact: true };
    let { tensor } = filled;
    using scope = backend?.scope('compressed');
    const device = backend && scope && onDevice(tensor, scope, backend);
    const search = { seed, starts, maxRank, device, isFilled: hasManyMissing(target) && !filled.isExact };
    const steps = rank === 'auto' ? findRank(tensor, search) : fitRank(tensor, rank, search);
    let step = 0;
    let found: FoundModel | undefined;
    while (!found) {
      const { done, value } = steps.next();
      if (done) found = value;
      else yield value && { ...stateOf(value), step: ++step };
    }
    const { fit, isWhite, compression } = found;
    let model: Polished = { step: ++step, kruskal: found.kruskal, relativeError: fit.relativeError };
    yield model;
    // The choice of the rank needs the fit to the known cells, where not all are known.
    const overKnownCells = rank === 'auto' ? gaps?.overKnownCells : undefined;
    if ((finish === 'compact' || overKnownCells) && fit.rank > 0) {
      const isDone = isWhite && fit.isAtNoise && !target.known;
      const last = isDone ? inNoise : limits;
      const product = target.known ? undefined : compression.device;
      model = {
        ...(yield* gpu && product ? gpu.polishOnDevice(target, model, last, product) : polish(target, model, last)),
        ...(isDone ? { isAtLimit: false } : {}),
      };
      if (overKnownCells) {
        const over = yield* overKnownCells(target, found, model, {
          search: { ...search, device: undefined },
          limits,
        });
        ({ found, model } = over);
        tensor = over.tensor ?? tensor;
      }
    }
    const last =
      rank === 'auto'
        ? yield* withChosenRank(target, tensor, found, model, { seed, starts })
        : { ...model, end: yield* withDoubt(target, model, endOfGivenRank(target, found, model)) };
    const backendNote = compression.whyNotOnDevice ?? model.whyNotOnDevice;
    yield last.end && backendNote !== undefined ? { ...last, end: { ...last.end, backendNote } } : last;
  },
};

/** The tensor on the device. */
const onDevice = ({ shape, data }: DenseTensor, scope: Scope, { roundoff }: Backend): DeviceTensor => ({
  scope,
  roundoff,
  shape,
  array: scope.array('tensor', data),
});

/** What a search shows of itself: the model of the best rank so far. */
const stateOf = ({ fits, fit }: RankSearch): Omit<FinishState, 'step'> => ({
  kruskal: expand(fits.compression, fit.kruskal),
  relativeError: fit.relativeError,
  details: { ranks: candidatesOf(fits) },
});

/** The answer where no rank was given: without components that are single outlying cells, where others remain. */
function* withChosenRank(
  target: DenseTarget,
  tensor: DenseTensor,
  found: FoundModel,
  model: Polished,
  search: SearchOptions,
): Work<FinishState> {
  const concentrated =
    model.relativeError > exactError ? outlierComponents(target, model.kruskal, model.relativeError) : [];
  const kept = Array.from(model.kruskal.weights.keys()).filter((r) => !concentrated.includes(r));
  const outliers = kept.length > 0 ? concentrated : [];
  const kruskal = outliers.length > 0 ? selectComponents(model.kruskal, kept) : model.kruskal;
  const relativeError = outliers.length > 0 ? yield* denseErrorSteps(kruskal, target) : model.relativeError;
  const furtherShare = hasManyMissing(target) ? yield* shareOfFurther(target, found, kruskal, search.seed) : undefined;
  const facts = { relativeError, outliers: outliers.length, furtherShare };
  let rankChoice = rankChoiceOf(found, facts);
  const isStructured = !found.isWhite || isUnevenBeside(rankChoice.candidates, found.fit.rank);
  if (isStructured && found.fit.rank > 0 && rankChoice.confidence === 'good') {
    // A cell is in one half only.
    const plain = outliers.length > 0 ? withoutOutliers(tensor, model.kruskal, outliers) : tensor;
    const halvesMatch = yield* matchOfHalves(plain, rankOf(kruskal), search);
    rankChoice = rankChoiceOf(found, { ...facts, halvesMatch });
  }
  const { confidence, verdict, reasons } = rankChoice;
  const isClear = confidence === 'sure' || confidence === 'good';
  const decided: RunEnd = {
    stop: isClear ? 'converged' : 'stalled',
    advice: [`${verdict} (${confidence}).`, ...reasons, ...(isClear ? [] : ['Give the rank if you know it.'])].join(
      ' ',
    ),
  };
  // Where the rank is not clear, an exact fit is not all that there is to say: some cells, or nearly any tensor, have many.
  const own = endOf(target, model);
  const end = own && (isClear || own.stop !== 'converged') ? own : decided;
  const agreement = agreementOf(found.fit);
  return {
    ...model,
    kruskal,
    relativeError,
    end: yield* withDoubt(target, { kruskal, relativeError: model.relativeError }, { ...end, rankChoice, agreement }),
  };
}

/** The end, where the cells determine the model; else stalled. */
function* withDoubt(
  target: DenseTarget,
  model: Pick<Polished, 'kruskal' | 'relativeError'>,
  end: RunEnd,
): Work<RunEnd> {
  const { rankChoice } = end;
  const doubt =
    (end.stop === 'converged' ? yield* doubtOfComponents(target, model) : undefined) ??
    (target.known ? yield* doubtOfKnown(target, model, rankChoice !== undefined) : undefined);
  return doubt === undefined ? end : doubted(end, doubt);
}

/** Whether the known cells leave the model open, or its rank where that was chosen. */
function* doubtOfKnown(
  target: DenseTarget,
  { kruskal, relativeError }: Pick<Polished, 'kruskal' | 'relativeError'>,
  isChosen: boolean,
): Work<string | undefined> {
  const { doubtOfGaps } = yield* waitFor(import('./missing-cells.js'));
  const ofGaps = yield* doubtOfGaps(target, kruskal, relativeError);
  if (ofGaps !== undefined || !isChosen || !hasManyMissing(target) || relativeError <= exactError) return ofGaps;
  const numbers = freeNumbers(target.shape, rankOf(kruskal));
  const cells = knownCells(target);
  if (cells >= minCellsPerNumber * numbers) return undefined;
  return `There are ${cells} known cells for ${numbers} free numbers of the model: too few to tell a component from noise.`;
}

/** What part of the squared error over the known cells one component more takes; 0 where noise would give it. */
function* shareOfFurther(target: DenseTarget, { compression }: FoundModel, model: Kruskal, seed: number): Work<number> {
  const before = (yield* denseErrorSteps(model, target)) ** 2;
  if (before <= exactError ** 2) return 0;
  const further = yield* polishedCp(target, yield* withNewComponent(target, model, seed), coarse);
  const left = further.relativeError ** 2;
  const spare = knownCells(target) - freeNumbers(target.shape, rankOf(model) + 1);
  const isNoise = (before - left) * Math.max(1, spare) <= left * noiseBound(compression);
  return isNoise ? 0 : 1 - left / before;
}

/** How the fit of a rank that was given ends: vouched for where nothing can be better, or independent starts came to it. */
function endOfGivenRank(target: DenseTarget, { fit, isWhite }: FoundModel, model: Polished): RunEnd {
  const { starts, agreeing, isAtNoise } = fit;
  const agreement = agreementOf(fit);
  const end = endOf(target, model);
  if (end) return { ...end, agreement };
  if (target.shape.length === 2)
    return { stop: 'converged', agreement, ...(fit.rank > 1 ? { advice: matrixAdvice } : {}) };
  const pair = degeneracy(model.kruskal);
  if (pair.cosine < opposite) return { stop: 'stalled', agreement, advice: oppositeAdvice(pair, denseNorm(target)) };
  if ((isWhite && isAtNoise) || agreeing >= 2) return { stop: 'converged', agreement };
  return {
    stop: 'stalled',
    agreement,
    advice: oneWayAdvice(agreeing, starts),
  };
}

/** What the last model says by itself, if anything. */
function endOf(target: DenseTarget, model: Polished): RunEnd | undefined {
  const { shape } = target;
  const rank = rankOf(model.kruskal);
  const isMatrix = shape.length === 2 && rank > 1;
  const numbers = freeNumbers(shape, rank);
  return endOfPolish(target, model, { numbers, matrixAdvice: isMatrix ? matrixAdvice : undefined });
}
