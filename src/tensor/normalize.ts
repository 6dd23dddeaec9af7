// The canonical form of a Kruskal tensor, in three steps that leave the tensor itself unchanged:
//   normalize: unit columns, their norms in the weights;   arrange: components by |weight|, largest first;
//   fixSigns: one choice among the sign patterns that give the same component.
// Every result passes through them, so that two runs can be compared and printed. All return new objects.
import { isSymmetric } from './kruskal.js';
import type { AnyKruskal, Kruskal, SymmetricKruskal } from './kruskal.js';
import type { Matrix } from './matrix.js';
import { requireModel } from './require.js';

/**
 * Unit columns (symmetric: unit vectors); weights[r] is multiplied by the norms (symmetric: by norm^order), its sign kept.
 * A component with a zero column gets weight 0, and the zero column stays zero. `fixed`: modes whose factors stay as they are.
 * Cost O(Σ shape · rank).
 *
 * @example
 * ```ts
 * import { kruskal, matrix, normalize } from 'polyadic';
 *
 * const model = kruskal([1], [matrix(2, 1, [3, 4]), matrix(2, 1, [0, 2])]);
 * console.log(normalize(model).weights); // Float64Array(1) [ 10 ]
 * ```
 */
export function normalize(model: Kruskal, fixed?: readonly number[]): Kruskal;
export function normalize(model: SymmetricKruskal): SymmetricKruskal;
export function normalize(model: AnyKruskal, fixed?: readonly number[]): AnyKruskal;
export function normalize(model: AnyKruskal, fixed: readonly number[] = []): AnyKruskal {
  requireModel('normalize', model);
  const weights = model.weights.slice();
  if (isSymmetric(model)) {
    const vectors = copy(model.vectors);
    weights.forEach((weight, r) => (weights[r] = weight * scaleToUnit(vectors, rowOf(vectors, r)) ** model.order));
    return { order: model.order, weights, vectors };
  }
  const factors = model.factors.map(copy);
  for (const [mode, factor] of factors.entries()) {
    if (fixed.includes(mode)) continue;
    weights.forEach((weight, r) => (weights[r] = weight * scaleToUnit(factor, columnOf(factor, r))));
  }
  return { weights, factors };
}

/**
 * Components by |weight|, largest first; equal ones keep their order.
 *
 * @example
 * ```ts
 * import { arrange, kruskal, matrix } from 'polyadic';
 *
 * const model = kruskal([1, -3], [matrix(2, 2, [1, 0, 0, 1]), matrix(2, 2, [1, 0, 0, 1])]);
 * console.log(arrange(model).weights); // Float64Array(2) [ -3, 1 ]
 * ```
 */
export function arrange(model: Kruskal): Kruskal;
export function arrange(model: SymmetricKruskal): SymmetricKruskal;
export function arrange(model: AnyKruskal): AnyKruskal;
export function arrange(model: AnyKruskal): AnyKruskal {
  requireModel('arrange', model);
  const { weights } = model;
  const order = Array.from(weights.keys());
  order.sort((r, s) => Math.abs(weights[s]!) - Math.abs(weights[r]!));
  return selectComponents(model, order);
}

/** The components with the given numbers, in the given order. */
export function selectComponents(model: Kruskal, components: ArrayLike<number>): Kruskal;
export function selectComponents(model: SymmetricKruskal, components: ArrayLike<number>): SymmetricKruskal;
export function selectComponents(model: AnyKruskal, components: ArrayLike<number>): AnyKruskal;
export function selectComponents(model: AnyKruskal, components: ArrayLike<number>): AnyKruskal {
  const numbers = Array.from(components);
  const weights = Float64Array.from(numbers, (r) => model.weights[r]!);
  if (isSymmetric(model)) return { order: model.order, weights, vectors: selectRows(model.vectors, numbers) };
  return { weights, factors: model.factors.map((factor) => selectColumns(factor, numbers)) };
}

/** The model without the components with the given numbers. */
export function withoutComponents(model: Kruskal, gone: readonly number[]): Kruskal;
export function withoutComponents(model: SymmetricKruskal, gone: readonly number[]): SymmetricKruskal;
export function withoutComponents(model: AnyKruskal, gone: readonly number[]): AnyKruskal {
  const kept = Array.from(model.weights.keys()).filter((r) => !gone.includes(r));
  return selectComponents(model, kept);
}

/** The components of largest norm, at most `count` of them, the largest first, normalized. */
export function strongest(model: Kruskal, count: number): Kruskal;
export function strongest(model: SymmetricKruskal, count: number): SymmetricKruskal;
export function strongest(model: AnyKruskal, count: number): AnyKruskal {
  const arranged = arrange(normalize(model));
  return selectComponents(arranged, Array.from(arranged.weights.keys()).slice(0, count));
}

/** The largest |weight|: of a normalized model, the norm of its strongest component. 0 without components. */
export const largestWeight = ({ weights }: AnyKruskal): number =>
  weights.reduce((max, weight) => Math.max(max, Math.abs(weight)), 0);

/**
 * One choice of signs per component. "Leading entry" = the entry of largest magnitude, the first of equal ones.
 *   Kruskal: weight ≥ 0; leading entry positive in every mode but the last; the last mode carries the sign left over.
 *     (Tensor Toolbox flips pairs, so there any one mode may stay negative; here it is always the last.) Modes of `unsigned` keep
 *     their signs, and the last of the others carries the sign left over; where there is none, the weight does.
 *   Symmetric, odd order: weight ≥ 0, its sign moved into the vector (c·u^{⊗l} = (−c)·(−u)^{⊗l}).
 *   Symmetric, even order: the sign of the weight means something and stays; leading entry of the vector positive.
 *
 * @example
 * ```ts
 * import { fixSigns, kruskal, matrix } from 'polyadic';
 *
 * const { weights, factors } = fixSigns(kruskal([-2], [matrix(2, 1, [-3, 1]), matrix(2, 1, [1, 4])]));
 * console.log(weights, factors[0]?.data); // Float64Array(1) [ 2 ] Float64Array(2) [ 3, -1 ]
 * ```
 */
export function fixSigns(model: Kruskal, unsigned?: readonly number[]): Kruskal;
export function fixSigns(model: SymmetricKruskal): SymmetricKruskal;
export function fixSigns(model: AnyKruskal, unsigned?: readonly number[]): AnyKruskal;
export function fixSigns(model: AnyKruskal, unsigned: readonly number[] = []): AnyKruskal {
  requireModel('fixSigns', model);
  const weights = model.weights.slice();
  if (isSymmetric(model)) {
    const vectors = copy(model.vectors);
    for (let r = 0; r < weights.length; r++) fixSymmetricSign(model.order, weights, vectors, r);
    return { order: model.order, weights, vectors };
  }
  const factors = model.factors.map(copy);
  const signed = factors.filter((_, mode) => !unsigned.includes(mode));
  if (signed.length > 0) for (let r = 0; r < weights.length; r++) fixComponentSigns(weights, signed, r);
  return { weights, factors };
}

function fixSymmetricSign(order: number, weights: Float64Array, vectors: Matrix, r: number): void {
  const weight = weights[r]!;
  const row = rowOf(vectors, r);
  const odd = order % 2 === 1;
  const flip = odd && weight !== 0 ? weight < 0 : leadingEntry(vectors, row) < 0;
  if (!flip) return;
  negate(vectors, row);
  if (odd && weight !== 0) weights[r] = -weight;
}

function fixComponentSigns(weights: Float64Array, factors: readonly Matrix[], r: number): void {
  let negative = weights[r]! < 0;
  weights[r] = Math.abs(weights[r]!);
  factors.forEach((factor, mode) => {
    const column = columnOf(factor, r);
    const last = mode === factors.length - 1;
    const flip = last ? negative : leadingEntry(factor, column) < 0;
    if (!flip) return;
    negate(factor, column);
    negative = !negative;
  });
}

/** A row or a column inside the data of a matrix. */
interface Line {
  readonly start: number;
  readonly stride: number;
  readonly count: number;
}

const rowOf = (a: Matrix, row: number): Line => ({ start: row * a.columns, stride: 1, count: a.columns });
const columnOf = (a: Matrix, column: number): Line => ({ start: column, stride: a.columns, count: a.rows });
const copy = (a: Matrix): Matrix => ({ ...a, data: a.data.slice() });

function leadingEntry({ data }: Matrix, { start, stride, count }: Line): number {
  let leading = 0;
  for (let i = 0; i < count; i++) {
    const value = data[start + i * stride]!;
    if (Math.abs(value) > Math.abs(leading)) leading = value;
  }
  return leading;
}

function negate({ data }: Matrix, { start, stride, count }: Line): void {
  for (let i = 0; i < count; i++) data[start + i * stride] = -data[start + i * stride]!;
}

/** Divides a line by its norm and returns the norm; scales by the largest entry first, so that no square overflows. */
function scaleToUnit(a: Matrix, line: Line): number {
  const { start, stride, count } = line;
  const largest = Math.abs(leadingEntry(a, line));
  if (largest === 0) return 0;
  let sum = 0;
  for (let i = 0; i < count; i++) sum += (a.data[start + i * stride]! / largest) ** 2;
  const root = Math.sqrt(sum);
  for (let i = 0; i < count; i++) a.data[start + i * stride] = a.data[start + i * stride]! / largest / root;
  return largest * root;
}

function selectRows(a: Matrix, rows: readonly number[]): Matrix {
  const data = new Float64Array(rows.length * a.columns);
  rows.forEach((row, i) => data.set(a.data.subarray(row * a.columns, (row + 1) * a.columns), i * a.columns));
  return { rows: rows.length, columns: a.columns, data };
}

function selectColumns(a: Matrix, columns: readonly number[]): Matrix {
  const data = new Float64Array(a.rows * columns.length);
  for (let i = 0; i < a.rows; i++) {
    columns.forEach((column, j) => (data[i * columns.length + j] = a.data[i * a.columns + column]!));
  }
  return { rows: a.rows, columns: columns.length, data };
}
