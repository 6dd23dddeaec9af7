// Factor match score: how well the components of two Kruskal tensors agree, whatever their order and signs.
//   pair(i, j) = max(0, sign(w_i·v_j) · Π_k cos(A_k[:, i], B_k[:, j])) · (1 − | |w_i| − |v_j| | / max(|w_i|, |v_j|))
// with unit columns and their norms in the weights w, v; the score is the mean over the best pairing.
// As `score` in Tensor Toolbox and `factor_match_score` in TLViz, with an exact assignment. Used by tests, benches, `match`.
import { InputError } from '../errors.js';
import { maxAssignment } from '../linalg/assignment.js';
import { isSymmetric, requireSameShape, shapeOf, toKruskal } from '../tensor/kruskal.js';
import type { AnyKruskal, Kruskal } from '../tensor/kruskal.js';
import { columnProducts } from '../tensor/matrix.js';
import { normalize } from '../tensor/normalize.js';
import { requireNamedOptions, shown } from '../names.js';
import { requireModel } from '../tensor/require.js';

export interface MatchOptions {
  /** Multiply each pair by its weight penalty (the last bracket above). Default true. */
  weightPenalty?: boolean;
  /** A mode to leave out. Signs can then not be told, so absolute cosines count and weight signs do not. Default none. */
  skip?: number;
}

export interface ComponentMatch {
  /** Mean of the pair scores over max(rank_a, rank_b): a component without partner counts 0. Two empty tensors: 1. */
  readonly score: number;
  /** permutation[i] = component of b that goes with component i of a, −1 for none. */
  readonly permutation: Int32Array;
  /** Pair score of each component of a, 0 for none, [rank_a]. */
  readonly perComponent: Float64Array;
}

/**
 * The factor match score, from 0 (nothing in common) to 1 (the same components): the mean over pairs of components of the product of their
 * cosines over the modes, times 1 − | |w| − |v| | / max(|w|, |v|) for their weights w, v. `score` of matchComponents.
 *
 * @example
 * ```ts
 * import { decompose, factorMatchScore } from 'polyadic';
 * import { plantedCp } from 'polyadic/problems';
 *
 * const { tensor, truth } = plantedCp({ shape: [9, 8, 7], rank: 2, seed: 1 });
 * const { kruskal } = await decompose(tensor);
 * console.log(factorMatchScore(kruskal, truth).toFixed(3)); // 1.000
 * ```
 * @throws InputError for models of different shapes, and a mode to skip that does not exist.
 */
export function factorMatchScore(a: AnyKruskal, b: AnyKruskal, options: MatchOptions = {}): number {
  return matchFor('factorMatchScore', a, b, options).score;
}

/**
 * Score, pairing and score of each pair. The sign of the product counts: flips of two columns that cancel are the same
 * component, c·u^{⊗4} and −c·u^{⊗4} are not (Tensor Toolbox and TLViz take absolute cosines, so they call them equal).
 * A zero column matches nothing. Cost O(rank²·(Σ shape + rank)).
 *
 * @example
 * ```ts
 * import { decompose, matchComponents } from 'polyadic';
 * import { plantedCp } from 'polyadic/problems';
 *
 * const { tensor, truth } = plantedCp({ shape: [9, 8, 7], rank: 2, weights: [1, 2], seed: 1 });
 * const { kruskal } = await decompose(tensor); // the component of weight 2 comes first
 * console.log(matchComponents(truth, kruskal).permutation); // Int32Array(2) [ 1, 0 ]
 * ```
 * @throws InputError as factorMatchScore.
 */
export function matchComponents(a: AnyKruskal, b: AnyKruskal, options: MatchOptions = {}): ComponentMatch {
  return matchFor('matchComponents', a, b, options);
}

/** The same; `who` complains. */
export function matchFor(who: string, a: AnyKruskal, b: AnyKruskal, options: MatchOptions = {}): ComponentMatch {
  requireModel(who, a, 'the first model');
  requireModel(who, b, 'the second model');
  requireNamedOptions(who, options, ['weightPenalty', 'skip']);
  requireSameShape(who, shapeOf(a), shapeOf(b));
  const { weightPenalty = true, skip } = options;
  const order = shapeOf(a).length;
  if (skip !== undefined && !(Number.isSafeInteger(skip) && skip >= 0 && skip < order && order > 1)) {
    throw new InputError(
      `${who}: expected skip to be one mode of several, 0 to ${order - 1}, got ${shown(skip)}. Modes count from 0.`,
    );
  }
  const left = unitComponents(a);
  const right = unitComponents(b);
  const columns = right.weights.length;
  const pairs = pairScores(left, right, weightPenalty, skip);
  const permutation = maxAssignment({ rows: left.weights.length, columns, data: pairs });
  const perComponent = Float64Array.from(permutation, (j, i) => (j < 0 ? 0 : pairs[i * columns + j]!));
  const count = Math.max(left.weights.length, columns);
  const score = count === 0 ? 1 : perComponent.reduce((sum, value) => sum + value, 0) / count;
  return { score, permutation, perComponent };
}

function unitComponents(model: AnyKruskal): Kruskal {
  return toKruskal(isSymmetric(model) ? normalize(model) : normalize(model));
}

/** [rank_a, rank_b] row-major. */
function pairScores(a: Kruskal, b: Kruskal, weightPenalty: boolean, skip: number | undefined): Float64Array {
  const columns = b.weights.length;
  const products = new Float64Array(a.weights.length * columns).fill(1);
  a.factors.forEach((factor, mode) => {
    const other = b.factors[mode];
    if (mode === skip || other === undefined) return;
    const cosines = columnProducts(factor, other).data;
    for (let i = 0; i < products.length; i++) products[i] = products[i]! * cosines[i]!;
  });
  return products.map((product, at) => {
    const weight = a.weights[Math.floor(at / columns)]!;
    const other = b.weights[at % columns]!;
    const opposite = (weight < 0 && other > 0) || (weight > 0 && other < 0);
    const signed = skip !== undefined ? Math.abs(product) : opposite ? -product : product;
    const cosine = Math.min(1, Math.max(0, signed));
    return weightPenalty ? cosine * weightAgreement(Math.abs(weight), Math.abs(other)) : cosine;
  });
}

function weightAgreement(weight: number, other: number): number {
  const larger = Math.max(weight, other);
  return larger === 0 ? 1 : 1 - Math.abs(weight - other) / larger;
}
