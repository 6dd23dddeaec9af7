// Bad files and options of `complete`: exit code 2, nothing on stdout, one line on stderr with what was expected, what was got
// and what to do, and no folder left behind.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeNpy, writePng } from '../../src/io/index.js';
import { callCli } from '../support/call-cli.js';

const folder = mkdtempSync(join(tmpdir(), 'polyadic-bad-complete-'));
const good = '1 1 1 2\n2 2 1 3\n1 2 2 1\n';

beforeAll(() => {
  const write = (name: string, content: string | Uint8Array) => writeFileSync(join(folder, name), content);
  const array = (shape: number[], ...values: number[]) => writeNpy({ shape, data: Float64Array.from(values) });
  write('good.tns', good);
  write('columns.tns', `# indices, value\n${good}1 2 3\n`);
  write('more.csv', 'a,b,value\n0,0,1\n0,1,2,3\n');
  write('zero.tns', `${good}0 1 1 5\n`);
  write('word.tns', `${good}1 1 2 five\n`);
  write('comments.tns', '# nothing\n\n');
  write('empty.tns', '');
  write('count.tns', `3 5\n2 2 2\n${good}`);
  write('one.tns', '1 1 1 2\n');
  write('damaged.tns.gz', gzipSync(good.repeat(9999)).subarray(0, 150));
  write('header.csv', 'user,item,value\n');
  write('narrow.csv', 'user,value\nann,1\n');
  write('value.csv', 'user,item,value\nann,1,5\nbob,2,\n');
  write('quote.csv', 'ann,"x,1\n');
  write('negative.csv', '0,0,3\n0,1,-2\n1,1,4\n');
  write('good.npy', array([2, 2, 2], 1, NaN, 2, 3, 4, 5, NaN, 6));
  write('nan.npy', array([2, 2], NaN, NaN, NaN, NaN));
  write('inf.npy', array([2, 2], 1, NaN, 3, Infinity));
  write('vector.npy', array([3], 1, NaN, 2));
  write('text.npy', 'this is no array');
  write('mask.npy', array([2, 4], 0, 0, 0, 0, 1, 1, 1, 1));
  write('seven.npy', array([2, 2, 2], 0, 1, 0, 7, 0, 0, 0, 0));
  write('all.npy', array([2, 2, 2], 1, 1, 1, 1, 1, 1, 1, 1));
  write('text.png', 'this is no picture, but it is long enough to be one');
  const picture = writePng({ shape: [4, 5, 3], data: Float64Array.from({ length: 60 }, (_, i) => 4 * i) });
  write('good.png', picture);
  write('cut.png', picture.subarray(0, picture.length - 30));
  write('data', good);
  mkdirSync(join(folder, 'full'));
  write(join('full', 'notes.txt'), 'mine');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Words of the command, and what its line on stderr must say. */
const files: [string, RegExp][] = [
  ['missing.tns', /missing\.tns: expected a file, got no such file/],
  [
    'columns.tns',
    /columns\.tns: expected 4 columns on line 5 as before, got 3\. Give one index a mode, then the value/,
  ],
  ['more.csv', /more\.csv: expected 3 columns on line 3 as before, got 4/],
  [
    'good.tns --shape 2x2x1',
    /good\.tns: expected an integer index from 1 to 1, as the shape says, in column 3 on line 3, got 2/,
  ],
  ['negative.csv --shape 1x2', /negative\.csv: expected an integer index from 0 to 0, .* in column 1 on line 3, got 1/],
  ['good.tns --shape 2x2', /good\.tns: expected 3 sizes in the shape for 4 columns, got 2 \(2 × 2\)/],
  ['zero.tns', /zero\.tns: expected an integer index from 1 in column 1 on line 4, got 0\. .*say so with --base 0\./],
  ['word.tns', /word\.tns: expected a finite number in the last column on line 4, got five/],
  ['comments.tns', /comments\.tns: expected at least one entry, got none/],
  ['empty.tns', /empty\.tns: expected at least one entry, got none/],
  ['count.tns', /count\.tns: expected 5 entries, as the header says, got 3\. The file is cut short/],
  ['damaged.tns.gz', /damaged\.tns\.gz: expected gzip data, got 150 bytes that are damaged or cut short/],
  ['header.csv', /header\.csv: expected at least one entry, got none/],
  ['narrow.csv', /narrow\.csv: expected at least 3 columns, two indices and a value, got 2/],
  ['value.csv', /value\.csv: expected a finite number in column 3 \(value\) on line 3, got nothing/],
  ['quote.csv', /quote\.csv: expected quotes around whole fields on line 1/],
  ['nan.npy', /nan\.npy: expected at least one known cell, got missing ones alone/],
  ['inf.npy', /inf\.npy: expected finite numbers, or NaN where a cell is missing, got Infinity at index \[1, 1\]/],
  ['vector.npy', /vector\.npy: expected 2 to \d+ modes, got 1/],
  ['text.npy', /text\.npy: .*NUMPY.*numpy\.save/],
  ['text.png', /text\.png: expected a PNG file, got 51 bytes that are not/],
  ['cut.png', /cut\.png: expected a PNG file, got \d+ bytes that are damaged/],
  ['data', /data: expected a \.npy, \.npz, \.tns, \.csv, \.png, \.mat or \.tensor file, got no extension/],
  ['good.npy --known mask.npy', /good\.npy: expected known to have the shape of the array, 2 × 2 × 2, got 2 × 4/],
  [
    'good.npy --missing seven.npy',
    /good\.npy: expected missing to hold 0 and 1, got 7 at index \[0, 1, 1\]\. Give 1 for missing and 0 for known/,
  ],
  ['good.npy --missing all.npy', /good\.npy: expected at least one known cell, got missing ones alone/],
  [
    'good.npy --missing good.tns',
    /good\.tns: expected a \.npy, \.npz, \.mat or \.tensor file after --missing, got another/,
  ],
  ['good.npy --known missing.npy', /missing\.npy: expected a file, got no such file/],
  ['one.tns --hide 0.5', /one\.tns: expected a share .* of two cells or more, got 0\.5 of 1/],
];

const options: [string, RegExp][] = [
  ['good.npy --loss l3', /complete: --loss: expected a known value \(l2, l1, huber, .*\), got l3\. Did you mean l2\?/],
  ['good.npy --loss poissonLog', /expected a known value \(.*\), got poissonLog\. Did you mean poisson-log\?/],
  [
    'negative.csv --loss poisson',
    /expected counts or other numbers from 0 .* with loss poisson, got -2 for observation 1, entry \(0, 1\)\./,
  ],
  ['negative.csv --loss poisson-log', /with loss poisson-log, got -2 for observation 1, entry \(0, 1\)\./],
  [
    'good.tns --loss bernoulli-logit',
    /expected zeros and ones with loss bernoulli-logit, got 2 for observation 0, entry \(0, 0, 0\)\./,
  ],
  ['good.tns --hide 0', /complete: expected a share above 0 and below 1, .* after --hide, got 0/],
  ['good.tns --hide 1', /after --hide, got 1/],
  ['good.tns --hide some', /expected a share such as 0\.2 after --hide, got some/],
  ['good.tns --base 2', /complete: --base: expected a known value \(0, 1\), got 2/],
  [
    'good.npy --base 1',
    /complete: expected --base with \.tns and \.csv files only, got it with \.npy\. Leave --base out/,
  ],
  ['good.npy --shape 2x2x2', /expected --shape with \.tns and \.csv files only, got it with \.npy/],
  ['good.tns --labels', /expected --labels with \.csv files only, got it with \.tns/],
  [
    'good.tns --known good.npy',
    /expected --known with \.npy, \.npz, \.png, \.mat and \.tensor files only, got it with \.tns/,
  ],
  ['good.npy --mask all.npy', /expected a known option \(.*--known, --missing.*\), got --mask/],
  ['good.tns --shape 2by2', /expected sizes such as 64x12x10 after --shape, got 2by2/],
  ['good.tns --rank 0', /expected rank to be an integer from 1 .*got 0/],
  ['good.tns --rank many', /expected a number of components, or auto, after --rank, got many/],
  ['good.tns --width 0', /expected width to be an integer from 1 .*got 0/],
  ['good.tns --seed -1', /expected seed to be an integer from 0/],
  ['good.tns --hide 0.4 --seed -1', /expected seed to be an integer ≥ 0/],
  ['good.tns --max-steps 0', /expected --max-steps to be an integer from 1/],
  ['good.tns --validation 2', /expected --validation to be a number from 0 to 0\.5, got 2/],
  ['good.tns --learning-rate 0', /expected --learning-rate to be a number above 0, got 0/],
  ['good.tns --init-scale -1', /expected --init-scale to be a number above 0, got -1/],
  ['good.tns --symmetric', /got --symmetric/],
  ['good.tns --out full', /got full with notes\.txt in it\. Name another folder/],
  ['', /expected INPUT, got nothing\. Usage: complete INPUT/],
];

const cases = [
  ...files.map(([words, line]): [string, RegExp] => [`complete ${words} --out never/made`, line]),
  ...options.map(([words, line]): [string, RegExp] => [`complete ${words}`, line]),
];

test.each(cases)('polyadic %s', async (words, line) => {
  const { code, stdout, stderr } = await callCli(words.split(' ').filter(Boolean), { cwd: folder });
  expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(line) as string });
  expect(stderr).toMatch(/^polyadic: [^\n]+ got [^\n]+[.?]\n$/);
});

test('nothing is left behind', () => {
  expect(readdirSync(folder).filter((name) => !name.includes('.'))).toEqual(['data', 'full']);
  expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  expect(readdirSync(join(folder, 'full'))).toEqual(['notes.txt']);
});
