// The quantile of the normal distribution, against the series of its distribution function.
import { expect, test } from 'vitest';
import { normalQuantile } from '../../src/analysis/normal-quantile.js';

/** P(normal ≤ z) for z ≤ 0: ½ − e^{−z²/2}/√(2π) · (|z| + |z|³/3 + |z|⁵/15 + …) */
function distribution(z: number): number {
  let term = Math.abs(z);
  let sum = term;
  for (let k = 3; term > 1e-17 * sum; k += 2) {
    term *= (z * z) / k;
    sum += term;
  }
  return 0.5 - (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * sum;
}

// A relative error of 1.2e-9 in z is one of z · φ(z) · 1.2e-9 in p; the series is exact to 1e-16.
test.each([0.5, 0.49, 0.3, 0.1, 0.025, 0.0242, 0.01, 1e-4, 1e-8])('%f', (p) => {
  const z = normalQuantile(p);
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  expect(Math.abs(distribution(z) - p)).toBeLessThanOrEqual(1.2e-9 * Math.abs(z) * density + 1e-15);
  expect(normalQuantile(1 - p)).toBeCloseTo(-z, 7);
});
