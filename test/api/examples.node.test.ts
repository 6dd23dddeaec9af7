// Every exported function has an example in its documentation. The examples are type-checked as the code of a user, run as they stand,
// all in one process, and print what the comments of their console.log say.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, expect, test } from 'vitest';
import matFiles from '../data/mat/fixtures.json';
import npzFiles from '../data/npz/fixtures.json';
import { documentedFunctions, programOf } from '../support/documented-functions.js';
import { inCheckout } from '../support/examples.js';
import { root } from '../support/project-files.js';

/** Their examples need a page or a GPU: they are type-checked alone. */
const notRun = ['openWorker', 'tune'];

const functions = documentedFunctions(programOf([]));
const examples = functions.flatMap(({ name, example }) => (example === undefined ? [] : [{ name, code: example }]));
const folder = mkdtempSync(join(root, 'node_modules', '.examples-'));
afterAll(() => rmSync(folder, { recursive: true }));

const print = /\bconsole\.log\(/g;

/** What `console.log` printed, by the numbers of the lines it stands on; or what was thrown. */
type Outcome = Readonly<Record<number, readonly string[]>> | string;

/** Runs the examples one after the other. `print` stands in them for console.log: it knows its line. */
const runner = `
import { format } from 'node:util';
const outcomes = {};
for (const name of ${JSON.stringify(examples.map(({ name }) => name).filter((name) => !notRun.includes(name)))}) {
  const printed = (outcomes[name] = {});
  globalThis.print = (line, ...values) => (printed[line] ??= []).push(format(...values));
  try {
    await import('./run-' + name + '.mts');
  } catch (error) {
    outcomes[name] = String(error);
  }
}
process.stdout.write(JSON.stringify(outcomes));
`;

const lineWise = (code: string): string =>
  code
    .split('\n')
    .map((line, at) => line.replaceAll(print, `print(${at}, `))
    .join('\n');

test('every exported function has an example', () => {
  expect(functions.length).toBeGreaterThan(100);
  expect(functions.filter(({ example }) => example === undefined).map(({ name }) => name)).toEqual([]);
});

test('the examples are right by their types', () => {
  const files = examples.map(({ name, code }) => {
    const file = join(folder, `${name}.mts`);
    writeFileSync(file, inCheckout(code));
    return file;
  });
  const checked = programOf(files);
  const faults = files.flatMap((file) => {
    const source = checked.getSourceFile(file);
    return [...checked.getSyntacticDiagnostics(source), ...checked.getSemanticDiagnostics(source)].map(
      ({ messageText }) => `${file.slice(folder.length + 1)}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    );
  });
  expect(faults).toEqual([]);
});

test('the examples run and print what their comments say', () => {
  // The files that examples read.
  writeFileSync(join(folder, 'arrays.npz'), Buffer.from(npzFiles.several.npz, 'base64'));
  writeFileSync(join(folder, 'arrays.mat'), Buffer.from(matFiles['single, vector, scalar'].mat, 'base64'));
  for (const { name, code } of examples) writeFileSync(join(folder, `run-${name}.mts`), inCheckout(lineWise(code)));
  writeFileSync(join(folder, 'runner.mts'), runner);
  const { stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'runner.mts'], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(stderr, 'standard error').toBe('');
  const outcomes = JSON.parse(stdout) as Readonly<Record<string, Outcome>>;
  const faults = examples.flatMap(({ name, code }) => {
    const outcome = notRun.includes(name) ? {} : outcomes[name];
    if (typeof outcome !== 'object') return [`${name}: ${outcome ?? 'did not run'}`];
    return code.split('\n').flatMap((line, at) => {
      const [, said] = /\bconsole\.log\(.*\); \/\/ (.*)$/.exec(line) ?? [];
      const printed = outcome[at] ?? [];
      const isRight =
        said === undefined || notRun.includes(name) || (printed.length > 0 && printed.every((text) => text === said));
      return isRight ? [] : [`${name}: printed ${printed.join(' and ') || 'nothing'}, its comment says ${said}`];
    });
  });
  expect(faults).toEqual([]);
});
