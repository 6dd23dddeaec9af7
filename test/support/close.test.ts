import { describe, expect, it } from 'vitest';
import { expectClose } from './close.js';

describe('expectClose', () => {
  it('passes within the tolerance, which is relative to the largest', () => {
    expectClose([100, 0.05], [100, 0], 1e-3);
    expectClose([], [], 0);
    expectClose([NaN, 1], [NaN, 1], 0);
    expectClose([0, -1], [0, -1], 0);
  });
  it.each([
    ['a difference, naming the worst entry', [1, 2.5, 3.1], [1, 2, 3], /w\[1\]: got 2.5, expected 2, difference 0.5/],
    ['NaN', [1, NaN], [1, 2], /w\[1\]: got NaN/],
    ['NaN expected', [1, 1], [1, NaN], /w\[1\]: got 1, expected NaN/],
    ['Infinity', [Infinity], [1], /w\[0\]/],
    ['a wrong entry beside Infinity', [Infinity, 2], [Infinity, 1], /w\[1\]/],
    ['another length', [1], [1, 2], /expected 2 entries, got 1/],
  ])('fails on %s', (_, actual, expected, message) => {
    expect(() => expectClose(actual, expected, 1e-3, 'w')).toThrow(message);
  });
});
