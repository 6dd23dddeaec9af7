// The lazy regime in numbers: what a symmetric model can reach whose vectors stay where they started. It moves only in the
// tangent space of its directions u_1 … u_m,
//   span { sym(u_i^{⊗(l−1)} ⊗ v) : i ≤ m, v ∈ R^d },   sym(u^{⊗(l−1)} ⊗ v) = mean over the l places of v,
//   ⟨sym(x^{l−1} v), sym(y^{l−1} w)⟩ = (1/l) g^{l−1} ⟨v, w⟩ + ((l−1)/l) g^{l−2} ⟨x, w⟩ ⟨y, v⟩,   g = ⟨x, y⟩,
// and the projection of a target on it is where descent on the linearized model ends. Random directions span everything as
// soon as m · d reaches the C(d+l−1, l) dimensions of symmetric tensors, and a random target is out of reach before.
// Wang, Wu, Lee, Ma, Ge, NeurIPS 2020, arXiv 2010.11356 (the lazy regime needs m = Ω(d^{l−1})).
import { InputError } from '../errors.js';
import { dot } from '../linalg/dot.js';
import { power } from '../linalg/power.js';
import { dividedByPower, innerProduct, largestExponent } from '../tensor/inner-product.js';
import type { SymmetricKruskal } from '../tensor/kruskal.js';
import { rowProducts, type Matrix } from '../tensor/matrix.js';
import { timesPowerOfTwo } from '../tensor/square-sum.js';
import { packedLength } from '../tensor/symmetric.js';
import { shown } from '../names.js';
import { requireMatrix, requireSymmetricKruskal } from '../tensor/require.js';

export interface TangentProjection {
  /** ‖target − projection‖ / ‖target‖, noise below `tangentResidualFloor`. */
  readonly relativeResidual: number;
  /** Dimension of the tangent space. */
  readonly dimension: number;
  /** `[m, dim]` vectors v_i of the projection Σ_i sym(u_i^{⊗(order−1)} ⊗ v_i); one choice of many where the space is degenerate. */
  readonly coefficients: Matrix;
}

/**
 * The projection goes by the Gram matrix, whose entries are good to ε, and its residual is a difference of squares: below
 * about √(ε · unknowns) it is rounding. Where directions just fill the space (m · dim = C(dim + order − 1, order)) the matrix
 * is nearly singular, and single sets of directions are blind below 1e-4; one direction more mends it.
 */
export const tangentResidualFloor = 5e-7;

/** Unknowns (directions · dim) whose triangular factor still fits: 128 MiB, and about half a minute. */
const maxUnknowns = 4096;

/**
 * The least number of random directions whose tangent space is all symmetric tensors, ⌈C(dim + order − 1, order) / dim⌉ ≈
 * dim^{order−1} / order!. This is the theorem of Alexander and Hirschowitz (1995), with its exceptions: order 2, which takes
 * dim, and four cases that take one more.
 *
 * @example
 * ```ts
 * import { lazyThreshold } from 'polyadic';
 *
 * console.log(lazyThreshold(3, 10)); // 22
 * ```
 * @throws InputError for an order below 2 and a dim below 1.
 */
export function lazyThreshold(order: number, dim: number): number {
  requireOrder('lazyThreshold', order);
  if (!Number.isSafeInteger(dim) || dim < 1) {
    throw new InputError(
      `lazyThreshold: expected dim to be a positive integer, got ${shown(dim)}. Give the size of one mode.`,
    );
  }
  if (order === 2) return dim;
  const exceptional = (order === 3 && dim === 5) || (order === 4 && dim >= 3 && dim <= 5);
  return Math.ceil(packedLength(order, dim) / dim) + (exceptional ? 1 : 0);
}

/**
 * Gram matrix of sym(u_i^{⊗(order−1)} ⊗ e_a), `[m · dim, m · dim]`, unknown (i, a) at i · dim + a, for directions `[m, dim]` of
 * any length. Positive semidefinite; its largest eigenvalue bounds the step of descent on the linearized model.
 *
 * @example
 * ```ts
 * import { matrix, tangentGram } from 'polyadic';
 *
 * const { rows, columns } = tangentGram(3, matrix(2, 2, [1, 0, 0, 1]));
 * console.log(rows, columns); // 4 4
 * ```
 * @throws InputError for more than 4096 unknowns m · dim.
 */
export function tangentGram(order: number, directions: Matrix): Matrix {
  requireOrder('tangentGram', order);
  requireMatrix('tangentGram', 'directions', directions);
  const { rows, columns: dim } = directions;
  const size = rows * dim;
  requireRoom('tangentGram', size);
  const data = new Float64Array(size * size);
  const products = rowProducts(directions, directions).data;
  for (let i = 0; i < rows; i++) {
    const x = directions.data.subarray(i * dim, (i + 1) * dim);
    for (let j = 0; j < rows; j++) {
      const y = directions.data.subarray(j * dim, (j + 1) * dim);
      const g = products[i * rows + j]!;
      const own = power(g, order - 1) / order;
      const cross = ((order - 1) * power(g, order - 2)) / order;
      for (let a = 0; a < dim; a++) {
        const at = (i * dim + a) * size + j * dim;
        for (let b = 0; b < dim; b++) data[at + b] = cross * y[a]! * x[b]!;
        data[at + a]! += own;
      }
    }
  }
  return { rows: size, columns: size, data };
}

/**
 * ‖target − projection‖ / ‖target‖ for the tangent space at `directions` `[m, dim]`; 0 means: within the lazy regime's reach.
 *
 * @example
 * ```ts
 * import { projectionResidual } from 'polyadic';
 * import { plantedSymmetric } from 'polyadic/problems';
 *
 * const { truth } = plantedSymmetric({ order: 3, dim: 4, rank: 2, seed: 1 });
 * console.log(projectionResidual(truth, truth.vectors) < 1e-6); // true
 * ```
 * @throws InputError as projectOnTangentSpace.
 */
export const projectionResidual = (target: SymmetricKruskal, directions: Matrix): number =>
  projectionFor('projectionResidual', target, directions).relativeResidual;

/**
 * The tensor nearest to the target in the tangent space at `directions` `[m, dim]`: the span of `sym(u^{⊗(order − 1)} ⊗ v)` over their rows u
 * and all v. Cost (m · dim)³ / 3.
 *
 * @example
 * ```ts
 * import { matrix, projectOnTangentSpace } from 'polyadic';
 * import { plantedSymmetric } from 'polyadic/problems';
 *
 * const { truth } = plantedSymmetric({ order: 3, dim: 4, rank: 2, seed: 1 });
 * const { dimension, coefficients } = projectOnTangentSpace(truth, matrix(1, 4, [1, 0, 0, 0]));
 * console.log(dimension, coefficients.rows); // 4 1
 * ```
 * @throws InputError for directions of another dim, or too many.
 */
export function projectOnTangentSpace(target: SymmetricKruskal, directions: Matrix): TangentProjection {
  return projectionFor('projectOnTangentSpace', target, directions);
}

function projectionFor(who: string, target: SymmetricKruskal, directions: Matrix): TangentProjection {
  requireFit(who, target, directions);
  const exponent = largestExponent(target);
  const unit = dividedByPower(target, exponent);
  const basis = orthonormalize(tangentGram(target.order, directions));
  const reached = coordinates(basis, tangentProducts(unit, directions));
  const square = innerProduct(unit, unit);
  const outside = square - dot(reached, reached);
  const data = inUnknowns(basis, reached, directions.data.length);
  return {
    relativeResidual: square > 0 ? Math.sqrt(Math.max(0, outside) / square) : 0,
    dimension: basis.taken.length,
    coefficients: { ...directions, data: data.map((value) => timesPowerOfTwo(value, exponent)) },
  };
}

interface Basis {
  /** Unknowns (i · dim + a) that add a dimension each, in the order in which they were taken. */
  readonly taken: readonly number[];
  /** `[unknowns, unknowns]`, entry k of row i: ⟨unknown i, q_k⟩, q_k the orthonormal tensors that Gram and Schmidt make of them. */
  readonly lower: Float64Array;
}

/**
 * Cholesky with pivoting, which is Gram-Schmidt of the unknowns, always the one that keeps the largest share of its length
 * next: that reveals the rank, where any fixed order would take rounding for a dimension. Ends when no unknown keeps more of
 * its squared length than rounding makes up, 8 n ε.
 */
function orthonormalize({ data: gram, rows: size }: Matrix): Basis {
  const lower = new Float64Array(size * size);
  const lengths = Float64Array.from({ length: size }, (_, i) => gram[i * size + i]!);
  const left = lengths.slice();
  const open = new Set(lengths.keys());
  const taken: number[] = [];
  while (open.size > 0) {
    const pivot = largestShare(left, lengths, open);
    if (!(left[pivot]! > 8 * size * Number.EPSILON * lengths[pivot]!)) break;
    const k = taken.length;
    taken.push(pivot);
    open.delete(pivot);
    const row = lower.subarray(pivot * size, pivot * size + k + 1);
    row[k] = Math.sqrt(left[pivot]!);
    for (const i of open) {
      const other = lower.subarray(i * size, i * size + k + 1);
      const entry = (gram[i * size + pivot]! - dot(other, row, k)) / row[k];
      other[k] = entry;
      left[i]! -= entry * entry;
    }
  }
  return { taken, lower };
}

/** y with L y = b on the unknowns taken: coordinates of the projection in the orthonormal basis. */
function coordinates({ taken, lower }: Basis, products: Float64Array): Float64Array {
  const y = new Float64Array(taken.length);
  taken.forEach((unknown, k) => {
    const row = lower.subarray(unknown * products.length, unknown * products.length + k + 1);
    y[k] = (products[unknown]! - dot(row, y, k)) / row[k]!;
  });
  return y;
}

/** c with Lᵀ c = y on the unknowns taken, 0 on the others. */
function inUnknowns({ taken, lower }: Basis, y: Float64Array, size: number): Float64Array {
  const c = new Float64Array(size);
  const left = y.slice();
  for (let k = taken.length - 1; k >= 0; k--) {
    const row = lower.subarray(taken[k]! * size, taken[k]! * size + k + 1);
    const value = left[k]! / row[k]!;
    c[taken[k]!] = value;
    for (let j = 0; j < k; j++) left[j]! -= row[j]! * value;
  }
  return c;
}

/** The unknown that keeps the largest share of its squared length; of several, the first. */
function largestShare(left: Float64Array, lengths: Float64Array, open: ReadonlySet<number>): number {
  let best = -1;
  let most = -Infinity;
  for (const i of open) {
    const share = lengths[i]! > 0 ? left[i]! / lengths[i]! : 0;
    if (share > most) {
      best = i;
      most = share;
    }
  }
  return best;
}

/** ⟨sym(u_i^{⊗(l−1)} ⊗ e_a), target⟩ = Σ_k c_k ⟨u_i, t_k⟩^{l−1} t_k[a], `[m · dim]`. */
function tangentProducts({ order, weights, vectors }: SymmetricKruskal, directions: Matrix): Float64Array {
  const { columns: dim } = directions;
  const products = rowProducts(directions, vectors).data;
  const out = new Float64Array(directions.data.length);
  for (let i = 0; i < directions.rows; i++) {
    weights.forEach((weight, k) => {
      const scale = weight * power(products[i * weights.length + k]!, order - 1);
      for (let a = 0; a < dim; a++) out[i * dim + a]! += scale * vectors.data[k * dim + a]!;
    });
  }
  return out;
}

function requireFit(who: string, target: SymmetricKruskal, directions: Matrix): void {
  requireSymmetricKruskal(who, target, 'the target');
  requireMatrix(who, 'directions', directions);
  const { order, vectors } = target;
  requireOrder(who, order);
  if (directions.columns === vectors.columns) return;
  throw new InputError(
    `${who}: expected directions of dim ${vectors.columns}, got ${directions.columns}. Give one row of the target's dim a direction.`,
  );
}

/** As many modes as any target may have. */
const maxOrder = 1024;

function requireOrder(who: string, order: number): void {
  if (Number.isSafeInteger(order) && order >= 2 && order <= maxOrder) return;
  throw new InputError(
    `${who}: expected an integer order from 2 to ${maxOrder}, got ${shown(order)}. Give the number of modes.`,
  );
}

function requireRoom(who: string, unknowns: number): void {
  if (unknowns <= maxUnknowns) return;
  throw new InputError(
    `${who}: expected at most ${maxUnknowns} unknowns (directions · dim), got ${unknowns}. Take fewer directions.`,
  );
}
