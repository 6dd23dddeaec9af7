// Split-half validation of a rank: the components of a CP model belong to the data if two halves of the data, fitted apart, have the same
// ones. The slices of one mode are dealt at random to four quarters A, B, C, D; three pairs of halves share no slice:
//   A B | C D,   A C | B D,   A D | B C
// Of every pair the factors of the other modes are compared by Tucker's congruence (analysis/congruence.ts). With one component too many
// the last one fits whatever noise each half has, and differs between them.
// Harshman & De Sarbo, "An application of PARAFAC to a small sample problem, demonstrating preprocessing, orthogonality constraints, and
// split-half diagnostic techniques", in Law et al. (eds.), Research Methods for Multimode Data Analysis (1984).
import { congruence, similarityOf, type Congruence, type Similarity } from './analysis/congruence.js';
import { InputError } from './errors.js';
import { denseTargetOf, fitOf, fitOptionNames, type FitOptions } from './fit-options.js';
import { requireNamedOptions } from './names.js';
import type { Decomposition } from './result.js';
import { denseOf, type DenseTarget } from './targets/dense.js';
import { shuffled } from './targets/hold-out.js';
import type { TensorLike } from './targets/tensor-like.js';
import type { Kruskal } from './tensor/kruskal.js';
import { selectSlices } from './tensor/slices.js';
import { requireIntegerIn } from './tensor/require.js';

export interface SplitHalfOptions extends FitOptions {
  /** The mode whose slices are halved: one whose slices are like repetitions, such as samples or subjects. Default: the longest. */
  readonly mode?: number;
}

export interface SplitHalf {
  readonly rank: number;
  readonly mode: number;
  readonly pairs: readonly HalfPair[];
  /** The smallest congruence of any component in any other mode, over all pairs. */
  readonly smallest: number;
  /** 'equal' from 0.95 on, 'similar' from 0.85 on, else 'different' (Lorenzo-Seva & ten Berge 2006). */
  readonly similarity: Similarity;
}

/** Two halves without a common slice. */
export interface HalfPair {
  /** Indices along the mode, ascending. */
  readonly slices: readonly [number[], number[]];
  /** Their fits; where one has not converged, a difference may be its own. */
  readonly fits: readonly [Decomposition<Kruskal>, Decomposition<Kruskal>];
  /** Of the factors of the other modes. */
  readonly congruence: Congruence;
}

const quarters = 4;
/** The quarters of one half of each pair. */
const firstHalves = [
  [0, 1],
  [0, 2],
  [0, 3],
];

/**
 * Fits halves of a tensor of three or more modes, a dense target or a TensorLike, and compares them. `similarity` 'equal' speaks for the
 * rank; 'different' against it, or for components that only part of the slices have. Six fits of half the tensor. The same seed gives the
 * same halves.
 *
 * @example
 * ```ts
 * import { splitHalf } from 'polyadic';
 * import { plantedCp } from 'polyadic/problems';
 *
 * const { tensor } = plantedCp({ shape: [9, 8, 7], rank: 2, noise: 0.1, seed: 1 });
 * const { similarity } = await splitHalf(tensor, 2, { mode: 0 });
 * console.log(similarity); // equal
 * ```
 * @throws InputError for bad options, a mode of fewer than 4 slices, and a half without a known cell in a slice of another mode.
 */
export async function splitHalf(
  given: DenseTarget | TensorLike,
  rank: number,
  options: SplitHalfOptions = {},
): Promise<SplitHalf> {
  const who = 'splitHalf';
  requireNamedOptions(who, options, ['mode', ...fitOptionNames]);
  const target = await denseTargetOf(who, given);
  const { shape } = target;
  if (shape.filter((size) => size > 1).length < 3) {
    throw new InputError(
      `${who}: expected three or more modes longer than 1, got the shape ${shape.join(' × ')}. The components of a matrix are not unique, so halves need not agree.`,
    );
  }
  const { mode = shape.indexOf(Math.max(...shape)), seed = 0 } = options;
  requireIntegerIn(who, 'mode', mode, 0, shape.length - 1);
  requireIntegerIn(who, 'seed', seed, 0, Number.MAX_SAFE_INTEGER);
  const size = shape[mode]!;
  if (size < quarters) {
    throw new InputError(
      `${who}: expected 4 or more slices to halve, got ${size} in mode ${mode}. Choose a longer mode.`,
    );
  }
  const order = shuffled(size, seed);
  const count = 2 * firstHalves.length;
  const pairs: HalfPair[] = [];
  for (const first of firstHalves) {
    const isFirst = (position: number): boolean => first.includes(position % quarters);
    const slicesOf = (half: boolean): number[] =>
      Array.from(order.filter((_, position) => isFirst(position) === half)).sort((a, b) => a - b);
    const slices = [slicesOf(true), slicesOf(false)] as const;
    const fits: Decomposition<Kruskal>[] = [];
    for (const own of slices) {
      fits.push(await fitOf(halfOf(target, mode, own), rank, options));
      options.onProgress?.({ done: 2 * pairs.length + fits.length, count });
    }
    const a = fits[0]!;
    const b = fits[1]!;
    pairs.push({ slices, fits: [a, b], congruence: congruence(a.kruskal, b.kruskal, { skip: mode }) });
  }
  const smallest = Math.min(...pairs.map((pair) => pair.congruence.smallest));
  return { rank, mode, pairs, smallest, similarity: similarityOf(smallest) };
}

function halfOf({ shape, data, known }: DenseTarget, mode: number, slices: readonly number[]): DenseTarget {
  const part = selectSlices({ shape, data }, mode, slices);
  const cells = known && selectSlices({ shape, data: Float32Array.from(known) }, mode, slices).data;
  return denseOf('splitHalf', part.shape, part.data, cells ? { known: cells } : {});
}
