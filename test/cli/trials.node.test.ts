// Files as users have them (test/data/trials), through both commands: read right, with what was guessed said in the report, or refused in one line
// that says where, what was seen, and which option of that very command to give instead.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { completeCommand } from '../../src/cli/commands/complete.js';
import { decomposeCommand } from '../../src/cli/commands/decompose.js';
import { fileOptions } from '../../src/cli/file-options.js';
import { withFlags } from '../../src/cli/flags.js';
import { readNpy, writeNpy, writeTns } from '../../src/io/index.js';
import { casesOf } from '../support/all.js';
import { callCli } from '../support/call-cli.js';
import { root } from '../support/project-files.js';

const trials = join(root, 'test', 'data', 'trials');
const out = mkdtempSync(join(tmpdir(), 'polyadic-trials-'));
const at = (...names: string[]) => join(out, ...names);
const numbers = (path: string) => Float64Array.from(readNpy(readFileSync(path)).data, Number);

afterAll(() => rmSync(out, { recursive: true, force: true }));

/** What the two commands are told beside the file: one short run. */
const rest = {
  decompose: '--rank 1 --max-steps 20 --starts 1 --backend cpu',
  complete: '--rank 1 --max-steps 20 --starts 1 --validation 0 --backend cpu',
};
const commands = { decompose: decomposeCommand, complete: completeCommand };
type Name = keyof typeof commands;
const names: readonly Name[] = ['decompose', 'complete'];

/** Words with quotes around those that hold blanks. */
const wordsOf = (text: string): string[] =>
  Array.from(text.matchAll(/'([^']*)'|(\S+)/g), ([, quoted, plain]) => quoted ?? plain ?? '');

let files = 0;

async function run(command: Name, words: string, cwd = trials) {
  const folder = at(`result-${files++}`);
  const { code, stdout, stderr } = await callCli([command, ...wordsOf(`${words} ${rest[command]}`), '--out', folder], {
    cwd,
  });
  const record =
    code === 0 ? (JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')) as Record<string, unknown>) : {};
  return { code, stdout, stderr, record, folder };
}

/** Options that a text advises, all of which the command has. */
function requireOptions(command: Name, text: string): void {
  const known = Object.keys(commands[command].options);
  for (const [, option] of text.matchAll(/--([a-z][a-z-]*)/g)) expect(known, text).toContain(option);
}

const refused: [string, RegExp][] = [
  [
    'latin1.csv',
    /UTF-8, got the byte 0xf6, which is not, on line 2 \(byte offset 15 of the text\)\. Say --encoding latin1 /,
  ],
  [
    'decimal_comma.csv',
    /in column 4 \(intensity\) on line 2, got 1,00\. If its comma is a decimal one, say --decimal ,/,
  ],
  ['decimal_comma_no_header.csv', /in column 4 on line 1, got 1,00\. .* say --decimal ,/],
  [
    'matrix.csv',
    /got 0\.5000 in column 1 on line 1, .*this looks like a matrix in wide form\. If it is, say --wide; if not, .* --modes 1,2,3\./,
  ],
  ['empty_field.tsv', /expected 4 columns on line 2 as before, got 5, 1 of them empty/],
  ['matrix.csv --wide --value 1', /expected no value beside --wide, got both\. .*leave --value out/],
  ['rating_time.csv --value stars', /by its name \(user, film, rating, timestamp\) or its number, 1 to 4, got stars/],
  [
    'rating_time.csv --known mask_known.npy',
    /expected --known with \.npy, \.npz, \.png, \.mat and \.tensor files only, got it with \.csv/,
  ],
  ['mask_values.npy --decimal ,', /expected --decimal with \.csv files only, got it with \.npy/],
  [
    'mask_values.npy --missing mask_known.npy',
    /got 0 in all 496 that missing leaves known, while missing ones hold numbers, .*Give the marks as --known instead/,
  ],
  ['mask_values.npy --known matrix.csv', /expected a \.npy, \.npz, \.mat or \.tensor file after --known, got another/],
];

type Expected = { shape: number[]; modes: string[]; value: string | null; cells: number; notices?: RegExp[] };

const read: [string, Expected][] = [
  ['cr_only.csv', { shape: [2, 2], modes: ['a', 'b'], value: 'value', cells: 4 }],
  ['latin1.csv --encoding latin1 --labels', { shape: [3, 2], modes: ['town', 'day'], value: 'rain', cells: 6 }],
  [
    'decimal_comma.csv --decimal ,',
    {
      shape: [3, 4, 5],
      modes: ['sample', 'excitation', 'emission'],
      value: 'intensity',
      cells: 60,
      notices: [
        /^column 3 \(emission\) holds integers from 300 to 316, which are taken for 5 labels; if they are indices, say --base 0$/,
      ],
    },
  ],
  [
    'decimal_comma_no_header.csv --decimal ,',
    { shape: [3, 4, 5], modes: ['column 1', 'column 2', 'column 3'], value: 'column 4', cells: 60 },
  ],
  [
    'rating_time.csv',
    {
      shape: [8, 6, 6],
      modes: ['user', 'film', 'rating'],
      value: 'timestamp',
      cells: 48,
      notices: [/^the values, those of column 4 \(timestamp\), look like times: .* --value rating$/],
    },
  ],
  [
    'rating_time.csv --value rating --modes user,film',
    { shape: [8, 6], modes: ['user', 'film'], value: 'rating', cells: 48 },
  ],
  [
    'row_number.csv',
    {
      shape: [48, 8, 6],
      modes: ['column 1', 'user', 'film'],
      value: 'rating',
      cells: 48,
      notices: [
        /^column 1 has as many different fields as there are entries, 48: if it numbers the lines, .* --modes user,film$/,
      ],
    },
  ],
  ['row_number.csv --modes user,film', { shape: [8, 6], modes: ['user', 'film'], value: 'rating', cells: 48 }],
  [
    'year_header.csv',
    {
      shape: [4, 3],
      modes: ['station', 'variable'],
      value: '2019',
      cells: 12,
      notices: [/^line 1 is taken for a header, .*say --header no$/],
    },
  ],
  ['matrix.csv --wide', { shape: [5, 4], modes: ['row', 'column'], value: 'value', cells: 20 }],
  [
    'mask_values.npy --known mask_known.npy',
    { shape: [10, 11, 12], modes: ['mode 0', 'mode 1', 'mode 2'], value: null, cells: 824 },
  ],
];

describe.each(names)('%s', { timeout: 300_000 }, (command) => {
  test('refuses what it cannot read right, with where, what and what instead', async () => {
    for (const [words, line] of refused) {
      const { code, stdout, stderr } = await run(command, words);
      expect({ words, code, stdout, stderr }).toEqual({
        words,
        code: 2,
        stdout: '',
        stderr: expect.stringMatching(line) as string,
      });
      expect(stderr).toMatch(/^polyadic: [^\n]+\n$/);
      requireOptions(command, stderr);
    }
  });

  test('reads the others, and says in report and result.json what it took them for', async () => {
    for (const [words, { shape, modes, value, cells, notices = [] }] of read) {
      const { code, stdout, stderr, record } = await run(command, words);
      expect({ words, code, stderr }).toEqual({ words, code: 0, stderr: '' });
      const size = shape.reduce((product, rows) => product * rows, 1);
      expect(record, words).toMatchObject({ shape, modes, value, known: { cells, share: cells / size } });
      const common = (record['notices'] as string[]).filter((notice) => !/slices of mode|model is zero/.test(notice));
      expect(common, words).toEqual(notices.map((notice) => expect.stringMatching(notice) as string));
      for (const notice of record['notices'] as string[]) expect(stdout, words).toContain(notice);
      requireOptions(command, stdout);
      const named = shape.map((rows, k) => `${modes[k]} \\(${rows}( labels)?\\)`).join(' × ');
      expect(stdout, words).toMatch(new RegExp(`^modes +${named}${value === null ? '' : `; value: ${value}`}$`, 'm'));
      expect(stdout, words).toContain(`${Number(((100 * cells) / size).toPrecision(3))} %`);
    }
  });
});

describe('masks', { timeout: 300_000 }, () => {
  const whole = numbers(join(trials, 'mask_full.npy'));
  const known = numbers(join(trials, 'mask_known.npy'));

  /** ‖completed − whole‖ / ‖whole‖ over the unknown cells. */
  function errorOfUnknown(completed: Float64Array): number {
    const norm = (of: (at: number) => number) =>
      Math.hypot(...Array.from(whole.keys()).map((cell) => (known[cell] === 0 ? of(cell) : 0)));
    return norm((cell) => completed[cell]! - whole[cell]!) / norm((cell) => whole[cell]!);
  }

  test('the unknown cells come back from the known ones, whichever way they are marked', async () => {
    writeFileSync(
      at('missing.npy'),
      writeNpy({ shape: [10, 11, 12], data: Uint8Array.from(known, (cell) => 1 - cell) }),
    );
    writeFileSync(
      at('gaps.npy'),
      writeNpy({ shape: [10, 11, 12], data: whole.map((value, cell) => (known[cell] === 1 ? value : NaN)) }),
    );
    const ways = [
      `${join(trials, 'mask_values.npy')} --known ${join(trials, 'mask_known.npy')}`,
      'gaps.npy',
      `${join(trials, 'mask_values.npy')} --missing missing.npy`,
      'gaps.npy --missing nan',
    ];
    for (const words of casesOf(ways, 2)) {
      const folder = at(`masked-${files++}`);
      const { code, stderr } = await callCli(
        ['complete', ...words.split(' '), '--seed', '1', '--backend', 'cpu', '--quiet', '--out', folder],
        { cwd: out },
      );
      expect({ words, code, stderr }).toEqual({ words, code: 0, stderr: '' });
      expect(errorOfUnknown(numbers(join(folder, 'completed.npy'))), words).toBeLessThan(1e-8);
    }
  });

  test('decompose fits the known cells too', async () => {
    writeFileSync(
      at('nan.npy'),
      writeNpy({ shape: [10, 11, 12], data: whole.map((value, cell) => (known[cell] === 1 ? value : NaN)) }),
    );
    for (const words of [
      'nan.npy --missing nan',
      `${join(trials, 'mask_values.npy')} --known ${join(trials, 'mask_known.npy')}`,
    ]) {
      const { code, stdout } = await callCli(['decompose', ...words.split(' '), '--rank', '2', '--backend', 'cpu'], {
        cwd: out,
      });
      expect(code).toBe(0);
      expect(stdout).toMatch(/^cells +824 of 1,320 known \(62\.4 %\)$/m);
      expect(Number(/^relative error +([\d.e-]+)/m.exec(stdout)?.[1])).toBeLessThan(1e-8);
    }
    const { code, stderr } = await callCli(['decompose', 'nan.npy', '--symmetric', '--missing', 'nan'], { cwd: out });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/expected --symmetric without --known and --missing, got both/) as string,
    });
  });

  test('cells that are marked as known but hold NaN are told', async () => {
    const { stdout } = await run('complete', `nan.npy --known all.npy`, out);
    expect(stdout).toMatch(/^notices +496 cells that are marked as known hold NaN, and are missing all the same$/m);
  });

  beforeAll(() => {
    writeFileSync(at('all.npy'), writeNpy({ shape: [10, 11, 12], data: new Uint8Array(1320).fill(1) }));
  });
});

describe('sizes and scales', { timeout: 300_000 }, () => {
  const a = Array.from({ length: 7 }, (_, i) => i + 1);
  const b = Array.from({ length: 5 }, (_, j) => 2 * j + 1);
  const product = a.flatMap((x) => b.map((y) => x * y));

  test('modes of size 1 stay, in every kind of file', async () => {
    const data = Float64Array.from(product);
    writeFileSync(at('one.npy'), writeNpy({ shape: [7, 1, 5], data }));
    writeFileSync(
      at('one.csv'),
      `i,all,j,v\n${product.map((value, cell) => `${Math.floor(cell / 5)},x,${cell % 5},${value}`).join('\n')}\n`,
    );
    const indices = Uint32Array.from(product.flatMap((_, cell) => [Math.floor(cell / 5), 0, cell % 5]));
    writeFileSync(at('one.tns'), writeTns({ shape: [7, 1, 5], indices, values: data }));
    for (const command of names) {
      for (const file of ['one.npy', 'one.csv', 'one.tns']) {
        const { code, record, folder } = await run(command, file, out);
        expect({ file, code }).toEqual({ file, code: 0 });
        expect(record).toMatchObject({ shape: [7, 1, 5], known: { cells: 35, share: 1 } });
        const factors = [0, 1, 2].map((mode) => readNpy(readFileSync(join(folder, `factor-${mode}.npy`))).shape);
        expect(factors).toEqual([
          [7, 1],
          [1, 1],
          [5, 1],
        ]);
      }
    }
  });

  test('numbers of 1e-300, 1e160 and 1e300 are numbers', async () => {
    for (const size of [1e-300, 1e160, 1e300]) {
      writeFileSync(
        at(`${size}.npy`),
        writeNpy({ shape: [7, 1, 5], data: Float64Array.from(product, (value) => value * size) }),
      );
      for (const command of names) {
        const { code, stdout, record } = await run(command, `${size}.npy`, out);
        expect({ size, command, code }).toEqual({ size, command, code: 0 });
        expect(record['relativeError'], `${command} ${size}`).toBeLessThan(1e-8);
        const norm = Number(/^norm +(\S+)$/m.exec(stdout)?.[1]);
        expect(Math.abs(norm / size / Math.hypot(...product) - 1)).toBeLessThan(1e-5);
      }
    }
  });

  test('a nonnegative model of negative data is zero, in words', async () => {
    writeFileSync(
      at('negative.npy'),
      writeNpy({ shape: [4, 5, 6], data: Float64Array.from({ length: 120 }, (_, cell) => -1 - (cell % 7)) }),
    );
    for (const seed of [0, 1]) {
      const words = `complete negative.npy --nonnegative --seed ${seed} --backend cpu --out zero-${seed}`;
      const { code, stdout } = await callCli(words.split(' '), { cwd: out });
      expect(code).toBe(0);
      expect(stdout).toMatch(/^relative error +1\.000000000/m);
      expect(stdout).toMatch(
        /^notices +the model is zero and predicts 0 everywhere: no component without negative numbers .* Leave out --nonnegative/m,
      );
      const { notices } = JSON.parse(readFileSync(at(`zero-${seed}`, 'result.json'), 'utf8')) as { notices: string[] };
      expect(notices).toEqual([expect.stringMatching(/^the model is zero/)]);
    }
  });
});

test('both commands have every option of files, with the same words', () => {
  for (const name of names) expect(commands[name].options).toMatchObject(fileOptions);
  for (const name of names) expect(Object.keys(commands[name].options)).not.toContain('mask');
});

test.each([
  [`say decimal: ','; or`, `say --decimal ,; or`],
  [`as in value: 'rating'`, `as in --value rating`],
  [`as in value: 'my stars'.`, `as in --value 'my stars'.`],
  [`as in modes: ['user', 'film']: so`, `as in --modes user,film: so`],
  [`say base: 1`, `say --base 1`],
  [`say header: false`, `say --header no`],
  [`say wide: true; if`, `say --wide; if`],
  [`Say encoding: 'utf-16le'`, `Say --encoding utf-16le`],
  [`give { missing: 'nan' }, or mark it in known`, `give --missing nan, or mark it in --known FILE`],
  [`complete: --base: expected`, `complete: --base: expected`],
])('advice in the words of the command line: %s', (library, here) => {
  expect(withFlags(library)).toBe(here);
});
