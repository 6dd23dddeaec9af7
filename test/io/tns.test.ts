// .tns files of FROSTT and the headers that others put on them: what is written is read, and errors name the line.
import fc from 'fast-check';
import { gzipSync, strToU8 } from 'fflate';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { readTns, writeTns, type Coordinates, type TnsOptions } from '../../src/io/index.js';
import '../support/arbitraries.js';

const three: Coordinates = {
  shape: [2, 3, 2],
  indices: Uint32Array.of(0, 0, 0, 1, 2, 1, 0, 1, 0),
  values: Float64Array.of(0.5, -1.25, 3e-7),
};
const entries = '1 1 1 0.5\n2 3 2 -1.25\n1 2 1 3e-7\n';

describe('readTns', () => {
  it.each<[string, string]>([
    ['plain', entries],
    [
      'comments, blank lines, tabs, Windows line ends, no end of line',
      `# FROSTT\r\n\r\n\t1\t1 1  0.5 # one\r\n2 3 2 -1.25\r\n1 2 1 3e-7`,
    ],
    ['a byte order mark', `\uFEFF${entries}`],
    ['indices written as floats', '1.0 1.00 1 0.5\n2e0 3 2 -1.25\n1 2 1 3e-7'],
    ['order and sizes, as in ParTI!', `3\n2 3 2\n${entries}`],
    ['order, count and sizes, as in MLIR', `# rank nnz\n3 3\n2 3 2\n${entries}`],
    ['the header of Tensor Toolbox', `sptensor\n3\n2 3 2\n3\n${entries}`],
    ['its own comment', `# shape 2 3 2\n${entries}`],
  ])('%s', (_, text) => {
    expect(readTns(text)).toEqual(three);
    expect(readTns(strToU8(text))).toEqual(three);
    expect(readTns(gzipSync(strToU8(text)))).toEqual(three);
    expect(readTns(strToU8(text).buffer)).toEqual(three);
  });

  it('takes sizes from the options, then from the header, then from the largest indices', () => {
    expect(readTns(`3\n5 5 5\n${entries}`, { shape: [2, 4, 7] }).shape).toEqual([2, 4, 7]);
    expect(readTns(`# shape 6 6 6\n${entries}`, { shape: [2, 4, 7] }).shape).toEqual([2, 4, 7]);
    expect(readTns(`3\n5 5 5\n${entries}`).shape).toEqual([5, 5, 5]);
    expect(readTns('0 0 1\n3 1 2', { base: 0 }).shape).toEqual([4, 2]);
  });

  it('keeps cells that come twice, in the order of the file', () => {
    const { indices, values } = readTns('1 1 2\n2 1 3\n1 1 5\n');
    expect([Array.from(indices), Array.from(values)]).toEqual([
      [0, 0, 1, 0, 0, 0],
      [2, 3, 5],
    ]);
  });

  it.each<[string, string, TnsOptions, RegExp]>([
    ['nothing', '', {}, /expected at least one entry, got none/],
    ['comments alone', '# a\n\n# b', {}, /expected at least one entry, got none/],
    ['too few columns', `${entries}\n# c\n1 2 3`, {}, /expected 4 columns on line 6 as before, got 3/],
    ['too many columns', '1 1 1\n1 1 1 1\n', {}, /expected 3 columns on line 2 as before, got 4/],
    ['an index 0', '1 1 1\n1 0 2', {}, /integer index from 1 in column 2 on line 2, got 0\. .*base: 0\.$/],
    ['a negative index', '1 1 1\n1 -1 2', { base: 0 }, /integer index from 0 in column 2 on line 2, got -1\./],
    ['a broken index', '1 1.5 1', {}, /integer index from 1 in column 2 on line 1, got 1\.5\./],
    [
      'an index beyond the shape',
      '1 1 1\n3 1 1',
      { shape: [2, 2] },
      /index from 1 to 2, .* in column 1 on line 2, got 3\./,
    ],
    ['an index beyond the header', '2\n2 2\n1 1 1\n1 3 1', {}, /index from 1 to 2, .* in column 2 on line 4, got 3\./],
    ['an index beyond any tensor', '1 1 1\n1 4294967297 1', {}, /integer index .* line 2, got 4294967297/],
    ['a word for a value', '1 1 one', {}, /finite number in the last column on line 1, got one\./],
    ['NaN', '1 1 1\n1 2 nan', {}, /finite number in the last column on line 2, got nan\. Leave out/],
    ['an infinite value', '1 1 1e999', {}, /finite number in the last column on line 1, got 1e999/],
    ['a hexadecimal value', '1 1 0x', {}, /finite number .* got 0x/],
    [
      'another order than the shape',
      '1 1 1',
      { shape: [2, 2, 2] },
      /expected 2 sizes in the shape .*got 3 \(2 × 2 × 2\)/,
    ],
    ['a header of another order', '3\n2 2\n1 1 1', {}, /expected 3 sizes on line 2, as the header says, got 2/],
    [
      'fewer entries than the header says',
      '3 4\n2 3 2\n' + entries,
      {},
      /expected 4 entries, as the header says, got 3/,
    ],
    ['text', 'this is no tensor file', {}, /expected an integer index .*line 1, got this/],
    ['a word', 'hello', {}, /expected the order of the tensor on line 1, .*got hello/],
  ])('refuses %s', (_, text, options, message) => {
    const read = () => readTns(text, options);
    expect(read).toThrow(InputError);
    expect(read).toThrow(message);
    expect(read).toThrow(/^readTns: expected [^\n]*, got [^\n]*\.$/);
  });

  it('refuses damaged gzip data', () => {
    const packed = gzipSync(strToU8(entries.repeat(5000)));
    expect(() => readTns(packed.subarray(0, packed.length / 2))).toThrow(
      /expected gzip data, got \d+ bytes .*cut short/,
    );
  });
});

const coordinates = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 2, maxLength: 5 }).chain((shape) => {
  const index = fc.tuple(...shape.map((size) => fc.integer({ min: 0, max: size - 1 })));
  const entry = fc.tuple(index, fc.double({ noNaN: true, noDefaultInfinity: true }));
  return fc.array(entry, { minLength: 1, maxLength: 20 }).map((list) => ({
    shape,
    indices: Uint32Array.from(list.flatMap(([at]) => at)),
    // −0 has no text of its own: String(−0) is 0.
    values: Float64Array.from(list, ([, value]) => value + 0),
  }));
});

describe('writeTns', () => {
  it('writes what readTns reads, to the bit, whatever the base', () => {
    fc.assert(
      fc.property(coordinates, fc.constantFrom(0 as const, 1 as const), (known, base) => {
        expect(readTns(writeTns(known, { base }), { base })).toEqual(known);
      }),
    );
  });

  it('writes lines that any reader of FROSTT files takes', () => {
    expect(writeTns(three)).toBe(`# shape 2 3 2\n${entries}`);
  });

  it('refuses values that are no numbers, and indices that do not fit', () => {
    expect(() => writeTns({ ...three, values: Float64Array.of(1, NaN, 2) })).toThrow(
      /finite values, got NaN for entry 1/,
    );
    expect(() => writeTns({ ...three, indices: Uint32Array.of(0) })).toThrow(/expected 3 indices a value/);
  });
});
