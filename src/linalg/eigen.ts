// Eigen-decomposition of a symmetric matrix, A = V·diag(values)·Vᵀ, float64, row-major:
//   1. Householder reflections make it tridiagonal, A = Q·T·Qᵀ;
//   2. implicit QL steps make T diagonal, T = G·diag(values)·Gᵀ with G the product of their rotations;
//   3. V = Q·G, column by column: those that are wanted.
// Golub & Van Loan, sections 8.3.1 and 8.3.3; Bowdler, Martin, Reinsch & Wilkinson, "The QR and QL algorithms for symmetric matrices",
// Numer. Math. 11 (1968); keeping the rotations: Van Zee, van de Geijn & Quintana-Ortí, "Restructuring the tridiagonal and bidiagonal QR
// algorithms for performance", ACM Trans. Math. Softw. 40 (2014). All inner loops run along rows.
import { InputError } from '../errors.js';
import { requireSquare, type Matrix } from '../tensor/matrix.js';
import { exponentOf, timesPowerOfTwo } from '../tensor/square-sum.js';
import { dot } from './dot.js';
import { finished, isPauseDue, type Work } from '../yield.js';

export interface EigenResult {
  /** Largest first, [n]. */
  readonly values: Float64Array;
  /** Unit eigenvectors in the columns, in the order of `values`, [n, n]. */
  readonly vectors: Matrix;
}

/** QL steps per eigenvalue. Two are usual; the bound only guards against an endless loop. */
const maxSteps = 60;
/** Beside entries of size 1, numbers that are zero for every purpose, with squares that do not underflow. */
const negligible = 2 ** -400;
/** Sums of two squares below this have lost digits to underflow. */
const smallSquare = 2 ** -900;

/** Eigenvalues, with vectors of those that are wanted. */
export interface SymmetricSpectrum {
  /** Largest first, [n]. */
  readonly values: Float64Array;
  /** Unit eigenvectors of the `count` largest values in the columns, [n, count]. About 8 · count · n² flops. */
  readonly vectors: (count: number) => Work<Matrix>;
}

/**
 * Only symmetric input makes sense; the two triangles are averaged. Values are accurate to a few ε·‖A‖, and vectors orthonormal within
 * a few √n·ε. About 9·n³ flops.
 */
export const symmetricEigen = (a: Matrix): EigenResult => finished(symmetricEigenSteps(a));

/** symmetricEigen with pause points, for large matrices. */
export function* symmetricEigenSteps(a: Matrix): Work<EigenResult> {
  const { values, vectors } = yield* symmetricSpectrum(a);
  return { values, vectors: yield* vectors(a.rows) };
}

/** symmetricEigen with as many vectors as are asked for later. 4/3·n³ flops, and 8 · count · n² for the vectors. */
export function* symmetricSpectrum(a: Matrix): Work<SymmetricSpectrum> {
  const n = requireSquare('symmetricEigen', a);
  const exponent = largestExponent(a.data);
  const rows = ascendingDiagonal(a);
  const work = symmetricPart(a, rows, exponent);
  const tridiagonal = yield* tridiagonalize(work, n);
  const rotations = yield* diagonalize(tridiagonal, n);
  const { diagonal, scales } = tridiagonal;
  const order = new Uint32Array(n).map((_, i) => i).sort((i, j) => diagonal[j]! - diagonal[i]!);
  return {
    values: Float64Array.from(order, (from) => timesPowerOfTwo(diagonal[from]!, exponent)),
    *vectors(count) {
      const turned = new Float64Array(count * n);
      for (let k = 0; k < count; k++) turned[k * n + order[k]!] = 1;
      yield* turnBack(turned, n, rotations);
      yield* reflect(turned, n, work, scales);
      const data = new Float64Array(n * count);
      for (let i = 0; i < n; i++) {
        const to = rows[i]! * count;
        for (let k = 0; k < count; k++) data[to + k] = turned[k * n + i]!;
      }
      return { rows: n, columns: count, data };
    },
  };
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
function* tridiagonalize(a: Float64Array, n: number): Work<Tridiagonal> {
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
 * Applies Q = H_{n−1} ⋯ H_1 to rows of length n, H_i = I − scale·v·vᵀ on the first i entries. Four rows share the loads of v. 2·n² flops
 * per row.
 */
function* reflect(x: Float64Array, n: number, reflectors: Float64Array, scales: Float64Array): Work<void> {
  const count = x.length / n;
  for (let i = 1; i < n; i++) {
    const scale = scales[i]!;
    if (scale === 0) continue;
    const v = reflectors.subarray(i * n, i * n + i);
    let row = 0;
    for (; row + 3 < count; row += 4) reflectFourRows(x, n, row, v, scale);
    for (; row < count; row++) {
      const at = row * n;
      const product = scale * dot(v, x, i, 0, at);
      for (let k = 0; k < i; k++) x[at + k]! -= product * v[k]!;
    }
    if (isPauseDue(4 * i * count)) yield;
  }
}

function reflectFourRows(x: Float64Array, n: number, row: number, v: Float64Array, scale: number): void {
  const p0 = row * n;
  const p1 = p0 + n;
  const p2 = p1 + n;
  const p3 = p2 + n;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let k = 0; k < v.length; k++) {
    const vk = v[k]!;
    s0 += vk * x[p0 + k]!;
    s1 += vk * x[p1 + k]!;
    s2 += vk * x[p2 + k]!;
    s3 += vk * x[p3 + k]!;
  }
  s0 *= scale;
  s1 *= scale;
  s2 *= scale;
  s3 *= scale;
  for (let k = 0; k < v.length; k++) {
    const vk = v[k]!;
    x[p0 + k]! -= s0 * vk;
    x[p1 + k]! -= s1 * vk;
    x[p2 + k]! -= s2 * vk;
    x[p3 + k]! -= s3 * vk;
  }
}

/** Rotations of neighboring axes in their order: sweep s turns axes tops[s] and tops[s] − 1, then the next lower pair, and so on. */
interface Rotations {
  cosines: Float64Array;
  sines: Float64Array;
  count: number;
  readonly tops: number[];
  readonly lengths: number[];
}

/** Makes T diagonal by implicit QL steps with Wilkinson's shift; gives their rotations, some n² of them. */
function* diagonalize(t: Tridiagonal, n: number): Work<Rotations> {
  const room = (n * (n + 1)) / 2;
  const rotations: Rotations = {
    cosines: new Float64Array(room),
    sines: new Float64Array(room),
    count: 0,
    tops: [],
    lengths: [],
  };
  for (let low = 0; low < n; low++) {
    for (let step = 0; step < maxSteps; step++) {
      const high = blockEnd(t, low, n);
      if (high === low) break;
      if (rotations.count + n > rotations.cosines.length) makeRoom(rotations, n);
      stepQL(t, low, high, rotations);
      if (isPauseDue(20 * (high - low))) yield;
    }
  }
  return rotations;
}

function makeRoom(rotations: Rotations, n: number): void {
  const length = Math.ceil(1.5 * rotations.cosines.length) + n;
  const longer = (from: Float64Array): Float64Array => {
    const out = new Float64Array(length);
    out.set(from);
    return out;
  };
  rotations.cosines = longer(rotations.cosines);
  rotations.sines = longer(rotations.sines);
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

/** Applies the product of all rotations to rows of length n, the last rotation first. 6 flops per rotation and row. */
function* turnBack(x: Float64Array, n: number, rotations: Rotations): Work<void> {
  const count = x.length / n;
  const { tops, lengths } = rotations;
  for (let row = 0; row < count; row += 4) {
    for (let sweep = tops.length - 1, end = rotations.count; sweep >= 0; sweep--) {
      const top = tops[sweep]!;
      const length = lengths[sweep]!;
      if (row + 3 < count) turnFourRows(x, row * n + top - length, n, rotations, end, length);
      else for (let last = row; last < count; last++) turnRow(x, last * n + top - length, rotations, end, length);
      end -= length;
      if (isPauseDue(24 * length)) yield;
    }
  }
}

/** The `length` rotations before `end`, backwards, from the pair at `from` on. */
function turnRow(x: Float64Array, from: number, { cosines, sines }: Rotations, end: number, length: number): void {
  let y = x[from]!;
  for (let t = 1; t <= length; t++) {
    const c = cosines[end - t]!;
    const s = sines[end - t]!;
    const next = x[from + t]!;
    x[from + t - 1] = c * y + s * next;
    y = c * next - s * y;
  }
  x[from + length] = y;
}

/** The same for this row and the three below, which share the loads of the rotations. */
function turnFourRows(
  x: Float64Array,
  from: number,
  n: number,
  { cosines, sines }: Rotations,
  end: number,
  length: number,
): void {
  let p0 = from;
  let p1 = p0 + n;
  let p2 = p1 + n;
  let p3 = p2 + n;
  let y0 = x[p0]!;
  let y1 = x[p1]!;
  let y2 = x[p2]!;
  let y3 = x[p3]!;
  for (let at = end - 1; at >= end - length; at--, p0++, p1++, p2++, p3++) {
    const c = cosines[at]!;
    const s = sines[at]!;
    const x0 = x[p0 + 1]!;
    const x1 = x[p1 + 1]!;
    const x2 = x[p2 + 1]!;
    const x3 = x[p3 + 1]!;
    x[p0] = c * y0 + s * x0;
    x[p1] = c * y1 + s * x1;
    x[p2] = c * y2 + s * x2;
    x[p3] = c * y3 + s * x3;
    y0 = c * x0 - s * y0;
    y1 = c * x1 - s * y1;
    y2 = c * x2 - s * y2;
    y3 = c * x3 - s * y3;
  }
  x[p0] = y0;
  x[p1] = y1;
  x[p2] = y2;
  x[p3] = y3;
}
