// The size of a shape. Imports nothing, so that everyone may import it.

/** Number of cells, the product of the sizes; 1 for the empty shape. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** Rows and columns of the unfolding of a tensor along a mode, and how many neighboring columns lie side by side in memory. */
export function unfoldedSizes(
  shape: readonly number[],
  mode: number,
): { readonly size: number; readonly inner: number; readonly columns: number } {
  const size = shape[mode]!;
  return { size, inner: sizeOf(shape.slice(mode + 1)), columns: sizeOf(shape) / size };
}
