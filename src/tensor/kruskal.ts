// Kruskal tensors: a tensor written as a sum of `rank` rank-one components.
//   Kruskal:          T = Σ_r weights[r] · factors[0][:, r] ∘ factors[1][:, r] ∘ …
//   SymmetricKruskal: T = Σ_r weights[r] · vectors[r, :]^{⊗ order}
// Kolda & Bader, "Tensor Decompositions and Applications", SIAM Review 51 (2009), eqs. (3.1), (3.9).
import { InputError } from '../errors.js';
import { float64Copy } from './numbers.js';
import { matrix, transpose } from './matrix.js';
import type { Matrix } from './matrix.js';
import { requireList, requireMatrix, requireSymmetricKruskal } from './require.js';
import { shown } from '../names.js';

export interface Kruskal {
  /** `[rank]` */
  readonly weights: Float64Array;
  /** One matrix per mode, `[shape[mode], rank]`. */
  readonly factors: readonly Matrix[];
}

export interface SymmetricKruskal {
  readonly order: number;
  /** `[rank]` */
  readonly weights: Float64Array;
  /** `[rank, dim]`, one component per row. */
  readonly vectors: Matrix;
}

/** Either kind. */
export type AnyKruskal = Kruskal | SymmetricKruskal;

export function isSymmetric(model: AnyKruskal): model is SymmetricKruskal {
  return 'vectors' in model;
}

/**
 * A checked Kruskal tensor of one factor or more, each `[shape[mode], weights.length]`: Σ_r weights[r] · factors[0][:, r] ∘
 * factors[1][:, r] ∘ …
 *
 * @example
 * ```ts
 * import { kruskal, matrix, toDense } from 'polyadic';
 *
 * const model = kruskal([2], [matrix(2, 1, [1, 2]), matrix(3, 1, [1, 0, 1])]); // 2 · [1, 2] ∘ [1, 0, 1]
 * console.log(toDense(model).data); // Float64Array(6) [ 2, 0, 2, 4, 0, 4 ]
 * ```
 * @throws InputError when sizes do not fit.
 */
export function kruskal(weights: ArrayLike<number>, factors: readonly Matrix[]): Kruskal {
  requireList('kruskal', 'weights', weights);
  requireList('kruskal', 'factors', factors);
  const rank = weights.length;
  if (factors.length === 0) {
    throw new InputError('kruskal: expected one factor matrix a mode, got none. Give at least one.');
  }
  factors.forEach((factor, mode) => {
    requireMatrix('kruskal', `factors[${mode}]`, factor);
    if (factor.columns !== rank) {
      throw new InputError(
        `kruskal: expected factors[${mode}] to have ${rank} columns, one a weight, got ${factor.columns}. Give factors of shape [shape[mode], rank].`,
      );
    }
  });
  return { weights: float64Copy(weights, 'kruskal', 'weights'), factors };
}

/** As many modes as any target may have. */
const maxOrder = 1024;

/**
 * A checked symmetric Kruskal tensor, `Σ_r weights[r] · vectors[r, :]^{⊗ order}`: order from 1 to 1,024, vectors `[weights.length, dim]`.
 *
 * @example
 * ```ts
 * import { matrix, symmetricKruskal, toDense } from 'polyadic';
 *
 * const model = symmetricKruskal(2, [3], matrix(1, 2, [1, 2])); // 3 · [1, 2] ∘ [1, 2]
 * console.log(toDense(model).data); // Float64Array(4) [ 3, 6, 6, 12 ]
 * ```
 * @throws InputError when sizes do not fit.
 */
export function symmetricKruskal(order: number, weights: ArrayLike<number>, vectors: Matrix): SymmetricKruskal {
  if (!Number.isInteger(order) || order < 1 || order > maxOrder) {
    throw new InputError(
      `symmetricKruskal: expected an order from 1 to ${maxOrder}, got ${shown(order)}. Give the number of modes.`,
    );
  }
  requireList('symmetricKruskal', 'weights', weights);
  requireMatrix('symmetricKruskal', 'vectors', vectors);
  if (vectors.rows !== weights.length) {
    throw new InputError(
      `symmetricKruskal: expected ${weights.length} rows of vectors, one a weight, got ${vectors.rows}. Give vectors of shape [rank, dim].`,
    );
  }
  return { order, weights: float64Copy(weights, 'symmetricKruskal', 'weights'), vectors };
}

/** The sizes of a tensor: per mode, or those of a symmetric one. Targets have them. */
type Sizes = { readonly shape: readonly number[] } | { readonly order: number; readonly dim: number };

/** The model without components, which is the zero tensor: symmetric where the sizes are given that way. */
export function noComponents(of: Extract<Sizes, { shape: unknown }>): Kruskal;
export function noComponents(of: Extract<Sizes, { dim: unknown }>): SymmetricKruskal;
export function noComponents(of: Sizes): AnyKruskal;
export function noComponents(of: Sizes): AnyKruskal {
  const weights = new Float64Array(0);
  if ('shape' in of) return { weights, factors: of.shape.map((rows) => matrix(rows, 0)) };
  return { order: of.order, weights, vectors: matrix(0, of.dim) };
}

/** factor · model */
export const scaleKruskal = <K extends AnyKruskal>(model: K, factor: number): K => ({
  ...model,
  weights: model.weights.map((weight) => weight * factor),
});

/** Number of components. */
export function rankOf(model: AnyKruskal): number {
  return model.weights.length;
}

/** Sizes per mode; a symmetric tensor repeats its dim `order` times. */
export function shapeOf(model: AnyKruskal): number[] {
  return isSymmetric(model)
    ? new Array<number>(model.order).fill(model.vectors.columns)
    : model.factors.map((factor) => factor.rows);
}

/**
 * The same tensor with one factor `[dim, rank]` per mode; all modes share one matrix object.
 *
 * @example
 * ```ts
 * import { matrix, symmetricKruskal, symmetricToKruskal } from 'polyadic';
 *
 * console.log(symmetricToKruskal(symmetricKruskal(3, [2], matrix(1, 2, [0, 1]))).factors.length); // 3
 * ```
 */
export function symmetricToKruskal(model: SymmetricKruskal): Kruskal {
  requireSymmetricKruskal('symmetricToKruskal', model);
  const factor = transpose(model.vectors);
  return { weights: model.weights.slice(), factors: new Array<Matrix>(model.order).fill(factor) };
}

/** A Kruskal of either kind, as the general kind. */
export function toKruskal(model: AnyKruskal): Kruskal {
  return isSymmetric(model) ? symmetricToKruskal(model) : model;
}

/** The sum of two tensors of one shape: the components of a, then those of b. */
export function joinComponents(a: Kruskal, b: Kruskal): Kruskal {
  const left = rankOf(a);
  const right = rankOf(b);
  const rank = left + right;
  const factors = a.factors.map(({ rows, data }, mode) => {
    const joined = matrix(rows, rank);
    for (let i = 0; i < rows; i++) {
      joined.data.set(data.subarray(i * left, (i + 1) * left), i * rank);
      joined.data.set(b.factors[mode]!.data.subarray(i * right, (i + 1) * right), i * rank + left);
    }
    return joined;
  });
  return { weights: Float64Array.of(...a.weights, ...b.weights), factors };
}

/** Throws unless the two tensors have one shape. */
export function requireSameShape(who: string, a: readonly number[], b: readonly number[]): void {
  if (a.length !== b.length || a.some((size, mode) => size !== b[mode])) {
    throw new InputError(
      `${who}: expected two tensors of one shape, got [${a.join(', ')}] and [${b.join(', ')}]. Compare like with like.`,
    );
  }
}
