// The constructor of observed targets: what it keeps, what it refuses and how it says so.
import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/errors.js';
import { observed } from '../../src/targets/observed.js';

describe('observed', () => {
  test('keeps order and duplicates, copies, and is a plain object', () => {
    const indices = [0, 2, 1, 0, 0, 2];
    const target = observed([2, 3], indices, [1.5, -2, 7]);
    indices[0] = 1;
    expect(structuredClone(target)).toEqual({
      kind: 'observed',
      shape: [2, 3],
      count: 3,
      indices: Uint32Array.of(0, 2, 1, 0, 0, 2),
      values: Float64Array.of(1.5, -2, 7),
    });
  });

  test('takes 1,024 modes', () => {
    const shape = new Array<number>(1024).fill(2);
    expect(observed(shape, new Uint8Array(1024).fill(1), [1]).indices[1023]).toBe(1);
  });

  test.each<[string, number[], ArrayLike<number>, ArrayLike<number>, RegExp]>([
    ['one mode', [3], [0], [1], /2 to 1024 modes, got 1/],
    ['too many modes', new Array<number>(1025).fill(1), new Uint8Array(1025), [1], /2 to 1024 modes, got 1025/],
    ['an empty mode', [2, 0], [], [], /integers from 1.* got \[2, 0\]/],
    ['no values', [2, 2], [], [], /at least one observation/],
    ['indices that do not fit the values', [2, 2, 2], [0, 0, 0, 1], [1], /expected indices \[1, 3\].* got 4/],
    ['an index out of range', [2, 3], [0, 0, 1, 3], [1, 2], /from 0 to 2 in mode 1, got 3 for observation 1/],
    ['a negative index', [2, 3], [-1, 0], [1], /from 0 to 1 in mode 0, got -1 for observation 0/],
    ['a fraction', [2, 3], [0.5, 0], [1], /got 0.5 for observation 0/],
    ['NaN', [2, 3], [0, 0, 1, 1], [1, NaN], /finite values, got NaN for observation 1/],
  ])('refuses %s', (_, shape, indices, values, message) => {
    expect(() => observed(shape, indices, values)).toThrow(message);
    expect(() => observed(shape, indices, values)).toThrow(InputError);
  });
});
