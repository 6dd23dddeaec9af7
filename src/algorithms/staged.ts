// The solver for symmetric targets. Those without noise that have no more components than dimensions are solved by an eigenvalue
// problem (../compaction/eigenvector-start.ts), before anything else. All others by stages of the beyond-lazy flow at the scale of the current residual, each followed by
// compaction in float64, until the exact, minimal decomposition is left. No rank is needed in advance.
//   found = {};  repeat:  flow on T* − found from tiny components at the residual's own scale, found ones frozen;
//                         found ← compact(found + strong fresh components);  stop when ‖found − T*‖ / ‖T*‖ is at the floor,
//                         or, for targets with noise, when neither a further stage nor a search that begins anew finds more
//                         that the entries speak for (../compaction/fit-noisy.ts).
// Everything is relative to what is left, so a range of 1e4 between weights takes a few stages and not 1e4 times the steps.
import { compactView } from '../compaction/compact-view.js';
import { eigenvectorModel } from '../compaction/eigenvector-start.js';
import { evidence, maxComponents } from '../compaction/evidence.js';
import { exactFit } from '../compaction/exact-fit.js';
import { withMore } from '../compaction/few-more.js';
import { prune } from '../compaction/prune.js';
import { componentGram } from '../compaction/refit.js';
import { measureSteps, strengthSteps } from '../handles/views/symmetric-view.js';
import type { TargetSpan } from '../handles/views/symmetric-view.js';
import { cancels, needsConfirmation, symmetricVerdict, type SymmetricAnswer } from '../finish/symmetric-verdict.js';
import type { SymmetricProblem } from '../handles/symmetric.js';
import { noComponents, type SymmetricKruskal } from '../tensor/kruskal.js';
import { largestWeight, normalize, strongest } from '../tensor/normalize.js';
import { randomStream } from '../random/stream.js';
import { startStreams } from '../random/streams.js';
import { passed, waitFor, type Work } from '../yield.js';
import { twiceTheRank, type Algorithm, type Setup } from './algorithm.js';
import { withDefaults } from './option-table.js';
import { reportEvery, stagedOptions, type StagedOptions } from './options/staged.js';
import { openPolarFlow, stepPolarFlow, stoppedPolarFlow, type PolarFlow } from './polar-flow.js';
import { joined, observeStack, probeShare } from './symmetric-stack.js';

export interface StagedState {
  readonly setup: Setup<SymmetricProblem, StagedOptions>;
  /** The target in the coordinates of its span, where everything happens. */
  readonly span: TargetSpan;
  readonly stageLength: number;
  /** The best model so far. */
  best: Found;
  /** The model of the current search, which begins anew where it makes no progress. */
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
  /** What the flow of a stage that has ended found, until it is compacted. */
  fresh: SymmetricKruskal | undefined;
  /** The stage has been compacted, and the next step begins another one. */
  isOver: boolean;
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
/** Components of an algebraic solution are dropped when they are rounding; its error is that of float64, and of a sum of many entries. */
const exactShare = 1e-11;
const algebraicError = 1e-11;
/** Below this relative error a model is exact, and a polish brings it to the floor. */
const rankTolerance = 1e-7;
export const staged: Algorithm<SymmetricProblem, StagedOptions, StagedState> = {
  kind: 'staged',
  family: 'symmetric',
  options: stagedOptions,
  defaults: { starts: 1, tolerance: 1e-9, maxSteps: 3000, width: twiceTheRank },
  noInit: 'It starts from tiny random components.',
  oneStart: 'It starts anew in every stage; leave out starts.',
  reportEvery,

  /** Targets without noise and with no more components than dimensions need no flow. */
  *prepare({ view: whole }, { options: given, seed, rank, tolerance }) {
    if (given.compress === false) return;
    const { view, restore } = yield* passed(whole.span());
    const random = randomStream(seed, startStreams + algebraicStream);
    const kruskal = yield* eigenvectorModel(view, random, { rankTolerance, keptShare: exactShare });
    if (!kruskal || (rank !== 'auto' && kruskal.weights.length > rank)) return;
    const { relativeError } = yield* measureSteps(view, kruskal);
    if (relativeError > Math.max(tolerance, algebraicError)) return;
    const answer = { kruskal, relativeError, plain: true, confirmed: true };
    const end = symmetricVerdict(view, answer, { rank, tolerance: Math.max(tolerance, algebraicError) });
    yield { step: 0, kruskal: restore(kruskal), relativeError, end };
  },

  *init(setup) {
    const { stageLength } = withDefaults(stagedOptions, setup.options);
    const span = yield* passed(setup.problem.view.span(setup.options.compress));
    const none = nothing(span);
    const begin = { best: none, search: none, known: none.kruskal, confirmed: false, failedStages: 0 };
    const state = { setup, span, stageLength, ...begin, stage: 0, stageBegin: 0, flowStopped: false };
    const open = { fresh: undefined, isOver: false };
    return { ...state, ...open, flow: yield* waitFor(openStage(state)) };
  },

  /** Where a stage has ended. */
  isFinished: ({ best }) => best.kruskal.weights.length > 0,

  /** By the verdict on the compact model alone: within a stage the flow may be closer to the target, with more components. */
  done: (_, { end }) => end,

  step: (state) => (state.isOver ? beginStage(state).then(() => stepPolarFlow(state.flow)) : stepPolarFlow(state.flow)),

  async stopped(state) {
    const steps = await stoppedPolarFlow(state.flow);
    state.flowStopped = steps !== undefined;
    return steps === undefined ? undefined : state.stageBegin + steps;
  },

  async observe(state) {
    const { flow, stageLength, span, best, known } = state;
    const observation = await observeStack(flow.stack);
    const fresh = observation.kruskal;
    if (flow.steps >= stageLength || state.flowStopped) state.fresh = fresh;
    const models = best.kruskal.weights.length > 0 ? { models: [span.restore(best.kruskal)] } : {};
    return { ...observation, kruskal: span.restore(joined(known, fresh)), ...models };
  },

  /** Compacts where a stage has ended. */
  *conclude(state, observed) {
    const { fresh, setup } = state;
    if (!fresh) return observed;
    state.fresh = undefined;
    const { view, restore } = state.span;
    yield* endStage(state, fresh);
    const mayEnd = state.failedStages >= allowedFailures(state) && (view.noisy || setup.rank !== 'auto');
    const hasEnded = mayEnd && !(setup.rank === 'auto' && (yield* checkAgain(state)));
    const { best } = state;
    const isExact = best.error <= setup.tolerance;
    state.isOver = !isExact && !hasEnded;
    const { residuals = [] } = observed;
    const outcome = { startErrors: [best.error], best: 0, kruskal: restore(best.kruskal), residuals };
    return hasEnded || isExact ? { ...outcome, end: symmetricVerdict(view, answerOf(state), setup) } : outcome;
  },
};

const nothing = ({ view }: TargetSpan): Found => ({
  kruskal: noComponents(view),
  error: 1,
  score: -Infinity,
  plain: false,
});

/**
 * Compacts what is known and what the stage's flow added to it. The next stage goes on from there while that is progress; after a
 * stage without, a search begins anew, which may find more, or confirm what was found.
 */
function* endStage(state: StagedState, fresh: SymmetricKruskal): Work<void> {
  const { setup, known, best, span } = state;
  const candidates = yield* candidatesOf(state, prune(fresh, freshShare * largestWeight(normalize(fresh))));
  const all = joined(known, candidates);
  const options = { dropBelow: keptShare * largestWeight(normalize(all)) };
  const next = candidates.weights.length > 0 ? yield* compactView(span.view, all, options, setup.rank) : undefined;
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
function* candidatesOf(state: StagedState, fresh: SymmetricKruskal): Work<SymmetricKruskal> {
  const { given, noisy } = state.span.view;
  if (!noisy) return fresh;
  const room = Math.max(0, maxComponents(given) - state.known.weights.length);
  return strongest(fresh, state.search.plain && !(yield* hasStructure(state, fresh)) ? 0 : room);
}

/**
 * Whether one more component could raise the evidence, if it explained twice the energy ⟨E, u^{⊗order}⟩² that the residual E shows along
 * the strongest of the fresh directions u.
 */
function* hasStructure({ span, known, search: { error } }: StagedState, fresh: SymmetricKruskal): Work<boolean> {
  const { view } = span;
  const products = componentGram(fresh.vectors, known.vectors, view.order);
  const strengths = (yield* strengthSteps(view, fresh.vectors)).map((strength, i) =>
    known.weights.reduce((left, weight, k) => left - weight * products.data[i * products.columns + k]!, strength),
  );
  const largest = strengths.reduce((most, strength) => Math.max(most, Math.abs(strength)), 0) / view.norm;
  const left = Math.sqrt(Math.max(0, error ** 2 - 2 * largest ** 2));
  const count = known.weights.length;
  return evidence(view.given, count + 1, left) > evidence(view.given, count, error);
}

/** The last checks of a residual that would be called noise. True where they found more components, from which the search goes on. */
function* checkAgain(state: StagedState): Work<boolean> {
  const { setup, span, best, stage } = state;
  if (best.error < rankTolerance || best.kruskal.weights.length === 0) return false;
  const random = randomStream(setup.seed, startStreams + (stage + 1) * streamsPerStage);
  const exact = yield* exactFit(span.view, best.kruskal, random, rankTolerance);
  if (exact) {
    state.best = { kruskal: exact, error: span.view.measure(exact).relativeError, score: Infinity, plain: true };
    return false;
  }
  const more = best.plain ? yield* withMore(span.view, best.kruskal, random) : undefined;
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

const allowedFailures = (state: StagedState): number =>
  // Components that cancel are on their way to a limit that no model reaches: no two searches end at the same place.
  needsConfirmation(state.span.view, answerOf(state)) && !cancels(state.best.kruskal)
    ? maxUnconfirmedStages
    : maxFailedStages;

const answerOf = ({ best, confirmed }: StagedState): SymmetricAnswer => ({
  kruskal: best.kruskal,
  relativeError: best.error,
  plain: best.plain,
  confirmed,
});

/** The next stage begins where the flow of the last one ended. */
async function beginStage(state: StagedState): Promise<void> {
  state.stageBegin += state.flow.steps;
  state.stage++;
  state.flowStopped = false;
  state.isOver = false;
  state.flow = await openStage(state);
}

/** A fresh flow on what `known` leaves of the target; every stage draws from random streams of its own. */
function openStage(state: Omit<StagedState, 'flow' | 'fresh' | 'isOver'>): Promise<PolarFlow> {
  const { setup, span, known, search, stage, stageLength } = state;
  const { view } = span;
  const { initScale, stepFactor } = withDefaults(stagedOptions, setup.options);
  return openPolarFlow({
    ...setup,
    view,
    options: { stepFactor, initScale, epochLength: stageLength / 2 },
    starts: setup.starts.map((start) => start + stage * streamsPerStage),
    ...(known.weights.length > 0 ? { fixed: known } : {}),
    stopAt: probeShare * stageTolerance * search.error,
  });
}

/** Streams between two stages: more than there are starts. */
const streamsPerStage = 2 ** 16;
/** The last one of the first stage. */
const algebraicStream = streamsPerStage - 1;
