// The preconditioner of a completion's normal equations, JᵀWJ + μI: its diagonal blocks [rank, rank] that belong to one row of one
// factor, each factored by Cholesky, without couplings to unknowns that are held. Used by sampled-problem.ts.
import { factorInPlace, solveInPlace } from '../../linalg/cholesky.js';
import { inRanges, type Work } from '../../yield.js';

export interface RowPreconditioner {
  /** JᵀWJ of every row, lower triangles, [rows, rank, rank]: to be filled. */
  readonly blocks: Float64Array;
  /** Of JᵀWJ. */
  meanDiagonal(): number;
  /** Factors the blocks with μ on their diagonals. */
  factor(mu: number): Work<void>;
  /** z = blocks⁻¹ residual; by its diagonal where a block is singular to rounding. */
  readonly apply: (residual: Float64Array, z: Float64Array) => void;
}

/** For `rows` rows of stacked factors; `held[n]` is 1 where an unknown does not move. */
export function rowPreconditioner(rows: number, rank: number, held: Uint8Array | undefined): RowPreconditioner {
  const square = rank * rank;
  const blocks = new Float64Array(rows * square);
  const factors = Array.from({ length: rows }, () => new Float64Array(square));
  const isFactored = new Uint8Array(rows);
  const part = new Float64Array(rank);
  let shift = 0;

  function meanDiagonal(): number {
    let sum = 0;
    for (let n = 0; n < rows * rank; n++) sum += blocks[n * rank + (n % rank)]!;
    return sum / (rows * rank);
  }

  function factor(mu: number): Work<void> {
    shift = mu;
    return inRanges(rows, square * (4 + rank / 3), (from, end) => {
      for (let row = from; row < end; row++) factorBlock(row);
    });
  }

  function factorBlock(row: number): void {
    const at = row * rank;
    const lower = factors[row]!;
    for (let c = 0; c < rank; c++) {
      for (let d = 0; d <= c; d++) {
        const isHeld = held !== undefined && (held[at + c] === 1 || held[at + d] === 1);
        lower[c * rank + d] = isHeld ? 0 : blocks[row * square + c * rank + d]!;
      }
      lower[c * rank + c]! += shift;
    }
    isFactored[row] = factorInPlace(lower, rank) ? 1 : 0;
  }

  function apply(residual: Float64Array, z: Float64Array): void {
    for (let row = 0; row < rows; row++) {
      const at = row * rank;
      for (let c = 0; c < rank; c++) part[c] = residual[at + c]!;
      if (isFactored[row] === 1) solveInPlace(factors[row]!, rank, part);
      else for (let c = 0; c < rank; c++) part[c]! /= blocks[row * square + c * rank + c]! + shift;
      z.set(part, at);
    }
  }

  return { blocks, meanDiagonal, factor, apply };
}
