// JᵀJ of a dense CP model, J its derivative by the entries of all factors, multiplied without ever forming it:
//   (JᵀJ V)_n = V_n Γ_n + U_n Σ_{m≠n} (Γ_nm ∘ V_mᵀU_m),   Γ_n = ∘_{k≠n} G_k,   Γ_nm = ∘_{k≠n,m} G_k,   G_k = U_kᵀU_k
// at O(order · Σ shape · rank²) per product, with the block diagonal Γ_n + μI as preconditioner. Sorber, Van Barel, De Lathauwer,
// "Optimization-based algorithms for tensor decompositions", SIAM J. Optim. 23 (2013), sec. 4.
// Unknowns are the stacked factors, [Σ shape, rank], without weights. Used by cp-problem.ts, grow-cp.ts and cp/determined.ts; its conjugate
// gradients run in WebAssembly where that is to be had.
import type { CgProgress, CgState } from '../least-squares/conjugate-gradients.js';
import type { NormalMatrix } from '../least-squares/normal-equations.js';
import { factorSteps, inverseSteps } from '../linalg/cholesky.js';
import { identity } from '../linalg/algebra.js';
import { productCore } from '../linalg/product-core.js';
import { modeOffsets } from '../tensor/coordinate.js';
import type { Work } from '../yield.js';

export interface CpNormalMatrix extends NormalMatrix {
  readonly damp: (mu: number) => Work<void>;
  readonly apply: (v: Float64Array, out: Float64Array) => void;
  readonly precondition: (residual: Float64Array, z: Float64Array) => void;
  readonly iterationFlops: number;
  readonly iterate: (state: CgState, count: number, target: number) => CgProgress | undefined;
  /** Fills the lower triangle of JᵀJ, [unknowns, unknowns]. */
  toDense(matrix: Float64Array): void;
  /** Sets the factors U, which must not change until the next move. */
  moveTo(x: Float64Array): void;
}

export function cpNormalMatrix(shape: readonly number[], rank: number): CpNormalMatrix {
  const order = shape.length;
  const square = rank * rank;
  const offsets = modeOffsets(shape).map((row) => row * rank);
  const unknowns = offsets[order]!;
  const grams = new Float64Array(order * square);
  /** Γ_nm, and Γ_n in the place n = m. */
  const pairs = new Float64Array(order * order * square);
  const products = new Float64Array(order * square);
  const across = new Float64Array(square);
  /** (Γ_n + μI)⁻¹; undefined where that is singular to rounding. */
  const inverses: (Float64Array | undefined)[] = [];
  let x: Float64Array = new Float64Array(unknowns);
  let shift = 0;

  /** out[mode] = A_modeᵀ B_mode, [order, rank, rank] */
  function columnProducts(a: Float64Array, b: Float64Array, out: Float64Array): void {
    for (let mode = 0; mode < order; mode++) {
      sumColumnProducts(rank, offsets[mode]!, offsets[mode + 1]!, a, b, out, mode * square);
    }
  }

  function moveTo(point: Float64Array): void {
    x = point;
    columnProducts(x, x, grams);
    pairs.fill(1);
    for (let n = 0; n < order; n++) {
      for (let m = 0; m < order; m++) {
        const to = (n * order + m) * square;
        for (let k = 0; k < order; k++) {
          if (k === n || k === m) continue;
          for (let at = 0; at < square; at++) pairs[to + at]! *= grams[k * square + at]!;
        }
      }
    }
  }

  function meanDiagonal(): number {
    let sum = 0;
    for (let n = 0; n < order; n++) {
      const from = (n * order + n) * square;
      for (let c = 0; c < rank; c++) sum += shape[n]! * pairs[from + c * rank + c]!;
    }
    return sum / unknowns;
  }

  function apply(v: Float64Array, out: Float64Array): void {
    columnProducts(v, x, products);
    for (let n = 0; n < order; n++) {
      across.fill(0);
      for (let m = 0; m < order; m++) {
        const from = (n * order + m) * square;
        if (m !== n) for (let at = 0; at < square; at++) across[at]! += pairs[from + at]! * products[m * square + at]!;
      }
      const own = (n * order + n) * square;
      combineRows(rank, offsets[n]!, offsets[n + 1]!, v, pairs, own, x, across, out);
    }
  }

  /** Entry (n, i, p), (m, j, q) is Γ_nm[p, q] · U_n[i, q] · U_m[j, p]; Γ_n[p, q] for n = m and i = j, else 0. */
  function toDense(matrix: Float64Array): void {
    for (let n = 0; n < order; n++) {
      for (let i = offsets[n]!; i < offsets[n + 1]!; i += rank) {
        const own = (n * order + n) * square;
        for (let p = 0; p < rank; p++)
          matrix.set(pairs.subarray(own + p * rank, own + p * rank + p + 1), (i + p) * unknowns + i);
        for (let m = 0; m < n; m++) {
          const pair = (n * order + m) * square;
          for (let j = offsets[m]!; j < offsets[m + 1]!; j += rank) {
            for (let p = 0; p < rank; p++) {
              const to = (i + p) * unknowns + j;
              const other = x[j + p]!;
              for (let q = 0; q < rank; q++) matrix[to + q] = pairs[pair + p * rank + q]! * x[i + q]! * other;
            }
          }
        }
      }
    }
  }

  function* damp(mu: number): Work<void> {
    shift = mu;
    for (let n = 0; n < order; n++) {
      const block = pairs.slice((n * order + n) * square, (n * order + n + 1) * square);
      for (let c = 0; c < rank; c++) block[c * rank + c]! += mu;
      inverses[n] = (yield* factorSteps(block, rank)) ? yield* inverseSteps(block, rank) : undefined;
    }
  }

  function precondition(residual: Float64Array, z: Float64Array): void {
    z.set(residual);
    for (let n = 0; n < order; n++) {
      const inverse = inverses[n];
      if (!inverse) continue;
      multiplyRows(rank, offsets[n]!, offsets[n + 1]!, residual, inverse, z);
    }
  }

  /** Iterations in WebAssembly; undefined where there is none, or where the numbers do not fit into its memory. */
  function iterate(state: CgState, count: number, target: number): CgProgress | undefined {
    const core = productCore();
    const { memory, conjugateSteps } = core;
    let end = 0;
    const place = (length: number): number => {
      const at = end;
      end += length;
      return at;
    };
    const ofRows = place(order);
    const ofX = place(unknowns);
    const ofPairs = place(order * order * square);
    const ofInverses = place(order * square);
    const ofSolution = place(unknowns);
    const ofResidual = place(unknowns);
    const ofDirection = place(unknowns);
    const ofImage = place(unknowns);
    const ofZ = place(unknowns);
    const ofScratch = place(1 + (order + 1) * square);
    // The kernel may read a row beyond a matrix, which is in memory, and three numbers beyond the last place.
    if (!conjugateSteps || end + 4 > memory.length) return undefined;
    core.user = undefined;
    memory.set(shape, ofRows);
    memory.set(x, ofX);
    memory.set(pairs, ofPairs);
    for (let n = 0; n < order; n++) memory.set(inverses[n] ?? identity(rank).data, ofInverses + n * square);
    const { solution, residual, direction } = state;
    memory.set(solution, ofSolution);
    memory.set(residual, ofResidual);
    memory.set(direction, ofDirection);
    memory[ofScratch] = state.square;
    const matrices = [ofRows, ofX, ofPairs, ofInverses].map((at) => 8 * at);
    const vectors = [ofSolution, ofResidual, ofDirection, ofImage, ofZ, ofScratch].map((at) => 8 * at);
    const iterations = conjugateSteps(count, order, rank, ...matrices, shift, target, ...vectors);
    solution.set(memory.subarray(ofSolution, ofSolution + unknowns));
    residual.set(memory.subarray(ofResidual, ofResidual + unknowns));
    direction.set(memory.subarray(ofDirection, ofDirection + unknowns));
    return { iterations, square: memory[ofScratch] };
  }

  const iterationFlops = 8 * unknowns * rank + 3 * order * order * square;
  return { unknowns, moveTo, meanDiagonal, apply, damp, precondition, iterationFlops, iterate, toDense };
}

// Four columns at a time, whose sums stay in registers: a third of the time of sums in memory. The order of each sum is the same.

/** out[at + p · rank + q] = Σ a[row + p] · b[row + q], over the rows from `start` up to `end`. */
export function sumColumnProducts(
  rank: number,
  start: number,
  end: number,
  a: Float64Array,
  b: Float64Array,
  out: Float64Array,
  at: number,
): void {
  for (let p = 0; p < rank; p++) {
    let q = 0;
    for (; q + 4 <= rank; q += 4) {
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (let row = start; row < end; row += rank) {
        const value = a[row + p]!;
        const k = row + q;
        s0 += value * b[k]!;
        s1 += value * b[k + 1]!;
        s2 += value * b[k + 2]!;
        s3 += value * b[k + 3]!;
      }
      const to = at + p * rank + q;
      out[to] = s0;
      out[to + 1] = s1;
      out[to + 2] = s2;
      out[to + 3] = s3;
    }
    for (; q < rank; q++) {
      let sum = 0;
      for (let row = start; row < end; row += rank) sum += a[row + p]! * b[row + q]!;
      out[at + p * rank + q] = sum;
    }
  }
}

/** out[row + q] = Σ_p v[row + p] · own[ownAt + p · rank + q] + x[row + p] · across[p · rank + q]. */
function combineRows(
  rank: number,
  start: number,
  end: number,
  v: Float64Array,
  own: Float64Array,
  ownAt: number,
  x: Float64Array,
  across: Float64Array,
  out: Float64Array,
): void {
  for (let row = start; row < end; row += rank) {
    let q = 0;
    for (; q + 4 <= rank; q += 4) {
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (let p = 0, at = q; p < rank; p++, at += rank) {
        const moved = v[row + p]!;
        const factor = x[row + p]!;
        const k = ownAt + at;
        s0 += moved * own[k]! + factor * across[at]!;
        s1 += moved * own[k + 1]! + factor * across[at + 1]!;
        s2 += moved * own[k + 2]! + factor * across[at + 2]!;
        s3 += moved * own[k + 3]! + factor * across[at + 3]!;
      }
      out[row + q] = s0;
      out[row + q + 1] = s1;
      out[row + q + 2] = s2;
      out[row + q + 3] = s3;
    }
    for (; q < rank; q++) {
      let sum = 0;
      for (let p = 0, at = q; p < rank; p++, at += rank)
        sum += v[row + p]! * own[ownAt + at]! + x[row + p]! * across[at]!;
      out[row + q] = sum;
    }
  }
}

/** out[row + q] = Σ_p a[row + p] · b[p · rank + q]. */
export function multiplyRows(
  rank: number,
  start: number,
  end: number,
  a: Float64Array,
  b: Float64Array,
  out: Float64Array,
): void {
  for (let row = start; row < end; row += rank) {
    let q = 0;
    for (; q + 4 <= rank; q += 4) {
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (let p = 0, at = q; p < rank; p++, at += rank) {
        const value = a[row + p]!;
        s0 += value * b[at]!;
        s1 += value * b[at + 1]!;
        s2 += value * b[at + 2]!;
        s3 += value * b[at + 3]!;
      }
      out[row + q] = s0;
      out[row + q + 1] = s1;
      out[row + q + 2] = s2;
      out[row + q + 3] = s3;
    }
    for (; q < rank; q++) {
      let sum = 0;
      for (let p = 0, at = q; p < rank; p++, at += rank) sum += a[row + p]! * b[at]!;
      out[row + q] = sum;
    }
  }
}
