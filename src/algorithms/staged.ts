// The solver for symmetric targets: stages of the beyond-lazy flow at the scale of the current residual, each followed by
// compaction in float64, until the exact, minimal decomposition is left. No rank is needed in advance.
//   found = {};  repeat:  flow on T* − found from tiny components at the residual's own scale, found ones frozen;
//                         found ← compact(found + strong fresh components);  stop when ‖found − T*‖ / ‖T*‖ is at the floor.
// Everything is relative to what is left, so a range of 1e4 between weights takes a few stages and not 1e4 times the steps.
import { compact } from '../compaction/compact.js';
import { prune } from '../compaction/prune.js';
import { InputError } from '../errors.js';
import type { FactoredTarget } from '../targets/factored.js';
import type { SymmetricKruskal } from '../tensor/kruskal.js';
import { norm } from '../tensor/inner-product.js';
import { normalize } from '../tensor/normalize.js';
import { toleranceMet, type Algorithm, type Setup } from './algorithm.js';
import { beyondLazy, type BeyondLazyOptions } from './beyond-lazy.js';

export interface StagedOptions extends Pick<BeyondLazyOptions, 'initNorm' | 'stepFactor'> {
  readonly kind: 'staged';
  /** Flow steps of a stage, two epochs; a multiple of 50. Default: 300. */
  readonly stageLength?: number;
}

type FlowState = Awaited<ReturnType<typeof beyondLazy.init>>;

interface StagedState {
  readonly setup: Setup<FactoredTarget, StagedOptions>;
  readonly stageLength: number;
  /** What earlier stages found: minimal, unit vectors. */
  found: SymmetricKruskal;
  flow: FlowState;
  stage: number;
  stageSteps: number;
}

/** Steps between two observations; a stage ends at one of them. */
const reportEvery = 50;
/** Fresh components weaker than this share of the strongest fresh one are left for the next stage. */
const freshShare = 0.05;
/** Found components are only dropped when they are noise of float64. */
const keptShare = 1e-6;

export const staged: Algorithm<FactoredTarget, StagedOptions, StagedState> = {
  kind: 'staged',
  accepts: 'factored',
  optionNames: ['initNorm', 'stepFactor', 'stageLength'],
  defaults: { starts: 1, tolerance: 1e-9, maxSteps: 3000, widthOfRank: (rank) => 2 * rank },
  polish: undefined,
  reportEvery,

  async init(setup) {
    if (setup.init) throw new InputError('staged: expected no init, got one. It starts from tiny random components.');
    const { stageLength = 300 } = setup.options;
    if (!Number.isInteger(stageLength) || stageLength < reportEvery || stageLength % reportEvery !== 0) {
      throw new InputError(
        `staged: expected stageLength to be a multiple of ${reportEvery}, got ${stageLength}. Change stageLength.`,
      );
    }
    const { order, dim } = setup.target;
    const found: SymmetricKruskal = {
      order,
      weights: new Float64Array(0),
      vectors: { rows: 0, columns: dim, data: new Float64Array(0) },
    };
    return {
      setup,
      stageLength,
      found,
      flow: await flowOnResidual(setup, found, stageLength, 0),
      stage: 0,
      stageSteps: 0,
    };
  },

  step(state) {
    state.stageSteps++;
    return beyondLazy.step(state.flow);
  },

  async observe(state) {
    const { setup, flow, stageLength } = state;
    const { target } = setup;
    const { startErrors, best, kruskal } = await beyondLazy.observe(flow);
    const fresh = kruskal as SymmetricKruskal;
    if (state.stageSteps < stageLength) {
      // The flow's errors are relative to what this stage began with.
      const share = norm(flow.setup.target) / norm(target);
      return { startErrors: startErrors.map((error) => error * share), best, kruskal: joined(state.found, fresh) };
    }
    const strong = prune(fresh, freshShare * strongest(fresh));
    const all = joined(state.found, strong);
    const { kruskal: found, relativeError } = compact(target, all, { dropBelow: keptShare * strongest(all) });
    state.found = found;
    if (relativeError > setup.tolerance) {
      state.stage++;
      state.flow = await flowOnResidual(setup, found, stageLength, state.stage);
      state.stageSteps = 0;
    }
    return { startErrors: [relativeError], best: 0, kruskal: found };
  },

  /** When a compacted model's relative error is within the tolerance. */
  done: toleranceMet,
};

/** A fresh flow on T* − found; every stage draws on from where the last one stopped, by a seed stream of its own. */
async function flowOnResidual(
  setup: Setup<FactoredTarget, StagedOptions>,
  found: SymmetricKruskal,
  stageLength: number,
  stage: number,
): Promise<FlowState> {
  const { target, options, starts } = setup;
  const { initNorm, stepFactor = 0.4 } = options;
  const residual = joined(target, { ...found, weights: found.weights.map((weight) => -weight) });
  const flowOptions: BeyondLazyOptions = {
    kind: 'beyondLazy',
    stepFactor,
    epochLength: stageLength / 2,
    ...(initNorm === undefined ? {} : { initNorm }),
  };
  return beyondLazy.init({
    ...setup,
    options: flowOptions,
    target: { kind: 'factored', dim: target.dim, ...residual },
    starts: starts.map((start) => start + stage * streamsPerStage),
  });
}

/** Streams between two stages: more than there are starts. */
const streamsPerStage = 2 ** 16;

/** a + b */
function joined(a: SymmetricKruskal, b: SymmetricKruskal): SymmetricKruskal {
  const data = new Float64Array(a.vectors.data.length + b.vectors.data.length);
  data.set(a.vectors.data);
  data.set(b.vectors.data, a.vectors.data.length);
  return {
    order: a.order,
    weights: Float64Array.of(...a.weights, ...b.weights),
    vectors: { rows: a.vectors.rows + b.vectors.rows, columns: a.vectors.columns, data },
  };
}

const strongest = (model: SymmetricKruskal): number =>
  normalize(model).weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
