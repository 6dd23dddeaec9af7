// Which columns of a .csv file are modes and which one holds the values, what its first line is, and matrices in wide form: chosen, guessed
// with a notice, or refused; never guessed in silence where it may be wrong.
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { InputError } from '../../src/errors.js';
import { readCsv, type CsvOptions } from '../../src/io/index.js';
import '../support/arbitraries.js';

const read = (text: string, options: CsvOptions = {}) => {
  const { indices, values, ...rest } = readCsv(text, options);
  return { ...rest, indices: Array.from(indices), values: Array.from(values) };
};

const ratings = 'user,film,rating,timestamp\nann,3,4,1700000000\nbob,0,5,1700000013\nann,0,2,1700000026\n';

describe('columns are chosen', () => {
  const chosen = {
    shape: [2, 4],
    indices: [0, 3, 1, 0, 0, 0],
    values: [4, 5, 2],
    columns: ['user', 'film', 'rating'],
    labels: [['ann', 'bob'], undefined],
    notices: [],
  };

  test.each<[string, CsvOptions]>([
    ['by names', { value: 'rating', modes: ['user', 'film'] }],
    ['by numbers', { value: 3, modes: [1, 2] }],
    ['by numbers that are text', { value: '3', modes: ['1', '2'] }],
    ['by names and numbers', { value: 3, modes: ['user', 2] }],
  ])('%s', (_, options) => {
    expect(read(ratings, options)).toEqual(chosen);
  });

  it('gives the modes in the order asked for', () => {
    expect(read(ratings, { value: 'rating', modes: ['film', 'user'] })).toMatchObject({
      shape: [4, 2],
      columns: ['film', 'user', 'rating'],
      indices: [3, 0, 0, 1, 0, 0],
    });
  });

  it('takes all others for modes beside a value, and the last one for the value beside modes', () => {
    expect(read(ratings, { value: 'rating' }).columns).toEqual(['user', 'film', 'timestamp', 'rating']);
    expect(read(ratings, { modes: ['user', 'film'] }).columns).toEqual(['user', 'film', 'timestamp']);
    expect(read(ratings, { modes: ['user', 'timestamp'] }).columns).toEqual(['user', 'timestamp', 'rating']);
  });

  it('does not read columns that are not chosen', () => {
    const text = 'a,b,value,remark\n0,0,1,\n0,1,2,"NA, or ""so"""\n';
    expect(read(text, { modes: ['a', 'b'], value: 'value' }).values).toEqual([1, 2]);
  });

  it('takes the number of a column for that, and other numbers for names', () => {
    // The first line holds a 2 too, in its third column.
    expect(read('0,1,2\n1,0,5\n', { value: '2', modes: ['1', '3'] })).toMatchObject({ values: [1, 0], shape: [2, 6] });
    expect(read('a,b,2019,2\n0,0,7,8\n', { value: '2019', modes: ['a', 'b'] }).values).toEqual([7]);
    expect(read('1,2,3\nx,y,5\n', { value: '3', header: true }).columns).toEqual(['1', '2', '3']);
  });

  test.each<[string, CsvOptions, RegExp]>([
    [
      'a name that is not there',
      { value: 'stars' },
      /a column by its name \(user, film, rating, timestamp\) or its number, 1 to 4, got stars/,
    ],
    ['a number too large', { value: 5 }, /its number, 1 to 4, got 5/],
    ['a number 0', { modes: [0, 1] }, /its number, 1 to 4, got 0/],
    ['a column twice', { modes: ['user', 'user'] }, /every column once in modes and value, got column 1 twice/],
    ['the value among the modes', { modes: ['user', 'film'], value: 'film' }, /got column 2 twice/],
    ['one mode', { modes: ['user'], value: 'rating' }, /expected at least 3 columns, two indices and a value, got 2/],
    ['an option nobody knows', { vaule: 3 } as CsvOptions, /Did you mean value\?/],
  ])('refuses %s', (_, options, message) => {
    expect(() => readCsv(ratings, options)).toThrow(InputError);
    expect(() => readCsv(ratings, options)).toThrow(message);
  });

  it('refuses a name that two columns have, and takes their numbers', () => {
    const text = 'a,a,value\n0,1,5\n';
    expect(() => readCsv(text, { modes: ['a', 2] })).toThrow(
      /expected one column called a, got columns 1 and 2\. Give its number/,
    );
    expect(read(text, { modes: [2, 1] }).indices).toEqual([1, 0]);
    expect(read(text).values).toEqual([5]);
  });
});

describe('the first line', () => {
  const grid = ['s0,v0,0', 's0,v1,2', 's1,v0,1', 's1,v1,3'];

  test.each<[string, string[], boolean]>([
    ['words above numbers', ['a,b,c', '0,0,1'], true],
    ['words above words', ['a,b,c', ...grid], true],
    ['a year for the value of a grid', ['station,variable,2019', ...grid], true],
    ['a number for the value of a grid', ['station,variable,1', ...grid], true],
    ['a year above values that are none', ['station,variable,2019', 'a,b,1', 'c,d,2'], true],
    ['a year above indices', ['x,y,2020', '0,0,1', '1,1,2'], true],
    ['an entry among years', ['a,b,2019', 'c,d,2018', 'e,f,2020'], false],
    ['an entry of words that come once', ['a,b,3', 'c,d,4', 'e,f,5'], false],
    ['an entry whose label comes again', ['s0,v9,2019', ...grid], false],
    ['numbers alone', ['0,0,1', '1,1,2'], false],
    ['a single line', ['a,b,2019'], false],
  ])('%s', (_, lines, isHeader) => {
    const { values, columns, notices } = read(lines.join('\n'));
    expect(values).toHaveLength(lines.length - (isHeader ? 1 : 0));
    expect(columns[0] === 'column 1').toBe(!isHeader);
    const isGuess = isHeader && !Number.isNaN(Number(lines[0]?.split(',').at(-1)));
    expect(
      notices.filter((notice) => /^line 1 is taken for a header, .* say header: false$/.test(notice)),
    ).toHaveLength(isGuess ? 1 : 0);
  });

  it('is what the caller says', () => {
    expect(read('a,b,3\nc,d,4\n', { header: true })).toMatchObject({ columns: ['a', 'b', '3'], values: [4] });
    expect(read(['station,variable,2019', ...grid].join('\n'), { header: false }).values).toHaveLength(5);
  });

  it('stays an error where its value alone is none', () => {
    expect(() => read('0,0,one\n0,0,1')).toThrow(/in column 3 on line 1, got one/);
    expect(() => read('a,b,NA\nc,d,1')).toThrow(/in column 3 on line 1, got NA\. Leave out/);
    expect(() => read('0;240,5;1,00\n0;250,5;1,01\n')).toThrow(
      /in column 3 on line 1, got 1,00\. If its comma is a decimal one, say decimal: ','/,
    );
  });
});

describe('what looks odd is told', () => {
  const rows = (line: (i: number) => string, count = 12): string =>
    Array.from({ length: count }, (_, i) => line(i)).join('\n');

  test.each<[string, string, CsvOptions, RegExp]>([
    [
      'numbers of lines',
      rows((i) => `${i},${i % 3},${i % 4},5.5`),
      {},
      /^column 1 has as many different fields as there are entries, 12: .* modes: \['2', '3'\]$/,
    ],
    [
      'names of lines',
      `id,a,b,v\n${rows((i) => `r${i},${i % 3},${i % 4},5.5`)}`,
      {},
      /^column 1 \(id\) has as many .* modes: \['a', 'b'\]$/,
    ],
    [
      'seconds since 1970',
      rows((i) => `${i % 3},${i % 4},${1_700_000_000 + i}`),
      {},
      /^the values, those of column 3, look like times: .* value: '2'$/,
    ],
    ['milliseconds', rows((i) => `${i % 3},${i % 4},${1_700_000_000_000 + i}`), {}, /look like times/],
    [
      'a name of times',
      `a,b,date\n${rows((i) => `${i % 3},${i % 4},${i}`)}`,
      {},
      /^the values, those of column 3 \(date\), look like times: .* value: 'b'$/,
    ],
    [
      'indices from 1',
      rows((i) => `${1 + (i % 3)},${1 + (i % 4)},5.5`),
      {},
      /^no index is 0: if indices count from 1, say base: 1$/,
    ],
    [
      'years',
      rows((i) => `${1990 + (i % 3)},${i % 4},5.5`),
      {},
      /^column 1 holds integers from 1990 to 1992, which are taken for 3 labels; if they are indices, say base: 0$/,
    ],
    [
      'integers among words',
      rows((i) => `${i % 3 === 0 ? 'all' : i % 3},${i % 4},5.5`),
      {},
      /^column 1 holds integers and words \(all on line 1\): all are labels$/,
    ],
    [
      'words for nothing',
      rows((i) => `${['x', 'y', 'NA'][i % 3]},${i % 4},5.5`),
      {},
      /^column 1 holds NA on line 3, a label like any other$/,
    ],
  ])('%s', (_, text, options, notice) => {
    expect(read(text, options).notices).toEqual([expect.stringMatching(notice)]);
  });

  test('and nothing else is', () => {
    expect(read(rows((i) => `${i % 3},${i % 4},${i}`)).notices).toEqual([]);
    expect(
      read(
        rows((i) => `${1 + (i % 3)},${1 + (i % 4)},5.5`),
        { base: 1 },
      ).notices,
    ).toEqual([]);
    expect(
      read(
        rows((i) => `${1990 + (i % 3)},${i % 4},5.5`),
        { labels: true },
      ).notices,
    ).toEqual([]);
    expect(
      read(
        rows((i) => `${1990 + (i % 3)},${i % 4},5.5`),
        { base: 0 },
      ),
    ).toMatchObject({ shape: [1993, 4], notices: [] });
  });

  test('integers too large for an index are labels, and numbers that are equal are one index', () => {
    expect(read(rows((i) => `${i % 2 === 0 ? 12 : 7_000_000_000},${i % 4},5.5`))).toMatchObject({
      shape: [2, 4],
      notices: [expect.stringMatching(/^column 1 holds integers from 12 to 7000000000, which are taken for 2 labels/)],
    });
    expect(read('1990,0,1\n1990.0,1,2\n')).toMatchObject({ shape: [1991, 2], indices: [1990, 0, 1990, 1] });
  });

  test('a mode of one index or one label is a mode', () => {
    expect(read(rows((i) => `${i % 3},0,${i % 4},5.5`))).toMatchObject({ shape: [3, 1, 4], notices: [] });
    expect(read(rows((i) => `${i % 3},all,${i % 4},5.5`))).toMatchObject({ shape: [3, 1, 4], notices: [] });
    expect(read(rows((i) => `${i % 3},2019,${i % 4},5.5`)).shape).toEqual([3, 1, 4]);
  });

  test('a word for nothing among indices is refused', () => {
    expect(() => read('0,0,1\n0,NA,2\n')).toThrow(
      /expected an index in column 2 on line 2, got NA\. Leave out lines of unknown places/,
    );
  });
});

describe('a column of nothing at the end of every line', () => {
  it('is none, with a header or without', () => {
    expect(read('a,b,v,\n0,0,1,\n0,1,2,\n')).toMatchObject({ columns: ['a', 'b', 'v'], values: [1, 2] });
    expect(read('0;0;1;\n0;1;2;\n').values).toEqual([1, 2]);
  });

  it('is an error where a line has none, or has more', () => {
    expect(() => read('0,0,1,\n0,1,2\n')).toThrow(/in column 4 on line 1, got nothing/);
    expect(() => read(`${'0,0,1,\n'.repeat(1000)}0,1,2\n`)).toThrow(/expected 4 columns on line 1001 as before, got 3/);
    expect(() => read('0,0,1\n0,1,2,\n')).toThrow(/expected 3 columns on line 2 as before, got 4, 1 of them empty/);
  });

  it('is no reason to pass over an empty field between tabs', () => {
    expect(() => read('u\tv\tw\t1\n"a"\t\t"c"\tq\t2\n')).toThrow(
      /expected 4 columns on line 2 as before, got 5, 1 of them empty/,
    );
    expect(() => read('u\tv\t1\n"a"\t\t2\n')).toThrow(/index or a label in column 2 on line 2, got nothing/);
    expect(() => read('u\tv\t1\n\t"c"\t2\n')).toThrow(/index or a label in column 1 on line 2, got nothing/);
  });

  it('lines of empty fields alone say nothing', () => {
    expect(read('0,0,1\n,,\n\n0,1,2\n').values).toEqual([1, 2]);
  });
});

describe('matrices', () => {
  const wideHint =
    /looks like a matrix in wide form\. If it is, say wide: true; if not, name the modes, as in modes: \['1'/;

  test.each([
    ['fractions', '0.5,0.75,1.25\n1.0,1.5,2.5\n1.5,2.25,3.75\n'],
    ['names of columns', 'a,b,c\n0.5,0.75,1.25\n1.25,1.5,2.5\n'],
    ['names of rows', 'x,0.5,0.75,1.25\ny,1.25,1.5,2.5\n'],
    ['decimal commas', '0,5;0,75;2\n1,25;1,5;3\n'],
  ])('are not taken for lists: %s', (_, text) => {
    expect(() => read(text)).toThrow(wideHint);
  });

  it('with an empty corner are refused with a word about them', () => {
    const text = ',2018,2019,2020\nx,0.5,0.75,1.25\n';
    expect(() => read(text)).toThrow(/column 1 on line 1, got nothing\. .*matrix in wide form, say wide: true/);
  });

  it('are lists where the modes are named', () => {
    expect(read('0.5,0.75,1.25\n1.25,1.5,2.5\n', { modes: [1, 2] })).toMatchObject({
      shape: [2, 2],
      values: [1.25, 2.5],
    });
    expect(read('0.5,0.75,1.25\n1.25,1.5,2.5\n', { labels: true })).toMatchObject({ shape: [2, 2] });
  });

  it('lists with fractions that come again are lists', () => {
    const text = [0, 1, 2, 3, 4, 5].map((i) => `${i % 2};${240.5 + (i % 3)};${i}`).join('\n');
    expect(read(text)).toMatchObject({ shape: [2, 3], labels: [undefined, ['240.5', '241.5', '242.5']] });
  });

  test.each<[string, string, object]>([
    [
      'numbers',
      '1,2\n3,4\n5,6\n',
      { shape: [3, 2], labels: [undefined, undefined], values: [1, 2, 3, 4, 5, 6], notices: [] },
    ],
    ['names of columns', 'a,b\n1,2\n3,4\n', { shape: [2, 2], labels: [undefined, ['a', 'b']], values: [1, 2, 3, 4] }],
    ['names of rows', 'x,1,2\ny,3,4\n', { shape: [2, 2], labels: [['x', 'y'], undefined], values: [1, 2, 3, 4] }],
    [
      'names of both',
      'who,a,b\nx,1,2\ny,3,4\n',
      {
        shape: [2, 2],
        labels: [
          ['x', 'y'],
          ['a', 'b'],
        ],
        columns: ['who', 'column', 'value'],
      },
    ],
    [
      'years above an empty corner',
      ',2018,2019\nx,1,2\ny,3,4\n',
      {
        shape: [2, 2],
        labels: [
          ['x', 'y'],
          ['2018', '2019'],
        ],
        values: [1, 2, 3, 4],
        notices: [expect.stringMatching(/^line 1 is taken for the names of the columns/)],
      },
    ],
    [
      'years beside a word',
      'town,2018,2019\nx,1,2\ny,3,4\n',
      {
        labels: [
          ['x', 'y'],
          ['2018', '2019'],
        ],
        columns: ['town', 'column', 'value'],
      },
    ],
    [
      'numbers of rows',
      ',a,b\n0,1,2\n1,3,4\n',
      {
        shape: [2, 2],
        labels: [
          ['0', '1'],
          ['a', 'b'],
        ],
        values: [1, 2, 3, 4],
      },
    ],
    [
      'named numbers of rows',
      'id,a,b\n1,1,2\n2,3,4\n',
      {
        shape: [2, 2],
        labels: [
          ['1', '2'],
          ['a', 'b'],
        ],
        notices: ['column 1 (id) counts the rows, and is taken for their names'],
      },
    ],
    [
      'numbers and words in front',
      'x,1\n7,3\n',
      {
        shape: [2, 1],
        labels: [['x', '7'], undefined],
        notices: ['column 1 holds numbers and words (x on line 1): all are names of rows'],
      },
    ],
    ['gaps', '1,,3\nNA,5,null\n', { shape: [2, 3], indices: [0, 0, 0, 2, 1, 1], values: [1, 3, 5] }],
  ])('are read where they are said to be some: %s', (_, text, expected) => {
    expect(read(text, { wide: true })).toMatchObject(expected);
  });

  test.each<[string, string, CsvOptions, RegExp]>([
    ['rows of other lengths', '1,2\n3\n', {}, /expected 2 fields on line 2 as before, got 1\. Give every row as many/],
    ['words', '1,2\n3,four\n', {}, /in column 2 on line 2, got four/],
    [
      'decimal commas',
      '1,5;2\n3;4\n',
      {},
      /in column 1 on line 1, got 1,5\. If its comma is a decimal one, say decimal: ','/,
    ],
    ['nothing', '', {}, /expected at least one entry, got none/],
    ['gaps alone', 'NA,NA\n,\n', {}, /expected at least one entry, got none/],
    ['a value column', '1,2\n', { value: 1 }, /expected no value beside wide: true/],
  ])('refuses %s', (_, text, options, message) => {
    expect(() => readCsv(text, { wide: true, ...options })).toThrow(message);
  });

  it('come back the same with names or without', () => {
    const cells = fc
      .integer({ min: 2, max: 5 })
      .chain((columns) =>
        fc.array(
          fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: columns, maxLength: columns }),
          { minLength: 1, maxLength: 6 },
        ),
      );
    fc.assert(
      fc.property(cells, fc.boolean(), fc.boolean(), (rows, withRows, withColumns) => {
        const lines = rows.map((row, i) => [...(withRows ? [`r${i}`] : []), ...row].join(';'));
        const head = [...(withRows ? ['corner'] : []), ...rows[0]!.map((_, j) => `c${j}`)].join(';');
        const text = [...(withColumns ? [head] : []), ...lines].join('\n');
        const { values, shape, labels } = readCsv(text, { wide: true });
        expect(Array.from(values)).toEqual(rows.flat().map((x) => x + 0));
        expect(shape).toEqual([rows.length, rows[0]!.length]);
        expect(labels.map((names) => names !== undefined)).toEqual([withRows, withColumns]);
      }),
    );
  });
});

describe('lists without a word about them', () => {
  it('come back the same, or a notice or a refusal says why not', () => {
    const field = fc.oneof(
      fc.integer({ min: 0, max: 5 }).map(String),
      fc.constantFrom('a', 'b', 'c'),
      fc.constantFrom('1990', '1991', '2020'),
      fc.constantFrom('0.5', '1.5'),
      fc.constantFrom('NA', '', '0x1', 'x7'),
    );
    const rows = fc.array(
      fc.tuple(field, field, fc.oneof(fc.integer({ min: -9, max: 9 }), fc.constantFrom(2019, 0.25))),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(rows, (list) => {
        const text = list.map((row) => row.join(',')).join('\n');
        let found: ReturnType<typeof read>;
        try {
          found = read(text);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
          return;
        }
        const { indices, values, labels, notices } = found;
        const back = values.map((value, e) =>
          [0, 1].map((k) => labels[k]?.[indices[2 * e + k]!] ?? String(indices[2 * e + k])).concat(String(value)),
        );
        const given = list.map((row) => row.map(String));
        if (notices.some((notice) => notice.includes('taken for a header'))) expect(back).toEqual(given.slice(1));
        else expect(back).toEqual(given);
      }),
      { numRuns: 2000 },
    );
  });
});
