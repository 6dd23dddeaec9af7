// What it takes to add a file format: one file and one row of the table. Here the table has a row for mtx.ts, and both commands read
// such files, chosen by the end of their names; the package exports the reader in `formats`.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { parseArguments } from '../../src/cli/arguments.js';
import { completeCommand } from '../../src/cli/commands/complete.js';
import { decomposeCommand } from '../../src/cli/commands/decompose.js';
import { readTensor } from '../../src/cli/input.js';
import { readObserved } from '../../src/cli/observed-input.js';
import { formats, type Format } from '../../src/io/index.js';

// Files of a lane share their modules: this one loads its own, with its own table, and leaves none behind.
vi.hoisted(() => vi.resetModules());

vi.mock(import('../../src/io/formats.js'), async (importOriginal) => {
  const original = await importOriginal();
  const { mtx } = await import('./mtx.js');
  Object.assign(original.formats, { mtx });
  return original;
});

const folder = mkdtempSync(join(tmpdir(), 'polyadic-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
  vi.doUnmock('../../src/io/formats.js');
  vi.resetModules();
});

const file = join(folder, 'matrix.mtx');
const text = '%%MatrixMarket matrix coordinate real general\n2 3 2\n1 1 0.5\n2 3 -4\n';
writeFileSync(file, text);
const bytes = new TextEncoder().encode(text);

test('polyadic/io has the reader', () => {
  const added: Format | undefined = Object.values<Format>(formats).at(-1);
  expect(added?.read(bytes, {})).toMatchObject({ shape: [2, 3], values: Float64Array.of(0.5, -4) });
});

test('decompose and complete read the file', () => {
  const { target, cells } = readTensor(file, parseArguments(decomposeCommand, [file]));
  expect(target).toMatchObject({ kind: 'dense', shape: [2, 3], data: Float64Array.of(0.5, 0, 0, 0, 0, -4) });
  expect(cells).toBe(2);
  const observed = readObserved(file, parseArguments(completeCommand, [file]));
  expect(observed.target).toMatchObject({ shape: [2, 3], indices: Uint32Array.of(0, 0, 1, 2) });
});

test('messages name it', () => {
  const other = join(folder, 'matrix.txt');
  writeFileSync(other, text);
  expect(() => readTensor(other, parseArguments(decomposeCommand, [other]))).toThrow(/\.tensor, \.json or \.mtx file/);
  const words = [file, '--base', '1'];
  expect(() => readTensor(file, parseArguments(decomposeCommand, words))).toThrow(
    'expected --base with .tns and .csv files only, got it with .mtx',
  );
});
