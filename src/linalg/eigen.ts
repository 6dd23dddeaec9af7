// Eigen-decomposition of a symmetric matrix, A = V·diag(values)·Vᵀ, float64, row-major:
//   1. Householder reflections make it tridiagonal, A = Q·T·Qᵀ;
//   2. implicit QL steps make T diagonal, and their rotations turn the columns of Q into V.
// Golub & Van Loan, sections 8.3.1 and 8.3.3; Bowdler, Martin, Reinsch & Wilkinson, "The QR and QL algorithms for symmetric matrices",
// Numer. Math. 11 (1968). All inner loops run along rows.
import { InputError } from '../errors.js';
import { requireSquare, type Matrix } from '../tensor/matrix.js';
import { exponentOf, timesPowerOfTwo } from '../tensor/square-sum.js';
import { dot } from './dot.js';
import { finished, isPauseDue } from '../yield.js';

export interface EigenResult {
  /** Largest first, [n]. */
  readonly values: Float64Array;
  /** Unit eigenvectors in the columns, in the order of `values`, [n, n]. */
  readonly vectors: Matrix;
}

/** QL steps per eigenvalue. Two are usual; the bound only guards against an endless loop. */
const maxSteps = 60;
/**
 * Rotations that are collected before they are applied, 128 KiB: they and four rows of V stay in the cache (Van Zee, van de Geijn &
 * Quintana-Ortí, "Restructuring the tridiagonal and bidiagonal QR algorithms for performance", ACM Trans. Math. Softw. 40, 2014).
 */
const maxRotations = 2 ** 13;
/** Beside entries of size 1, numbers that are zero for every purpose, with squares that do not underflow. */
const negligible = 2 ** -400;
/** Sums of two squares below this have lost digits to underflow. */
const smallSquare = 2 ** -900;

/**
 * Only symmetric input makes sense; the two triangles are averaged. Values are accurate to a few ε·‖A‖, and vectors orthonormal within
 * a few √n·ε. About 9·n³ flops.
 */
export const symmetricEigen = (a: Matrix): EigenResult => finished(symmetricEigenSteps(a));

/** symmetricEigen with pause points, for large matrices. */
export function* symmetricEigenSteps(a: Matrix): Generator<undefined, EigenResult> {
  const n = requireSquare('symmetricEigen', a);
  const exponent = largestExponent(a.data);
  const order = ascendingDiagonal(a);
  const work = symmetricPart(a, order, exponent);
  const tridiagonal = yield* tridiagonalize(work, n);
  const rotated = yield* reflectorProduct(work, tridiagonal.scales, n);
  yield* diagonalize(tridiagonal, rotated, n);
  return sorted(tridiagonal.diagonal, rotated, order, exponent);
}

/** T, and the reflectors I − scale·v·vᵀ that gave it: vector i is in row i of the work matrix, [0 … i − 1]. */
interface Tridiagonal {
  readonly diagonal: Float64Array;
  /** Entry i is T[i, i + 1]; the last is 0. */
  readonly offDiagonal: Float64Array;
  readonly scales: Float64Array;
}

/** The power of two to divide by, so that the largest entry is near 1; 0 for a zero matrix. */
function largestExponent(data: Float64Array): number {
  let largest = 0;
  for (const value of data) {
    if (!Number.isFinite(value)) {
      throw new InputError('symmetricEigen: expected finite entries, got NaN or Infinity. Check the matrix.');
    }
    largest = Math.max(largest, Math.abs(value));
  }
  return largest === 0 ? 0 : exponentOf(largest);
}

/**
 * Indices by the size of their diagonal entries, smallest first: the order in which small eigenvalues of a matrix with rows and columns
 * of very different size come out best (Martin, Reinsch & Wilkinson, "Householder's tridiagonalization of a symmetric matrix",
 * Numer. Math. 11, 1968).
 */
function ascendingDiagonal({ rows: n, data }: Matrix): Uint32Array {
  return new Uint32Array(n).map((_, i) => i).sort((i, j) => Math.abs(data[i * n + i]!) - Math.abs(data[j * n + j]!));
}

function symmetricPart({ rows: n, data }: Matrix, order: Uint32Array, exponent: number): Float64Array {
  const scaled = new Float64Array(n * n);
  const half = 2 ** Math.trunc(-exponent / 2);
  const rest = 2 ** (-exponent - Math.trunc(-exponent / 2));
  for (let i = 0; i < n; i++) {
    const row = order[i]! * n;
    for (let j = 0; j < n; j++) scaled[i * n + j] = data[row + order[j]!]! * half * rest;
  }
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) scaled[i * n + j] = (scaled[i * n + j]! + scaled[j * n + i]!) / 2;
  }
  return scaled;
}

/**
 * Reduces the lower triangle of A from the last row up. Reflector i takes row i to its last entry and changes the rows above:
 *   A ← A − v·wᵀ − w·vᵀ,   w = p − (scale/2)·(pᵀv)·v,   p = scale·A·v
 * One pass over the rows does the change by one reflector and the product A·v with the next. 4/3·n³ flops.
 */
function* tridiagonalize(a: Float64Array, n: number): Generator<undefined, Tridiagonal> {
  const diagonal = new Float64Array(n);
  const offDiagonal = new Float64Array(n);
  const scales = new Float64Array(n);
  let v = new Float64Array(n);
  let next = new Float64Array(n);
  let w = new Float64Array(n);
  let product = new Float64Array(n);
  for (let i = n - 1; i >= 0; i--) {
    const row = a.subarray(i * n, i * n + i + 1);
    for (let k = 0; k <= i; k++) row[k]! -= v[i]! * w[k]! + w[i]! * v[k]!;
    diagonal[i] = row[i]!;
    if (i === 0) break;
    const { scale, end } = makeReflector(row, i);
    scales[i] = scale;
    offDiagonal[i - 1] = end;
    next.set(row.subarray(0, i));
    product.fill(0, 0, i);
    changeAndMultiply(a, n, i, v, w, next, product);
    const shift = (scale * scale * dot(product, next, i)) / 2;
    for (let k = 0; k < i; k++) product[k] = scale * product[k]! - shift * next[k]!;
    const oldV = v;
    v = next;
    next = oldV;
    const oldW = w;
    w = product;
    product = oldW;
    if (isPauseDue(4 * i * i)) yield;
  }
  return { diagonal, offDiagonal, scales };
}

/**
 * Overwrites x [0 … i − 1] with v, v[i − 1] = 1, of the reflector that maps x to (0, …, 0, end). With scale 0 it is the identity and
 * nothing is overwritten: where x has that form already, up to entries that are negligible beside the matrix.
 */
function makeReflector(x: Float64Array, i: number): { scale: number; end: number } {
  const last = x[i - 1]!;
  const rest = dot(x, x, i - 1);
  if (rest < negligible * negligible) return { scale: 0, end: last };
  const end = (last < 0 ? 1 : -1) * Math.sqrt(rest + last * last);
  for (let k = 0; k < i - 1; k++) x[k]! /= last - end;
  x[i - 1] = 1;
  return { scale: (end - last) / end, end };
}

/** For the lower triangle of the first i rows: A ← A − v·wᵀ − w·vᵀ, then product += A·next. Two rows share the loads of the vectors. */
function changeAndMultiply(
  a: Float64Array,
  n: number,
  i: number,
  v: Float64Array,
  w: Float64Array,
  next: Float64Array,
  product: Float64Array,
): void {
  let j = 0;
  // An odd row first, so that pairs remain.
  if (i % 2 === 1) {
    a[0]! -= 2 * v[0]! * w[0]!;
    product[0] = a[0]! * next[0]!;
    j = 1;
  }
  for (; j < i; j += 2) {
    const first = j * n;
    const second = first + n;
    const v0 = v[j]!;
    const w0 = w[j]!;
    const u0 = next[j]!;
    const v1 = v[j + 1]!;
    const w1 = w[j + 1]!;
    const u1 = next[j + 1]!;
    let s0 = 0;
    let s1 = 0;
    for (let k = 0; k < j; k++) {
      const vk = v[k]!;
      const wk = w[k]!;
      const uk = next[k]!;
      const x0 = a[first + k]! - v0 * wk - w0 * vk;
      const x1 = a[second + k]! - v1 * wk - w1 * vk;
      a[first + k] = x0;
      a[second + k] = x1;
      s0 += x0 * uk;
      s1 += x1 * uk;
      product[k]! += u0 * x0 + u1 * x1;
    }
    const corner = a[first + j]! - 2 * v0 * w0;
    const side = a[second + j]! - v1 * w0 - w1 * v0;
    const end = a[second + j + 1]! - 2 * v1 * w1;
    a[first + j] = corner;
    a[second + j] = side;
    a[second + j + 1] = end;
    product[j]! += s0 + corner * u0 + side * u1;
    product[j + 1]! += s1 + side * u0 + end * u1;
  }
}

/**
 * Q, the product of the reflectors, [n, n]: reflector i turns the leading i × i block Z, Z ← Z − scale·v·gᵀ with g = Zᵀ·v, which then
 * grows by a row and column of I. One pass does that and the next g. 4/3·n³ flops.
 */
function* reflectorProduct(a: Float64Array, scales: Float64Array, n: number): Generator<undefined, Float64Array> {
  const z = new Float64Array(n * n);
  let g = new Float64Array(n);
  let nextG = new Float64Array(n);
  const v = new Float64Array(n);
  const next = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const scale = scales[i]!;
    for (let k = 0; k < i; k++) v[k] = scale * a[i * n + k]!;
    if (i + 1 < n) next.set(a.subarray((i + 1) * n, (i + 1) * n + i + 1));
    nextG.fill(0, 0, i);
    turnAndMultiply(z, n, i, v, g, next, nextG);
    z[i * n + i] = 1;
    nextG[i] = next[i]!;
    const old = g;
    g = nextG;
    nextG = old;
    if (isPauseDue(4 * i * i)) yield;
  }
  return z;
}

/** For the leading i × i block: Z ← Z − v·gᵀ, then nextG += Zᵀ·next. Four rows share the loads of the vectors. */
function turnAndMultiply(
  z: Float64Array,
  n: number,
  i: number,
  v: Float64Array,
  g: Float64Array,
  next: Float64Array,
  nextG: Float64Array,
): void {
  let k = 0;
  for (; k + 3 < i; k += 4) {
    const v0 = v[k]!;
    const v1 = v[k + 1]!;
    const v2 = v[k + 2]!;
    const v3 = v[k + 3]!;
    const u0 = next[k]!;
    const u1 = next[k + 1]!;
    const u2 = next[k + 2]!;
    const u3 = next[k + 3]!;
    const r0 = k * n;
    const r1 = r0 + n;
    const r2 = r1 + n;
    const r3 = r2 + n;
    for (let j = 0; j < i; j++) {
      const gj = g[j]!;
      const z0 = z[r0 + j]! - v0 * gj;
      const z1 = z[r1 + j]! - v1 * gj;
      const z2 = z[r2 + j]! - v2 * gj;
      const z3 = z[r3 + j]! - v3 * gj;
      z[r0 + j] = z0;
      z[r1 + j] = z1;
      z[r2 + j] = z2;
      z[r3 + j] = z3;
      nextG[j]! += u0 * z0 + u1 * z1 + (u2 * z2 + u3 * z3);
    }
  }
  for (; k < i; k++) {
    for (let j = 0; j < i; j++) {
      const value = z[k * n + j]! - v[k]! * g[j]!;
      z[k * n + j] = value;
      nextG[j]! += next[k]! * value;
    }
  }
}

/** Rotations of neighboring columns, in the order in which they turn them: sweep s takes columns tops[s], tops[s] − 1, … in pairs. */
interface Rotations {
  readonly cosines: Float64Array;
  readonly sines: Float64Array;
  count: number;
  readonly tops: number[];
  readonly lengths: number[];
}

/** Makes T diagonal by implicit QL steps with Wilkinson's shift, and turns the columns of Z along. About 5·n³ flops. */
function* diagonalize(t: Tridiagonal, z: Float64Array, n: number): Generator<undefined, void> {
  // A small matrix takes about n² rotations in all.
  const limit = Math.min(maxRotations, 2 * n * n);
  const rotations: Rotations = {
    cosines: new Float64Array(limit + n),
    sines: new Float64Array(limit + n),
    count: 0,
    tops: [],
    lengths: [],
  };
  for (let low = 0; low < n; low++) {
    for (let step = 0; step < maxSteps; step++) {
      const high = blockEnd(t, low, n);
      if (high === low) break;
      stepQL(t, low, high, rotations);
      if (rotations.count >= limit) yield* turnColumns(z, n, rotations);
    }
  }
  yield* turnColumns(z, n, rotations);
}

/** The last index of the block from `low` on that no negligible off-diagonal entry divides. */
function blockEnd({ diagonal, offDiagonal }: Tridiagonal, low: number, n: number): number {
  for (let i = low; i < n - 1; i++) {
    const scale = Math.abs(diagonal[i]!) + Math.abs(diagonal[i + 1]!);
    if (Math.abs(offDiagonal[i]!) <= Number.EPSILON * scale + negligible) return i;
  }
  return n - 1;
}

function stepQL({ diagonal: d, offDiagonal: e }: Tridiagonal, low: number, high: number, rotations: Rotations): void {
  const ratio = (d[low + 1]! - d[low]!) / (2 * e[low]!);
  let g = d[high]! - d[low]! + e[low]! / (ratio + (ratio < 0 ? -1 : 1) * Math.sqrt(1 + ratio * ratio));
  let sine = 1;
  let cosine = 1;
  let change = 0;
  const start = rotations.count;
  let at = start;
  let i = high - 1;
  for (; i >= low; i--) {
    const f = sine * e[i]!;
    const b = cosine * e[i]!;
    const square = f * f + g * g;
    const r = square > smallSquare ? Math.sqrt(square) : Math.hypot(f, g);
    e[i + 1] = r;
    // The block divides here.
    if (r === 0) break;
    sine = f / r;
    cosine = g / r;
    g = d[i + 1]! - change;
    const q = (d[i]! - g) * sine + 2 * cosine * b;
    change = sine * q;
    d[i + 1] = g + change;
    g = cosine * q - b;
    rotations.cosines[at] = cosine;
    rotations.sines[at] = sine;
    at++;
  }
  d[i + 1]! -= change;
  if (i < low) e[low] = g;
  e[high] = 0;
  rotations.count = at;
  rotations.tops.push(high);
  rotations.lengths.push(at - start);
}

/** Applies all rotations to all rows of Z and forgets them. */
function* turnColumns(z: Float64Array, n: number, rotations: Rotations): Generator<undefined, void> {
  for (let row = 0; row < n; row += 4) {
    if (row + 3 < n) turnFourRows(z, n, row, rotations);
    else for (let last = row; last < n; last++) turnRow(z, n, last, rotations);
    if (isPauseDue(24 * rotations.count)) yield;
  }
  rotations.count = 0;
  rotations.tops.length = 0;
  rotations.lengths.length = 0;
}

function turnFourRows(z: Float64Array, n: number, row: number, { cosines, sines, tops, lengths }: Rotations): void {
  let at = 0;
  for (let sweep = 0; sweep < tops.length; sweep++) {
    let p0 = row * n + tops[sweep]!;
    let p1 = p0 + n;
    let p2 = p1 + n;
    let p3 = p2 + n;
    let x0 = z[p0]!;
    let x1 = z[p1]!;
    let x2 = z[p2]!;
    let x3 = z[p3]!;
    for (const end = at + lengths[sweep]!; at < end; at++, p0--, p1--, p2--, p3--) {
      const c = cosines[at]!;
      const s = sines[at]!;
      const y0 = z[p0 - 1]!;
      const y1 = z[p1 - 1]!;
      const y2 = z[p2 - 1]!;
      const y3 = z[p3 - 1]!;
      z[p0] = s * y0 + c * x0;
      z[p1] = s * y1 + c * x1;
      z[p2] = s * y2 + c * x2;
      z[p3] = s * y3 + c * x3;
      x0 = c * y0 - s * x0;
      x1 = c * y1 - s * x1;
      x2 = c * y2 - s * x2;
      x3 = c * y3 - s * x3;
    }
    z[p0] = x0;
    z[p1] = x1;
    z[p2] = x2;
    z[p3] = x3;
  }
}

function turnRow(z: Float64Array, n: number, row: number, { cosines, sines, tops, lengths }: Rotations): void {
  let at = 0;
  for (let sweep = 0; sweep < tops.length; sweep++) {
    let p = row * n + tops[sweep]!;
    let x = z[p]!;
    for (const end = at + lengths[sweep]!; at < end; at++, p--) {
      const y = z[p - 1]!;
      z[p] = sines[at]! * y + cosines[at]! * x;
      x = cosines[at]! * y - sines[at]! * x;
    }
    z[p] = x;
  }
}

/** Eigenvalues largest first and their vectors, in the order and scale of the matrix that was given. */
function sorted(diagonal: Float64Array, z: Float64Array, rows: Uint32Array, exponent: number): EigenResult {
  const n = diagonal.length;
  const order = new Uint32Array(n).map((_, i) => i).sort((i, j) => diagonal[j]! - diagonal[i]!);
  const data = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const to = rows[i]! * n;
    for (let k = 0; k < n; k++) data[to + k] = z[i * n + order[k]!]!;
  }
  return {
    values: Float64Array.from(order, (from) => timesPowerOfTwo(diagonal[from]!, exponent)),
    vectors: { rows: n, columns: n, data },
  };
}
