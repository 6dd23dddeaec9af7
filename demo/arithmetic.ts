// The little arithmetic that the views share. The page uses the library's public entry points only, and these are not among them.

/** Number of cells of a shape, the product of its sizes. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** Σ_k a[startA + k] · b[startB + k] over `count` entries; by default over all of `a`. */
export function dot(a: Float64Array, b: Float64Array, count = a.length, startA = 0, startB = 0): number {
  let sum = 0;
  for (let k = 0; k < count; k++) sum += a[startA + k]! * b[startB + k]!;
  return sum;
}
