import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { npyToDense, readNpy, writeNpy } from '../../src/io/index.js';
import type { NpyData } from '../../src/io/index.js';
import fixtures from '../data/npy/fixtures.json';

const decode = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
const good = fixtures.good as readonly {
  name: string;
  shape: number[];
  dtype: string;
  values: unknown[];
  npy: string;
}[];

/** A .npy file with any header. */
function file(header: string, data: readonly number[] = [], version = 1): Uint8Array {
  const text = Array.from(header, (letter) => letter.charCodeAt(0));
  const length = [text.length & 255, text.length >> 8, ...(version > 1 ? [0, 0] : [])];
  return Uint8Array.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0, ...length, ...text, ...data]);
}
const header = (descr: string, shape: string, fortran = 'False'): string =>
  `{'descr': ${descr}, 'fortran_order': ${fortran}, 'shape': ${shape}, }\n`;

/** A valid array or an InputError; anything else is a bug. */
function survives(bytes: Uint8Array): void {
  try {
    const { shape, data } = readNpy(bytes);
    expect(data.length).toBe(shape.reduce((product, size) => product * size, 1));
    expect(data.byteLength).toBeLessThanOrEqual(2 * bytes.length);
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toMatch(/^readNpy: expected .*\.$/);
  }
}

describe('readNpy', () => {
  it.each(good)('reads what NumPy wrote: $name', ({ shape, dtype, values, npy }) => {
    const bytes = decode(npy);
    const before = bytes.slice();
    const array = readNpy(bytes);
    expect(array.shape).toEqual(shape);
    expect(array.dtype).toBe(dtype);
    const expected = values.map((value) => (dtype === 'b1' ? Number(value) : value));
    const got = Array.from<number | bigint>(array.data);
    expect(got.map(String)).toEqual(expected.map((value) => (Object.is(value, -0) ? '0' : String(value))));
    expect(bytes).toEqual(before);
    expect(readNpy(bytes.buffer as ArrayBuffer)).toEqual(array);
  });
  it('reads from the middle of a larger buffer', () => {
    const bytes = writeNpy({ shape: [3], data: Float64Array.of(1, 2, 3) });
    const shifted = new Uint8Array(bytes.length + 9);
    shifted.set(bytes, 5);
    expect(Array.from(readNpy(shifted.subarray(5, 5 + bytes.length)).data as Float64Array)).toEqual([1, 2, 3]);
  });
  it.each(Object.entries(fixtures.refused))('refuses a NumPy file of dtype %s', (_, npy) => {
    expect(() => readNpy(decode(npy))).toThrow(InputError);
  });
  it.each<[string, Uint8Array, RegExp]>([
    ['nothing', new Uint8Array(0), /got 0 bytes starting with nothing/],
    ['another format', Uint8Array.from(Array.from('PK\x03\x04 a zip file', (c) => c.charCodeAt(0))), /50 4b 03 04/],
    ['version 4', file(header("'<f8'", '()'), [], 4), /version 1.0, 2.0 or 3.0, got 4.0/],
    ['a cut header', file(header("'<f8'", '(1,)')).subarray(0, 30), /header of \d+ bytes, got 20/],
    ['a cut length of version 2', file('', [], 2).subarray(0, 11), /cut short/],
    ['too little data', file(header("'<f8'", '(2,)'), [0, 0, 0]), /expected 16 bytes .* got 3\. The file is cut short/],
    ['too much data', file(header("'|u1'", '(2,)'), [1, 2, 3]), /expected 2 bytes .* got 3\. Bytes follow/],
    ['a huge shape', file(header("'<f8'", '(4294967296, 4294967296, 4294967296)')), /fewer than 2\^50 numbers/],
    ['a huge size', file(header("'<f8'", '(99999999999999999999999,)')), /sizes below 2\^53/],
    ['a large shape with no data', file(header("'<f8'", '(1000000, 100000)')), /expected 800000000000 bytes/],
    ['65 modes', file(header("'<f8'", `(${'1, '.repeat(65)})`)), /at most 64 modes, got 65/],
    ['a negative size', file(header("'<f8'", '(-1,)')), /Python dictionary/],
    ['a number for a tuple', file(header("'<f8'", '(3)')), /comma after the only size/],
    ['a missing key', file("{'descr': '<f8', 'shape': ()}"), /keys descr, fortran_order and shape/],
    ['a double key', file("{'descr': '<f8', 'descr': '<f8'}"), /each key once/],
    ['an unknown key', file("{'description': '<f8'}"), /got "description"/],
    ['a call', file("{'descr': __import__('os')}"), /Python dictionary .* got " __import__/],
    ['text behind the dictionary', file(`${header("'<f8'", '()')}x`), /Python dictionary/],
    ['two dictionaries', file(header("'<f8'", '()').repeat(2)), /end of the header/],
    ['an int for a boolean', file(header("'<f8'", '()', '0')), /True or False/],
    ['a key of Object.prototype as dtype', file(header("'<toString'", '()')), /real numeric dtype/],
    ['no byte order for a wide type', file(header("'|f8'", '()'), [0, 0, 0, 0, 0, 0, 0, 0]), /real numeric dtype/],
    ['a boolean of 2', file(header("'|b1'", '(2,)'), [1, 2]), /bytes 0 and 1, got 2 at entry 1/],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => readNpy(bytes)).toThrow(InputError);
    expect(() => readNpy(bytes)).toThrow(message);
  });
  it('accepts the long integers of Python 2, and keys in any order', () => {
    const { shape } = readNpy(file("{'shape': (2L, 1L), 'fortran_order': False, 'descr': '|i1'}", [1, 255]));
    expect(shape).toEqual([2, 1]);
  });
  it('gives an array or an InputError for random bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), survives));
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), (text) => survives(file(text.replaceAll(/[^\x20-\x7e]/g, ' ')))),
    );
  });
  it('gives an array or an InputError for a damaged file', () => {
    const pick = fc.constantFrom(...good.map(({ npy }) => decode(npy)));
    const flips = fc.array(fc.tuple(fc.nat(140), fc.nat(7)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(pick, flips, fc.nat(400), (bytes, bits, length) => {
        const damaged = bytes.slice();
        for (const [at, bit] of bits) damaged[at] = (damaged[at] ?? 0) ^ (1 << bit);
        survives(damaged);
        survives(damaged.subarray(0, length));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('writeNpy', () => {
  const arrays: readonly NpyData[] = [
    Float64Array.of(0.1, -0, NaN, Infinity, 5e-324, 1),
    Float32Array.of(0.5, -0, NaN, -Infinity, 1e-45, 1),
    Int8Array.of(-128, 127, 0, 1, 2, 3),
    Uint8Array.of(0, 255, 1, 2, 3, 4),
    Int16Array.of(-32768, 32767, 0, 1, 2, 3),
    Uint16Array.of(65535, 0, 1, 2, 3, 4),
    Int32Array.of(-(2 ** 31), 2 ** 31 - 1, 0, 1, 2, 3),
    Uint32Array.of(2 ** 32 - 1, 0, 1, 2, 3, 4),
    BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n, 0n, 1n, 2n, 3n),
    BigUint64Array.of(2n ** 64n - 1n, 0n, 1n, 2n, 3n, 4n),
  ];
  it.each(arrays.map((data) => [data.constructor.name, data] as const))('round trip of %s', (_, data) => {
    for (const shape of [[6], [2, 3], [1, 3, 2, 1]]) {
      const bytes = writeNpy({ shape, data });
      const back = readNpy(bytes);
      expect(back.shape).toEqual(shape);
      expect(back.data).toEqual(data);
      expect((bytes.length - data.byteLength) % 64).toBe(0);
      expect(writeNpy(back)).toEqual(bytes);
    }
  });
  it('writes byte for byte what NumPy writes', () => {
    for (const name of ['<f8 C', '<f4 C', '|i1 C', '<u1 C', '<i8 C', '0-dimensional', 'empty', 'one mode', 'bool']) {
      const entry = good.find((candidate) => candidate.name === name);
      if (entry !== undefined) expect(writeNpy(readNpy(decode(entry.npy)))).toEqual(decode(entry.npy));
    }
  });
  it('writes a view without the rest of its buffer', () => {
    const view = Float64Array.of(9, 1, 2, 9).subarray(1, 3);
    expect(Array.from(readNpy(writeNpy({ shape: [2], data: view })).data as Float64Array)).toEqual([1, 2]);
  });
  it('refuses a shape that does not fit', () => {
    expect(() => writeNpy({ shape: [2, 2], data: Float64Array.of(1) })).toThrow(/expected 4 numbers .* got 1/);
    expect(() => writeNpy({ shape: [-1], data: Float64Array.of(1) })).toThrow(InputError);
  });
});

describe('npyToDense', () => {
  it('turns every dtype into float64', () => {
    const data = BigInt64Array.of(-5n, 2n ** 60n);
    expect(npyToDense({ shape: [1, 2], dtype: 'i8', data }).data).toEqual(Float64Array.of(-5, 2 ** 60));
  });
  it.each([
    [
      'an integer float64 cannot hold',
      { shape: [1, 1], dtype: 'i8', data: BigInt64Array.of(2n ** 53n + 1n) },
      /got 9007199254740993 at entry 0/,
    ],
    ['a 0-dimensional array', { shape: [], dtype: 'f8', data: Float64Array.of(1) }, /at least 2 modes, got 0/],
    ['an empty array', { shape: [0, 2], dtype: 'f8', data: new Float64Array(0) }, /integers ≥ 1/],
    ['NaN', { shape: [1, 1], dtype: 'f8', data: Float64Array.of(NaN) }, /finite numbers, got NaN/],
  ] as const)('refuses %s', (_, array, message) => {
    expect(() => npyToDense(array)).toThrow(InputError);
    expect(() => npyToDense(array)).toThrow(message);
  });
});
