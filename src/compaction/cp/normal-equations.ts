// The damped normal equations of a completion, (JᵀWJ + μI) δ = −g over the unknowns that are free to move (the others stay):
// formed and factored by Cholesky while they are few, else by conjugate gradients, one pass over the observations a product,
// preconditioned by the diagonal blocks of the rows, JᵀWJ restricted to one row of one factor: what alternating least squares
// on the observations would solve. A row without observations has a zero block and gradient: damping holds it where it is.
// Forming costs count · (order · rank)² for observed entries, factoring unknowns³/3.
import { factorInPlace, solveInPlace } from '../../linalg/cholesky-in-place.js';
import type { SampledProducts } from './sampled-view.js';

/**
 * Unknowns up to which the matrix is formed: 600, but fewer where observations are few, whose products then cost less than a
 * factorization; the two are even at 10·√count.
 */
export const formedLimit = (count: number): number => Math.min(600, 10 * Math.sqrt(count));

/** Conjugate gradients end when the preconditioned residual's square has fallen to this. */
const accuracy = 1e-8;
const mostIterations = 100;

export interface NormalEquations {
  /** Sets W and g at the point of the products; `free[n]` is 0 where unknown n must stay. */
  prepare(weights: Float64Array, gradient: Float64Array, free: Uint8Array): void;
  /** δ for μ = damping · (mean diagonal of JᵀWJ) + ridge into `step`; false where the system is singular to rounding. */
  solve(damping: number, ridge: number, step: Float64Array): boolean;
}

/** For `rows` rows of stacked factors. `limit`: unknowns up to which the matrix is formed. */
export function normalEquations(products: SampledProducts, rows: number, rank: number, limit: number): NormalEquations {
  return rows * rank <= limit ? formed(products, rows * rank) : matrixFree(products, rows, rank);
}

function formed(products: SampledProducts, unknowns: number): NormalEquations {
  const matrix = new Float64Array(unknowns * unknowns);
  const factor = new Float64Array(unknowns * unknowns);
  let rightSide: Float64Array = matrix;
  let mayMove: Uint8Array = new Uint8Array(0);
  let meanDiagonal = 0;

  function prepare(weights: Float64Array, gradient: Float64Array, free: Uint8Array): void {
    [rightSide, mayMove, meanDiagonal] = [gradient, free, 0];
    products.form(weights, matrix);
    for (let i = 0; i < unknowns; i++) {
      meanDiagonal += matrix[i * unknowns + i]! / unknowns;
      for (let j = 0; j <= i; j++) {
        if (free[i] === 0 || free[j] === 0) matrix[i * unknowns + j] = 0;
      }
    }
  }

  function solve(damping: number, ridge: number, step: Float64Array): boolean {
    const mu = Math.max(damping * meanDiagonal + ridge, Number.MIN_VALUE);
    factor.set(matrix);
    for (let i = 0; i < unknowns; i++) {
      factor[i * unknowns + i]! += mu;
      step[i] = mayMove[i] === 0 ? 0 : -rightSide[i]!;
    }
    if (!factorInPlace(factor, unknowns)) return false;
    solveInPlace(factor, unknowns, step);
    return true;
  }

  return { prepare, solve };
}

function matrixFree(products: SampledProducts, rows: number, rank: number): NormalEquations {
  const unknowns = rows * rank;
  const residual = new Float64Array(unknowns);
  const [z, direction, moved] = [residual.slice(), residual.slice(), residual.slice()];
  const blocks = new Float64Array(rows * rank * rank);
  const factors = Array.from({ length: rows }, () => new Float64Array(rank * rank));
  const parts = Array.from({ length: rows }, (_, row) => z.subarray(row * rank, (row + 1) * rank));
  const factored = new Uint8Array(rows);
  let w: Float64Array = residual;
  let rightSide: Float64Array = residual;
  let mayMove: Uint8Array = factored;
  let meanDiagonal = 0;

  function prepare(weights: Float64Array, gradient: Float64Array, free: Uint8Array): void {
    [w, rightSide, mayMove, meanDiagonal] = [weights, gradient, free, 0];
    products.rowBlocks(weights, blocks);
    for (let n = 0; n < unknowns; n++) meanDiagonal += blocks[n * rank + (n % rank)]! / unknowns;
  }

  /** L of every row's damped block, without couplings to unknowns that stay. */
  function factorBlocks(mu: number): void {
    for (let row = 0; row < rows; row++) {
      const [at, from, factor] = [row * rank, row * rank * rank, factors[row]!];
      for (let c = 0; c < rank; c++) {
        for (let d = 0; d <= c; d++) {
          const both = mayMove[at + c] === 1 && mayMove[at + d] === 1;
          factor[c * rank + d] = both ? blocks[from + c * rank + d]! : 0;
        }
        factor[c * rank + c]! += mu;
      }
      factored[row] = factorInPlace(factor, rank) ? 1 : 0;
    }
  }

  /** z = preconditioner⁻¹ residual; where a block is singular to rounding, by its diagonal. */
  function precondition(mu: number): void {
    z.set(residual);
    for (let row = 0; row < rows; row++) {
      if (factored[row] === 1) solveInPlace(factors[row]!, rank, parts[row]!);
      else for (let c = 0; c < rank; c++) parts[row]![c]! /= blocks[(row * rank + c) * rank + c]! + mu;
    }
  }

  function solve(damping: number, ridge: number, step: Float64Array): boolean {
    const mu = Math.max(damping * meanDiagonal + ridge, Number.MIN_VALUE);
    factorBlocks(mu);
    step.fill(0);
    for (let n = 0; n < unknowns; n++) residual[n] = mayMove[n] === 0 ? 0 : -rightSide[n]!;
    precondition(mu);
    direction.set(z);
    let size = dot(residual, z);
    const small = accuracy * size;
    for (let k = 0; k < mostIterations && size > small; k++) {
      products.curvature(w, direction, moved);
      for (let n = 0; n < unknowns; n++) moved[n] = mayMove[n] === 0 ? 0 : moved[n]! + mu * direction[n]!;
      const along = dot(direction, moved);
      if (!(along > 0)) break;
      const alpha = size / along;
      for (let n = 0; n < unknowns; n++) {
        step[n]! += alpha * direction[n]!;
        residual[n]! -= alpha * moved[n]!;
      }
      precondition(mu);
      const next = dot(residual, z);
      for (let n = 0; n < unknowns; n++) direction[n] = z[n]! + (next / size) * direction[n]!;
      size = next;
    }
    return true;
  }

  return { prepare, solve };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let n = 0; n < a.length; n++) sum += a[n]! * b[n]!;
  return sum;
}
