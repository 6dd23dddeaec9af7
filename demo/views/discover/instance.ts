// From settings to what the library needs: the truth, the target made from it, and the options of each algorithm.
import {
  arrange,
  denseSymmetric,
  factored,
  packKruskal,
  type AlgorithmChoice,
  type DecomposeOptions,
  type SymmetricKruskal,
  type SymmetricTarget,
} from '../../../src/index.js';
import { addSymmetricNoise, orthogonal, plantedSymmetric } from '../../../src/problems/index.js';
import type { Algorithm, Settings } from './settings.js';

export interface Instance {
  /** Unit vectors, the largest weight first. */
  readonly truth: SymmetricKruskal;
  readonly target: SymmetricTarget;
}

export function instanceOf(settings: Settings): Instance {
  const { problem, order, dim, rank, ratio, noise, problemSeed: seed } = settings;
  const planted = (problem === 'orthogonal' ? orthogonal : plantedSymmetric)({ order, dim, rank, seed, ratio });
  const truth = arrange(planted.truth);
  if (noise === 0) return { truth, target: factored({ order, dim, weights: truth.weights, vectors: truth.vectors }) };
  return { truth, target: denseSymmetric(addSymmetricNoise(packKruskal(truth), { level: noise, seed })) };
}

export function optionsOf(settings: Settings, algorithm: Algorithm, truth: SymmetricKruskal): DecomposeOptions {
  const { width, seed, maxSteps, noise } = settings;
  // With noise a flow is done when it is as near to the tensor as the truth is; staged detects that by itself.
  const errorOfTruth = noise / Math.hypot(1, noise);
  const tolerance = algorithm === 'staged' ? 1e-9 : Math.max(settings.tolerance, errorOfTruth);
  return { algorithm: choiceOf(settings, algorithm, truth), finish: 'none', width, seed, tolerance, maxSteps };
}

/** Epochs of the flows are steps; they last as long in the flow's own time whatever the step. */
function choiceOf(
  { initScale: weight, stepSize }: Settings,
  algorithm: Algorithm,
  truth: SymmetricKruskal,
): AlgorithmChoice {
  // A component of norm δ in a 2-homogeneous model has the weight δ².
  const initScale = Math.sqrt(weight);
  switch (algorithm) {
    case 'vanilla':
      return { kind: algorithm, initScale: weight, learningRate: 0.5 * stepSize };
    case 'beyondLazy':
      return { kind: algorithm, initScale, stepFactor: 0.5 * stepSize, epochLength: Math.ceil(200 / stepSize) };
    case 'deflation':
      return { kind: algorithm, initScale, stepFactor: 0.5 * stepSize, truth };
    case 'staged':
      return {
        kind: algorithm,
        // The flow is what there is to see.
        compress: false,
        initScale,
        stepFactor: 0.4 * stepSize,
        stageLength: 50 * Math.ceil(6 / stepSize),
      };
    default:
      return algorithm satisfies never;
  }
}
