// When a symmetric model with a residual is called converged: the entries speak plainly for it, and a model of many numbers has been found
// twice; never one that leaves no room to tell a weak component from noise.
import { describe, expect, test } from 'vitest';
import { needsConfirmation, symmetricVerdict } from '../../src/finish/symmetric-verdict.js';
import { randomStream } from '../../src/random/stream.js';
import type { SymmetricKruskal } from '../../src/tensor/kruskal.js';

/** 70 independent entries: a model is crowded from 8 components on, too full from 10. */
const given = { order: 4, dim: 5 };

const model = (components: number, { order, dim } = given): SymmetricKruskal => ({
  order,
  weights: new Float64Array(components).fill(1),
  vectors: randomStream(1).unitVectors(components, dim),
});

const answer = (components: number, confirmed: boolean, of = given) => ({
  kruskal: model(components, of),
  relativeError: 0.01,
  plain: true,
  confirmed,
});

const verdict = (components: number, confirmed: boolean, { noisy = true, of = given } = {}) =>
  symmetricVerdict({ noisy, given: of }, answer(components, confirmed, of), { rank: 'auto', tolerance: 1e-9 }).stop;

describe('needsConfirmation', () => {
  test.each([
    [7, false, false],
    [8, false, true],
    [8, true, false],
  ])('%i components, confirmed %s: %s', (components, confirmed, expected) => {
    expect(needsConfirmation({ given }, answer(components, confirmed))).toBe(expected);
  });
});

test.each([
  { components: 7, confirmed: false, stop: 'converged' },
  { components: 8, confirmed: false, stop: 'stalled' },
  { components: 9, confirmed: true, stop: 'converged' },
  { components: 10, confirmed: true, stop: 'stalled' },
])('$components components, confirmed: $confirmed: $stop', ({ components, confirmed, stop }) => {
  expect(verdict(components, confirmed)).toBe(stop);
});

test('one more component would fit any tensor of 4 entries: stalled, although half of them are free', () => {
  expect(verdict(1, true, { of: { order: 3, dim: 2 } })).toBe('stalled');
});

test('what is left of a target without noise is never called noise', () => {
  expect(verdict(10, false, { noisy: false })).toBe('stalled');
  expect(verdict(1, true, { noisy: false })).toBe('stalled');
});

test('what is not plain, or leaves more than half of the target, is stalled', () => {
  const options = { rank: 'auto', tolerance: 1e-9 } as const;
  const view = { noisy: true, given };
  expect(symmetricVerdict(view, { ...answer(3, true), plain: false }, options).stop).toBe('stalled');
  expect(symmetricVerdict(view, { ...answer(3, true), relativeError: 0.51 }, options).advice).toContain('as large as');
});
