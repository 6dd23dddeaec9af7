// Inner product and norm of Kruskal tensors by their Gram matrices, in float64, without forming the tensors:
//   ⟨A, B⟩ = Σ_{r,s} a_r · b_s · Π_k ⟨A_k[:, r], B_k[:, s]⟩        (symmetric: ⟨u_r, v_s⟩^order)
// Kolda & Bader 2009, section 3.2. Used by norms, the Gram formula of the relative error, and generators.
import { isSymmetric, requireSameShape, shapeOf, toKruskal } from './kruskal.js';
import type { AnyKruskal, SymmetricKruskal } from './kruskal.js';
import { columnProducts, rowProducts, type Matrix } from './matrix.js';
import { exponentOf, timesPowerOfTwo } from './square-sum.js';
import { requireModel } from './require.js';

/** ⟨A, B⟩, either kind with either kind. Cost O(rank_A · rank_B · Σ shape); symmetric: O(rank_A · rank_B · dim). */
export function innerProduct(a: AnyKruskal, b: AnyKruskal): number {
  requireSameShape('innerProduct', shapeOf(a), shapeOf(b));
  const products = componentProducts(a, b);
  const columns = b.weights.length;
  let sum = 0;
  a.weights.forEach((weight, r) => {
    let row = 0;
    for (let s = 0; s < columns; s++) row += b.weights[s]! * products[r * columns + s]!;
    sum += weight * row;
  });
  return sum;
}

/**
 * Frobenius norm, √⟨A, A⟩, for weights and vectors of any size. Below √ε·(largest component) it is rounding: components that
 * cancel leave that much.
 *
 * @example
 * ```ts
 * import { kruskal, matrix, norm } from 'polyadic';
 *
 * console.log(norm(kruskal([1], [matrix(2, 1, [3, 4]), matrix(2, 1, [0, 2])]))); // 10
 * ```
 */
export function norm(model: AnyKruskal): number {
  requireModel('norm', model);
  const exponent = largestExponent(model);
  const unit = dividedByPower(model, exponent);
  return timesPowerOfTwo(Math.sqrt(Math.max(0, innerProduct(unit, unit))), exponent);
}

/** The power of two next to the size of the largest component, |weight| times the largest entries of its vectors; 0 for a zero tensor. */
export function largestExponent(model: AnyKruskal): number {
  const exponents = vectorExponents(model).map((exponent, r) => exponent + exponentOf(model.weights[r]!));
  const largest = exponents.reduce((max, exponent) => Math.max(max, exponent), -Infinity);
  return Number.isFinite(largest) ? largest : 0;
}

/**
 * The tensor divided by 2^exponent, with vectors whose largest entries are about 1: products of them stay in float64, whatever the
 * size of the tensor's. Scales are powers of two, so every sum of products keeps its bits.
 */
export function dividedByPower<K extends AnyKruskal>(model: K, exponent: number): K;
export function dividedByPower(model: AnyKruskal, exponent: number): AnyKruskal {
  const exponents = vectorExponents(model);
  const weights = model.weights.map((weight, r) =>
    exponents[r] === -Infinity ? 0 : timesPowerOfTwo(weight, exponents[r]! - exponent),
  );
  if (isSymmetric(model)) {
    const { rows, columns, data } = model.vectors;
    const sizes = rowExponents(model);
    const scaled = data.map((value, at) => byExponent(value, sizes[Math.floor(at / columns)]!));
    return { order: model.order, weights, vectors: { rows, columns, data: scaled } };
  }
  const factors = model.factors.map((factor) => {
    const sizes = columnExponents(factor);
    const data = factor.data.map((value, at) => byExponent(value, sizes[at % factor.columns]!));
    return { ...factor, data };
  });
  return { weights, factors };
}

const byExponent = (value: number, exponent: number): number => (value === 0 ? 0 : timesPowerOfTwo(value, -exponent));

/** For every component the sum over the modes of the exponents of its vectors; −Infinity where one of them is zero. */
function vectorExponents(model: AnyKruskal): number[] {
  if (isSymmetric(model)) return rowExponents(model).map((exponent) => model.order * exponent);
  const sums = new Array<number>(model.weights.length).fill(0);
  for (const factor of model.factors) {
    columnExponents(factor).forEach((exponent, r) => (sums[r] = sums[r]! + exponent));
  }
  return sums;
}

function rowExponents({ vectors: { rows, columns, data } }: SymmetricKruskal): number[] {
  return Array.from({ length: rows }, (_, r) => exponentOf(largest(data.subarray(r * columns, (r + 1) * columns))));
}

function columnExponents({ columns, data }: Matrix): number[] {
  const sizes = new Float64Array(columns);
  data.forEach((value, at) => (sizes[at % columns] = Math.max(sizes[at % columns]!, Math.abs(value))));
  return Array.from(sizes, exponentOf);
}

const largest = (values: Float64Array): number => values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);

/** Inner products of the components without their weights, [rank_A, rank_B] row-major. */
function componentProducts(a: AnyKruskal, b: AnyKruskal): Float64Array {
  if (isSymmetric(a) && isSymmetric(b)) {
    return rowProducts(a.vectors, b.vectors).data.map((product) => product ** a.order);
  }
  const left = toKruskal(a);
  const right = toKruskal(b);
  const out = new Float64Array(left.weights.length * right.weights.length).fill(1);
  left.factors.forEach((factor, mode) => {
    const other = right.factors[mode];
    if (other === undefined) return;
    const products = columnProducts(factor, other).data;
    for (let i = 0; i < out.length; i++) out[i] = out[i]! * products[i]!;
  });
  return out;
}
