// The solver for symmetric targets: stages of the beyond-lazy flow at the scale of the current residual, each followed by
// compaction in float64, until the exact, minimal decomposition is left. No rank is needed in advance.
//   found = {};  repeat:  flow on T* − found from tiny components at the residual's own scale, found ones frozen;
//                         found ← compact(found + strong fresh components);  stop when ‖found − T*‖ / ‖T*‖ is at the floor,
//                         or, for targets with noise, when what stages find no longer pays for its numbers.
// Everything is relative to what is left, so a range of 1e4 between weights takes a few stages and not 1e4 times the steps.
import { compactView } from '../compaction/compact.js';
import { descriptionLength } from '../compaction/description-length.js';
import { prune } from '../compaction/prune.js';
import type { SymmetricView, TargetSpan } from '../compaction/symmetric-view.js';
import { viewOf } from '../compaction/view-of.js';
import { InputError } from '../errors.js';
import { symmetricKinds, type SymmetricTarget } from '../targets/target.js';
import type { SymmetricKruskal } from '../tensor/kruskal.js';
import { normalize, selectComponents } from '../tensor/normalize.js';
import { packedLength } from '../tensor/symmetric.js';
import { toleranceMet, type Algorithm, type Setup } from './algorithm.js';
import { openPolarFlow, stepPolarFlow, stoppedPolarFlow, type PolarFlow, type PolarFlowOptions } from './polar-flow.js';
import { joined, noComponents, observeStack, probeShare } from './symmetric-stack.js';

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
  /** What earlier stages found: minimal, unit vectors; and what it leaves of the target, relative to it. */
  found: SymmetricKruskal;
  error: number;
  flow: PolarFlow;
  stage: number;
  /** Steps of all stages before. */
  stageBegin: number;
  /** The stage's flow has stopped itself. */
  flowStopped: boolean;
  /** Stages in a row that found nothing worth its numbers. */
  vain: number;
}

/** Steps between two observations; a stage ends at one of them, or where its flow stops itself. */
const reportEvery = 50;
/** A flow that has fitted all but this share of the residual it began with has done its part. */
const enough = 1e-2;
/** Fresh components weaker than this share of the strongest fresh one are left for the next stage. */
const freshShare = 0.05;
/** Found components are only dropped when they are noise of float64. */
const keptShare = 1e-6;
/** Stages in a row that may find nothing but noise: a single one may have started badly. */
const mostVain = 2;

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
    const found = noComponents(span.target);
    const state = { setup, span, stageLength, found, error: 1, stage: 0, stageBegin: 0, flowStopped: false, vain: 0 };
    return { ...state, flow: await openStage(state) };
  },

  step: ({ flow }) => stepPolarFlow(flow),

  async stopped(state) {
    const steps = await stoppedPolarFlow(state.flow);
    state.flowStopped = steps !== undefined;
    return steps === undefined ? undefined : state.stageBegin + steps;
  },

  async observe(state) {
    const { setup, flow, stageLength, found, error } = state;
    const { view, restore } = state.span;
    const observation = await observeStack(flow.stack);
    const fresh = observation.kruskal as SymmetricKruskal;
    if (flow.steps < stageLength && !state.flowStopped) {
      return { ...observation, kruskal: restore(joined(found, fresh)) };
    }
    const known = found.weights.length;
    const strong = prune(fresh, freshShare * strongest(fresh));
    const all = joined(
      found,
      known > 0 && view.noisy ? strongestOf(strong, spareComponents(view.given, known)) : strong,
    );
    const next = compactView(view, all, { dropBelow: keptShare * strongest(all) }, known);
    const length = (count: number, left: number): number => descriptionLength(view.given, count, left);
    const pays = length(next.kruskal.weights.length, next.relativeError) < length(known, error);
    if (known > 0 && view.noisy && !pays) state.vain++;
    else [state.found, state.error, state.vain] = [next.kruskal, next.relativeError, 0];
    const settled = state.vain >= mostVain;
    if (!settled && state.error > setup.tolerance) await beginStage(state);
    const { residuals = [] } = observation;
    return { startErrors: [state.error], best: 0, kruskal: restore(state.found), residuals, settled };
  },

  /** When a compacted model's relative error is within the tolerance, or what it leaves is noise. */
  done: toleranceMet,
};

/** The next stage begins where the flow of the last one ended. */
async function beginStage(state: StagedState): Promise<void> {
  state.stageBegin += state.flow.steps;
  state.stage++;
  state.flowStopped = false;
  state.flow = await openStage(state);
}

/** A fresh flow on what `found` leaves of the target; every stage draws from random streams of its own. */
function openStage(state: Omit<StagedState, 'flow'>): Promise<PolarFlow> {
  const { setup, span, found, error, stage, stageLength } = state;
  const { target, view } = span;
  const { initNorm, stepFactor = 0.4 } = setup.options;
  return openPolarFlow({
    ...setup,
    target,
    view,
    options: { stepFactor, epochLength: stageLength / 2, ...(initNorm === undefined ? {} : { initNorm }) },
    starts: setup.starts.map((start) => start + stage * streamsPerStage),
    ...(found.weights.length > 0 ? { fixed: found } : {}),
    stopAt: probeShare * enough * error,
  });
}

/** Streams between two stages: more than there are starts. */
const streamsPerStage = 2 ** 16;

/** Fresh components that a target with noise can tell from it: a third of the numbers that the known ones leave free. */
const spareComponents = ({ order, dim }: SymmetricView['given'], known: number): number =>
  Math.max(1, Math.floor((packedLength(order, dim) / dim - known) / 3));

const strongestOf = (model: SymmetricKruskal, count: number): SymmetricKruskal =>
  selectComponents(
    model,
    Array.from(model.weights.keys())
      .sort((i, j) => Math.abs(model.weights[j]!) - Math.abs(model.weights[i]!))
      .slice(0, count),
  );

const strongest = (model: SymmetricKruskal): number =>
  normalize(model).weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
