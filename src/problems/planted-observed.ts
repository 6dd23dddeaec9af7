// Some entries of a tensor with known components, the test problem of completion: cells drawn at random without repetition,
//   values = entries of the truth + noise·‖entries‖·N/‖N‖,  N Gaussian,  then gross errors in a share of them.
// The tensor is never formed, so that its size has no bound.
import { predictEntriesUnchecked } from '../analysis/predict.js';
import { InputError } from '../errors.js';
import { randomStream } from '../random/stream.js';
import { problemStreams } from '../random/streams.js';
import { observed, type ObservedTarget } from '../targets/observed.js';
import type { Kruskal } from '../tensor/kruskal.js';
import { euclideanNorm } from '../tensor/square-sum.js';
import { sizeOf } from '../tensor/shape.js';
import { chooseSome } from './choose-some.js';
import { addGrossErrors } from './gross-errors.js';
import { scaledNormals } from './noise.js';
import { requireBetween, requireOptions } from './options.js';
import { cpTruth, type PlantedCpOptions } from './planted-cp.js';

export interface PlantedObservedOptions extends PlantedCpOptions {
  /** Of the cells, above 0 up to 1; the number of observed ones is share · cells, rounded, but one at least. */
  share: number;
  /** ‖noise‖ / ‖signal‖ over the observed entries. Default 0. */
  noise?: number;
  /** Share of the observed entries with gross errors. Default 0. */
  corrupt?: number;
}

export interface PlantedObserved {
  /** Entries in row-major order of their cells. */
  readonly target: ObservedTarget;
  /** The same as that of `plantedCp`. */
  readonly truth: Kruskal;
  /** Numbers of the entries with gross errors, rising. */
  readonly wrong: Uint32Array;
}

const known = ['shape', 'rank', 'seed', 'noise', 'collinearity', 'weights', 'share', 'corrupt'];
const cellStream = problemStreams + 2 ** 16 + 1;

/** The largest set that JavaScript holds. */
const maxObserved = 2 ** 24;

/**
 * Random entries of a tensor with known components of unit columns, with noise and gross errors. The same seed gives the same cells, noise
 * and errors. O(count · (order · rank + log count)).
 *
 * @example
 * ```ts
 * import { plantedObserved } from 'polyadic/problems';
 *
 * const { target } = plantedObserved({ shape: [9, 8, 7], rank: 2, share: 0.5, seed: 1 });
 * console.log(target.count); // 252
 * ```
 * @throws InputError for unknown options and numbers out of range.
 */
export function plantedObserved(options: PlantedObservedOptions): PlantedObserved {
  const who = 'plantedObserved';
  requireOptions(who, options, known);
  const { shape, seed, share, noise = 0, corrupt = 0 } = options;
  const truth = cpTruth(who, options);
  requireBetween(who, 'share', share, 0, 1);
  requireBetween(who, 'noise', noise, 0, Number.MAX_VALUE);
  requireBetween(who, 'corrupt', corrupt, 0, 1);
  const cells = sizeOf(shape);
  const count = Math.max(1, Math.round(share * cells));
  if (!(share > 0) || count > maxObserved || cells > Number.MAX_SAFE_INTEGER) {
    throw new InputError(
      `${who}: expected 1 to ${maxObserved} of at most 2^53 cells, got a share of ${share} of ${cells}. Change the share or the shape.`,
    );
  }
  const indices = indicesOf(chooseSome(randomStream(seed, cellStream), count, cells), shape);
  const signal = predictEntriesUnchecked(truth, indices);
  const level = { level: noise, seed, stream: problemStreams + shape.length };
  const normals = scaledNormals(who, count, euclideanNorm(signal), level);
  const { values, wrong } = addGrossErrors(
    signal.map((value, e) => value + normals[e]!),
    { share: corrupt, seed },
  );
  return { target: observed(shape, indices, values), truth, wrong };
}

/** Multi-indices of row-major offsets, [count, order]. */
function indicesOf(offsets: Float64Array, shape: readonly number[]): Uint32Array {
  const order = shape.length;
  const indices = new Uint32Array(offsets.length * order);
  offsets.forEach((offset, e) => {
    let rest = offset;
    for (let k = order - 1; k >= 0; k--) {
      indices[e * order + k] = rest % shape[k]!;
      rest = Math.floor(rest / shape[k]!);
    }
  });
  return indices;
}
