// A dense tensor with known components and optional noise: tensor = truth + noise·‖truth‖·N/‖N‖, N Gaussian.
// The standard test problem of the field (create_problem in Tensor Toolbox), with the noise level exact.
import { InputError } from '../errors.js';
import { randomStream } from '../random/stream.js';
import { problemStreams } from '../random/streams.js';
import { denseNorm, type DenseTensor } from '../tensor/dense.js';
import type { Kruskal } from '../tensor/kruskal.js';
import { transpose } from '../tensor/matrix.js';
import { requireList, requireSizes } from '../tensor/require.js';
import { toDense } from '../tensor/to-dense.js';
import { collinearRows } from './directions.js';
import { scaledNormals } from './noise.js';
import { requireBetween, requireInteger, requireOptions, requireRank, requireRoom } from './options.js';

export interface PlantedCpOptions {
  shape: readonly number[];
  rank: number;
  seed: number;
  /** ‖noise‖ / ‖signal‖. Default 0. The relative error of the truth against the tensor is then noise / √(1 + noise²), nearly. */
  noise?: number;
  /** Cosine between any two columns, the same in every mode; needs rank ≤ min(shape). Default: independent random columns. */
  collinearity?: number;
  /** `[rank]`. Default all 1. */
  weights?: readonly number[];
}

const known = ['shape', 'rank', 'seed', 'noise', 'collinearity', 'weights'];

/**
 * A dense tensor with known components of unit columns: tensor = truth + noise · ‖truth‖ · N / ‖N‖, N Gaussian. Streams of the seed: mode k
 * of the truth from stream k, the noise from stream order. Cost O(N·rank).
 *
 * @example
 * ```ts
 * import { relativeError } from 'polyadic';
 * import { plantedCp } from 'polyadic/problems';
 *
 * const { tensor, truth } = plantedCp({ shape: [9, 8, 7], rank: 2, noise: 0.1, seed: 1 });
 * console.log(relativeError(truth, tensor).toFixed(1)); // 0.1
 * ```
 * @throws InputError for unknown options and numbers out of range.
 */
export function plantedCp(options: PlantedCpOptions): { tensor: DenseTensor; truth: Kruskal } {
  const who = 'plantedCp';
  requireOptions(who, options, known);
  const { shape, seed, noise = 0 } = options;
  const truth = cpTruth(who, options);
  requireBetween(who, 'noise', noise, 0, Number.MAX_VALUE);
  const tensor = toDense(truth);
  if (noise > 0) {
    const options = { level: noise, seed, stream: problemStreams + shape.length };
    const normals = scaledNormals(who, tensor.data.length, denseNorm(tensor), options);
    for (let at = 0; at < normals.length; at++) tensor.data[at]! += normals[at]!;
  }
  return { tensor, truth };
}

/** The components alone, with checked options. */
export function cpTruth(who: string, options: Omit<PlantedCpOptions, 'noise'>): Kruskal {
  const { shape, rank, seed, collinearity, weights } = options;
  checkShape(who, shape);
  requireRank(who, rank, Math.max(...shape));
  if (collinearity !== undefined) {
    requireBetween(who, 'collinearity', collinearity, -1, 1);
    requireRoom(who, 'a common collinearity', rank, Math.min(...shape));
  }
  if (weights !== undefined) requireList(who, 'weights', weights);
  if (weights !== undefined && (weights.length !== rank || !weights.every((weight) => Number.isFinite(weight)))) {
    throw new InputError(
      `${who}: expected weights to be ${rank} finite numbers, got [${weights.join(', ')}]. Give one per component.`,
    );
  }
  const factors = shape.map((dim, mode) => {
    const random = randomStream(seed, problemStreams + mode);
    const rows =
      collinearity === undefined ? random.unitVectors(rank, dim) : collinearRows(who, random, rank, dim, collinearity);
    return transpose(rows);
  });
  return { weights: Float64Array.from(weights ?? new Array<number>(rank).fill(1)), factors };
}

function checkShape(who: string, shape: readonly number[]): void {
  requireSizes(who, shape);
  if (shape.length === 0) {
    throw new InputError(`${who}: expected at least one mode, got the empty shape []. Give the sizes per mode.`);
  }
  shape.forEach((dim, mode) => requireInteger(who, `shape[${mode}]`, dim, 1));
}
