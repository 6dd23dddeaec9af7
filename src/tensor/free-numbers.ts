import { sizeOf } from './shape.js';

/** Free numbers of a CP model of a tensor of this shape: rank (Σ I_k − N + 1); of a matrix rank (I + J − rank), for a rank up to min(I, J). */
export function freeNumbers(shape: readonly number[], rank: number): number {
  const rows = shape.reduce((sum, size) => sum + size, 0);
  if (shape.length !== 2) return rank * (rows - shape.length + 1);
  const own = Math.min(rank, ...shape);
  return own * (rows - own);
}

/**
 * Whether a tensor of this shape has infinitely many exact models of a rank, or several: more free numbers than cells, or as many and no
 * theorem that one model is the only one. Kruskal, Linear Algebra Appl. 18 (1977), for random factors: Σ min(I_n, R) ≥ 2 R + N − 1.
 */
export function hasManyExactFits(shape: readonly number[], rank: number): boolean {
  const spare = sizeOf(shape) - freeNumbers(shape, rank);
  const independent = shape.reduce((sum, size) => sum + Math.min(size, rank), 0);
  return spare < 0 || (spare === 0 && independent < 2 * rank + shape.length - 1);
}
