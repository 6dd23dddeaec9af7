// The solver for symmetric targets: stages of the beyond-lazy flow at the scale of the current residual, each followed by
// compaction in float64, until the exact, minimal decomposition is left. No rank is needed in advance.
//   found = {};  repeat:  flow on T* − found from tiny components at the residual's own scale, found ones frozen;
//                         found ← compact(found + strong fresh components);  stop when ‖found − T*‖ / ‖T*‖ is at the floor,
//                         or, for targets with noise, when neither a further stage nor a search that begins anew finds more
//                         that the entries speak for (../compaction/fit-noisy.ts).
// Everything is relative to what is left, so a range of 1e4 between weights takes a few stages and not 1e4 times the steps.
import { compactView } from '../compaction/compact.js';
import { cancellationOf } from '../analysis/cancellation.js';
import { evidence, freeEntries, maxComponents } from '../compaction/evidence.js';
import { exactFit } from '../compaction/exact-fit.js';
import { withMore } from '../compaction/few-more.js';
import { prune } from '../compaction/prune.js';
import { componentGram } from '../compaction/refit.js';
import { strengthsAt } from '../compaction/symmetric-view.js';
import type { TargetSpan } from '../compaction/symmetric-view.js';
import { viewOf } from '../compaction/view-of.js';
import { InputError } from '../errors.js';
import { symmetricKinds, type SymmetricTarget } from '../targets/target.js';
import { norm } from '../tensor/inner-product.js';
import { noComponents, toKruskal, type SymmetricKruskal } from '../tensor/kruskal.js';
import { largestWeight, normalize, strongest } from '../tensor/normalize.js';
import { randomStream } from '../random/stream.js';
import { startStreams } from '../random/streams.js';
import { toleranceMet, type Algorithm, type Observation, type Setup } from './algorithm.js';
import { openPolarFlow, stepPolarFlow, stoppedPolarFlow, type PolarFlow, type PolarFlowOptions } from './polar-flow.js';
import { joined, observeStack, probeShare } from './symmetric-stack.js';

export interface StagedOptions extends Pick<PolarFlowOptions, 'initNorm' | 'stepFactor'> {
  readonly kind: 'staged';
  /** Flow steps of a stage, two epochs; a multiple of 50. Default: 300. */
  readonly stageLength?: number;
}

interface StagedState {
  readonly setup: Setup<SymmetricTarget, StagedOptions>;
  /** The target in the coordinates of its span, where everything happens. */
  readonly span: TargetSpan;
  readonly stageLength: number;
  /** The best model so far. */
  best: Found;
  /** What the search at hand has come to: it begins anew where it makes no progress. */
  search: Found;
  /** What the next stage takes for known: the model of the search, or all that it found while that is not plain. */
  known: SymmetricKruskal;
  /** Whether a search that began anew came to the best model too. */
  confirmed: boolean;
  /** Stages in a row that made no progress. */
  failedStages: number;
  flow: PolarFlow;
  stage: number;
  /** Steps of all stages before. */
  stageBegin: number;
  /** The stage's flow has stopped itself. */
  flowStopped: boolean;
}

interface Found {
  /** Unit vectors. */
  readonly kruskal: SymmetricKruskal;
  /** What it leaves of the target, relative to it. */
  readonly error: number;
  /** See fit-noisy.ts. */
  readonly score: number;
  readonly plain: boolean;
}

/** Steps between two observations; a stage ends at one of them, or where its flow stops itself. */
const reportEvery = 50;
/** A stage ends where its flow has fitted all but this share of the residual it began with. */
const stageTolerance = 1e-2;
/** Fresh components weaker than this share of the strongest fresh one are left for the next stage. */
const freshShare = 0.05;
/** Found components are only dropped when they are noise of float64. */
const keptShare = 1e-6;
/**
 * Stages in a row without progress that end a run: one that looks for more than what is known, and one that begins anew. Models with
 * more numbers than half of the entries are only believed when a search that begins anew comes to the same one; it gets more tries.
 */
const maxFailedStages = 2;
const maxUnconfirmedStages = 5;
/** Progress is a rise of the score by more than this: a nat is nothing, and neither is a thousandth of the error. */
const minProgress = 1e-3;
/** Below this relative error a model is exact, and a polish brings it to the floor. */
const rankTolerance = 1e-7;
/** Of two components, below which they are nearly opposite. */
const oppositeCosine = -0.85;
/** A residual larger than this share of the target is not called noise, whatever the entries say. */
const maxNoise = 0.5;

const unsure = {
  large:
    'What is left is as large as what was found: noise, or components that the search did not find. Try another seed or a larger width.',
  open: 'The entries do not say plainly how many components there are. Give the rank if you know it, or compare other seeds and widths.',
  atRank:
    'The entries do not confirm these components: others of this rank may fit as well. Compare other seeds and widths, or give more data.',
  canceling:
    'Two components grow large and cancel each other: the smallest error at this rank is a limit that no model reaches. Try another rank.',
  full: 'The fit is exact, but any tensor of this size has such a fit: the components have as many numbers as the tensor has entries.',
} as const;

export const staged: Algorithm<SymmetricTarget, StagedOptions, StagedState> = {
  kind: 'staged',
  accepts: symmetricKinds,
  optionNames: ['initNorm', 'stepFactor', 'stageLength'],
  defaults: { starts: 1, tolerance: 1e-9, maxSteps: 3000, widthOfRank: (rank) => 2 * rank },
  findsRank: true,
  polish: undefined,
  reportEvery,

  async init(setup) {
    if (setup.init) throw new InputError('staged: expected no init, got one. It starts from tiny random components.');
    if (setup.starts.length > 1) {
      throw new InputError(
        `staged: expected one start, got ${setup.starts.length}. It starts anew in every stage; leave out starts.`,
      );
    }
    const { stageLength = 300 } = setup.options;
    if (!Number.isInteger(stageLength) || stageLength < reportEvery || stageLength % reportEvery !== 0) {
      throw new InputError(
        `staged: expected stageLength to be a multiple of ${reportEvery}, got ${stageLength}. Change stageLength.`,
      );
    }
    const span = viewOf(setup.target).span();
    const none = nothing(span);
    const begin = { best: none, search: none, known: none.kruskal, confirmed: false, failedStages: 0 };
    const state = { setup, span, stageLength, ...begin, stage: 0, stageBegin: 0, flowStopped: false };
    return { ...state, flow: await openStage(state) };
  },

  step: ({ flow }) => stepPolarFlow(flow),

  async stopped(state) {
    const steps = await stoppedPolarFlow(state.flow);
    state.flowStopped = steps !== undefined;
    return steps === undefined ? undefined : state.stageBegin + steps;
  },

  async observe(state) {
    const { setup, flow, stageLength } = state;
    const { view, restore } = state.span;
    const observation = await observeStack(flow.stack);
    const fresh = observation.kruskal as SymmetricKruskal;
    if (flow.steps < stageLength && !state.flowStopped) {
      const { kruskal } = state.best;
      const outcomes = kruskal.weights.length > 0 ? { outcomes: [restore(kruskal)] } : {};
      return { ...observation, kruskal: restore(joined(state.known, fresh)), ...outcomes };
    }
    endStage(state, fresh);
    const mayEnd = state.failedStages >= allowedFailures(state) && (view.noisy || setup.rank !== 'auto');
    const hasEnded = mayEnd && !(setup.rank === 'auto' && lookAgain(state));
    const { best } = state;
    const isExact = best.error <= setup.tolerance;
    if (!isExact && !hasEnded) await beginStage(state);
    const { residuals = [] } = observation;
    const outcome = { startErrors: [best.error], best: 0, kruskal: restore(best.kruskal), residuals };
    return hasEnded || isExact ? { ...outcome, ...verdictOf(state) } : outcome;
  },

  /** When a compacted model's relative error is within the tolerance, or stages find no more. */
  done: toleranceMet,
};

const nothing = ({ target }: TargetSpan): Found => ({
  kruskal: noComponents(target),
  error: 1,
  score: -Infinity,
  plain: false,
});

/**
 * Compacts what is known and what the stage's flow added to it. The next stage goes on from there while that is progress; after a
 * stage without, a search begins anew, which may find more, or confirm what was found.
 */
function endStage(state: StagedState, fresh: SymmetricKruskal): void {
  const { setup, known, best, span } = state;
  const candidates = candidatesOf(state, prune(fresh, freshShare * largestWeight(normalize(fresh))));
  const all = joined(known, candidates);
  const options = { dropBelow: keptShare * largestWeight(normalize(all)) };
  const next = candidates.weights.length > 0 ? compactView(span.view, all, options, setup.rank) : undefined;
  if (!next || !(next.score > state.search.score + minProgress)) {
    state.failedStages++;
    state.search = nothing(span);
    state.known = state.search.kruskal;
    return;
  }
  const { kruskal, relativeError: error, score, plain, fullest } = next;
  state.search = { kruskal, error, score, plain };
  state.known = plain ? kruskal : fullest;
  if (score > best.score + minProgress) {
    Object.assign(state, { best: state.search, confirmed: false, failedStages: 0 });
  } else if (score > best.score - minProgress) {
    state.confirmed = true;
  }
}

/** The fresh components that a compaction should look at: none where the residual shows no structure, and never more than the tensor has numbers for. */
function candidatesOf(state: StagedState, fresh: SymmetricKruskal): SymmetricKruskal {
  const { given, noisy } = state.span.view;
  if (!noisy) return fresh;
  const room = Math.max(0, maxComponents(given) - state.known.weights.length);
  return strongest(fresh, state.search.plain && !hasStructure(state, fresh) ? 0 : room);
}

/**
 * Whether one more component could raise the evidence, if it explained twice the energy ⟨E, u^{⊗order}⟩² that the residual E shows along
 * the strongest of the fresh directions u.
 */
function hasStructure({ span, known, search: { error } }: StagedState, fresh: SymmetricKruskal): boolean {
  const { view } = span;
  const products = componentGram(fresh.vectors, known.vectors, view.order);
  const strengths = strengthsAt(view, fresh.vectors).map((strength, i) =>
    known.weights.reduce((left, weight, k) => left - weight * products.data[i * products.columns + k]!, strength),
  );
  const largest = strengths.reduce((most, strength) => Math.max(most, Math.abs(strength)), 0) / view.norm;
  const left = Math.sqrt(Math.max(0, error ** 2 - 2 * largest ** 2));
  const count = known.weights.length;
  return evidence(view.given, count + 1, left) > evidence(view.given, count, error);
}

/** The last looks at a residual that would be called noise. True where they found more components, from which the search goes on. */
function lookAgain(state: StagedState): boolean {
  const { setup, span, best, stage } = state;
  if (best.error < rankTolerance || best.kruskal.weights.length === 0) return false;
  const random = randomStream(setup.seed, startStreams + (stage + 1) * streamsPerStage);
  const exact = exactFit(span.view, best.kruskal, random, rankTolerance);
  if (exact) {
    state.best = { kruskal: exact, error: span.view.measure(exact).relativeError, score: Infinity, plain: true };
    return false;
  }
  const more = best.plain ? withMore(span.view, best.kruskal, random) : undefined;
  if (!more) return false;
  const { relativeError: error } = span.view.measure(more);
  const score = evidence(span.view.given, more.weights.length, error);
  // Two ways to count that differ: neither model is plainly the right one.
  if (score <= best.score) {
    state.best = { ...best, plain: false };
    return false;
  }
  state.best = { kruskal: more, error, score, plain: true };
  Object.assign(state, { search: state.best, known: more, confirmed: false, failedStages: 0 });
  return true;
}

const needsConfirmation = ({ span: { view }, best, confirmed }: StagedState): boolean =>
  !confirmed && 2 * freeEntries(view.given, best.kruskal.weights.length) < freeEntries(view.given, 0);

/**
 * Whether a weak component that is missing could not be told from noise: one more would fit any tensor, or the model has more numbers
 * than two thirds of the entries.
 */
function isTooFull({ span: { view }, best }: StagedState): boolean {
  const components = best.kruskal.weights.length;
  return (
    freeEntries(view.given, components + 1) <= 0 || 3 * freeEntries(view.given, components) < freeEntries(view.given, 0)
  );
}

/** Whether two components are nearly opposite and each is as large as the whole model. */
function cancels(model: SymmetricKruskal): boolean {
  const pair = cancellationOf(toKruskal(model));
  return pair.cosine < oppositeCosine && pair.norm > norm(model);
}

const allowedFailures = (state: StagedState): number =>
  needsConfirmation(state) ? maxUnconfirmedStages : maxFailedStages;

function verdictOf(state: StagedState): Pick<Observation, 'verdict' | 'advice'> {
  const { setup, span, best } = state;
  const { kruskal, error, plain } = best;
  if (error <= setup.tolerance) {
    const isFull = span.view.noisy && freeEntries(span.view.given, kruskal.weights.length) <= 0;
    return isFull ? { verdict: 'converged', advice: unsure.full } : { verdict: 'converged' };
  }
  if (error > maxNoise) return { verdict: 'stalled', advice: unsure.large };
  if (cancels(kruskal)) return { verdict: 'stalled', advice: unsure.canceling };
  const isSure = plain && !(span.view.noisy && (needsConfirmation(state) || isTooFull(state)));
  if (isSure) return { verdict: 'converged' };
  return { verdict: 'stalled', advice: setup.rank === 'auto' ? unsure.open : unsure.atRank };
}

/** The next stage begins where the flow of the last one ended. */
async function beginStage(state: StagedState): Promise<void> {
  state.stageBegin += state.flow.steps;
  state.stage++;
  state.flowStopped = false;
  state.flow = await openStage(state);
}

/** A fresh flow on what `known` leaves of the target; every stage draws from random streams of its own. */
function openStage(state: Omit<StagedState, 'flow'>): Promise<PolarFlow> {
  const { setup, span, known, search, stage, stageLength } = state;
  const { target, view } = span;
  const { initNorm, stepFactor = 0.4 } = setup.options;
  return openPolarFlow({
    ...setup,
    target,
    view,
    options: { stepFactor, epochLength: stageLength / 2, ...(initNorm === undefined ? {} : { initNorm }) },
    starts: setup.starts.map((start) => start + stage * streamsPerStage),
    ...(known.weights.length > 0 ? { fixed: known } : {}),
    stopAt: probeShare * stageTolerance * search.error,
  });
}

/** Streams between two stages: more than there are starts. */
const streamsPerStage = 2 ** 16;
