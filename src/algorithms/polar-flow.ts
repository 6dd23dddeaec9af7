// The 2-homogeneous flow in polar form on a backend: Σ_i a_i ‖u_i‖² ū_i^{⊗l} with a_i = ±1, ρ_i = log ‖u_i‖,
//   ū_i ← normalize(ū_i − η l a_i (A_i − s_i ū_i)),   ρ_i ← ρ_i − η κ_r (a_i s_i + λ),   A_i = E(·, ū_i, …, ū_i), s_i = ⟨A_i, ū_i⟩,
// with the step η = κ / (l · S), S the strength of the residual along its strongest direction. Epochs: after each, small
// components are put back to the start with new directions. Driven by beyond-lazy.ts and, stage after stage, by staged.ts.
import type { DeviceArray, Scope } from '../backend/backend.js';
import type { SymmetricView } from '../handles/views/symmetric-view.js';
import { randomStream, type RandomStream } from '../random/stream.js';
import { startStreams } from '../random/streams.js';
import type { SymmetricKruskal } from '../tensor/kruskal.js';
import { withDefaults, type FilledOptions } from './option-table.js';
import { polarFlowOptions, type PolarFlowOptions, type RestartRule } from './options/polar-flow.js';
import {
  contractResidual,
  contractStack,
  openStack,
  resumeStack,
  stoppedStep,
  traceEvery,
  traceStack,
  type SymmetricStack,
} from './symmetric-stack.js';

type FilledFlowOptions = FilledOptions<typeof polarFlowOptions> & { readonly radialFactor: number };

export interface PolarFlow {
  readonly stack: SymmetricStack;
  readonly options: FilledFlowOptions;
  readonly randoms: readonly RandomStream[];
  /** S of every start, and the rates that follow from it. */
  readonly strongest: Float64Array;
  readonly rates: Float64Array;
  readonly caps: DeviceArray;
  readonly signs: DeviceArray;
  readonly logNorms: DeviceArray;
  steps: number;
  /** The backend stops the flow at this residual, as seen from the stack's rows. */
  stopAt: number;
}

/** Steps of the power iteration that finds S; 15 are within a percent on random tensors. */
const powerSteps = 15;
/** No component grows beyond this many times S: it would only be the other half of a pair that cancels. */
const maxStrength = 10;
/** "Off" for the scalar-mode switch: below every log norm. */
const noSwitch = -1e4;

export interface PolarFlowInput {
  readonly scope: Scope;
  readonly view: SymmetricView;
  /** One factored target per start instead of one for all: see StackInput. */
  readonly views?: readonly SymmetricView[];
  readonly width: number;
  readonly seed: number;
  readonly starts: readonly number[];
  /** A seed for every start, where they are problems of their own. Default: `seed` for all. */
  readonly seeds?: readonly number[];
  readonly options: PolarFlowOptions;
  /** Components that stay as they are: the flow sees what they leave of the target. */
  readonly fixed?: SymmetricKruskal;
  readonly stopAt: number;
}

/** Random directions and signs, tiny norms; the step sizes are computed on the backend. */
export async function openPolarFlow({
  width,
  seed,
  starts,
  seeds,
  stopAt,
  ...input
}: PolarFlowInput): Promise<PolarFlow> {
  const { scope, view } = input;
  const { order, dim } = view;
  const options = { radialFactor: order, ...withDefaults(polarFlowOptions, input.options) };
  const randoms = starts.map((start, b) => randomStream(seeds?.[b] ?? seed, startStreams + start));
  const directions = randoms.map((random) => random.unitVectors(width, dim));
  const signs = Float64Array.from({ length: starts.length * width }, (_, at) =>
    randoms[Math.floor(at / width)]!.sign(),
  );
  // Weights are still 0, so that the stack is the residual at the start.
  const models = directions.map((vectors) => ({ order, weights: new Float64Array(width), vectors }));
  const stack = openStack({ ...input, models });
  const { strongest, rates } = await findRates(stack, options.stepFactor, models);
  const logNorms = Float64Array.from({ length: starts.length * width }, (_, at) =>
    startLogNorm(options, strongest[Math.floor(at / width)]!),
  );
  return {
    stack,
    options,
    randoms,
    strongest,
    rates,
    stopAt,
    steps: 0,
    caps: scope.array(
      'caps',
      strongest.map((s) => 0.5 * Math.log(maxStrength * s)),
    ),
    signs: scope.array('signs', signs),
    logNorms: scope.array('log norms', logNorms),
  };
}

/** S of every start, the largest |E(z, …, z)| that power iterations z ← E(·, z, …, z)/‖·‖ from the start's directions find; and κ / (l · S). */
export async function findRates(stack: SymmetricStack, stepFactor: number, models: readonly SymmetricKruskal[]) {
  const { scope, view, batch, width: rows, contraction, strengths, rates } = stack;
  const { order, dim } = view;
  const directions = Float64Array.from(models.flatMap(({ vectors }) => Array.from(vectors.data)));
  const queries = scope.array('power iteration', directions);
  const scales = scope.array('strengths of the residual', batch);
  for (let k = 0; k <= powerSteps; k++) {
    contractResidual(stack, queries, rows, rows * dim);
    if (k < powerSteps) scope.normalizeRows({ batch, rows, dim, source: contraction, unit: queries });
  }
  scope.setRates({ batch, rows, factor: stepFactor / order, strengths, scales, rates });
  return { strongest: await scope.read(scales), rates: await scope.read(rates) };
}

/** Records one step: two dispatches for a factored target, a look at the residual now and then; waits where an epoch begins. */
export function stepPolarFlow(flow: PolarFlow): void | Promise<void> {
  const { epochLength, restart } = flow.options;
  if (flow.steps > 0 && flow.steps % epochLength === 0 && restart.rule !== 'none') {
    return beginEpoch(flow).then(() => advance(flow));
  }
  advance(flow);
}

/** Restarts small components, unless the flow has stopped itself on the way here: then what is recorded changes nothing. */
async function beginEpoch(flow: PolarFlow): Promise<void> {
  if ((await stoppedPolarFlow(flow)) === undefined) await restartSmall(flow);
}

function advance(flow: PolarFlow): void {
  const { stack, options, caps, signs, logNorms, stopAt } = flow;
  const { scope, view, batch, width: rows, columns } = stack;
  const { order, dim } = view;
  const { radialFactor, regularization, modeSwitch, initScale } = options;
  const traced = flow.steps > 0 && flow.steps % traceEvery === 0;
  const contracted = contractStack(stack, traced ? 'all' : 'model');
  if (traced) traceStack(stack, stopAt);
  const logModeSwitch = modeSwitch > 0 ? Math.log(modeSwitch * initScale) : noSwitch;
  const sizes = { order, batch, rows, columns, dim, contracted };
  scope.updatePolar({ ...sizes, ...stack, caps, signs, logNorms, radialFactor, regularization, logModeSwitch });
  flow.steps++;
}

/** Steps after which the flow stopped itself, if it has. */
export async function stoppedPolarFlow(flow: PolarFlow): Promise<number | undefined> {
  const steps = await stoppedStep(flow.stack);
  if (steps !== undefined) flow.steps = steps;
  return steps;
}

/** Lets a flow that stopped itself go on until its residual is half of where it stopped. */
export function resumePolarFlow(flow: PolarFlow): void {
  flow.stopAt /= 2;
  resumeStack(flow.stack, flow.steps, flow.rates);
}

/** Puts the components that the rule names back to the start: new directions, new signs, norm δ0. */
async function restartSmall({ stack, options, randoms, strongest, ...arrays }: PolarFlow): Promise<void> {
  const { scope, view, batch, columns, width } = stack;
  const { dim } = view;
  const vectors = await scope.read(stack.vectors);
  const weights = await scope.read(stack.weights);
  const signs = await scope.read(arrays.signs);
  const logNorms = await scope.read(arrays.logNorms);
  const restarted: { b: number; i: number; vector: Float64Array }[] = [];
  for (let b = 0; b < batch; b++) {
    const random = randoms[b]!;
    const own = weights.subarray(b * columns, b * columns + width);
    for (const i of toRestart(own, strongest[b]!, options.restart)) {
      const vector = random.unitVectors(1, dim).data;
      signs[b * width + i] = random.sign();
      logNorms[b * width + i] = startLogNorm(options, strongest[b]!);
      restarted.push({ b, i, vector });
    }
  }
  if (options.restartSign === 'greedy') await takeWantedSigns(stack, restarted, signs);
  for (const { b, i, vector } of restarted) {
    vectors.set(vector, (b * columns + i) * dim);
    weights[b * columns + i] = signs[b * width + i]! * Math.exp(2 * logNorms[b * width + i]!);
  }
  scope.write(stack.vectors, vectors);
  scope.write(stack.weights, weights);
  scope.write(arrays.signs, signs);
  scope.write(arrays.logNorms, logNorms);
}

/** −sign of E(z, …, z) for every new direction z: the sign of the component along z that would lower the loss. */
async function takeWantedSigns(
  stack: SymmetricStack,
  restarted: readonly { b: number; i: number; vector: Float64Array }[],
  signs: Float64Array,
): Promise<void> {
  const { scope, view, batch, width, strengths } = stack;
  const directions = new Float64Array(batch * width * view.dim);
  for (const { b, i, vector } of restarted) directions.set(vector, (b * width + i) * view.dim);
  const queries = scope.array('new directions', directions);
  contractResidual(stack, queries, width, width * view.dim);
  const s = await scope.read(strengths);
  for (const { b, i } of restarted) signs[b * width + i] = -Math.sign(s[b * width + i]!) || signs[b * width + i]!;
}

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

/** ρ at the start: log δ0 on the scale √S. */
const startLogNorm = ({ initScale }: FilledFlowOptions, strongest: number): number =>
  Math.log(initScale) + 0.5 * Math.log(strongest);
