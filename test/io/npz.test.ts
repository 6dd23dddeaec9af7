// .npz files as NumPy writes them, and files that are none: an array or an InputError, never anything else.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { npzNames, readNpz } from '../../src/io/index.js';
import fixtures from '../data/npz/fixtures.json';
import '../support/arbitraries.js';

interface Fixture {
  npz: string;
  arrays: Record<string, { shape: number[]; dtype: string; values: number[] }>;
}
const files = fixtures as unknown as Record<keyof typeof fixtures, Fixture>;
const decode = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
const bytesOf = (name: keyof typeof fixtures): Uint8Array => decode(files[name].npz);

describe('readNpz', () => {
  it.each(Object.entries(files))('reads what NumPy wrote: %s', (_, { npz, arrays }) => {
    const bytes = decode(npz);
    expect(npzNames(bytes)).toEqual(Object.keys(arrays));
    for (const [name, { shape, dtype, values }] of Object.entries(arrays)) {
      const array = readNpz(bytes, name);
      expect({ ...array, data: Array.from(array.data, Number) }).toEqual({ shape, dtype, data: values });
    }
  });

  it('needs no name for the only array, and takes an ArrayBuffer', () => {
    const bytes = bytesOf('one, compressed');
    expect(readNpz(bytes)).toEqual(readNpz(bytes, 'smooth'));
    expect(readNpz(bytes.slice().buffer)).toEqual(readNpz(bytes));
  });

  it.each<[string, () => unknown, string]>([
    ['several without a name', () => readNpz(bytesOf('several')), 'expected one array, got 3 (a, b, c)'],
    ['none', () => readNpz(bytesOf('none')), 'expected at least one array, got none'],
    ['an unknown name', () => readNpz(bytesOf('several'), 'd'), 'expected one of the arrays a, b, c, got d'],
    ['text', () => readNpz(new TextEncoder().encode('not a zip')), 'got 9 bytes that are not (invalid zip data)'],
    ['nothing', () => readNpz(new Uint8Array(0)), 'got 0 bytes that are not'],
    ['half a file', () => readNpz(bytesOf('one').slice(0, 200)), 'got 200 bytes that are not'],
    ['a size no file can have', () => readNpz(withSize(bytesOf('one, compressed'), 0x7fffffff)), 'sizes that fit'],
  ])('refuses %s', (_, read, message) => {
    expect(read).toThrow(InputError);
    expect(read).toThrow(message);
  });

  it('survives damaged files: an array or an InputError', () => {
    const places = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(files)), places, fc.nat(40), ({ npz, arrays }, changes, cut) => {
        const bytes = decode(npz);
        // Half of the changes go to the directory at the end, where the offsets and sizes are.
        for (const [place, value] of changes) {
          const at = place % 2 ? bytes.length - 1 - (place % Math.min(120, bytes.length)) : place % bytes.length;
          bytes[at] = value;
        }
        survives(bytes.subarray(0, bytes.length - (cut > 30 ? cut : 0)), Object.keys(arrays)[0]);
      }),
      { numRuns: 2000 },
    );
  });
});

function survives(bytes: Uint8Array, name: string | undefined): void {
  try {
    const { shape, data } = readNpz(bytes, name);
    expect(data.length).toBe(shape.reduce((product, size) => product * size, 1));
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toMatch(/^read(Npz|Npy): expected [^]*\.$/);
  }
}

/** The archive with another uncompressed size in its directory: 24 bytes after the signature 'PK\x01\x02'. */
function withSize(bytes: Uint8Array, size: number): Uint8Array {
  const at = bytes.findIndex((_, i) => [0x50, 0x4b, 1, 2].every((byte, k) => bytes[i + k] === byte));
  new DataView(bytes.buffer).setUint32(at + 24, size, true);
  return bytes;
}
