// compressed with nonnegative or fixed factors:
//   nonnegative   the rank and the model without constraints ─► signs turned, negative entries cut off ─► HALS and projected Gauss-Newton
//                 on the compressed tensor ─► projected Gauss-Newton on the full one. Where the model without constraints leaves white
//                 noise and constraints cost no more than noise, the rank is its rank; else the ranks are scanned under the constraints.
//   fixed         the same from `init`, whose rank it is; with one mode left to fit, or only the weights, the problem is linear in it and
//                 the model is the best there is
// The answer is called converged where its KKT residual is small, and independent starts agree, nothing but noise is left, or the
// problem is convex.
import { opposite } from '../analysis/cancellation.js';
import { degeneracy } from '../analysis/degeneracy.js';
import { denseErrorSteps } from '../analysis/relative-error.js';
import { kktResidual, onConstraints } from '../compaction/constrained.js';
import {
  contradictionAdvice,
  dependentAdvice,
  undeterminedAdvice,
  kktAdvice,
  nonnegativeMatrixAdvice,
  nothingPositiveAdvice,
  proportionalAdvice,
  zeroComponentsAdvice,
} from '../finish/constrained-advice.js';
import { oneWayAdvice, oppositeAdvice } from '../finish/dense-advice.js';
import { exactError } from '../finish/exact-error.js';
import { doubted, doubtOfComponents } from '../finish/doubt-of-components.js';
import type { FinishState, FinishWork } from '../handles/handle.js';
import { hadamard } from '../linalg/algebra.js';
import { symmetricSpectrum } from '../linalg/eigen.js';
import { silently, type RankSearch, type WatchedWork } from '../rank-choice/choose.js';
import {
  constrainedFits,
  isMatrix,
  isSameModel,
  withoutZeros,
  type ConstrainedFits,
} from '../rank-choice/constrained-fits.js';
import { equalErrors, type CoreFit, type CoreFits } from '../rank-choice/core-fits.js';
import { fillMissing } from '../rank-choice/fill-missing.js';
import { outlierComponents } from '../rank-choice/outliers.js';
import {
  candidatesOf,
  findInNoise,
  fitRank,
  rankChoiceOf,
  scannedRank,
  structuredFits,
  type ChosenRank,
} from '../rank-choice/rank-choice.js';
import { stopReasons, type Agreement, type RunEnd } from '../result.js';
import type { DenseTarget } from '../targets/dense.js';
import { movableModes, type Constraints } from '../tensor/constraints.js';
import { denseNorm } from '../tensor/dense.js';
import { hasManyMissing } from '../tensor/partly-known.js';
import { noComponents, rankOf, toKruskal, type Kruskal } from '../tensor/kruskal.js';
import { columnProducts, matrix } from '../tensor/matrix.js';
import { normalize, withoutComponents } from '../tensor/normalize.js';
import { sizeOf } from '../tensor/shape.js';
import { waitFor, type Work } from '../yield.js';
import type { DirectSetup } from './algorithm.js';
import { endOfPolish, polish, type Polished } from './dense-polish.js';

type ConstrainedSetup = DirectSetup<{ readonly maxRank?: number }>;

/** Independent starts that a start which was given is compared with, its own included. */
const startsWithInit = 4;
/** Part of the usual starts that are made of each rank, as a fit under constraints costs several times one without. */
const shareOfStarts = 2 / 3;
/** Starts that are compared over the known cells, where cells are missing. */
const comparedOnKnown = 3;
/** Polishes of one model: each begins with small damping again, and with the bounds that hold by then. */
const maxPolishes = 4;
/** Of the first polish: where that is enough, the KKT residual says so. */
const coarseTolerance = 5e-7;
/** Of a step: bounds that are met on the way change more than the last digits of a linear system. */
const precision = { iterations: 100, cgTolerance: 1e-8 };
/** Relative errors that rounding alone makes, and KKT residuals likewise. */
const rounding = 1e-12;

/** Yields its state whenever there is news; the last one has an `end`. */
export function* solveConstrained(target: DenseTarget, setup: ConstrainedSetup): Generator<FinishState | undefined> {
  const { constraints, init } = setup;
  if (isBestZero(target, constraints)) {
    const end: RunEnd = { stop: 'converged', advice: nothingPositiveAdvice, kktResidual: 0 };
    yield { step: 0, kruskal: noComponents(target), relativeError: 1, end };
    return;
  }
  const movable = movableModes(target.shape, constraints);
  const start = init && toKruskal(init);
  if (start && movable.length === 0) yield* solveWeights(target, start, setup);
  else if (start && movable.length === 1) yield* solveConvex(target, start, setup);
  else yield* search(target, start, setup);
}

/** Where no entry is positive, no nonnegative model comes nearer than 0: its inner product with the tensor is 0 or less. */
const isBestZero = ({ shape, data }: DenseTarget, { nonnegative, fixed }: Constraints): boolean =>
  fixed.length === 0 && nonnegative.length === shape.length && data.every((value) => value <= 0);

/** All factors fixed: the weights are the factor, of one row, of one mode more. */
function* solveWeights(
  target: DenseTarget,
  init: Kruskal,
  setup: ConstrainedSetup,
): Generator<FinishState | undefined> {
  const { constraints } = setup;
  const lifted: ConstrainedSetup = {
    ...setup,
    constraints: {
      nonnegative: constraints.nonnegative.length > 0 ? [0] : [],
      fixed: constraints.fixed.map((mode) => mode + 1),
    },
  };
  const weights = matrix(1, rankOf(init), init.weights);
  const start = { weights: new Float64Array(rankOf(init)).fill(1), factors: [weights, ...init.factors] };
  for (const state of solveConvex({ ...target, shape: [1, ...target.shape] }, start, lifted)) {
    if (!state) {
      yield;
      continue;
    }
    const { weights: units, factors } = toKruskal(state.kruskal);
    const fitted = units.map((unit, r) => unit * factors[0]!.data[r]!);
    yield { ...state, kruskal: { weights: fitted, factors: factors.slice(1) } };
  }
}

/** One factor to fit: least squares, so that a stationary point is the best model. */
function* solveConvex(target: DenseTarget, init: Kruskal, setup: ConstrainedSetup): Generator<FinishState | undefined> {
  const { constraints } = setup;
  const start = { step: 0, kruskal: onConstraints(init, constraints), relativeError: 1 };
  const model = yield* finished(target, start, setup);
  const end = yield* endOf(target, model, setup, { stop: 'converged' });
  const doubt = yield* notUniqueAdvice(target, model.kruskal, constraints);
  const notUnique: Partial<RunEnd> = doubt === undefined ? {} : { stop: 'stalled', advice: doubt };
  yield withFixed({ ...model, end: { ...end, ...notUnique } }, init, constraints);
}

/**
 * Why the factor of the one mode that is not fixed is not unique, if it is not. Each of its rows is the solution of least squares with the
 * cells of its slice as equations and the matrix ∘ A_mᵀA_m over the fixed modes m, here with unit columns.
 */
function* notUniqueAdvice(
  { shape, known }: DenseTarget,
  model: Kruskal,
  constraints: Constraints,
): Work<string | undefined> {
  const { factors } = normalize(model);
  const rank = rankOf(model);
  const gram = constraints.fixed.map((mode) => columnProducts(factors[mode]!, factors[mode]!)).reduce(hadamard);
  for (let r = 0; r < rank; r++) {
    for (let s = 0; s <= r; s++) {
      const isEqual = s < r ? 1 - Math.abs(gram.data[r * rank + s]!) < rounding : !(gram.data[r * rank + r]! > 0);
      if (isEqual) return proportionalAdvice(s, r);
    }
  }
  const { values } = yield* symmetricSpectrum(gram);
  if (!(Math.min(...values) > rounding)) return dependentAdvice;
  const [mode = 0] = movableModes(shape, constraints);
  const cells = known
    ? knownPerSlice(shape, known, mode).reduce((least, count) => Math.min(least, count), Infinity)
    : Infinity;
  return cells < rank ? undeterminedAdvice(cells, rank) : undefined;
}

function knownPerSlice(shape: readonly number[], known: Uint8Array, mode: number): Uint32Array {
  const inner = sizeOf(shape.slice(mode + 1));
  const counts = new Uint32Array(shape[mode]!);
  known.forEach((isKnown, at) => (counts[Math.floor(at / inner) % counts.length]! += isKnown));
  return counts;
}

/** A model, and its KKT residual where that is known already. */
interface Stationary extends Polished {
  readonly residual?: number;
}

/** The model of a rank before the last digits, and what is known of it. */
interface Candidate {
  readonly fits: ConstrainedFits;
  readonly fit: CoreFit;
  /** The fits that the rank was chosen by. */
  readonly choice: ChosenRank;
  /** Whether nothing but white noise is left, so that no other start can do better. */
  readonly isAtNoise: boolean;
  /** Set where a model without constraints leaves nothing but white noise, and the constraints cost more than that. */
  readonly contradicts?: CoreFit;
}

function* search(
  target: DenseTarget,
  init: Kruskal | undefined,
  setup: ConstrainedSetup,
): Generator<FinishState | undefined> {
  const { constraints, rank, finish } = setup;
  const work = findCandidate(target, init, setup);
  let step = 0;
  let found: Candidate | undefined;
  while (!found) {
    const { done, value } = work.next();
    if (done) found = value;
    else yield value && withFixed({ ...stateOf(value), step: ++step }, init, constraints);
  }
  const { fits, fit, choice, isAtNoise, contradicts } = found;
  let model: Stationary = { step: ++step, kruskal: fit.kruskal, relativeError: fit.relativeError };
  yield withFixed(model, init, constraints);
  if (fit.rank > 0 && finish === 'compact') model = yield* finished(target, model, setup);
  let agreement: Agreement = {
    agreeing: fit.agreeing,
    count: fit.starts,
    compared: isMatrix(target.shape) ? 'errors' : 'models',
  };
  if (target.known && !isAtNoise && fit.rank > 0 && finish === 'compact') {
    const compared = yield* compareOnKnown(target, fits.modelsOf(fit.rank), model, setup);
    model = compared.model;
    agreement = { ...agreement, ...compared.agreement };
  }
  const mayDrop = rank === 'auto' && !init && model.relativeError > exactError;
  const concentrated = mayDrop ? outlierComponents(target, model.kruskal, model.relativeError) : [];
  const outliers = concentrated.length < fit.rank ? concentrated : [];
  if (outliers.length > 0) {
    const kruskal = withoutComponents(model.kruskal, outliers);
    const relativeError = yield* denseErrorSteps(kruskal, target);
    model = { ...model, kruskal, relativeError };
    if (finish === 'compact') model = yield* finished(target, model, setup);
  }
  const vouched = isAtNoise || agreement.agreeing >= 2;
  const decided =
    rank === 'auto' && !init
      ? endOfChosenRank(target, choice, model, { outliers: outliers.length, vouched, contradicts })
      : endOfGivenRank(target, model, agreement, vouched);
  const fitted = yield* endOf(target, model, setup, { ...decided, agreement });
  const doubt =
    (fitted.stop === 'converged' ? yield* doubtOfComponents(target, model, constraints.fixed) : undefined) ??
    (target.known &&
      (yield* (yield* waitFor(import('./missing-cells.js'))).doubtOfGaps(target, model.kruskal, model.relativeError)));
  const end = doubt === undefined ? fitted : doubted(fitted, doubt);
  yield withFixed(withoutZeroComponents(model, constraints, end), init, constraints);
}

/** What a search shows of itself: the model of the best rank so far. */
const stateOf = ({ fits, fit }: RankSearch): Omit<FinishState, 'step'> => ({
  kruskal: fit.kruskal,
  relativeError: fit.relativeError,
  details: { ranks: candidatesOf(fits) },
});

function* findCandidate(
  target: DenseTarget,
  init: Kruskal | undefined,
  { constraints, rank, seed, starts: usualStarts, options: { maxRank } }: ConstrainedSetup,
): WatchedWork<Candidate> {
  const { tensor } = yield* fillMissing(target, seed);
  const knowsNoise = !hasManyMissing(target);
  const starts = init ? startsWithInit : Math.max(1, Math.round(shareOfStarts * usualStarts));
  const search = { seed, starts, maxRank };
  const fitsBeside = (free: CoreFits): ConstrainedFits =>
    constrainedFits(free, { constraints, init, seed, starts, knowsNoise });

  const given = init ? rankOf(init) : rank;
  if (given !== 'auto') {
    const { fits: free, compression, isWhite } = yield* silently(fitRank(tensor, given, search));
    const fits = fitsBeside(free);
    const fit = yield* fits.fit(given);
    return { fits, fit, choice: { compression, fits, fit, isWhite }, isAtNoise: isWhite && fit.isAtNoise };
  }
  const { fits: free, model, isCut } = yield* silently(findInNoise(tensor, search));
  if (model) {
    const fits = fitsBeside(free);
    const fit = yield* fits.fit(model.fit.rank);
    const isAtNoise = fit.isAtNoise || (fit.rank === 0 && knowsNoise);
    if (isAtNoise) return { fits, fit, choice: { ...model, fit }, isAtNoise };
  }
  const fits = fitsBeside(model ? yield* silently(structuredFits(tensor, search)) : free);
  const fit = yield* fits.fit(yield* scannedRank(fits, maxRank));
  const { compression } = fits;
  const scanned = {
    fits,
    fit,
    choice: { compression, fits, fit, isWhite: false, maxRank, isCut },
    isAtNoise: fit.isAtNoise,
  };
  return model ? { ...scanned, contradicts: model.fit } : scanned;
}

/** A model with its last digits: polished until it is stationary, or no polish changes it any more. */
function* finished(target: DenseTarget, start: Polished, setup: ConstrainedSetup): FinishWork<Stationary> {
  const { constraints, maxSteps } = setup;
  let model: Stationary = start;
  for (let k = 0; k < maxPolishes; k++) {
    const tolerance = k === 0 ? Math.max(setup.tolerance, coarseTolerance) : setup.tolerance;
    const polished = yield* polish(target, model, { tolerance, maxSteps, constraints, precision });
    const residual = yield* kktResidual(target, polished.kruskal, constraints);
    model = { ...polished, residual };
    if (polished.isAtLimit || residual <= kktLimit(model, setup)) break;
  }
  return model;
}

/**
 * The KKT residual up to which a model counts as stationary: with one of κ, moving one entry lowers the squared error by κ² ‖target‖² (of
 * e² ‖target‖²), and the error, relative to itself, by κ² / (2 e²), which is to be below the tolerance.
 */
const kktLimit = ({ relativeError }: Polished, { tolerance }: ConstrainedSetup): number =>
  Math.max(rounding, relativeError * Math.sqrt(2 * Math.max(tolerance, 16 * Number.EPSILON)));

/** Independent starts over the known cells alone: the best of them, and how many come to it. */
function* compareOnKnown(
  target: DenseTarget,
  starts: readonly Kruskal[],
  first: Stationary,
  setup: ConstrainedSetup,
): FinishWork<{ model: Stationary; agreement: Pick<Agreement, 'agreeing' | 'count'> }> {
  const models: Stationary[] = [];
  let best = first;
  for (const kruskal of starts.slice(0, comparedOnKnown)) {
    const begun = { ...first, step: best.step, kruskal, relativeError: yield* denseErrorSteps(kruskal, target) };
    const model = yield* finished(target, begun, setup);
    models.push(model);
    best = model.relativeError < best.relativeError ? model : { ...best, step: model.step };
  }
  const agreeing = models.filter(
    ({ kruskal, relativeError }) =>
      relativeError ** 2 <= equalErrors * best.relativeError ** 2 + exactError ** 2 &&
      (isMatrix(target.shape) || isSameModel(kruskal, best.kruskal)),
  );
  return { model: best, agreement: { agreeing: agreeing.length, count: models.length } };
}

/** How a search ends that chose the rank. */
function endOfChosenRank(
  target: DenseTarget,
  choice: ChosenRank,
  { relativeError }: Polished,
  {
    outliers,
    vouched,
    contradicts,
  }: { readonly outliers: number; readonly vouched: boolean; readonly contradicts: CoreFit | undefined },
): RunEnd {
  const chosen = rankChoiceOf(choice, { relativeError, outliers });
  const isFilled = hasManyMissing(target);
  const how = choice.isWhite
    ? ['The rank was found without the constraints, which cost no more than noise would make them.']
    : ['Ranks were compared by fits under the constraints, their core consistency and the agreement of their starts.'];
  const gaps = isFilled ? ['More than a tenth of the cells are missing and were filled to compare ranks.'] : [];
  const disagree = vouched || chosen.rank === 0 ? [] : ['Only one start led to these components.'];
  const { advice: ofMatrix } = matrixWords(target, chosen.rank);
  const notUnique = ofMatrix === undefined ? [] : [ofMatrix];
  const misfit = contradicts ? [contradictionAdvice(contradicts.rank, contradicts.relativeError)] : [];
  const rankChoice = { ...chosen, reasons: [...chosen.reasons, ...how, ...misfit, ...gaps, ...disagree, ...notUnique] };
  const { confidence, verdict, reasons } = rankChoice;
  const isClear = vouched && !isFilled && !contradicts && (confidence === 'sure' || confidence === 'good');
  return {
    stop: isClear ? 'converged' : 'stalled',
    advice: [`${verdict} (${confidence}).`, ...reasons, ...(isClear ? [] : ['Give the rank if you know it.'])].join(
      ' ',
    ),
    rankChoice,
  };
}

/** How a search of a rank that was given ends. */
function endOfGivenRank(
  target: DenseTarget,
  { kruskal }: Polished,
  { agreeing, count = 1 }: Agreement,
  vouched: boolean,
): RunEnd {
  const pair = degeneracy(kruskal);
  if (pair.cosine < opposite) return { stop: 'stalled', advice: oppositeAdvice(pair, denseNorm(target)) };
  if (vouched) return { stop: 'converged', ...matrixWords(target, rankOf(kruskal)) };
  return { stop: 'stalled', advice: oneWayAdvice(agreeing, count) };
}

const matrixWords = ({ shape }: DenseTarget, rank: number): { readonly advice?: string } =>
  isMatrix(shape) && rank > 1 ? { advice: nonnegativeMatrixAdvice } : {};

/** The end, with the KKT residual, where the model itself does not say otherwise. */
function* endOf(target: DenseTarget, model: Stationary, setup: ConstrainedSetup, decided: RunEnd): Work<RunEnd> {
  const { constraints } = setup;
  const residual = model.residual ?? (yield* kktResidual(target, model.kruskal, constraints));
  const movable = movableModes(target.shape, constraints);
  const numbers = rankOf(model.kruskal) * movable.reduce((sum, mode) => sum + target.shape[mode]! - 1, 1);
  const own = endOfPolish(
    target,
    { ...model, isAtLimit: false },
    { numbers, matrixAdvice: matrixWords(target, rankOf(model.kruskal)).advice },
  );
  const limit = kktLimit(model, setup);
  if (own?.stop !== 'stalled' && residual > limit) {
    const advice = kktAdvice(residual, limit);
    return { ...decided, stop: model.isAtLimit ? 'stepLimit' : 'stalled', advice, kktResidual: residual };
  }
  // An exact fit needs no other start, but over few known cells it may be one of many.
  const overrules = own?.stop === 'stalled' || !hasManyMissing(target);
  if (!own || !overrules) return { ...decided, kktResidual: residual };
  const kept = own.stop === decided.stop ? decided.advice : undefined;
  return { ...decided, ...own, advice: own.advice ?? kept ?? stopReasons[own.stop], kktResidual: residual };
}

/**
 * Components of weight 0 say nothing and are left out, unless `init` has them. While the error is not 0, components that explain some of
 * the rest would lower it, so that the model is not the best of its rank.
 */
function withoutZeroComponents(model: Polished, { fixed }: Constraints, end: RunEnd): FinishState {
  const kept = fixed.length > 0 ? model.kruskal : withoutZeros(model.kruskal);
  const zeros = rankOf(model.kruskal) - rankOf(kept);
  if (zeros === 0 || model.relativeError <= exactError) return { ...model, kruskal: kept, end };
  const advice = zeroComponentsAdvice(zeros, rankOf(model.kruskal));
  return { ...model, kruskal: kept, end: { ...end, stop: end.stop === 'converged' ? 'stalled' : end.stop, advice } };
}

/** With the very numbers of the fixed factors. */
function withFixed<S extends FinishState>(state: S, init: Kruskal | undefined, { fixed }: Constraints): S {
  if (!init || fixed.length === 0) return state;
  const { weights, factors } = toKruskal(state.kruskal);
  const kept = factors.map((factor, mode) => (fixed.includes(mode) ? init.factors[mode]! : factor));
  return { ...state, kruskal: { weights, factors: kept } };
}
