// Packed symmetric tensors: one number for every multiset of indices, C(dim + order − 1, order) of them instead of dim^order.
// A multiset is written in ascending order, i_1 ≤ … ≤ i_l, and the multisets stand in colexicographic order (compared from the
// last index backwards). The offset is that of the combinatorial number system,
//   offset(i_1 ≤ … ≤ i_l) = Σ_p C(i_p + p − 1, p),   p = 1 … l,
// which does not depend on dim: the tensor of a smaller dim is a prefix, and a kernel needs l binomials an index.
// Order 2 is the lower triangle, row by row.
import { InputError } from '../errors.js';
import type { DenseTensor } from './dense.js';
import type { SymmetricKruskal } from './kruskal.js';
import { finiteNumbers } from './numbers.js';
import { SquareSum } from './square-sum.js';
import { sizeOf } from './shape.js';
import { finished, inRanges, type Work } from '../yield.js';
import {
  isFloats,
  isObject,
  requireDense,
  requireForm,
  requireList,
  requireSymmetricKruskal,
  zeros,
} from './require.js';
import { shown } from '../names.js';

export interface SymmetricTensor {
  /** Number of modes. */
  readonly order: number;
  /** Size of every mode. */
  readonly dim: number;
  /** `[C(dim + order − 1, order)]`, colexicographic. */
  readonly data: Float64Array | Float32Array;
}

/** Lowest and highest order of packed tensors. */
export const symmetricOrders = { min: 2, max: 8 } as const;

/**
 * A checked symmetric tensor in packed form: one number per ascending index i_1 ≤ … ≤ i_l, at Σ_p C(i_p + p − 1, p) (order 2: the lower
 * triangle, row by row). Order 2 to 8, dim ≥ 1, all numbers finite. Keeps typed float arrays.
 *
 * @example
 * ```ts
 * import { symmetricTensor, unpackSymmetric } from 'polyadic';
 *
 * console.log(unpackSymmetric(symmetricTensor(2, 2, [1, 2, 4])).data); // Float64Array(4) [ 1, 2, 2, 4 ]
 * ```
 * @throws InputError when sizes do not fit, and naming the first number that is not finite.
 */
export function symmetricTensor(order: number, dim: number, data: ArrayLike<number>): SymmetricTensor {
  return symmetricFor('symmetricTensor', order, dim, data);
}

/** The same; `who` complains. */
export function symmetricFor(who: string, order: number, dim: number, data: ArrayLike<number>): SymmetricTensor {
  requireOrderAndDim(who, order, dim);
  requireList(who, 'data', data);
  const count = packedLength(order, dim);
  if (data.length !== count) {
    throw new InputError(
      `${who}: expected ${count} numbers for order ${order} and dim ${dim}, got ${data.length}. Give one entry for every ascending index, or pack a dense tensor with packSymmetric.`,
    );
  }
  const place = (at: number): string => `at index [${packedIndex(at, order).join(', ')}]`;
  const remedy = 'Fill or remove missing entries first';
  const wanted = { who, expected: 'finite numbers', place, remedy };
  return { order, dim, data: finiteNumbers(data, wanted) };
}

/** C(n, k), exact while every partial product is below 2⁵³. */
export function binomial(n: number, k: number): number {
  let result = 1;
  for (let i = 1; i <= k; i++) result = (result * (n - k + i)) / i;
  return result;
}

/** Number of entries of the packed form, C(dim + order − 1, order). */
export const packedLength = (order: number, dim: number): number => binomial(dim + order - 1, order);

/** Offset of an ascending index. */
export function packedOffset(index: ArrayLike<number>): number {
  let offset = 0;
  for (let p = 0; p < index.length; p++) offset += binomial(index[p]! + p, p + 1);
  return offset;
}

/** The ascending index at an offset: from the last mode down, the largest i with C(i + p − 1, p) ≤ what is left. */
export function packedIndex(offset: number, order: number): number[] {
  const index = new Array<number>(order).fill(0);
  let rest = offset;
  for (let p = order; p >= 1; p--) {
    let i = 0;
    while (binomial(i + p, p) <= rest) i++;
    index[p - 1] = i;
    rest -= binomial(i + p - 1, p);
  }
  return index;
}

/** Visits every ascending index in packed order; `index` is reused. */
export function forEachPacked(
  order: number,
  dim: number,
  visit: (index: readonly number[], offset: number) => void,
): void {
  const index = new Array<number>(order).fill(0);
  const count = packedLength(order, dim);
  for (let offset = 0; offset < count; offset++) {
    visit(index, offset);
    advance(index);
  }
}

/**
 * Visits every fiber along the first index in packed order: its tail i_2 ≤ … ≤ i_l (reused), and the offset of its i_2 + 1
 * consecutive entries i_1 = 0 … i_2. Order 2 and up.
 */
export function forEachFiberPacked(
  order: number,
  dim: number,
  visit: (tail: readonly number[], offset: number) => void,
): void {
  let offset = 0;
  forEachPacked(order - 1, dim, (tail) => {
    visit(tail, offset);
    offset += tail[0]! + 1;
  });
}

/** The same as a sequence, for work with pauses; the record is reused too. */
export function* fibersPacked(
  order: number,
  dim: number,
): Generator<{ readonly tail: readonly number[]; readonly offset: number }, void> {
  const tail = new Array<number>(order - 1).fill(0);
  const fiber = { tail, offset: 0 };
  for (let left = packedLength(order - 1, dim); left > 0; left--) {
    yield fiber;
    fiber.offset += tail[0]! + 1;
    advance(tail);
  }
}

/** The next ascending index in packed order: the first that can grow without passing its successor grows, those before it restart. */
function advance(index: number[]): void {
  for (let p = 0; p < index.length; p++) {
    const limit = index[p + 1] ?? Infinity;
    if (index[p]! < limit) {
      index[p]!++;
      return;
    }
    index[p] = 0;
  }
}

/** Number of distinct orders of an ascending index: order! / Π (length of each run of equal indices)!. */
export function multiplicity(index: ArrayLike<number>): number {
  let count = 1;
  for (let p = 0, run = 0; p < index.length; p++) {
    run = p > 0 && index[p] === index[p - 1] ? run + 1 : 1;
    count = (count * (p + 1)) / run;
  }
  return count;
}

/**
 * Frobenius norm of the whole tensor, √(Σ m_i · data_i²): every packed entry counts as often as it occurs, m_i times.
 *
 * @example
 * ```ts
 * import { symmetricNorm, symmetricTensor } from 'polyadic';
 *
 * console.log(symmetricNorm(symmetricTensor(2, 2, [1, 2, 4]))); // 5
 * ```
 */
export function symmetricNorm(tensor: SymmetricTensor): number {
  requirePacked('symmetricNorm', tensor);
  const { order, dim, data } = tensor;
  const sum = new SquareSum();
  forEachPacked(order, dim, (index, offset) => sum.add(data[offset]!, multiplicity(index)));
  return sum.root;
}

/**
 * The packed form of a symmetric Kruskal tensor: Σ_r weights[r] Π_p vectors[r, i_p] at the ascending index i. Order 2 to 8. Cost O(rank ·
 * packed length).
 *
 * @example
 * ```ts
 * import { matrix, packKruskal, symmetricKruskal } from 'polyadic';
 *
 * console.log(packKruskal(symmetricKruskal(2, [1], matrix(1, 2, [1, 2]))).data); // Float64Array(3) [ 1, 2, 4 ]
 * ```
 */
export function packKruskal(model: SymmetricKruskal): SymmetricTensor {
  requireSymmetricKruskal('packKruskal', model);
  return finished(packKruskalSteps(model));
}

/** The same with pauses. */
export function* packKruskalSteps({ order, weights, vectors }: SymmetricKruskal): Work<SymmetricTensor> {
  const dim = vectors.columns;
  requireOrderAndDim('packKruskal', order, dim);
  const data = zeros('packKruskal', packedLength(order, dim));
  for (const { tail, offset } of fibersPacked(order, dim)) {
    yield* inRanges(weights.length, 2 * (order + tail[0]!), (from, end) => {
      for (let r = from; r < end; r++) {
        let product = weights[r]!;
        for (const i of tail) product *= vectors.data[r * dim + i]!;
        for (let i = 0; i <= tail[0]!; i++) data[offset + i]! += product * vectors.data[r * dim + i]!;
      }
    });
  }
  return { order, dim, data };
}

/**
 * The dense tensor, row-major. Cost O(order² · dim^order).
 *
 * @example
 * ```ts
 * import { symmetricTensor, unpackSymmetric } from 'polyadic';
 *
 * const { shape, data } = unpackSymmetric(symmetricTensor(2, 2, [1, 2, 4]));
 * console.log(shape, data); // [ 2, 2 ] Float64Array(4) [ 1, 2, 2, 4 ]
 * ```
 */
export function unpackSymmetric(tensor: SymmetricTensor): DenseTensor {
  requirePacked('unpackSymmetric', tensor);
  const { order, dim, data } = tensor;
  const out = zeros('unpackSymmetric', dim ** order);
  forEachDense(order, dim, (ascending, at) => (out[at] = data[packedOffset(ascending)]!));
  return { shape: new Array<number>(order).fill(dim), data: out };
}

/**
 * Packs a dense tensor with equal modes; the value of a multiset is the mean over the orders of its indices.
 * `tolerance` is the allowed difference between an entry and that mean, relative to the largest magnitude of the tensor.
 *
 * @example
 * ```ts
 * import { denseTensor, packSymmetric } from 'polyadic';
 *
 * console.log(packSymmetric(denseTensor([2, 2], [1, 2, 2, 4])).data); // Float64Array(3) [ 1, 2, 4 ]
 * ```
 * @throws InputError where the tensor is not symmetric: the largest asymmetry and where it is.
 */
export function packSymmetric(tensor: DenseTensor, tolerance = 1e-6): SymmetricTensor {
  requireDense('packSymmetric', tensor);
  const { order, dim } = requireEqualModes('packSymmetric', tensor);
  const data = new Float64Array(packedLength(order, dim));
  forEachPacked(order, dim, (index, offset) => (data[offset] = tensor.data[index.reduce((at, i) => at * dim + i, 0)]!));
  // The mean as one entry plus the mean difference from it: where the tensor is symmetric, no bit changes.
  const drift = new Float64Array(data.length);
  forEachDense(order, dim, (ascending, at) => {
    const offset = packedOffset(ascending);
    drift[offset]! += tensor.data[at]! - data[offset]!;
  });
  forEachPacked(order, dim, (index, offset) => (data[offset]! += drift[offset]! / multiplicity(index)));
  const worst = farthestFromMean(tensor, { order, dim, data });
  let largest = 0;
  for (const value of tensor.data) largest = Math.max(largest, Math.abs(value));
  if (!(worst.difference <= tolerance * largest)) {
    throw new InputError(
      `packSymmetric: expected a symmetric tensor, got an entry ${worst.difference.toPrecision(3)} off the mean of its permutations at index [${worst.index.join(', ')}] (largest entry ${largest.toPrecision(3)}). Symmetrize it, allow more with tolerance, or take it as dense.`,
    );
  }
  return { order, dim, data };
}

export interface Asymmetry {
  /** max |T[i] − T[π(i)]| over indices i and permutations π, in the units of the tensor. */
  readonly difference: number;
  /** difference / max |T|: 0 where the tensor is symmetric (or zero), at most 2. */
  readonly relative: number;
  /** Where: two orders of the same indices, the one with the larger entry first. */
  readonly indices: readonly [readonly number[], readonly number[]];
}

/**
 * How far a dense tensor is from symmetric: the largest difference of two entries whose indices are permutations of each
 * other, and where it is; among equal ones the first in packed order. Cost O(order² · dim^order) time, and memory for two
 * packed tensors.
 *
 * @example
 * ```ts
 * import { denseTensor, largestAsymmetry } from 'polyadic';
 *
 * const { difference, indices } = largestAsymmetry(denseTensor([2, 2], [1, 2, 3, 1]));
 * console.log(difference, indices); // 1 [ [ 1, 0 ], [ 0, 1 ] ]
 * ```
 * @throws InputError where modes differ in size, and for orders other than 2 to 8.
 */
export function largestAsymmetry(tensor: DenseTensor): Asymmetry {
  requireDense('largestAsymmetry', tensor);
  const { order, dim } = requireEqualModes('largestAsymmetry', tensor);
  const length = packedLength(order, dim);
  const least = new Float64Array(length).fill(Infinity);
  const most = new Float64Array(length).fill(-Infinity);
  forEachDense(order, dim, (ascending, at) => {
    const offset = packedOffset(ascending);
    least[offset] = Math.min(least[offset]!, tensor.data[at]!);
    most[offset] = Math.max(most[offset]!, tensor.data[at]!);
  });
  let worst = 0;
  let difference = 0;
  let largest = 0;
  for (let offset = 0; offset < length; offset++) {
    const here = most[offset]! - least[offset]!;
    largest = Math.max(largest, most[offset]!, -least[offset]!);
    if (here > difference) {
      worst = offset;
      difference = here;
    }
  }
  const placeOf = (value: number): number[] => placeAmong(tensor, packedIndex(worst, order), value);
  return {
    difference,
    relative: largest === 0 ? 0 : difference / largest,
    indices: [placeOf(most[worst]!), placeOf(least[worst]!)],
  };
}

/** The first order, row-major, of an ascending index in which the tensor has this entry. */
function placeAmong({ shape, data }: DenseTensor, ascending: readonly number[], value: number): number[] {
  const strides = shape.map((_, mode) => sizeOf(shape.slice(mode + 1)));
  const search = (chosen: readonly number[], left: readonly number[], at: number): number[] | undefined => {
    if (left.length === 0) return data[at] === value ? [...chosen] : undefined;
    for (const [k, i] of left.entries()) {
      if (k > 0 && left[k - 1] === i) continue;
      const rest = left.filter((_, other) => other !== k);
      const found = search([...chosen, i], rest, at + i * strides[chosen.length]!);
      if (found) return found;
    }
    return undefined;
  };
  return search([], ascending, 0) ?? [...ascending];
}

/** The entry that is farthest from the packed one. */
function farthestFromMean(
  { data }: DenseTensor,
  packed: SymmetricTensor,
): { readonly difference: number; readonly index: readonly number[] } {
  let difference = 0;
  let where = 0;
  const { order, dim } = packed;
  forEachDense(order, dim, (ascending, at) => {
    const here = Math.abs(data[at]! - packed.data[packedOffset(ascending)]!);
    // NaN counts as the largest.
    if (!(here <= difference)) {
      difference = here;
      where = at;
    }
  });
  const index = Array.from({ length: order }, (_, k) => Math.floor(where / dim ** (order - 1 - k)) % dim);
  return { difference, index };
}

/** Visits every entry of the dense tensor in row-major order with its sorted index (reused). */
function forEachDense(order: number, dim: number, visit: (ascending: ArrayLike<number>, at: number) => void): void {
  const index = new Int32Array(order);
  const ascending = new Int32Array(order);
  const size = dim ** order;
  for (let at = 0; at < size; at++) {
    ascending.set(index);
    visit(ascending.sort(), at);
    for (let k = order - 1; k >= 0 && ++index[k]! === dim; k--) index[k] = 0;
  }
}

function requireEqualModes(who: string, { shape }: DenseTensor): { readonly order: number; readonly dim: number } {
  const [dim = 0] = shape;
  if (shape.some((size) => size !== dim)) {
    throw new InputError(
      `${who}: expected modes of one size, got shape [${shape.join(', ')}]. A symmetric tensor is the same from every mode.`,
    );
  }
  requireOrderAndDim(who, shape.length, dim);
  return { order: shape.length, dim };
}

/** Throws unless it is what symmetricTensor makes. */
export function requirePacked(who: string, value: unknown): void {
  const isRight =
    isObject(value) &&
    isFloats(value['data']) &&
    value['data'].length === packedLength(Number(value['order']), Number(value['dim']));
  const expected = '{ order, dim, data }, with one float per ascending index';
  requireForm(who, value, isRight, {
    name: 'the tensor',
    expected,
    remedy: 'Make it by symmetricTensor or packSymmetric',
  });
}

/** Throws unless the order is one of packed tensors and the packed length can be addressed. */
function requireOrderAndDim(who: string, order: number, dim: number): void {
  const { min, max } = symmetricOrders;
  if (!Number.isInteger(order) || order < min || order > max) {
    throw new InputError(
      `${who}: expected an order from ${min} to ${max}, got ${shown(order)}. Give the number of modes.`,
    );
  }
  if (!Number.isSafeInteger(dim) || dim < 1) {
    throw new InputError(
      `${who}: expected dim to be a positive integer, got ${shown(dim)}. Give the size of one mode.`,
    );
  }
}
