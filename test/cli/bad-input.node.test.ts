// Bad input and usage: exit code 2, nothing on stdout, one line on stderr with what was expected, what was got and what
// to do, and no folder left behind.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeNpy } from '../../src/io/index.js';
import fixtures from '../data/npz/fixtures.json';
import { callCli } from '../support/call-cli.js';
import { runCli } from '../support/run-cli.js';

const folder = mkdtempSync(join(tmpdir(), 'polyadic-bad-'));
const good = writeNpy({ shape: [3, 4, 2], data: Float64Array.from({ length: 24 }, (_, i) => Math.sin(i)) });

beforeAll(() => {
  const write = (name: string, content: string | Uint8Array) => writeFileSync(join(folder, name), content);
  const withEntry = (value: number) => Float64Array.from({ length: 24 }, (_, i) => (i === 13 ? value : i));
  write('good.npy', good);
  write('cut.npy', good.subarray(0, good.length - 5));
  write('cut-header.npy', good.subarray(0, 20));
  write('empty.npy', '');
  write('text.npy', 'this is not an array');
  write('object.npy', header('|O', '(2, 2)'));
  write('complex.npy', header('<c16', '(2, 2)'));
  write('nan.npy', writeNpy({ shape: [3, 4, 2], data: withEntry(NaN) }));
  write('inf.npy', writeNpy({ shape: [3, 4, 2], data: withEntry(-Infinity) }));
  write('vector.npy', writeNpy({ shape: [3], data: new Float64Array(3) }));
  write('scalar.npy', writeNpy({ shape: [], data: new Float64Array(1) }));
  write('no-entries.npy', writeNpy({ shape: [3, 0, 2], data: new Float64Array(0) }));
  write('broken.json', '{ "weights": [1, }');
  write('other.json', '{ "a": 1 }');
  write('none.json', '{ "weights": [], "factors": [[], []] }');
  write(
    'huge.json',
    JSON.stringify({ weights: [1], factors: [1, 2, 3, 4].map(() => Array.from({ length: 200 }, () => [1])) }),
  );
  write('huge.tns', '1000 1000 1000 1\n');
  write('picture.png', 'not looked at');
  const ones = (shape: number[], last: number) => {
    const data = new Float64Array(shape.reduce((product, size) => product * size, 1)).fill(1);
    data[data.length - 2] = last;
    return { shape, data };
  };
  write('matrix.npy', writeNpy(ones([3, 3], 1)));
  write('cubic.npy', writeNpy(ones([3, 3, 3], 1)));
  write('nine.npy', writeNpy(ones([2, 2, 2, 2, 2, 2, 2, 2, 2], 1)));
  write('asymmetric.npy', writeNpy(ones([3, 3, 3], 0.75)));
  write('nearly.npy', writeNpy(ones([3, 3, 3], 1 - 2 ** -46)));
  write('integers.npy', writeNpy({ shape: [2, 2, 2], data: Int32Array.of(9, 1, 1, 2, 1, 2, 3, 4) }));
  write('several.npz', Buffer.from(fixtures.several.npz, 'base64'));
  write('none.npz', Buffer.from(fixtures.none.npz, 'base64'));
  write('text.npz', 'this is not an archive');
  mkdirSync(join(folder, 'full'));
  write(join('full', 'notes.txt'), 'mine');
  mkdirSync(join(folder, 'mixed'));
  write(join('mixed', 'result.json'), JSON.stringify({ generator: 'polyadic 0.1.0', files: ['result.json'] }));
  write(join('mixed', 'notes.txt'), 'mine');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Words of the command, and what its line on stderr must say. */
const inputs: [string, RegExp][] = [
  ['missing.npy', /missing\.npy: expected a file, got no such file/],
  ['full', /full: expected a file, got a folder/],
  ['cut.npy', /cut\.npy: expected 192 bytes .*got 187.*cut short/],
  ['cut-header.npy', /cut-header\.npy: .*cut short/],
  ['empty.npy', /empty\.npy: .*got 0 bytes/],
  ['text.npy', /text\.npy: .*NUMPY.*numpy\.save/],
  ['object.npy', /object\.npy: .*Python objects/],
  ['complex.npy', /complex\.npy: .*complex/],
  [
    'nan.npy',
    /nan\.npy: expected finite numbers, got NaN at index \[1, 2, 1\]\. If it marks missing cells, say --missing nan; .*run polyadic complete/,
  ],
  ['inf.npy', /inf\.npy: expected finite numbers, got -Infinity at index \[1, 2, 1\].*Fill/],
  ['vector.npy', /vector\.npy: expected at least 2 modes, got 1/],
  ['scalar.npy', /scalar\.npy: expected at least 2 modes, got 0/],
  ['no-entries.npy', /no-entries\.npy: expected sizes .*got \[3, 0, 2\]/],
  ['broken.json', /broken\.json: expected JSON/],
  ['other.json', /other\.json: expected either vectors .* or factors/],
  ['none.json', /none\.json: expected at least one component, got none/],
  ['huge.json', /huge\.json: .*at most 134217728 entries, got 1600000000/],
  ['huge.tns', /huge\.tns: expected a tensor of at most 134217728 cells, got 1000000000 .*by polyadic complete/],
  ['picture.png', /picture\.png: expected a \.npy, .*file, got \.png\. Pictures are for polyadic complete/],
  ['several.npz', /several\.npz: expected one array, got 3 \(a, b, c\)\. Name one, as in several\.npz:a\./],
  ['several.npz:d', /several\.npz: expected one of the arrays a, b, c, got d/],
  ['none.npz', /none\.npz: expected at least one array, got none/],
  ['text.npz', /text\.npz: expected a zip archive of \.npy files, got 22 bytes that are not/],
  ['missing.npz:a', /missing\.npz: expected a file, got no such file/],
  ['matrix.npy --symmetric', /expected 3 to 8 modes with --symmetric, got 2\. .*not unique: take its eigenvectors/],
  ['nine.npy --symmetric', /expected 3 to 8 modes with --symmetric, got 9\. Leave out --symmetric\./],
  ['good.npy --symmetric', /good\.npy: expected modes of one size with --symmetric, got 3 × 4 × 2\. Leave out/],
  [
    'asymmetric.npy --symmetric',
    /asymmetric\.npy: expected a symmetric tensor, got 1 at \[1, 2, 2\] and 0\.75 at \[2, 2, 1\]: a difference of 0\.250 of the largest entry, where f8 roundings explain 4\.2e-15\. Average it .* or leave out --symmetric\./,
  ],
  ['nearly.npy --symmetric', /a difference of 1\.42e-14 of the largest entry, where f8 roundings explain 4\.2e-15/],
  ['integers.npy --symmetric', /got 3 at \[1, 1, 0\] and 2 at \[0, 1, 1\]: .*0\.111 .*where i4 roundings explain 0\.0/],
];

const options: [string, RegExp][] = [
  ['--rank 0', /expected rank to be an integer from 1 .*got 0/],
  ['--rank -1', /expected rank to be an integer from 1 .*got -1/],
  ['--rank 2.5', /expected rank to be an integer .*got 2\.5/],
  ['--rank 1e9', /expected rank to be an integer .*got 1000000000/],
  ['--rank abc', /expected a number of components.* got abc/],
  ['--rank', /expected a value after --rank, got nothing/],
  ['--rank --json', /expected a value after --rank, got --json/],
  ['--rank 2 --rank 3', /expected --rank once, got it twice/],
  ['--rank 2 --json=1', /expected --json alone/],
  ['--rnak 2', /got --rnak\. Did you mean --rank\?/],
  ['--rank 2 --backend gpu', /expected a known value \(auto, webgpu, cpu\), got gpu/],
  ['--rank 2 --algorithm alss', /got alss\. Did you mean als\?/],
  ['--rank 2 --algorithm vanilla', /vanilla: expected a symmetric target, got a dense one/],
  [
    '--rank 2 --width 4',
    /expected --width with bayesian, beyond-lazy, deflation, lazy, staged, vanilla only, got it with compressed\. Leave --width out/,
  ],
  ['--rank 2 --seed -3', /expected seed to be an integer from 0/],
  ['--rank 2 --threads 0', /expected --threads to be an integer from 1 to 64/],
  ['--rank 2 --max-steps 0', /expected --max-steps to be an integer from 1/],
  ['--rank 2 --tolerance nine', /expected a small number after --tolerance, got nine/],
  ['--rank 2 other.npy', /expected INPUT, got good\.npy other\.npy/],
  ['--rank 2 --out full', /got full with notes\.txt in it\. Name another folder/],
  ['--rank 2 --out mixed', /got mixed with notes\.txt in it/],
  ['--rank 2 --out good.npy', /got good\.npy \(a file is in the way\)/],
  ['--rank 2 --out good.npy/deeper', /a file is in the way/],
  ['--rank 2 --out /dev/null/deeper', /a file is in the way/],
  ['--rank 2 --out .', /expected a folder of its own/],
];

const generate: [string, RegExp][] = [
  ['', /expected KIND, got nothing\. Usage: generate KIND \[options\]/],
  [
    'symetric --out t.npy',
    /generate: expected a known kind \(symmetric, orthogonal, cp, observed\), got symetric\. Did you mean sym/,
  ],
  ['cp --shape 3x4 --rank 2', /generate: expected --out FILE, got none\. Give it, as in --out tensor\.npy\./],
  [
    'cp --shape 3x4 --rank 2 --out t.csv',
    /generate: expected a \.npy, \.tns or \.json file after --out, got t\.csv\. End/,
  ],
  ['cp --shape 3x4 --rank 2 --out good.npy', /--out: expected a new file, got good\.npy, which exists\. Name another/],
  ['cp --shape 3x4 --rank 2 --out good.npy/t.npy', /expected a file that can be written, .*\(a file is in the way\)/],
  ['cp --shape 3x4 --rank 2 --out good.npy/t/t.npy', /expected a folder that can be made, .*\(a file is in the way\)/],
  ['cp --rank 2 --out t.npy', /generate: expected --shape SIZES, got none\. Give it, as in --shape 30x20x10\./],
  ['cp --shape 3x4 --out t.npy', /generate: expected --rank R, got none/],
  ['cp --shape 3by4 --rank 2 --out t.npy', /generate: expected sizes such as 30x20x10 after --shape, got 3by4/],
  ['cp --shape 3x0 --rank 2 --out t.npy', /generate: expected every size of --shape to be an integer ≥ 1, got 0/],
  ['cp --shape 3 --rank 2 --out t.npy', /generate: expected at least 2 sizes after --shape, got 3\. Give one per mode/],
  ['cp --shape 3x4 --rank 2 --dim 3 --out t.npy', /expected --dim with symmetric or orthogonal only, got it with cp/],
  ['cp --shape 3x4 --rank 2 --weights 1 --out t.npy', /expected --weights to be 2 finite numbers, got \[1\]/],
  ['cp --shape 3x4 --rank 4 --cosine 0.5 --out t.npy', /expected rank ≤ 3 with a common collinearity, got rank 4/],
  ['cp --shape 3x4 --rank 2 --cosine 2 --out t.npy', /--cosine to be a number from -1 to 1, got 2\. Change --cosine\./],
  ['cp --shape 3x4 --rank 2 --noise -1 --out t.npy', /--noise to be a finite number ≥ 0, got -1\. Change --noise\./],
  [
    'cp --shape 3x4 --rank 2 --noise 0.1 --out t.json',
    /expected no --noise for components alone, got 0\.1 with t\.json/,
  ],
  ['cp --shape 9999x9999x9999 --rank 2 --out t.npy', /at most 134217728 entries, got 999700029999\. Lower the sizes/],
  ['symmetric --rank 2 --out t.npy', /generate: expected --dim D, got none\. Give it, as in --dim 10\./],
  ['symmetric --dim 513 --rank 2 --out t.npy', /at most 134217728 entries, got 135005697\. .*--out NAME\.json/],
  ['symmetric --dim 1e6 --rank 1000 --out t.json', /at most 16777216 numbers together, got 1000000000\. Lower --rank/],
  ['symmetric --dim 2.5 --rank 2 --out t.npy', /expected --dim to be an integer ≥ 1, got 2\.5/],
  ['symmetric --dim 4 --rank 0 --out t.npy', /expected --rank to be an integer ≥ 1, got 0/],
  ['symmetric --order 9 --dim 2 --rank 2 --out t.npy', /expected --order to be a number from 2 to 8, got 9/],
  [
    'symmetric --dim 4 --rank 2 --ratio 0.5 --out t.npy',
    /--ratio to be a finite number ≥ 1, got 0\.5\. Change --ratio\./,
  ],
  [
    'symmetric --dim 4 --rank 2 --weight-range 2 --out t.npy',
    /expected two numbers such as 0\.5,1\.5 after --weight-range/,
  ],
  [
    'symmetric --dim 4 --rank 2 --weight-range 2,1 --out t.npy',
    /--weight-range to be .*got \[2, 1\].*--signs mixed adds/,
  ],
  ['symmetric --dim 4 --rank 2 --signs minus --out t.npy', /expected a known value \(mixed, positive\), got minus/],
  ['symmetric --dim 4 --rank 2 --seed 1.5 --out t.npy', /expected --seed to be an integer ≥ 0, got 1\.5/],
  ['orthogonal --dim 4 --rank 5 --out t.npy', /expected rank ≤ 4 with orthonormal directions, got rank 5/],
  [
    'orthogonal --dim 4 --rank 2 --cosine 0.1 --out t.npy',
    /expected --cosine with symmetric or cp or observed only, got it with orth/,
  ],
  ['cp --shape 3x4 --rank 2 --out t.tns', /expected a \.npy or \.json file for a tensor without gaps, got t\.tns/],
  ['cp --shape 3x4 --rank 2 --share 0.5 --out t.npy', /expected --share with observed only, got it with cp/],
  [
    'observed --shape 3x4 --rank 2 --out t.npy',
    /generate: expected --share X, got none\. Give it, as in --share 0\.2\./,
  ],
  [
    'observed --shape 3x4 --rank 2 --share 0.5 --out t.json',
    /expected a \.npy or \.tns file for observed entries, got t\.json/,
  ],
  [
    'observed --shape 3x4 --rank 2 --share 0 --out t.npy',
    /of at most 2\^53 cells, got a share of 0 of 12\. Change the share/,
  ],
  ['observed --shape 3x4 --rank 2 --share 2 --out t.npy', /expected --share to be a number from 0 to 1, got 2/],
  ['observed --shape 3x4 --rank 2 --share 0.5 --corrupt 2 --out t.npy', /--corrupt to be a number from 0 to 1, got 2/],
  ['observed --shape 9999x9999x9999 --rank 2 --share 1e-9 --out t.npy', /at most 134217728 entries, got 999700029999/],
];

const usage: [string, RegExp][] = [
  ['decompse good.npy', /got decompse\. Did you mean decompose\?/],
  ['finish good.npy', /expected a known command/],
  ['--versoin', /Did you mean --version\?/],
  ['decompose', /expected INPUT, got nothing/],
  ['match full', /expected A and B, got full/],
  ['match full full', /full.result\.json: expected a file, got no such file/],
  ['match good.npy/deeper full', /good\.npy.deeper: expected a file/],
  ['match other.json other.json', /other\.json: expected either/],
  ['info extra', /expected options only, got extra/],
  ['info --backend cuda', /expected a known value/],
];

const groups = [
  inputs.map(([file, line]): [string, RegExp] => [`decompose ${file} --rank 2 --out never/made`, line]),
  options.map(([words, line]): [string, RegExp] => [`decompose good.npy ${words}`, line]),
  generate.map(([words, line]): [string, RegExp] => [`generate ${words}`, line]),
  usage,
];

async function expectRefused(run: typeof callCli, words: string, line: RegExp): Promise<void> {
  const { code, stdout, stderr } = await run(words.split(' ').filter(Boolean), { cwd: folder });
  expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(line) as string });
  expect(stderr).toMatch(/^polyadic: [^\n]+\.?\n$/);
}

test.each(groups.flat())('polyadic %s', (words, line) => expectRefused(callCli, words, line));

// Whatever the line, the process prints it and ends with the code.
test.each(groups.map((group) => group[0]!))('as a process: polyadic %s', (words, line) =>
  expectRefused(runCli, words, line),
);

test('nothing is left behind', () => {
  const left = readdirSync(folder).filter((name) => !/\.(npy|npz|json|tns|png)$/.test(name));
  expect(left.sort()).toEqual(['full', 'mixed']);
  expect(readdirSync(join(folder, 'full'))).toEqual(['notes.txt']);
});

/** A .npy file with a header that NumPy writes and 64 bytes of whatever. */
function header(descr: string, shape: string): Uint8Array {
  const literal = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`.padEnd(117) + '\n';
  const start = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, literal.length, 0];
  return Uint8Array.from([
    ...start,
    ...Array.from(literal, (letter) => letter.charCodeAt(0)),
    ...new Array<number>(64).fill(0),
  ]);
}
