// Text files as programs write them: line ends, encodings, separators, quotes, decimal commas. One list of entries, written in any of these
// dialects, reads back the same; what cannot be told apart is refused by line, with what was seen and what to say.
import fc from 'fast-check';
import { gzipSync, strToU8 } from 'fflate';
import { describe, expect, it, test } from 'vitest';
import { InputError } from '../../src/errors.js';
import { readCsv, readTns, type CsvOptions } from '../../src/io/index.js';
import '../support/arbitraries.js';

const entries = (text: string | Uint8Array, options: CsvOptions = {}) => {
  const { indices, values, labels, shape } = readCsv(text, options);
  const order = shape.length;
  return Array.from(values, (value, e) => [
    ...Array.from(indices.subarray(e * order, (e + 1) * order), (index, k) => labels[k]?.[index] ?? index),
    value,
  ]);
};

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

function utf16(text: string, littleEndian: boolean): Uint8Array {
  const bytes = new Uint8Array(2 * text.length);
  const view = new DataView(bytes.buffer);
  Array.from({ length: text.length }, (_, i) => view.setUint16(2 * i, text.charCodeAt(i), littleEndian));
  return bytes;
}

const joined = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => Array.from(part)));

describe('any dialect reads back the same', () => {
  const label = fc
    .stringMatching(/^[a-zA-Zäéß]([a-zA-Zäéß0-9 ,;|"\n]{0,6}[a-zäéß])?$/)
    .filter((text) => !/^(na|nan|null|none|nil)$/i.test(text));
  const value = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0),
    fc.integer({ min: -1000, max: 1000 }),
  );
  const list = fc.array(fc.tuple(label, fc.nat(20), label, value), { minLength: 1, maxLength: 30 });
  const dialect = fc.record({
    end: fc.constantFrom('\n', '\r\n', '\r'),
    mixed: fc.boolean(),
    separator: fc.constantFrom(',', ';', '\t', '|'),
    decimal: fc.constantFrom('.' as const, ',' as const),
    header: fc.boolean(),
    trailing: fc.boolean(),
    saysSeparator: fc.boolean(),
    encoding: fc.constantFrom('utf-8' as const, 'latin1' as const, 'utf-16le' as const, 'utf-16be' as const),
    mark: fc.boolean(),
    packed: fc.boolean(),
  });

  it('whatever its line ends, separators, quotes, decimals, header and encoding', () => {
    fc.assert(
      fc.property(list, dialect, (rows, how) => {
        const { separator, decimal } = how;
        const number = (x: number): string => {
          const text = decimal === ',' ? String(x).replace('.', ',') : String(x);
          return separator === ',' && text.includes(',') ? `"${text}"` : text;
        };
        const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
        const records = rows.map(([a, i, b, x]) => [quoted(a), String(i), quoted(b), number(x)]);
        if (how.header) records.unshift(['"from, or to"', 'index', 'to', '"the value"']);
        const ends = how.mixed ? ['\n', '\r\n', '\r'] : [how.end];
        const lines = records.map((fields, at) => {
          return [...fields, ...(how.trailing ? [''] : [])].join(separator) + ends[at % ends.length]!;
        });
        const text = (how.saysSeparator ? `sep=${separator}\n` : '') + lines.join('');
        const plain =
          how.encoding === 'utf-8'
            ? joined(how.mark ? strToU8('\uFEFF') : new Uint8Array(0), strToU8(text))
            : how.encoding === 'latin1'
              ? latin1(text)
              : utf16(`${how.mark ? '\uFEFF' : ''}${text}`, how.encoding === 'utf-16le');
        const options = {
          base: 0,
          header: how.header,
          decimal,
          ...(how.mark && how.encoding !== 'latin1' ? {} : { encoding: how.encoding }),
        } as const;
        expect(entries(how.packed ? gzipSync(plain) : plain, options)).toEqual(
          rows.map(([a, i, b, x]) => [a, i, b, x]),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('in blocks that cut characters and line ends in two', () => {
    // 65,536 bytes are decoded at a time; these lines put every kind of character and line end over that border.
    for (let shift = 0; shift < 6; shift++) {
      const head = `${'x'.repeat(65_530 + shift)},a,1\r\n`;
      const text = `${head}€,b,2\r\n𝄞,c,3\r`;
      const expected = [
        ['x'.repeat(65_530 + shift), 'a', 1],
        ['€', 'b', 2],
        ['𝄞', 'c', 3],
      ];
      expect(entries(strToU8(text))).toEqual(expected);
      expect(entries(utf16(`\uFEFF${text}`, true))).toEqual(expected);
      const long = `${'y'.repeat(65_535 - 4 + shift)},a,1\r\nb,b,2\r\n`;
      expect(entries(strToU8(long)).map((row) => row.at(-1))).toEqual([1, 2]);
      expect(() => readCsv(strToU8(`${long}c,c\r\n`))).toThrow(/on line 3/);
    }
  });

  it('for .tns files', () => {
    const text = '# shape 2 3\n1 1 0.5\n2 3 -1\n';
    const expected = { shape: [2, 3], indices: Uint32Array.of(0, 0, 1, 2), values: Float64Array.of(0.5, -1) };
    for (const end of ['\n', '\r\n', '\r']) expect(readTns(text.replaceAll('\n', end))).toEqual(expected);
    expect(readTns(utf16(`\uFEFF${text}`, false))).toEqual(expected);
    expect(readTns(latin1(`# Köln\n${text}`), { encoding: 'latin1' })).toEqual(expected);
    expect(() => readTns(latin1(`# Köln\n${text}`))).toThrow(
      /^readTns: expected text in UTF-8, got the byte 0xf6, which is not, on line 1 \(byte offset 3/,
    );
  });
});

describe('bytes that are no text of the encoding', () => {
  test.each<[string, Uint8Array, CsvOptions, RegExp]>([
    [
      'Latin-1',
      latin1('a,b,1\nKöln,c,2\n'),
      {},
      /0xf6, which is not, on line 2 \(byte offset 7 of the text\)\. Say encoding: 'latin1'/,
    ],
    ['Latin-1 after a lone CR', latin1('a,b,1\rx,é,2\r'), {}, /0xe9, which is not, on line 2 \(byte offset 8 /],
    [
      'a character cut short at the end',
      strToU8('a,b,1\nx,€,2').subarray(0, 10),
      {},
      /0xe2, which is not, on line 2 \(byte offset 8 /,
    ],
    [
      'Latin-1 after a replacement character',
      joined(strToU8('\uFFFD,b,1\n'), latin1('ü,c,2')),
      {},
      /0xfc, which is not, on line 2 \(byte offset 8 /,
    ],
    [
      'Latin-1 beyond the first block',
      joined(strToU8('a,b,1\n'.repeat(20_000)), latin1('ß,c,2')),
      {},
      /0xdf, .* on line 20001 \(byte offset 120000 /,
    ],
    [
      'UTF-16 without its mark',
      utf16('a,b,1\n', true),
      {},
      /got a zero byte on line 1\. If the text is in UTF-16, say encoding: 'utf-16le'/,
    ],
    [
      'half a character of UTF-16',
      joined(utf16('\uFEFFa,b,1\n', true), Uint8Array.of(0, 0xd8)),
      {},
      /expected text in UTF-16LE, got the byte .* line 2/,
    ],
    [
      'the mark of another encoding',
      strToU8('\uFEFFa,b,1\n'),
      { encoding: 'latin1' },
      /begins with the byte order mark of utf-8\. Leave encoding out/,
    ],
    ['a file that is no text', Uint8Array.of(1, 2, 0, 4), {}, /got a zero byte on line 1/],
    ['an encoding nobody knows', strToU8('a,b,1'), { encoding: 'utf8' as 'utf-8' }, /Did you mean utf-8\?/],
  ])('%s', (_, bytes, options, message) => {
    expect(() => readCsv(bytes, options)).toThrow(InputError);
    expect(() => readCsv(bytes, options)).toThrow(message);
    expect(() => readCsv(gzipSync(bytes), options)).toThrow(message);
  });

  it('keeps labels apart that differ in one letter of Latin-1', () => {
    const { labels } = readCsv(latin1('Köln,a,1\nKäln,a,2\nKoln,a,3\n'), { encoding: 'latin1' });
    expect(labels[0]).toEqual(['Köln', 'Käln', 'Koln']);
  });
});

describe('numbers', () => {
  test.each([
    ['0x10', {}, /got 0x10/],
    ['Infinity', {}, /got Infinity/],
    ['-inf', {}, /got -inf/],
    ['1e999', {}, /got 1e999/],
    ['NaN', {}, /got NaN\. Leave out lines of unknown values/],
    ['null', {}, /got null\. Leave out/],
    ['None', {}, /got None\. Leave out/],
    ['NA', {}, /got NA\. Leave out/],
    ['1_000', {}, /got 1_000/],
    ['1.5D+03', {}, /got 1\.5D\+03/],
    ['12 %', {}, /got 12 %/],
    ['2020-01-05', {}, /got 2020-01-05/],
    [
      '"1,234"',
      {},
      /got 1,234\. If its comma is a decimal one, say decimal: ','; if it separates thousands, leave it out/,
    ],
    ['"1,234.5"', {}, /got 1,234\.5\. Leave out what separates thousands/],
    ['"1,234,567"', {}, /Leave out what separates thousands/],
    ['1.234', { decimal: ',' }, /got 1\.234\. If its point separates thousands/],
    ['"1.234,5"', { decimal: ',' }, /Leave out what separates thousands/],
  ] as [string, CsvOptions, RegExp][])('%s is none', (field, options, message) => {
    expect(() => readCsv(`a,b,1\nc,d,${field}\n`, { header: false, ...options })).toThrow(message);
    expect(() => readCsv(`a,b,1\nc,d,${field}\n`, { header: false, ...options })).toThrow(/in column 3 on line 2, got/);
  });

  test.each([
    ['1e5', 1e5],
    ['+1.5E-3', 1.5e-3],
    ['.5', 0.5],
    ['5.', 5],
    ['007', 7],
  ])('%s is %d', (field, value) => {
    expect(readCsv(`a,b,${field}\n`, { header: false }).values[0]).toBe(value);
  });

  test('indices are digits too', () => {
    for (const field of ['0x10', '1_0', 'Infinity']) {
      expect(() => readTns(`1 1 1\n${field} 1 2\n`)).toThrow(
        /expected an integer index from 1 in column 1 on line 2, got/,
      );
    }
  });
});
