// .csv files of entries: indices or labels, a header or none, quotes; errors name the line.
import fc from 'fast-check';
import { gzipSync, strToU8 } from 'fflate';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { readCsv, type CsvOptions } from '../../src/io/index.js';
import '../support/arbitraries.js';

const plain = (text: string, options: CsvOptions = {}) => {
  const { shape, indices, values, labels, columns } = readCsv(text, options);
  return { shape, indices: Array.from(indices), values: Array.from(values), labels, columns };
};

describe('readCsv', () => {
  it('reads indices from 0, without a header', () => {
    expect(plain('0,2,1.5\n1,0,-2\r\n\n')).toEqual({
      shape: [2, 3],
      indices: [0, 2, 1, 0],
      values: [1.5, -2],
      labels: [undefined, undefined],
      columns: ['column 1', 'column 2', 'column 3'],
    });
  });

  it('reads labels in the order in which they appear, beside indices, with a header', () => {
    const text = 'user,item,context,value\nbob,17,evening,4\nann,3,evening,2\nbob,3,"at noon, outside",5\n';
    expect(plain(text)).toEqual({
      shape: [2, 18, 2],
      indices: [0, 17, 0, 1, 3, 0, 0, 3, 1],
      values: [4, 2, 5],
      labels: [['bob', 'ann'], undefined, ['evening', 'at noon, outside']],
      columns: ['user', 'item', 'context', 'value'],
    });
    expect(plain(text, { labels: true })).toMatchObject({ shape: [2, 2, 2], indices: [0, 0, 0, 1, 1, 0, 0, 1, 1] });
    expect(readCsv(gzipSync(strToU8(text)))).toEqual(readCsv(text));
  });

  it('takes a column for labels as a whole, also where one field alone is no integer', () => {
    expect(plain('7,a,1\n7b,a,2\n7,b,3')).toMatchObject({
      indices: [0, 0, 1, 0, 0, 1],
      labels: [
        ['7', '7b'],
        ['a', 'b'],
      ],
    });
    expect(plain('1.0,0,1\n1,0,2')).toMatchObject({ shape: [2, 1], indices: [1, 0, 1, 0] });
  });

  it('takes the separator of the first line, and indices from 1 when told', () => {
    expect(plain('1;2;0.5\n2;1;0.25', { base: 1 })).toMatchObject({ shape: [2, 2], indices: [0, 1, 1, 0] });
    expect(plain('a\tb, c\tv\n0\tx, y\t3')).toMatchObject({
      columns: ['a', 'b, c', 'v'],
      labels: [undefined, ['x, y']],
    });
  });

  it('reads quotes, with doubled ones and separators inside', () => {
    expect(plain('"say ""hi""", "b,b" ,1\nc,"b,b","2"\n').labels).toEqual([['say "hi"', 'c'], ['b,b']]);
  });

  it('knows a header by its words, or is told', () => {
    expect(plain('x,y,z\n0,0,1').columns).toEqual(['x', 'y', 'z']);
    expect(plain('x,y,2020\n0,0,1', { header: true }).columns).toEqual(['x', 'y', '2020']);
    expect(plain('x,y,2020\n0,0,1').columns).toEqual(['x', 'y', '2020']);
    expect(plain('x,y,2020\n0,0,1', { header: false }).labels).toEqual([
      ['x', '0'],
      ['y', '0'],
    ]);
    expect(() => plain('0,0,one\n0,0,1')).toThrow(/finite number in column 3 on line 1, got one/);
    expect(() => plain('x,y,z\n0,0,1', { header: false })).toThrow(/on line 1, got z/);
  });

  it.each<[string, string, CsvOptions, RegExp]>([
    ['nothing', '', {}, /expected at least one entry, got none/],
    ['a header alone', 'a,b,value\n', {}, /expected at least one entry, got none/],
    ['two columns', '1,2\n', {}, /expected at least 3 columns, two indices and a value, got 2/],
    ['too few columns', 'a,b,value\n0,0,1\n0,1\n', {}, /expected 3 columns on line 3 as before, got 2/],
    ['a missing value', '0,0,1\n0,1,\n', {}, /finite number in column 3 on line 2, got nothing\. Leave out/],
    ['a missing place', '0,0,1\n,1,2\n', {}, /index or a label in column 1 on line 2, got nothing/],
    ['a negative index', '0,0,1\n0,-1,2\n', {}, /integer index from 0 in column 2 on line 2, got -1/],
    [
      'an index 0 where they count from 1',
      '1,1,1\n0,1,1',
      { base: 1 },
      /index from 1 in column 1 on line 2, got 0.*base: 0/,
    ],
    [
      'an index beyond the shape',
      '0,0,1\n5,0,1',
      { shape: [5, 1] },
      /from 0 to 4, as the shape says, in column 1 on line 2, got 5/,
    ],
    ['more labels than the shape has', 'a,0,1\nb,0,1', { shape: [1, 1] }, /at most 1 labels in column 1, .*got 2/],
    ['another order than the shape', '0,0,1', { shape: [2] }, /expected 2 sizes in the shape/],
    ['an open quote', '"a,b,1\n', {}, /quotes around whole fields on line 1/],
    ['a quote inside', '0,0,1\n0,a "b" c,1\n', {}, /quotes around whole fields on line 2/],
  ])('refuses %s', (_, text, options, message) => {
    const read = () => readCsv(text, options);
    expect(read).toThrow(InputError);
    expect(read).toThrow(message);
    expect(read).toThrow(/^readCsv: expected [^\n]*, got [^\n]*\.$/);
  });

  it('finds every label where it was written', () => {
    const label = fc.string({ minLength: 1 }).map((text) => `x${text.replaceAll(/\s/g, ' ')}x`);
    const rows = fc.array(fc.tuple(label, label, fc.double({ noNaN: true, noDefaultInfinity: true })), {
      minLength: 1,
    });
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
    fc.assert(
      fc.property(rows, (list) => {
        const text = list.map(([a, b, value]) => `${quoted(a)},${quoted(b)},${value}`).join('\n');
        const { indices, values, labels, shape } = readCsv(text);
        const read = list.map((_, e) => [labels[0]?.[indices[2 * e] ?? -1], labels[1]?.[indices[2 * e + 1] ?? -1]]);
        expect(read).toEqual(list.map(([a, b]) => [a, b]));
        expect(Array.from(values)).toEqual(list.map(([, , value]) => value + 0));
        expect(shape).toEqual(labels.map((names) => new Set(names).size));
      }),
    );
  });
});
