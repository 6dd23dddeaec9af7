// Known cells: of arrays with gaps, cells that come twice, slices without any.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import {
  distinctCells,
  emptySlices,
  npyToObserved,
  readNpy,
  writeNpy,
  type NpyArray,
  type NpyCells,
} from '../../src/io/index.js';
import '../support/arbitraries.js';

const array = (shape: number[], data: NpyArray['data']): NpyArray => readNpy(writeNpy({ shape, data }));
const gaps = array([2, 2, 2], Float64Array.of(1, NaN, 2, 3, NaN, NaN, 4, 0));

describe('npyToObserved', () => {
  it('takes every cell but NaN, in row-major order', () => {
    const { kind, shape, count, indices, values } = npyToObserved(gaps);
    expect({ kind, shape, count }).toEqual({ kind: 'observed', shape: [2, 2, 2], count: 5 });
    expect(Array.from(indices)).toEqual([0, 0, 0, 0, 1, 0, 0, 1, 1, 1, 1, 0, 1, 1, 1]);
    expect(Array.from(values)).toEqual([1, 2, 3, 4, 0]);
  });

  it('passes over what is marked as missing or not as known, whatever is there', () => {
    const missing = array([2, 2, 2], Uint8Array.of(1, 0, 0, 0, 1, 0, 0, 1));
    const known = array([2, 2, 2], BigInt64Array.of(0n, 1n, 1n, 1n, 0n, 1n, 1n, 0n));
    for (const cells of [{ missing }, { known }, { known, missing }]) {
      expect(Array.from(npyToObserved(gaps, cells).values)).toEqual([2, 3, 4]);
    }
    expect(npyToObserved(gaps, { missing: 'nan' })).toEqual(npyToObserved(gaps));
    const infinite = array([1, 2], Float32Array.of(Infinity, 2));
    expect(Array.from(npyToObserved(infinite, { missing: array([1, 2], Float64Array.of(1, 0)) }).values)).toEqual([2]);
  });

  it('takes integers of any width', () => {
    expect(Array.from(npyToObserved(array([1, 2], BigInt64Array.of(-5n, 7n))).values)).toEqual([-5, 7]);
    expect(() => npyToObserved(array([1, 1], BigInt64Array.of(2n ** 53n + 1n)))).toThrow(/that float64 holds exactly/);
  });

  it.each<[string, NpyArray, NpyCells | undefined, RegExp]>([
    [
      'NaN alone',
      array([1, 2], Float64Array.of(NaN, NaN)),
      undefined,
      /at least one known cell, got missing ones alone/,
    ],
    ['no cell', array([0, 2], new Float64Array(0)), undefined, /at least one known cell, got an empty array/],
    ['infinite cells', array([1, 2], Float64Array.of(NaN, -Infinity)), undefined, /got -Infinity at index \[0, 1\]/],
    ['marks of another shape', gaps, { known: array([2, 4], new Uint8Array(8)) }, /the array, 2 × 2 × 2, got 2 × 4/],
    [
      'marks of other numbers',
      gaps,
      { missing: array([2, 2, 2], Uint8Array.of(0, 0, 0, 255, 0, 0, 0, 0)) },
      /got 255 at index \[0, 1, 1\]/,
    ],
    ['a vector', array([2], Float64Array.of(1, NaN)), undefined, /expected 2 to \d+ modes, got 1/],
  ])('refuses %s', (_, given, cells, message) => {
    expect(() => npyToObserved(given, cells)).toThrow(InputError);
    expect(() => npyToObserved(given, cells)).toThrow(message);
  });
});

const places = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 4 }).chain((shape) => {
  const index = fc.tuple(...shape.map((size) => fc.integer({ min: 0, max: size - 1 })));
  return fc.array(index, { minLength: 1, maxLength: 30 }).map((list) => ({ shape, list }));
});

describe('what entries cover', () => {
  it('counts the different cells and numbers them in row-major order, however large the tensor is', () => {
    fc.assert(
      fc.property(places, fc.constantFrom(1, 2 ** 25), ({ shape, list }, factor) => {
        const indices = Uint32Array.from(list.flat());
        const { count, cellOf } = distinctCells({ shape: shape.map((size) => size * factor), indices });
        const cells = Array.from(new Set(list.map((index) => index.join()))).sort();
        expect(count).toBe(cells.length);
        expect(Array.from(cellOf)).toEqual(list.map((index) => cells.indexOf(index.join())));
      }),
    );
  });

  it('finds the slices without entries', () => {
    fc.assert(
      fc.property(places, ({ shape, list }) => {
        const expected = shape.flatMap((size, mode) => {
          const empty = Array.from({ length: size }, (_, i) => i).filter(
            (i) => !list.some((index) => index[mode] === i),
          );
          return empty.length > 0 ? [{ mode, count: empty.length, first: empty.slice(0, 2) }] : [];
        });
        expect(emptySlices({ shape, indices: Uint32Array.from(list.flat()) }, 2)).toEqual(expected);
      }),
    );
  });
});
