// LU factorization with partial pivoting of a square matrix and the solve with it, float64, on one flat row-major array.
// Golub & Van Loan, algorithm 3.4.1.

/**
 * Overwrites A [n, n] with L (unit diagonal, not stored) and U of the matrix with its rows exchanged; returns the row that each step
 * exchanged with its own. A pivot below `minPivot` in size becomes minPivot: the exact factors of a matrix that differs by as much.
 * With 0 a singular matrix gets infinite solutions. Cost 2/3·n³.
 */
export function luInPlace(a: Float64Array, n: number, minPivot = 0): Uint32Array {
  const exchanges = new Uint32Array(n);
  for (let k = 0; k < n; k++) {
    const best = pivotRow(a, n, k);
    exchanges[k] = best;
    if (best !== k) exchangeRows(a, n, k, best);
    if (Math.abs(a[k * n + k]!) < minPivot) a[k * n + k] = minPivot;
    const pivot = a[k * n + k]!;
    for (let i = k + 1; i < n; i++) {
      const factor = a[i * n + k]! / pivot;
      a[i * n + k] = factor;
      if (factor === 0) continue;
      for (let j = k + 1; j < n; j++) a[i * n + j]! -= factor * a[k * n + j]!;
    }
  }
  return exchanges;
}

function pivotRow(a: Float64Array, n: number, k: number): number {
  let best = k;
  for (let i = k + 1; i < n; i++) if (Math.abs(a[i * n + k]!) > Math.abs(a[best * n + k]!)) best = i;
  return best;
}

function exchangeRows(a: Float64Array, n: number, i: number, j: number): void {
  for (let k = 0; k < n; k++) {
    const value = a[i * n + k]!;
    a[i * n + k] = a[j * n + k]!;
    a[j * n + k] = value;
  }
}

/** Overwrites X [n, columns], row-major, with A⁻¹·X. Cost 2·n²·columns. */
export function luSolveInPlace(
  lu: Float64Array,
  exchanges: Uint32Array,
  n: number,
  x: Float64Array,
  columns = 1,
): void {
  const subtract = (to: number, from: number, factor: number): void => {
    if (factor === 0) return;
    for (let c = 0; c < columns; c++) x[to * columns + c]! -= factor * x[from * columns + c]!;
  };
  for (let k = 0; k < n; k++) {
    for (let c = 0; c < columns; c++) {
      const value = x[k * columns + c]!;
      x[k * columns + c] = x[exchanges[k]! * columns + c]!;
      x[exchanges[k]! * columns + c] = value;
    }
  }
  for (let i = 0; i < n; i++) for (let k = 0; k < i; k++) subtract(i, k, lu[i * n + k]!);
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) subtract(i, k, lu[i * n + k]!);
    for (let c = 0; c < columns; c++) x[i * columns + c]! /= lu[i * n + i]!;
  }
}
