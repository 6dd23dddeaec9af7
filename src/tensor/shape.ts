// The size of a shape. Imports nothing, so that everyone may import it.

/** Number of cells, the product of the sizes; 1 for the empty shape. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);
