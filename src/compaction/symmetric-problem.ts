// A symmetric model T = Σ σ_i x_i^{⊗l} of a target as a least-squares problem, σ_i = ±1 fixed, unknowns X [rank, dim]:
//   g_i = l·σ_i·E(·, x_i, …, x_i),   E = T − target,
//   block (i, j) of JᵀJ = σ_i σ_j l [ ⟨x_i, x_j⟩^{l−1} I + (l − 1) ⟨x_i, x_j⟩^{l−2} x_j x_iᵀ ]   (rows belong to x_i),
// formed while it is small; beyond, products
//   (JᵀJ V)_i = Σ_j P_ij v_j + Q_ij ⟨x_i, v_j⟩ x_j,   P, Q = the two scalar factors of the blocks,
// at O(rank²·dim), with the inverse of the damped diagonal blocks as preconditioner. Used by polish-symmetric.ts.
import type { LeastSquaresProblem } from '../least-squares/gauss-newton.js';
import { dot } from '../linalg/dot.js';
import { power } from '../linalg/power.js';
import { contractSteps, measureSteps, type SymmetricView } from '../handles/views/symmetric-view.js';
import { isPauseDue, type Work } from '../yield.js';

/** Unknowns up to which the matrix is formed; from there on conjugate gradients are quicker, ten times at 400. */
const formedLimit = 150;

/** For models with the given signs [rank]; the objective is the relative error. `limit`: unknowns up to which JᵀJ is formed. */
export function symmetricProblem(target: SymmetricView, signs: Float64Array, limit = formedLimit): LeastSquaresProblem {
  const { order, dim } = target;
  const rank = signs.length;
  const unknowns = rank * dim;
  const contraction = new Float64Array(unknowns);
  const p = new Float64Array(rank * rank);
  const q = new Float64Array(rank * rank);
  let x: Float64Array = new Float64Array(unknowns);
  let mean = 0;
  let mu = 0;

  let floor = 0;

  function* objective(point: Float64Array): Work<number> {
    const vectors = { rows: rank, columns: dim, data: point };
    const { relativeError, errorFloor } = yield* measureSteps(target, { order, weights: signs, vectors });
    floor = errorFloor;
    return relativeError;
  }

  function* linearize(point: Float64Array, gradient: Float64Array): Work<void> {
    x = point;
    gradient.fill(0);
    yield* contractSteps(target, x, rank, contraction);
    mean = 0;
    for (let i = 0; i < rank; i++) {
      for (let j = 0; j < rank; j++) {
        const product = dot(x, x, dim, i * dim, j * dim);
        const below = signs[i]! * signs[j]! * order * power(product, order - 2);
        p[i * rank + j] = below * product;
        q[i * rank + j] = below * (order - 1);
        addMultiple(p[i * rank + j]!, x, j * dim, gradient, i * dim, dim);
        if (i === j) mean += (below * product * (dim + order - 1)) / unknowns;
      }
      addMultiple(-signs[i]! * order, contraction, i * dim, gradient, i * dim, dim);
      if (isPauseDue(4 * unknowns)) yield;
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

  function* form(matrix: Float64Array): Work<void> {
    for (let i = 0; i < rank; i++) {
      for (let a = 0; a < dim; a++) {
        const row = (i * dim + a) * unknowns;
        for (let j = 0; j <= i; j++) {
          const scale = q[i * rank + j]! * x[j * dim + a]!;
          for (let b = 0; b < dim; b++) matrix[row + j * dim + b] = scale * x[i * dim + b]!;
          matrix[row + j * dim + a]! += p[i * rank + j]!;
        }
      }
      if (isPauseDue(2 * dim * unknowns)) yield;
    }
  }

  /** z = (diagonal block + μI)⁻¹ residual, by Sherman and Morrison: (aI + b·xxᵀ)⁻¹ = (I − b·xxᵀ/(a + b‖x‖²)) / a */
  function precondition(residual: Float64Array, z: Float64Array): void {
    for (let i = 0; i < rank; i++) {
      const a = p[i * rank + i]! + mu;
      const b = q[i * rank + i]!;
      const along = dot(x, residual, dim, i * dim, i * dim);
      const scale = -(b * along) / (a + b * dot(x, x, dim, i * dim, i * dim)) / a;
      for (let n = i * dim; n < (i + 1) * dim; n++) z[n] = residual[n]! / a + scale * x[n]!;
    }
  }

  return {
    unknowns,
    objective,
    floor: () => floor,
    linearize,
    meanDiagonal: () => mean,
    apply,
    form: unknowns <= limit ? form : undefined,
    damp: (shift) => void (mu = shift),
    precondition,
    iterationFlops: 6 * rank * unknowns,
  };
}

/** y[startY…] += scale · x[startX…] */
function addMultiple(
  scale: number,
  x: Float64Array,
  startX: number,
  y: Float64Array,
  startY: number,
  count: number,
): void {
  for (let n = 0; n < count; n++) y[startY + n]! += scale * x[startX + n]!;
}
