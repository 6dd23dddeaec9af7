// Φ⁻¹, by the rational functions of P. J. Acklam (2003): relative error below 1.2e-9 for all p in (0, 1).

const central = {
  above: [
    -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1,
    2.506628277459239,
  ],
  below: [
    -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1, 1,
  ],
};
const tail = {
  above: [
    -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968,
    2.938163982698783,
  ],
  below: [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1],
};
const tailBelow = 0.02425;

/** z with P(normal ≤ z) = p. */
export function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p);
  if (p < tailBelow) {
    const t = Math.sqrt(-2 * Math.log(p));
    return polynomial(tail.above, t) / polynomial(tail.below, t);
  }
  const q = p - 0.5;
  return (q * polynomial(central.above, q * q)) / polynomial(central.below, q * q);
}

/** Coefficients from the highest power down. */
const polynomial = (coefficients: readonly number[], x: number): number =>
  coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
