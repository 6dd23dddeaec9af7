// From a configuration to what the library needs: the truth, the target made from it, and the options of the run.
import { arrange, dense, factored, type AnyKruskal, type DecomposeOptions, type Target } from '../src/index.js';
import { plantedCp, plantedSymmetric } from '../src/problems/index.js';
import type { Configuration } from './configuration.js';

export interface PlantedProblem {
  /** Unit vectors, the largest weight first. */
  readonly truth: AnyKruskal;
  readonly target: Target;
  readonly options: DecomposeOptions;
}

export function plantedProblem(configuration: Configuration): PlantedProblem {
  const { width, seed, tolerance, maxSteps } = configuration;
  const planted = configuration.problem === 'symmetric' ? symmetric(configuration) : asymmetric(configuration);
  return {
    ...planted,
    truth: arrange(planted.truth),
    options: { ...planted.options, width, seed, tolerance, maxSteps },
  };
}

function symmetric({ order, dim, rank, problemSeed, initScale, rate }: Configuration): PlantedProblem {
  const { truth } = plantedSymmetric({ order, dim, rank, seed: problemSeed });
  const target = factored({ order, dim, weights: truth.weights, vectors: truth.vectors });
  // The library's default step for unit vectors, times the factor of the page.
  return { truth, target, options: { algorithm: { kind: 'vanilla', initScale, learningRate: rate * 0.5 } } };
}

function asymmetric(configuration: Configuration): PlantedProblem {
  const { order, dim, rank, problemSeed, noise, collinearity, width, starts } = configuration;
  const shape = new Array<number>(order).fill(dim);
  // A common cosine needs as many dimensions as components; without one, columns are independent and rank is free.
  const cosine = collinearity > 0 ? { collinearity } : {};
  const weights = Array.from({ length: rank }, (_, r) => 1.25 ** -r);
  const { tensor, truth } = plantedCp({ shape, rank, seed: problemSeed, noise, weights, ...cosine });
  return { truth, target: dense(tensor.shape, tensor.data), options: { algorithm: 'als', rank: width, starts } };
}
