// Whether the observations determine a CP model near where it stands: whether every small change of its tensor changes some
// prediction. J is the Jacobian of the predictions by the factors' entries. Scales can be passed from mode to mode without a change of
// the tensor, so JᵀJ lacks rank · (order − 1) directions in any case, for component c and mode k > 0
//   g = x⁰_c in mode 0,  −xᵏ_c in mode k,
// and A Bᵀ, a matrix, stays as it is under A + ε A G, B − ε B Gᵀ with any G, so that it lacks rank² directions.
// With unit diagonal, and these directions filled in, it has to be positive definite beyond rounding. In noise of variance σ² the direction of
// its smallest eigenvalue λ is known up to σ / √λ: where that moves a component by three tenths of itself, the component is not determined.
import { factorSteps, solveInPlace } from '../../linalg/cholesky.js';
import { modeOffsets } from '../../tensor/coordinate.js';
import type { Kruskal } from '../../tensor/kruskal.js';
import { absorbWeights, stackFactors } from '../../tensor/stacked.js';
import { sumOfSquares } from '../../tensor/square-sum.js';
import { isPauseDue, type Work } from '../../yield.js';
import type { SampledView } from '../../handles/views/sampled-view.js';
import { cpNormalMatrix } from '../cp-normal-matrix.js';

/** Eigenvalues of the scaled JᵀJ up to this count as 0: a thousand times what rounding makes of 0. */
const minEigenvalue = 1e-10;

/**
 * Unknowns that change predictions by less than this, relative to others, change none: what a fit to the last digits of its error, which
 * is of second order, leaves of coefficients that are 0.
 */
const minSize = 1e-7;

/** Part of a component by which noise may move it. */
const maxMove = 0.3;
/** Steps of inverse iteration, each of which brings the smallest eigenvalue out by its ratio to the next. */
const inverseSteps = 4;

/** Unknowns up to which JᵀJ is formed and factored: a third of a second. */
const maxUnknowns = 1000;

/**
 * Undefined where the model has too many unknowns to tell. `variance`: of the noise of an observation. Cost count · (order · rank)² +
 * unknowns³ / 3.
 */
export function* isDetermined(view: SampledView, model: Kruskal, variance = 0): Work<boolean | undefined> {
  const { count } = view;
  const x = stackFactors([absorbWeights(model)]);
  if (x.length > maxUnknowns) return undefined;
  const products = view.ofRank(model.weights.length);
  yield* products.moveTo(x, new Float64Array(count));
  const matrix = new Float64Array(x.length ** 2);
  yield* products.form(new Float64Array(count).fill(1), matrix);
  return yield* isPositive(matrix, x, model, variance);
}

/** The same where all cells of a tensor are observed. Cost unknowns³ / 3. */
export function* isModelDetermined(model: Kruskal, variance: number): Work<boolean | undefined> {
  const x = stackFactors([absorbWeights(model)]);
  if (x.length > maxUnknowns) return undefined;
  const normal = cpNormalMatrix(
    model.factors.map(({ rows }) => rows),
    model.weights.length,
  );
  normal.moveTo(x);
  const matrix = new Float64Array(x.length ** 2);
  normal.toDense(matrix);
  return yield* isPositive(matrix, x, model, variance);
}

/** Overwrites JᵀJ, of which the lower triangle is read. */
function* isPositive(matrix: Float64Array, x: Float64Array, model: Kruskal, variance: number): Work<boolean> {
  const shape = model.factors.map(({ rows }) => rows);
  const rank = model.weights.length;
  const unknowns = x.length;
  const sizes = Float64Array.from(x, (_, n) => Math.sqrt(matrix[n * unknowns + n]!));
  const largest = sizes.reduce((max, size) => Math.max(max, size), 0);
  if (sizes.some((size) => !(size > minSize * largest))) return false;
  for (let i = 0; i < unknowns; i++) {
    for (let j = 0; j <= i; j++) matrix[i * unknowns + j]! /= sizes[i]! * sizes[j]!;
  }
  for (const direction of freeDirections(shape, rank, x)) {
    for (let n = 0; n < unknowns; n++) direction[n]! *= sizes[n]!;
    addSquare(matrix, unknowns, direction);
    if (isPauseDue(unknowns * shape[0]!)) yield;
  }
  for (let n = 0; n < unknowns; n++) matrix[n * unknowns + n]! -= minEigenvalue;
  if (!(yield* factorSteps(matrix, unknowns))) return false;
  return variance === 0 || largestMove(matrix, x, sizes, { rank, variance, rows: shape[0]! }) <= maxMove;
}

/** By which part of itself noise moves a component along the direction that is known least. `factored`: JᵀJ, scaled. */
function largestMove(
  factored: Float64Array,
  x: Float64Array,
  sizes: Float64Array,
  { rank, variance, rows }: { readonly rank: number; readonly variance: number; readonly rows: number },
): number {
  const unknowns = x.length;
  // Of no special direction.
  const direction = Float64Array.from(x, (_, n) => Math.cos(n * n + 1));
  let inverse = 1;
  for (let step = 0; step < inverseSteps; step++) {
    const before = Math.sqrt(sumOfSquares(direction));
    for (let n = 0; n < unknowns; n++) direction[n]! /= before;
    solveInPlace(factored, unknowns, direction);
    inverse = Math.sqrt(sumOfSquares(direction));
  }
  let largest = 0;
  for (let c = 0; c < rank; c++) {
    let moved = 0;
    // The predictions of a component alone, by the rows of one mode.
    let square = 0;
    for (let n = c; n < unknowns; n += rank) {
      moved += (direction[n]! / inverse) ** 2;
      if (n < rows * rank) square += (x[n]! * sizes[n]!) ** 2;
    }
    largest = Math.max(largest, Math.sqrt((variance * inverse * moved) / square));
  }
  return largest;
}

function freeDirections(shape: readonly number[], rank: number, x: Float64Array): Float64Array[] {
  const offsets = modeOffsets(shape);
  /** Column c of one mode becomes a multiple of column d. */
  const add = (direction: Float64Array, mode: number, [c, d]: readonly [number, number], sign: number): void => {
    for (let row = offsets[mode]!; row < offsets[mode + 1]!; row++)
      direction[row * rank + c] = sign * x[row * rank + d]!;
  };
  const directions: Float64Array[] = [];
  for (let c = 0; c < rank; c++) {
    for (let mode = 1; mode < shape.length; mode++) {
      for (let d = 0; d < rank; d++) {
        if (d !== c && shape.length > 2) continue;
        const direction = new Float64Array(x.length);
        add(direction, 0, [c, d], 1);
        add(direction, mode, [d, c], -1);
        directions.push(direction);
      }
    }
  }
  return directions;
}

/** matrix += v vᵀ / ‖v‖², the lower triangle. */
function addSquare(matrix: Float64Array, unknowns: number, v: Float64Array): void {
  const square = v.reduce((sum, value) => sum + value * value, 0);
  for (let i = 0; i < unknowns; i++) {
    const scale = v[i]! / square;
    if (scale !== 0) for (let j = 0; j <= i; j++) matrix[i * unknowns + j]! += scale * v[j]!;
  }
}
