// A diagonal linear network of depth D on a regression with fewer rows than weights: w = u^D − v^D, u = v = α at the start,
// gradient descent on ‖Xw − y‖² / (2n). Along gradient flow t(u) = ∫ of the gradient lies in the row space of X, with
//   t(u) = ln(α/u) / 2 for D = 2,     (u^{2−D} − α^{2−D}) / (D (D − 2)) beyond,     and t(v) = −t(u):
// the limit is the w that fits with the least Q_α(w), between the ℓ2 norm (α → ∞) and the ℓ1 norm (α → 0)
// (Woodworth et al., COLT 2020, arXiv 2002.09277).
import { factorInPlace, solveInPlace } from '../../src/linalg/cholesky.js';
import { dot } from '../../src/linalg/dot.js';
import { randomStream } from '../../src/random/stream.js';
import { matrix, type Matrix } from '../../src/tensor/matrix.js';

export interface SparseRegression {
  /** Standard Gaussian, [rows, weights]. */
  readonly design: Matrix;
  /** The first `nonzero` weights are ±1, the others 0. */
  readonly truth: Float64Array;
  /** design · truth */
  readonly values: Float64Array;
  /** design designᵀ, for projections on the row space. */
  readonly gram: Matrix;
}

export const regressionSize = { rows: 40, weights: 100, nonzero: 5 } as const;

export function sparseRegression(seed: number, { rows, weights, nonzero } = regressionSize): SparseRegression {
  const random = randomStream(seed, 1);
  const design = matrix(rows, weights, random.fillNormal(new Float64Array(rows * weights)));
  return regressionOf(
    design,
    Float64Array.from({ length: weights }, (_, i) => (i < nonzero ? random.sign() : 0)),
  );
}

export function regressionOf(design: Matrix, truth: Float64Array): SparseRegression {
  const { rows } = design;
  const gram = Float64Array.from({ length: rows * rows }, (_, at) =>
    dot(rowOf(design, Math.floor(at / rows)), rowOf(design, at % rows)),
  );
  return { design, truth, values: times(design, truth), gram: matrix(rows, rows, gram) };
}

export interface DiagonalFit {
  readonly steps: number;
  /** ‖Xw − y‖ / ‖y‖ where it stopped. */
  readonly residual: number;
  /** w = u^D − v^D */
  readonly weights: Float64Array;
  /** t(u), which gradient flow keeps in the row space of the design. */
  readonly integral: Float64Array;
}

export interface DiagonalOptions {
  readonly depth: number;
  /** α */
  readonly scale: number;
  readonly maxSteps: number;
  readonly tolerance?: number;
}

/**
 * Gradient descent with step 0.5 / (bound of the local curvature), until the residual is within the tolerance. With
 * L = ‖X‖² / n and m = max(u, v) the Hessian is at most 2 L D² m^{2D−2} + D (D − 1) m^{D−2} max|Xᵀ(Xw − y)| / n.
 */
export function fitDiagonal(problem: SparseRegression, options: DiagonalOptions): DiagonalFit {
  const { depth, scale, maxSteps, tolerance = 1e-7 } = options;
  const { design, values, gram } = problem;
  const n = design.rows;
  const d = design.columns;
  const sharpness = largestEigenvalue(gram) / n;
  const size = Math.sqrt(dot(values, values));
  const u = new Float64Array(d).fill(scale);
  const v = new Float64Array(d).fill(scale);
  const weights = new Float64Array(d);
  const residual = new Float64Array(n);
  const gradient = new Float64Array(d);
  let steps = 0;
  let left = 1;
  for (; ; steps++) {
    for (let i = 0; i < d; i++) weights[i] = power(u[i]!, depth) - power(v[i]!, depth);
    gradient.fill(0);
    for (let row = 0; row < n; row++) {
      const x = design.data.subarray(row * d, (row + 1) * d);
      let r = -values[row]!;
      for (let i = 0; i < d; i++) r += x[i]! * weights[i]!;
      residual[row] = r;
      for (let i = 0; i < d; i++) gradient[i]! += (r / n) * x[i]!;
    }
    left = Math.sqrt(dot(residual, residual)) / size;
    if (left < tolerance || steps === maxSteps) break;
    let most = 0;
    let steepest = 0;
    for (let i = 0; i < d; i++) {
      most = Math.max(most, u[i]!, v[i]!);
      steepest = Math.max(steepest, Math.abs(gradient[i]!));
    }
    const curvature =
      2 * sharpness * depth ** 2 * most ** (2 * depth - 2) + depth * (depth - 1) * steepest * most ** (depth - 2);
    const rate = (0.5 * depth) / curvature;
    for (let i = 0; i < d; i++) {
      u[i]! -= rate * gradient[i]! * power(u[i]!, depth - 1);
      v[i]! += rate * gradient[i]! * power(v[i]!, depth - 1);
    }
  }
  const integral = u.map((x) =>
    depth === 2 ? Math.log(scale / x) / 2 : (x ** (2 - depth) - scale ** (2 - depth)) / (depth * (depth - 2)),
  );
  return { steps, residual: left, weights, integral };
}

/** By multiplication, several times as fast as ** for the small powers here. */
function power(x: number, exponent: number): number {
  let result = 1;
  for (let i = 0; i < exponent; i++) result *= x;
  return result;
}

/** The fit of least ℓ2 norm: Xᵀ(XXᵀ)⁻¹y. */
export const leastSquaresFit = ({ design, values, gram }: SparseRegression): Float64Array =>
  transposedTimes(design, solve(gram, values));

/** ‖x − P x‖ / ‖x‖ for the projection P on the row space of the design. */
export function offRowSpace({ design, gram }: SparseRegression, x: Float64Array): number {
  return distance(x, transposedTimes(design, solve(gram, times(design, x)))) / Math.sqrt(dot(x, x));
}

export const distance = (a: Float64Array, b: Float64Array): number =>
  Math.sqrt(a.reduce((sum, x, i) => sum + (x - b[i]!) ** 2, 0));

export const absoluteSum = (x: Float64Array): number => x.reduce((sum, one) => sum + Math.abs(one), 0);

function solve(gram: Matrix, right: Float64Array): Float64Array {
  const lower = gram.data.slice();
  if (!factorInPlace(lower, gram.rows)) throw new Error('diagonal network: rows of the design depend on each other.');
  const solution = right.slice();
  solveInPlace(lower, gram.rows, solution);
  return solution;
}

/** By power iteration; within 1e-10 of the last value. A Gram matrix with all eigenvalues positive. */
function largestEigenvalue({ rows, data }: Matrix): number {
  let vector = new Float64Array(rows).fill(1 / Math.sqrt(rows));
  let value = 0;
  let previous = Infinity;
  while (Math.abs(value - previous) > 1e-10 * value) {
    previous = value;
    const next = times({ rows, columns: rows, data }, vector);
    value = Math.sqrt(dot(next, next));
    vector = next.map((x) => x / value);
  }
  return value;
}

const rowOf = ({ columns, data }: Matrix, row: number): Float64Array =>
  data.subarray(row * columns, (row + 1) * columns);

const times = (a: Matrix, x: Float64Array): Float64Array =>
  Float64Array.from({ length: a.rows }, (_, row) => dot(rowOf(a, row), x));

function transposedTimes(a: Matrix, x: Float64Array): Float64Array {
  const result = new Float64Array(a.columns);
  for (let row = 0; row < a.rows; row++) rowOf(a, row).forEach((entry, i) => (result[i]! += entry * x[row]!));
  return result;
}
