// Eigenvectors of a pencil of two real matrices, A·w = λ·B·w. Two mixtures of the slices of a CP model, A = P·D₁·Qᵀ and B = P·D₂·Qᵀ,
// have the columns of Q⁻ᵀ as eigenvectors: the algebraic start of CP (Sanchez & Kowalski, "Tensorial resolution: a direct trilinear
// decomposition", J. Chemometrics 4, 1990; Leurgans, Ross & Abel, "A decomposition for three-way arrays", SIAM J. Matrix Anal. 14, 1993).
//
// Rotated combinations, N = cos θ·A − sin θ·B and M = cos θ·B + sin θ·A, have the same eigenvectors. Of a few angles the one with the
// best conditioned M is taken, so that neither A nor B has to be regular. Only the eigenvalues come from M⁻¹; the vectors come from inverse
// iteration with N − μ·M, which forgives errors of μ that are small beside the distance of eigenvalues (Golub & Van Loan, section 7.6.1).
import { InputError } from '../errors.js';
import { randomStream } from '../random/stream.js';
import { requireSquare, transpose, type Matrix } from '../tensor/matrix.js';
import { euclideanNorm } from '../tensor/square-sum.js';
import { identity } from './algebra.js';
import { finished, isPauseDue, type Work } from '../yield.js';
import { dot } from './dot.js';
import { generalEigenvalues, type Eigenvalues } from './general-eigen.js';
import { luInPlace, luSolveInPlace } from './lu.js';

/** Angles between 0 and π. A pencil of n distinct λ is singular for n angles at most, and close to that at few. */
const angles = 8;

/**
 * W [n, n] with unit columns, in no particular order: A·w = λ·B·w. For a pair of conjugate eigenvalues the two columns are the real and
 * the imaginary part of one complex vector, of the phase that makes them orthogonal; they span the pair's plane. Where eigenvalues
 * coincide, the columns are some vectors of the space that belongs to them. Undefined where A or B is not finite, where det(A − λ·B) is 0
 * for all λ within rounding, and where the eigenvalues do not converge. A column's error is about ε·cond(P)·cond(Q) over the distance of
 * its eigenvalue to the others (above for P and Q). About 40·n³ + 2/3·n⁴ flops, 8/3·n⁴ where all eigenvalues are complex.
 */
export const pencilVectors = (a: Matrix, b: Matrix): Matrix | undefined => finished(pencilSteps(a, b));

/** The same with pauses. */
export function* pencilSteps(a: Matrix, b: Matrix): Work<Matrix | undefined> {
  const n = requireSquare('pencilVectors', a);
  if (b.rows !== n || b.columns !== n) {
    throw new InputError(`pencilVectors: expected two n × n matrices, got ${n} × ${n} and ${b.rows} × ${b.columns}.`);
  }
  const first = scaled(a.data);
  const second = scaled(b.data);
  const pencil = first && second && (yield* bestRotation(first, second, n));
  if (!pencil) return undefined;
  const values = pencilValues(pencil, n);
  if (isPauseDue(40 * n ** 3)) yield;
  if (!values) return undefined;
  const vectors = new Float64Array(n * n);
  for (let k = 0; k < n; k++) {
    const mu = { real: values.real[k]!, imaginary: values.imaginary[k]! };
    const parts = inverseIteration(pencil, n, mu, k);
    if (isPauseDue((parts.length ** 3 * 2 * n ** 3) / 3)) yield;
    parts.forEach((part, p) => {
      for (let i = 0; i < n; i++) vectors[i * n + k + p] = part[i]!;
    });
    k += parts.length - 1;
  }
  return vectors.every(Number.isFinite) ? { rows: n, columns: n, data: vectors } : undefined;
}

/** N and M, of norms near 1. */
interface Pencil {
  readonly numerator: Float64Array;
  readonly denominator: Float64Array;
}

interface Complex {
  readonly real: number;
  readonly imaginary: number;
}

/** Divided by its norm, which moves the eigenvalues and not the vectors; undefined where it is not finite. */
function scaled(data: Float64Array): Float64Array | undefined {
  if (!data.every(Number.isFinite)) return undefined;
  const largest = data.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  if (largest === 0) return data;
  return unit(data.map((value) => value / largest));
}

/** Undefined where no angle gives an M that is regular beyond rounding. */
function* bestRotation(a: Float64Array, b: Float64Array, n: number): Work<Pencil | undefined> {
  let best: Pencil | undefined;
  let bestCondition = 1 / (n * Number.EPSILON);
  for (let k = 0; k < angles; k++) {
    const cosine = Math.cos((k * Math.PI) / angles);
    const sine = Math.sin((k * Math.PI) / angles);
    const denominator = combined(b, cosine, a, sine);
    const condition = euclideanNorm(denominator) * euclideanNorm(quotient(denominator, identity(n).data, n));
    if (isPauseDue(3 * n ** 3)) yield;
    if (!(condition < bestCondition)) continue;
    best = { numerator: combined(a, cosine, b, -sine), denominator };
    bestCondition = condition;
  }
  return best;
}

/**
 * Eigenvalues of M⁻¹·N or of N·M⁻¹, which are the same numbers: of the smaller of the two, for rounding errors are in proportion to it.
 * With N = P·D₁·Qᵀ and M = P·D₂·Qᵀ one has the eigenvectors Q⁻ᵀ and the other P.
 */
function pencilValues({ numerator, denominator }: Pencil, n: number): Eigenvalues | undefined {
  const left = quotient(denominator, numerator, n);
  const right = quotient(transposed(denominator, n), transposed(numerator, n), n);
  return generalEigenvalues(euclideanNorm(left) < euclideanNorm(right) ? left : right, n);
}

/** M⁻¹·N */
function quotient(denominator: Float64Array, numerator: Float64Array, n: number): Float64Array {
  const lu = denominator.slice();
  const exchanges = luInPlace(lu, n);
  const solution = numerator.slice();
  luSolveInPlace(lu, exchanges, n, solution, n);
  return solution;
}

const transposed = (data: Float64Array, n: number): Float64Array => transpose({ rows: n, columns: n, data }).data;

const combined = (x: Float64Array, alpha: number, y: Float64Array, beta: number): Float64Array =>
  x.map((value, at) => alpha * value + beta * y[at]!);

/**
 * The unit eigenvector of N − μ·M, or the two vectors of a complex one, which is computed as [real part; imaginary part] with real
 * matrices of twice the size. A solve takes (N − μ·M)·x = M·(last x), which weakens every other eigenvector by its |λ − μ|; twice, for a
 * first x that may have little of this one.
 */
function inverseIteration({ numerator, denominator }: Pencil, n: number, mu: Complex, seed: number): Float64Array[] {
  const size = mu.imaginary === 0 ? n : 2 * n;
  const lu = shiftedPencil(numerator, denominator, n, size, mu);
  // Beside N and μ·M, whose norms are about 1 and |μ|, a pivot of that size is rounding.
  const exchanges = luInPlace(lu, size, Number.EPSILON * (1 + Math.hypot(mu.real, mu.imaginary)));
  let x: Float64Array = randomStream(1 + seed).fillNormal(new Float64Array(size));
  for (let solve = 0; solve < 2; solve++) {
    x = timesParts(denominator, n, x);
    luSolveInPlace(lu, exchanges, size, x);
    x = unit(x);
  }
  return size === n ? [x] : orthogonalParts(x, n);
}

function unit(x: Float64Array): Float64Array {
  const norm = euclideanNorm(x);
  return x.map((value) => value / norm);
}

/** N − μ·M as a real matrix [size, size]: with α + iβ = μ it is N − α·M, or [N − α·M, β·M; −β·M, N − α·M]. */
function shiftedPencil(
  numerator: Float64Array,
  denominator: Float64Array,
  n: number,
  size: number,
  mu: Complex,
): Float64Array {
  const data = new Float64Array(size * size);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const m = denominator[i * n + j]!;
      const value = numerator[i * n + j]! - mu.real * m;
      data[i * size + j] = value;
      if (size === n) continue;
      data[i * size + n + j] = mu.imaginary * m;
      data[(n + i) * size + j] = -mu.imaginary * m;
      data[(n + i) * size + n + j] = value;
    }
  }
  return data;
}

/** The product of a real matrix with x, or with both of its parts. */
function timesParts(a: Float64Array, n: number, x: Float64Array): Float64Array {
  return x.map((_, at) => dot(a, x, n, (at % n) * n, at - (at % n)));
}

/** Real and imaginary part of e^{iφ}·x with the φ that makes them orthogonal, as unit vectors. */
function orthogonalParts(x: Float64Array, n: number): Float64Array[] {
  const real = x.subarray(0, n);
  const imaginary = x.subarray(n);
  const phase = Math.atan2(-2 * dot(real, imaginary), dot(real, real) - dot(imaginary, imaginary)) / 2;
  const cosine = Math.cos(phase);
  const sine = Math.sin(phase);
  return [unit(combined(real, cosine, imaginary, -sine)), unit(combined(imaginary, cosine, real, sine))];
}
