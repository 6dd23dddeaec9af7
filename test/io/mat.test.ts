// .mat files of level 5 as SciPy writes them, and files that are none: an array or an InputError, never anything else.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { matNames, readMat } from '../../src/io/index.js';
import { zlibSync } from 'fflate';
import fixtures from '../data/mat/fixtures.json';
import '../support/arbitraries.js';

interface Fixture {
  mat: string;
  arrays: Record<string, { shape: number[]; values: number[] }>;
}
const files = fixtures as unknown as Record<keyof typeof fixtures, Fixture>;
const decode = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
const bytesOf = (name: keyof typeof fixtures): Uint8Array => decode(files[name].mat);

/** The header of a file by MATLAB on a machine of either byte order, and what follows. */
function file(little: boolean, ...elements: Uint8Array[]): Uint8Array {
  const header = new Uint8Array(128).fill(32);
  const view = new DataView(header.buffer);
  view.setUint16(124, 0x0100, little);
  view.setUint16(126, 0x4d49, little);
  return Uint8Array.from([...header, ...elements.flatMap((element) => Array.from(element))]);
}

function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = value;
  return copy;
}

describe('readMat', () => {
  it.each(Object.entries(files))('reads what SciPy wrote: %s', (_, { mat, arrays }) => {
    const bytes = decode(mat);
    expect(matNames(bytes)).toEqual(Object.keys(arrays));
    for (const [name, { shape, values }] of Object.entries(arrays)) {
      const array = readMat(bytes, name);
      expect({ ...array, data: Array.from(array.data, Number) }).toEqual({ shape, dtype: 'f8', data: values });
    }
  });

  it('reads big-endian files', () => {
    const element = new Uint8Array(72);
    const view = new DataView(element.buffer);
    const words = [14, 64, 6, 8, 6, 0, 5, 8, 1, 2, 0x00010001, 0x61000000, 9, 16];
    words.forEach((word, k) => view.setUint32(4 * k, word));
    view.setFloat64(56, 0.5);
    view.setFloat64(64, -4);
    const array = readMat(file(false, element));
    expect({ shape: array.shape, data: Array.from(array.data, Number) }).toEqual({ shape: [1, 2], data: [0.5, -4] });
    expect(matNames(file(false, element))).toEqual(['a']);
  });

  it('needs no name for the only array, and takes an ArrayBuffer', () => {
    const bytes = bytesOf('one, compressed');
    expect(readMat(bytes)).toEqual(readMat(bytes, 'x'));
    expect(readMat(bytes.slice().buffer)).toEqual(readMat(bytes));
  });

  it.each<[string, () => unknown, string]>([
    ['several without a name', () => readMat(bytesOf('single, vector, scalar')), 'got 3 (single, vector, scalar)'],
    ['none', () => readMat(bytesOf('none')), 'expected a full array of real numbers, got none'],
    ['an unknown name', () => readMat(bytesOf('one'), 'y'), 'expected one of the arrays x, got y'],
    ['text', () => readMat(new TextEncoder().encode('not a file')), 'got 10 bytes that are not'],
    ['nothing', () => readMat(new Uint8Array(0)), 'got 0 bytes that are not'],
    ['level 7.3', () => readMat(changed(bytesOf('one'), 125, 2)), 'level 7.3, which is HDF5'],
    ['half a file', () => readMat(bytesOf('one').slice(0, 300)), 'damaged or cut short'],
    ['a size no file can have', () => readMat(changed(bytesOf('one'), 135, 0x7f)), 'damaged or cut short'],
    ['other sizes', () => readMat(changed(bytesOf('one'), 160, 9)), 'damaged or cut short'],
    ['damaged zlib data', () => readMat(changed(bytesOf('one, compressed'), 140, 0xff)), 'damaged or cut short'],
  ])('refuses %s', (_, read, message) => {
    expect(read).toThrow(InputError);
    expect(read).toThrow(message);
  });

  it('refuses what unpacks to more than data do', () => {
    const packed = zlibSync(new Uint8Array(2 ** 28 + 2 ** 20), { level: 9 });
    const tag = new Uint8Array(new Uint32Array([15, packed.length]).buffer);
    expect(() => readMat(file(true, tag, packed))).toThrow(/at most 200 times its size/);
  });

  it('gives an array or an InputError for any bytes', { timeout: 300_000 }, () => {
    const sources = Object.keys(files).map((name) => bytesOf(name as keyof typeof fixtures));
    const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.constantFrom(...sources), edits, fc.nat(), fc.boolean(), (source, changes, cut, isCut) => {
        const bytes = isCut ? source.slice(0, cut % source.length) : source.slice();
        // Half of the changes in the first tags, where they matter.
        for (const [at, value] of changes)
          if (bytes.length > 0) bytes[at % 2 ? at % bytes.length : (at >> 1) % Math.min(bytes.length, 220)] = value;
        try {
          for (const name of matNames(bytes)) readMat(bytes, name);
        } catch (error) {
          if (!(error instanceof InputError)) throw error;
        }
      }),
      { numRuns: 10_000 },
    );
  });
});
