// Problems of the reproductions of completion: a tensor of norm 1 and rank 5 whose components have the norms of products of
// Gaussian vectors, and what is known of it: entries drawn at random, some of them grossly wrong where asked, or its inner
// products with Gaussian tensors, of norm 1 in the mean so that they are as large as entries.
import { denseNorm, sensing, toDense, type Kruskal, type ObservedTarget, type SensingTarget } from '../../src/index.js';
import { plantedCp, plantedObserved } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import { sizeOf } from '../../src/tensor/shape.js';

export interface CompletionSetting {
  readonly name: string;
  readonly shape: readonly number[];
  readonly rank: number;
  /** Known entries, or Gaussian measurements. */
  readonly count: number;
  readonly measured: boolean;
  /** Components of the model: the product of all sizes but the largest. */
  readonly width: number;
  /** Standard deviations of the first factor entries, and the error that each must come under. */
  readonly scales: readonly { readonly scale: number; readonly bound: number }[];
  readonly learningRate: number;
}

export interface CompletionProblem {
  readonly target: ObservedTarget | SensingTarget;
  readonly truth: Kruskal;
  /** ‖W − W*‖ / ‖W*‖ of zeros in the unknown cells, and the true values in the others. */
  readonly zeroFill: number;
  /** ‖residual‖ / ‖values‖ where the mean square of the residual is 1e-8. */
  readonly tolerance: number;
}

export function completionProblem(
  { shape, rank, count, measured }: Pick<CompletionSetting, 'shape' | 'rank' | 'count' | 'measured'>,
  seed: number,
  corrupt = 0,
): CompletionProblem {
  const options = { shape, rank, seed, weights: unitNorm(shape, gaussianWeights(shape, rank, seed), seed) };
  if (measured) {
    const { target, truth } = measuredProblem(options, count);
    return { target, truth, zeroFill: 1, tolerance: toleranceOf(target.values) };
  }
  const cells = sizeOf(shape);
  const { target, truth } = plantedObserved({ ...options, share: count / cells, corrupt });
  const right = corrupt === 0 ? target : plantedObserved({ ...options, share: count / cells }).target;
  const known = sumOfSquares(right.values);
  return { target, truth, zeroFill: Math.sqrt(1 - known), tolerance: toleranceOf(target.values) };
}

const sumOfSquares = (values: Float64Array): number => values.reduce((sum, value) => sum + value * value, 0);
const toleranceOf = (values: Float64Array): number => 1e-4 / Math.sqrt(sumOfSquares(values) / values.length);

interface Planted {
  readonly shape: readonly number[];
  readonly rank: number;
  readonly seed: number;
  readonly weights: readonly number[];
}

function measuredProblem(options: Planted, count: number): { target: SensingTarget; truth: Kruskal } {
  const { tensor, truth } = plantedCp(options);
  const size = tensor.data.length;
  const normals = randomStream(options.seed, measurementStream).fillNormal(new Float64Array(count * size));
  const measurements = normals.map((normal) => normal / Math.sqrt(size));
  const values = Float64Array.from({ length: count }, (_, j) => {
    let sum = 0;
    for (let i = 0; i < size; i++) sum += measurements[j * size + i]! * tensor.data[i]!;
    return sum;
  });
  return { target: sensing(options.shape, measurements, values), truth };
}

const weightStream = 1;
const measurementStream = 2;

/** Π_k ‖g_k‖, g_k Gaussian of the size of mode k: as if the factors were Gaussian. */
function gaussianWeights(shape: readonly number[], rank: number, seed: number): number[] {
  const random = randomStream(seed, weightStream);
  return Array.from({ length: rank }, () =>
    shape.reduce((product, size) => product * Math.hypot(...random.fillNormal(new Float64Array(size))), 1),
  );
}

/** The weights of a tensor of norm 1. */
function unitNorm(shape: readonly number[], weights: readonly number[], seed: number): number[] {
  const { truth } = plantedCp({ shape, rank: weights.length, seed, weights });
  const norm = denseNorm(toDense(truth));
  return weights.map((weight) => weight / norm);
}
