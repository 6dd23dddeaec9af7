// Split R̂ and the effective sample size, by chains whose answer is known.
import { expect, test } from 'vitest';
import { effectiveSampleSize, InputError, splitRHat } from '../../src/index.js';
import { randomStream } from '../../src/random/stream.js';

const length = 2000;

/** Four chains x_t = φ x_{t−1} + √(1 − φ²) ξ, with standard normal draws. */
function autoregressive(phi: number): Float64Array[] {
  return [1, 2, 3, 4].map((stream) => {
    const random = randomStream(5, stream);
    let x = random.normal();
    return Float64Array.from({ length }, () => (x = phi * x + Math.sqrt(1 - phi * phi) * random.normal()));
  });
}

// The sum of autocorrelations is known to 1/√(chains · length) in each of the lags that count: some ten percent of the size.
test.each([0, 0.5, 0.9])('an autoregressive process with φ = %f is worth (1 − φ) / (1 + φ) of its draws', (phi) => {
  const chains = autoregressive(phi);
  const ratio = effectiveSampleSize(chains) / (((1 - phi) / (1 + phi)) * 4 * length);
  expect(ratio).toBeGreaterThan(0.8);
  expect(ratio).toBeLessThan(1.25);
  expect(splitRHat(chains)).toBeLessThan(1.01);
});

test('a chain elsewhere, one with another spread, and one that drifts are told, whatever the units', () => {
  const chains = autoregressive(0);
  const other = (change: (x: number, t: number) => number): Float64Array[] => [
    ...chains.slice(1),
    chains[0]!.map((x, t) => change(x, t)),
  ];
  expect(splitRHat(other((x) => x + 2))).toBeGreaterThan(1.2);
  expect(splitRHat(other((x) => 5 * x))).toBeGreaterThan(1.1);
  expect(splitRHat([chains[0]!.map((x, t) => x + (4 * t) / length)])).toBeGreaterThan(1.1);
  expect(splitRHat(other((x) => x + 0.5))).toBeCloseTo(
    splitRHat(other((x) => x + 0.5).map((chain) => chain.map((x) => Math.exp(3 * x)))),
    10,
  );
});

test('constants agree with themselves and with nothing else', () => {
  expect(splitRHat([new Float64Array(8), new Float64Array(8)])).toBe(1);
  expect(splitRHat([new Float64Array(8), new Float64Array(8).fill(1)])).toBe(Infinity);
  expect(effectiveSampleSize([new Float64Array(8)])).toBe(8);
});

test('short and uneven chains, and draws that are no numbers, are refused', () => {
  expect(() => splitRHat([[1, 2, 3]])).toThrow(InputError);
  expect(() => effectiveSampleSize([new Float64Array(8), new Float64Array(9)])).toThrow(/lengths 8, 9/);
  for (const of of [splitRHat, effectiveSampleSize]) {
    expect(() => of([new Float64Array(4), [0, NaN, 1, 2]])).toThrow(/finite draws, got NaN as draw 1 of chain 1/);
    expect(() => of([[0, 1, 2, Infinity]])).toThrow(InputError);
    expect(() => of([['a', 'b', 'c', 'd'] as never])).toThrow(InputError);
  }
});
