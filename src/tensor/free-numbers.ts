/** Free numbers of a CP model of a tensor of this shape: rank (Σ I_k − N + 1); of a matrix rank (I + J − rank), for a rank up to min(I, J). */
export function freeNumbers(shape: readonly number[], rank: number): number {
  const rows = shape.reduce((sum, size) => sum + size, 0);
  if (shape.length !== 2) return rank * (rows - shape.length + 1);
  const own = Math.min(rank, ...shape);
  return own * (rows - own);
}
