// Eigenvalues of a real square matrix: balancing, reduction to Hessenberg form by Householder reflections, and Francis' double-shift QR
// steps, which stay real and give complex eigenvalues in exactly conjugate pairs. Golub & Van Loan, sections 7.4.2, 7.5.6 and 7.5.7.
// Used by pencil.ts, which needs the values only.

export interface Eigenvalues {
  /** [n], in no particular order; a conjugate pair stands side by side, the positive imaginary part first. */
  readonly real: Float64Array;
  /** [n] */
  readonly imaginary: Float64Array;
}

/** QR steps per eigenvalue. Two or three are usual. */
const maxSteps = 60;
/** After as many steps without an eigenvalue, one step takes another shift: the usual ones may go round in circles. */
const stepsPerExceptionalShift = 10;

/** Overwrites A [n, n]. Undefined where A is not finite or the steps do not converge. About 10·n³ flops. */
export function generalEigenvalues(a: Float64Array, n: number): Eigenvalues | undefined {
  if (!a.every(Number.isFinite)) return undefined;
  balance(a, n);
  reduceToHessenberg(a, n);
  const real = new Float64Array(n);
  const imaginary = new Float64Array(n);
  let high = n - 1;
  for (let step = 1; high >= 0; step++) {
    const low = blockStart(a, n, high);
    if (low >= high - 1) {
      if (low === high) real[high] = a[high * n + high]!;
      else pairOf(a, n, low, real, imaginary);
      high = low - 1;
      step = 0;
    } else {
      if (step > maxSteps) return undefined;
      stepQR(a, n, low, high, step % stepsPerExceptionalShift === 0);
    }
  }
  return { real, imaginary };
}

/**
 * D⁻¹·A·D for the powers of two that make each row about as large as its column (Parlett & Reinsch, "Balancing a matrix for calculation
 * of eigenvalues and eigenvectors", Numer. Math. 13, 1969). Exact.
 */
function balance(a: Float64Array, n: number): void {
  for (let changed = true; changed;) {
    changed = false;
    for (let i = 0; i < n; i++) {
      let row = 0;
      let column = 0;
      for (let k = 0; k < n; k++) {
        if (k === i) continue;
        row += Math.abs(a[i * n + k]!);
        column += Math.abs(a[k * n + i]!);
      }
      if (row === 0 || column === 0) continue;
      const factor = 2 ** Math.round(Math.log2(row / column) / 2);
      if (!(column * factor + row / factor < 0.95 * (column + row))) continue;
      changed = true;
      for (let k = 0; k < n; k++) {
        a[i * n + k]! /= factor;
        a[k * n + i]! *= factor;
      }
    }
  }
}

/** Zeros below the subdiagonal, by a similarity. 10/3·n³ flops. */
function reduceToHessenberg(a: Float64Array, n: number): void {
  const v = new Float64Array(n);
  for (let k = 0; k < n - 2; k++) {
    for (let i = k + 1; i < n; i++) v[i] = a[i * n + k]!;
    const scale = makeReflector(v, k + 1, n);
    reflectRows(a, n, v, scale, k + 1, n, k, n);
    reflectColumns(a, n, v, scale, k + 1, n, 0, n);
    for (let i = k + 2; i < n; i++) a[i * n + k] = 0;
  }
}

/** Overwrites x [from … end − 1] with v of the reflector I − scale·v·vᵀ that maps it to a multiple of the first axis; v[from] = 1. */
function makeReflector(x: Float64Array, from: number, end: number): number {
  let largest = 0;
  for (let i = from; i < end; i++) largest = Math.max(largest, Math.abs(x[i]!));
  const first = x[from]!;
  if (largest === 0) return 0;
  let squares = 0;
  for (let i = from; i < end; i++) squares += (x[i]! / largest) ** 2;
  const image = (first < 0 ? 1 : -1) * largest * Math.sqrt(squares);
  x[from] = 1;
  for (let i = from + 1; i < end; i++) x[i]! /= first - image;
  return (image - first) / image;
}

/** A ← (I − scale·v·vᵀ)·A on rows from … end − 1, in columns first … last − 1. */
function reflectRows(
  a: Float64Array,
  n: number,
  v: Float64Array,
  scale: number,
  from: number,
  end: number,
  first: number,
  last: number,
): void {
  for (let j = first; j < last; j++) {
    let product = 0;
    for (let i = from; i < end; i++) product += v[i]! * a[i * n + j]!;
    product *= scale;
    for (let i = from; i < end; i++) a[i * n + j]! -= product * v[i]!;
  }
}

/** A ← A·(I − scale·v·vᵀ) on columns from … end − 1, in rows first … last − 1. */
function reflectColumns(
  a: Float64Array,
  n: number,
  v: Float64Array,
  scale: number,
  from: number,
  end: number,
  first: number,
  last: number,
): void {
  for (let i = first; i < last; i++) {
    let product = 0;
    for (let j = from; j < end; j++) product += v[j]! * a[i * n + j]!;
    product *= scale;
    for (let j = from; j < end; j++) a[i * n + j]! -= product * v[j]!;
  }
}

/** The first row of the block that ends in row `high`: the subdiagonal entry before it is negligible, and set to zero. */
function blockStart(h: Float64Array, n: number, high: number): number {
  let low = high;
  for (; low > 0; low--) {
    const scale = Math.abs(h[low * n + low]!) + Math.abs(h[(low - 1) * n + low - 1]!);
    if (Math.abs(h[low * n + low - 1]!) <= Number.EPSILON * scale) break;
  }
  return low;
}

/** Eigenvalues of the 2 × 2 block that begins in row `low`: p ± √q. */
function pairOf(h: Float64Array, n: number, low: number, real: Float64Array, imaginary: Float64Array): void {
  const a = h[low * n + low]!;
  const b = h[low * n + low + 1]!;
  const c = h[(low + 1) * n + low]!;
  const d = h[(low + 1) * n + low + 1]!;
  const p = (a + d) / 2;
  const half = (a - d) / 2;
  const q = half * half + b * c;
  const root = Math.sqrt(Math.abs(q));
  if (q < 0) {
    real.fill(p, low, low + 2);
    imaginary[low] = root;
    imaginary[low + 1] = -root;
    return;
  }
  // The larger one without cancellation, the other one from it: (a − λ₁)·(a − λ₂) = −b·c.
  const shift = half + (half < 0 ? -root : root);
  real[low] = d + shift;
  real[low + 1] = shift === 0 ? d : d - (b * c) / shift;
}

/** One double-shift QR step on rows and columns low … high, at least three. */
function stepQR(h: Float64Array, n: number, low: number, high: number, exceptional: boolean): void {
  const { sum, product } = exceptional ? exceptionalShifts(h, n, high) : lastPair(h, n, high);
  const at = low * n + low;
  const next = at + n + 1;
  const v = new Float64Array(n);
  // First column of (H − shift₁)·(H − shift₂).
  v[low] = h[at]! * (h[at]! - sum) + product + h[at + 1]! * h[at + n]!;
  v[low + 1] = h[at + n]! * (h[at]! + h[next]! - sum);
  v[low + 2] = h[at + n]! * h[next + n]!;
  for (let k = low; k < high; k++) {
    const end = Math.min(k + 3, high + 1);
    if (k > low) for (let i = k; i < end; i++) v[i] = h[i * n + k - 1]!;
    const scale = makeReflector(v, k, end);
    reflectRows(h, n, v, scale, k, end, Math.max(low, k - 1), high + 1);
    reflectColumns(h, n, v, scale, k, end, low, Math.min(k + 3, high) + 1);
    if (k > low) for (let i = k + 1; i < end; i++) h[i * n + k - 1] = 0;
  }
}

/** Sum and product of the eigenvalues of the last 2 × 2 block. */
function lastPair(h: Float64Array, n: number, high: number): { sum: number; product: number } {
  const at = (high - 1) * n + high - 1;
  const a = h[at]!;
  const d = h[at + n + 1]!;
  return { sum: a + d, product: a * d - h[at + 1]! * h[at + n]! };
}

/** Those of LAPACK's dlahqr: a complex pair about as far from the last diagonal entry as the last subdiagonal entries are large. */
function exceptionalShifts(h: Float64Array, n: number, high: number): { sum: number; product: number } {
  const last = h[high * n + high]!;
  const size = Math.abs(h[high * n + high - 1]!) + Math.abs(h[(high - 1) * n + high - 2]!);
  const real = last + 0.75 * size;
  return { sum: 2 * real, product: real * real + 0.4375 * size * size };
}
