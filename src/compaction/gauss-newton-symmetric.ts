// The damped Gauss-Newton system of a symmetric model T = Σ σ_i x_i^{⊗l}, σ_i = ±1, unknowns X [rank, dim]:
//   (JᵀJ + μI) δ = −g,   g_i = l·σ_i·E(·, x_i, …, x_i),
//   block (i, j) of JᵀJ = σ_i σ_j l [ ⟨x_i, x_j⟩^{l−1} I + (l − 1) ⟨x_i, x_j⟩^{l−2} x_j x_iᵀ ]   (rows belong to x_i),
// formed and factored while it is small; beyond, conjugate gradients with
//   (JᵀJ V)_i = Σ_j P_ij v_j + Q_ij ⟨x_i, v_j⟩ x_j,   P, Q = the two scalar factors of the blocks,
// at O(rank²·dim) a product, with the inverse of the damped diagonal blocks as preconditioner.
import { factorInPlace, solveInPlace } from '../linalg/cholesky-in-place.js';
import { power } from '../linalg/power.js';
import type { SymmetricView } from './symmetric-view.js';

/** Unknowns up to which the matrix is formed; from there on conjugate gradients are quicker, ten times at 400. */
const denseLimit = 150;

const mostIterations = 300;

/** Solves the system at one point after another, in memory that is allocated once. */
export interface GaussNewton {
  /** Sets the point X [rank, dim]; `gradient` is then that of ½‖E‖². */
  moveTo(x: Float64Array): void;
  readonly gradient: Float64Array;
  /** out = JᵀJ v */
  apply(v: Float64Array, out: Float64Array): void;
  /**
   * δ for μ = damping · (mean diagonal of JᵀJ) into `step`; false where the matrix is singular to rounding. Conjugate gradients
   * end when the preconditioned residual's square has fallen to `accuracy` of what it was (default 1e-10).
   */
  solve(damping: number, step: Float64Array, accuracy?: number): boolean;
}

/** For models with the given signs [rank]. `limit`: unknowns up to which the matrix is formed. */
export function gaussNewton(target: SymmetricView, signs: Float64Array, limit = denseLimit): GaussNewton {
  const { order, dim } = target;
  const rank = signs.length;
  const unknowns = rank * dim;
  const gradient = new Float64Array(unknowns);
  const contraction = new Float64Array(unknowns);
  const [p, q] = [new Float64Array(rank * rank), new Float64Array(rank * rank)];
  const dense = unknowns <= limit ? new Float64Array(unknowns * unknowns) : undefined;
  const scratch = Array.from({ length: dense ? 0 : 4 }, () => new Float64Array(unknowns));
  const [residual = gradient, z = gradient, direction = gradient, moved = gradient] = scratch;
  let x: Float64Array = gradient;
  let meanDiagonal = 0;

  function moveTo(point: Float64Array): void {
    x = point;
    gradient.fill(0);
    target.contract(x, rank, contraction);
    meanDiagonal = 0;
    for (let i = 0; i < rank; i++) {
      for (let j = 0; j < rank; j++) {
        const product = dot(x, i * dim, x, j * dim, dim);
        const below = signs[i]! * signs[j]! * order * power(product, order - 2);
        p[i * rank + j] = below * product;
        q[i * rank + j] = below * (order - 1);
        axpy(p[i * rank + j]!, x, j * dim, gradient, i * dim, dim);
        if (i === j) meanDiagonal += (below * product * (dim + order - 1)) / unknowns;
      }
      axpy(-signs[i]! * order, contraction, i * dim, gradient, i * dim, dim);
    }
  }

  function apply(v: Float64Array, out: Float64Array): void {
    out.fill(0);
    for (let i = 0; i < rank; i++) {
      const row = i * dim;
      for (let j = 0; j < rank; j++) {
        const column = j * dim;
        let along = 0;
        for (let n = 0; n < dim; n++) along += x[row + n]! * v[column + n]!;
        along *= q[i * rank + j]!;
        const scale = p[i * rank + j]!;
        for (let n = 0; n < dim; n++) out[row + n]! += scale * v[column + n]! + along * x[column + n]!;
      }
    }
  }

  function solveDense(matrix: Float64Array, mu: number, step: Float64Array): boolean {
    for (let i = 0; i < rank; i++) {
      for (let a = 0; a < dim; a++) {
        const row = (i * dim + a) * unknowns;
        for (let j = 0; j <= i; j++) {
          const scale = q[i * rank + j]! * x[j * dim + a]!;
          for (let b = 0; b < dim; b++) matrix[row + j * dim + b] = scale * x[i * dim + b]!;
          matrix[row + j * dim + a]! += p[i * rank + j]!;
        }
        matrix[row + i * dim + a]! += mu;
      }
    }
    for (let n = 0; n < unknowns; n++) step[n] = -gradient[n]!;
    if (!factorInPlace(matrix, unknowns)) return false;
    solveInPlace(matrix, unknowns, step);
    return true;
  }

  /** z = (diagonal block + μI)⁻¹ residual, by Sherman and Morrison: (aI + b·xxᵀ)⁻¹ = (I − b·xxᵀ/(a + b‖x‖²)) / a */
  function precondition(mu: number): void {
    for (let i = 0; i < rank; i++) {
      const a = p[i * rank + i]! + mu;
      const b = q[i * rank + i]!;
      const along = dot(x, i * dim, residual, i * dim, dim);
      const scale = -(b * along) / (a + b * dot(x, i * dim, x, i * dim, dim)) / a;
      for (let n = i * dim; n < (i + 1) * dim; n++) z[n] = residual[n]! / a + scale * x[n]!;
    }
  }

  function solveByProducts(mu: number, step: Float64Array, accuracy: number): boolean {
    step.fill(0);
    for (let n = 0; n < unknowns; n++) residual[n] = -gradient[n]!;
    precondition(mu);
    direction.set(z);
    let size = dot(residual, 0, z, 0, unknowns);
    const small = accuracy * size;
    for (let k = 0; k < mostIterations && size > small; k++) {
      apply(direction, moved);
      axpy(mu, direction, 0, moved, 0, unknowns);
      const curvature = dot(direction, 0, moved, 0, unknowns);
      if (!(curvature > 0)) break;
      axpy(size / curvature, direction, 0, step, 0, unknowns);
      axpy(-size / curvature, moved, 0, residual, 0, unknowns);
      precondition(mu);
      const next = dot(residual, 0, z, 0, unknowns);
      for (let n = 0; n < unknowns; n++) direction[n] = z[n]! + (next / size) * direction[n]!;
      size = next;
    }
    return true;
  }

  function solve(damping: number, step: Float64Array, accuracy = 1e-10): boolean {
    const mu = Math.max(damping * meanDiagonal, Number.MIN_VALUE);
    return dense ? solveDense(dense, mu, step) : solveByProducts(mu, step, accuracy);
  }

  return { moveTo, gradient, apply, solve };
}

/** y[startY…] += scale · x[startX…] */
function axpy(scale: number, x: Float64Array, startX: number, y: Float64Array, startY: number, count: number): void {
  for (let n = 0; n < count; n++) y[startY + n]! += scale * x[startX + n]!;
}

function dot(a: Float64Array, startA: number, b: Float64Array, startB: number, count: number): number {
  let sum = 0;
  for (let n = 0; n < count; n++) sum += a[startA + n]! * b[startB + n]!;
  return sum;
}
