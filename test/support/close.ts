// Compares number arrays, with a message that names the worst entry. The error is measured against the largest
// expected magnitude, because entry-wise relative errors of near-zero entries mean nothing after a float sum.
import { expect } from 'vitest';

/** Passes when |actual[i] − expected[i]| ≤ relativeToLargest · max_j |expected[j]| for all i (all-zero expected: exact). NaN and Infinity must be equal. */
export function expectClose(
  actual: ArrayLike<number> | number,
  expected: ArrayLike<number> | number,
  relativeToLargest: number,
  label = 'values',
): void {
  const got = typeof actual === 'number' ? [actual] : Array.from(actual);
  const want = typeof expected === 'number' ? [expected] : Array.from(expected);
  expect(got.length, `${label}: expected ${want.length} entries, got ${got.length}`).toBe(want.length);
  const scale = want.filter(Number.isFinite).reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  const worst = worstEntry(got, want);
  if (worst === undefined) return;
  const { index, error } = worst;
  const ok = error <= relativeToLargest * scale;
  expect(
    ok,
    `${label}[${index}]: got ${got[index]}, expected ${want[index]}, difference ${error} = ` +
      `${error / scale} of the largest (${scale}); allowed ${relativeToLargest}`,
  ).toBe(true);
}

function worstEntry(got: number[], want: number[]): { index: number; error: number } | undefined {
  let worst: { index: number; error: number } | undefined;
  got.forEach((value, index) => {
    const other = want[index] ?? NaN;
    const error = Object.is(value, other) ? 0 : Math.abs(value - other);
    if (Number.isNaN(worst?.error)) return;
    if (worst === undefined || error > worst.error || Number.isNaN(error)) worst = { index, error };
  });
  return worst;
}
