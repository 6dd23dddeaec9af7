// Beyond the lazy regime: 2-homogeneous components that start tiny, turn to a hidden direction and only then grow.
//   T = Σ_{i<m} a_i ‖u_i‖² ū_i^{⊗l},  a_i = ±1,  loss ½‖T − T*‖² + λ Σ c_i^{l−2} ‖u_i‖^l with c_i = 1/‖u_i‖ held fixed,
// in polar form (ρ = log ‖u‖, ū): the speed of ū does not depend on the norm, and ρ grows at the rate of the residual along ū.
// Epochs: after each, small components are put back to the start with new directions, so that a slot that a duplicate or
// nothing at all holds is free again. m = 2r is enough in any dimension, where the lazy regime needs d^{l−1}/l! components.
// After Wang, Wu, Lee, Ma, Ge, "Beyond Lazy Training for Over-parameterized Tensor Decomposition", NeurIPS 2020, arXiv
// 2010.11356; a reconstruction from the paper's abstract and results, not a transcript of its algorithm.
import type { DeviceArray, Scope } from '../backend/backend.js';
import { InputError } from '../errors.js';
import { randomStream, type RandomStream } from '../random/stream.js';
import { startStreams } from '../random/streams.js';
import type { FactoredTarget } from '../targets/factored.js';
import { toleranceMet, type Algorithm, type Setup } from './algorithm.js';
import { observeStack } from './factored-stack.js';

export interface BeyondLazyOptions {
  readonly kind: 'beyondLazy';
  /** δ0: norm of a component at its start, for a residual of unit strength. Default: 1e-3. Smaller only takes longer, ∝ log 1/δ0. */
  readonly initNorm?: number;
  /** κ: the step is κ / (order · S), S the strength of the target. Default: 0.5; 1 breaks. */
  readonly stepFactor?: number;
  /** λ. Default: 0. Leaves a bias of about λ / weight in every component. */
  readonly regularization?: number;
  /** Factor of the radial speed. Default: the order (c held fixed); 2 is the true gradient of the data loss. */
  readonly radialFactor?: number;
  /** Steps between two re-initializations. Default: 200; κ · epochLength below 20 is too short to grow. */
  readonly epochLength?: number;
  /** Which components start anew. Default: { rule: 'threshold', below: 0.03 }. */
  readonly restart?: RestartRule;
  /** Sign of a component that starts anew. Default: 'random'; 'greedy' takes the sign that the residual wants. */
  readonly restartSign?: 'random' | 'greedy';
  /** τ / δ0: norms below τ = modeSwitch · δ0 turn and grow slower, by (‖u‖/τ)^{order − 2}. Default: 0, off; above 1 small components stall at order 4. */
  readonly modeSwitch?: number;
}

export type RestartRule =
  /** Weight below this share of S. */
  | { readonly rule: 'threshold'; readonly below: number }
  /** This share of all components, the smallest. More than a quarter destroys good ones. */
  | { readonly rule: 'fraction'; readonly share: number }
  | { readonly rule: 'none' };

interface BeyondLazyState {
  readonly setup: Setup<FactoredTarget, BeyondLazyOptions>;
  readonly options: Required<BeyondLazyOptions>;
  readonly batch: number;
  readonly columns: number;
  readonly randoms: readonly RandomStream[];
  /** S of every start. */
  readonly strongest: readonly number[];
  readonly arrays: Arrays;
  steps: number;
}

interface Arrays {
  readonly vectors: DeviceArray;
  readonly weights: DeviceArray;
  readonly contraction: DeviceArray;
  readonly strengths: DeviceArray;
  readonly rates: DeviceArray;
  readonly caps: DeviceArray;
  readonly signs: DeviceArray;
  readonly logNorms: DeviceArray;
}

/** Steps of the power iteration that finds S; 15 are within a percent on random tensors. */
const powerSteps = 15;
/** No component grows beyond this many times S: it would only be the other half of a pair that cancels. */
const mostStrength = 10;
/** "Off" for the scalar-mode switch: below every log norm. */
const noSwitch = -1e4;

export const beyondLazy: Algorithm<FactoredTarget, BeyondLazyOptions, BeyondLazyState> = {
  kind: 'beyondLazy',
  accepts: 'factored',
  optionNames: [
    'initNorm',
    'stepFactor',
    'regularization',
    'radialFactor',
    'epochLength',
    'restart',
    'restartSign',
    'modeSwitch',
  ],
  defaults: { starts: 1, tolerance: 1e-2, maxSteps: 4000, widthOfRank: (rank) => 2 * rank },
  polish: undefined,
  reportEvery: 50,

  async init(setup) {
    const { scope, target, width, starts, seed } = setup;
    if (setup.init)
      throw new InputError('beyondLazy: expected no init, got one. It starts from tiny random components.');
    const options = withDefaults(setup.options, target.order);
    const batch = starts.length;
    const columns = width + target.weights.length;
    const randoms = starts.map((start) => randomStream(seed, startStreams + start));
    const vectors = new Float64Array(batch * columns * target.dim);
    const weights = new Float64Array(batch * columns);
    randoms.forEach((random, b) => {
      vectors.set(random.unitVectors(width, target.dim).data, b * columns * target.dim);
      vectors.set(unitRowsOf(target), (b * columns + width) * target.dim);
      weights.set(strengthsOf(target), b * columns + width);
    });
    const arrays: Arrays = {
      vectors: scope.array('vectors', vectors),
      weights: scope.array('weights', weights),
      contraction: scope.array('contraction', batch * columns * target.dim),
      strengths: scope.array('strengths', batch * columns),
      rates: scope.array('rates', batch),
      caps: scope.array('caps', batch),
      signs: scope.array(
        'signs',
        Float64Array.from({ length: batch * width }, (_, at) => randoms[Math.floor(at / width)]!.sign()),
      ),
      logNorms: scope.array('log norms', batch * width),
    };
    const strongest = await residualStrengths(setup, arrays, columns);
    scope.write(
      arrays.rates,
      Float64Array.from(strongest, (s) => options.stepFactor / (target.order * s)),
    );
    scope.write(
      arrays.caps,
      Float64Array.from(strongest, (s) => 0.5 * Math.log(mostStrength * s)),
    );
    const logNorms = Float64Array.from({ length: batch * width }, (_, at) =>
      startLogNorm(options, strongest[Math.floor(at / width)]!),
    );
    scope.write(arrays.logNorms, logNorms);
    return { setup, options, batch, columns, randoms, strongest, arrays, steps: 0 };
  },

  step(state) {
    if (state.steps > 0 && state.steps % state.options.epochLength === 0 && state.options.restart.rule !== 'none') {
      return restartSmall(state).then(() => advance(state));
    }
    advance(state);
  },

  observe: ({ setup, batch, arrays }) => observeStack(setup, { batch, ...arrays }),

  /** When the best start's relative error is within the tolerance. */
  done: toleranceMet,
};

/** Two dispatches. */
function advance(state: BeyondLazyState): void {
  const { setup, options, batch, columns, arrays } = state;
  const { scope, target, width: rows } = setup;
  const { order, dim } = target;
  const { radialFactor, regularization, modeSwitch, initNorm } = options;
  const sizes = { order, batch, rows, columns, dim };
  scope.contractFactored({ ...sizes, ...arrays, queries: arrays.vectors, queryStride: columns * dim });
  const logModeSwitch = modeSwitch > 0 ? Math.log(modeSwitch * initNorm) : noSwitch;
  scope.updatePolar({ ...sizes, ...arrays, radialFactor, regularization, logModeSwitch });
  state.steps++;
}

/** S of every start: the largest |T*(z, …, z)| that power iterations z ← T*(·, z, …, z)/‖·‖ from the start's directions find. */
async function residualStrengths(
  { scope, target, width: rows }: Setup<FactoredTarget, BeyondLazyOptions>,
  { vectors, weights, contraction, strengths }: Arrays,
  columns: number,
): Promise<number[]> {
  const { order, dim } = target;
  const batch = weights.length / columns;
  const first = await scope.read(vectors);
  const directions = new Float64Array(batch * rows * dim);
  for (let b = 0; b < batch; b++) {
    directions.set(first.subarray(b * columns * dim, (b * columns + rows) * dim), b * rows * dim);
  }
  const queries = scope.array('power iteration', directions);
  // The model's weights are still 0 here, so the stack is the target alone.
  const sizes = { order, batch, rows, columns, dim, queryStride: rows * dim };
  for (let k = 0; k <= powerSteps; k++) {
    scope.contractFactored({ ...sizes, queries, vectors, weights, contraction, strengths });
    if (k < powerSteps) scope.normalizeRows({ batch, rows, dim, from: contraction, to: queries });
  }
  const s = (await scope.read(strengths)).subarray(0, batch * rows);
  return Array.from({ length: batch }, (_, b) =>
    s.subarray(b * rows, (b + 1) * rows).reduce((most, x) => Math.max(most, Math.abs(x)), 0),
  );
}

/** Puts the components that the rule names back to the start: new directions, new signs, norm δ0. */
async function restartSmall({
  setup,
  options,
  batch,
  columns,
  randoms,
  strongest,
  arrays,
}: BeyondLazyState): Promise<void> {
  const { scope, target, width } = setup;
  const { order, dim } = target;
  const [vectors, weights] = [await scope.read(arrays.vectors), await scope.read(arrays.weights)];
  const [signs, logNorms] = [await scope.read(arrays.signs), await scope.read(arrays.logNorms)];
  for (let b = 0; b < batch; b++) {
    const own = weights.subarray(b * columns, b * columns + width);
    for (const i of toRestart(own, strongest[b]!, options.restart)) {
      const fresh = randoms[b]!.unitVectors(1, dim).data;
      const random = randoms[b]!.sign();
      const greedy = options.restartSign === 'greedy';
      signs[b * width + i] = greedy ? residualSign(vectors, weights, b, columns, fresh, order) || random : random;
      vectors.set(fresh, (b * columns + i) * dim);
      logNorms[b * width + i] = startLogNorm(options, strongest[b]!);
      weights[b * columns + i] = signs[b * width + i]! * Math.exp(2 * logNorms[b * width + i]!);
    }
  }
  writeAll(scope, [
    [arrays.vectors, vectors],
    [arrays.weights, weights],
    [arrays.signs, signs],
    [arrays.logNorms, logNorms],
  ]);
}

const writeAll = (scope: Scope, pairs: readonly (readonly [DeviceArray, Float64Array])[]): void =>
  pairs.forEach(([array, content]) => scope.write(array, content));

/** Positions of the components that start anew. */
export function toRestart(weights: Float64Array, strongest: number, rule: RestartRule): number[] {
  const all = Array.from(weights, (_, i) => i);
  const size = (i: number): number => Math.abs(weights[i]!);
  switch (rule.rule) {
    case 'none':
      return [];
    case 'threshold':
      return all.filter((i) => size(i) < rule.below * strongest);
    case 'fraction':
      return all.sort((i, j) => size(i) - size(j)).slice(0, Math.floor(rule.share * weights.length));
    default:
      return rule satisfies never;
  }
}

/** −sign of E(z, …, z), E the stack of one start: the sign of the component along z that would lower the loss. */
function residualSign(
  vectors: Float64Array,
  weights: Float64Array,
  b: number,
  columns: number,
  z: Float64Array,
  order: number,
): number {
  let strength = 0;
  for (let j = 0; j < columns; j++) {
    let g = 0;
    for (let k = 0; k < z.length; k++) g += vectors[(b * columns + j) * z.length + k]! * z[k]!;
    strength += weights[b * columns + j]! * g ** order;
  }
  return -Math.sign(strength);
}

/** ρ at the start: log δ0 on the scale √S. */
const startLogNorm = ({ initNorm }: Required<BeyondLazyOptions>, strongest: number): number =>
  Math.log(initNorm) + 0.5 * Math.log(strongest);

function withDefaults(options: BeyondLazyOptions, order: number): Required<BeyondLazyOptions> {
  const defaults = {
    initNorm: 1e-3,
    stepFactor: 0.5,
    regularization: 0,
    radialFactor: order,
    epochLength: 200,
    restart: { rule: 'threshold', below: 3e-2 },
    restartSign: 'random',
    modeSwitch: 0,
  } as const;
  return { ...defaults, ...options };
}

/** The target with unit vectors: rows, and −(weight · ‖vector‖^order). */
function unitRowsOf({ vectors: { rows, columns, data } }: FactoredTarget): Float64Array {
  const unit = data.slice();
  for (let k = 0; k < rows; k++) {
    const row = unit.subarray(k * columns, (k + 1) * columns);
    const norm = Math.hypot(...row);
    if (norm > 0) row.forEach((value, j) => (row[j] = value / norm));
  }
  return unit;
}

function strengthsOf({ order, weights, vectors: { columns, data } }: FactoredTarget): Float64Array {
  return weights.map((weight, k) => -weight * Math.hypot(...data.subarray(k * columns, (k + 1) * columns)) ** order);
}
