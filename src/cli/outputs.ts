// What a run leaves behind, as its options ask for it: the folder of --out, the picture of --plot, the page of --html, the text
// of --ktensor. For `-` one of them
// is printed instead of a report: result.json, the picture, the page or the text.
import { writeFileSync } from 'node:fs';
import { InputError } from '../errors.js';
import type { Decomposition, LossName } from '../index.js';
import { writeKtensor } from '../io/index.js';
import { resultPage } from '../node/page.js';
import { componentsSvg } from '../node/picture.js';
import { resultFiles } from '../node/result-files.js';
import {
  makeFolder,
  notWritable,
  requireWritable,
  resultFile,
  writeResultFolder,
  type ResultFiles,
} from '../node/result-folder.js';
import { dirname } from 'node:path';
import type { Arguments } from './arguments.js';
import type { Names } from './file-options.js';
import { hasFailed } from './run.js';

/** The outputs that go to stdout, where then no report is. */
const printed = (args: Arguments): string[] =>
  ['out', 'plot', 'html', 'ktensor'].filter((option) => args.text(option) === '-');

export const printsOutput = (args: Arguments): boolean => printed(args).length > 0;

/** Whether there is to be a folder. */
export const hasFolder = (args: Arguments): boolean => args.has('out') && args.text('out') !== '-';

/** Asked before a run that may take an hour. @throws InputError */
export function requireOutputs(args: Arguments): void {
  const out = args.text('out');
  const options = printed(args).map((option) => `--${option} -`);
  if (options.length > 1) {
    throw new InputError(
      `${args.command}: expected one output for standard output, got ${options.join(' and ')}. Name files for the others.`,
    );
  }
  if (out !== undefined && hasFolder(args)) requireWritable(out, { force: args.has('force') });
}

export interface Outputs {
  readonly path: string;
  readonly shape: readonly number[];
  readonly names: Names;
  readonly notices: readonly string[];
  /** For result.json. */
  readonly record: object;
  readonly extra?: ResultFiles;
  readonly loss?: LossName;
}

/** Writes what was asked for, unless the run failed; the paths of the files. */
export function writeOutputs(
  args: Arguments,
  result: Decomposition,
  { path, shape, names, notices, record, extra = {}, loss }: Outputs,
): string[] {
  if (hasFailed(result)) return [];
  const out = args.text('out');
  const written: string[] = [];
  const plainNames = { modes: names.modes, labels: (names.labels ?? []).map((labels) => labels ?? []) };
  if (out !== undefined) {
    const files = resultFiles(result, { ...record, arguments: args.words }, extra, loss);
    if (hasFolder(args)) written.push(...writeResultFolder(out, files));
    else process.stdout.write(String(files[resultFile]));
  }
  const command = ['polyadic', args.command, ...args.words].join(' ');
  const singles = {
    plot: () => componentsSvg(result, plainNames),
    html: () => resultPage(result, { path, shape, names: plainNames, command, notices }),
    ktensor: () => writeKtensor(result.kruskal),
  };
  for (const [option, content] of Object.entries(singles)) {
    const file = args.text(option);
    if (file === undefined) continue;
    if (file === '-') {
      process.stdout.write(content());
      continue;
    }
    writeSingle(file, content());
    written.push(file);
  }
  return written;
}

function writeSingle(file: string, content: string): void {
  makeFolder(file, dirname(file));
  try {
    writeFileSync(file, content);
  } catch (error) {
    throw notWritable('file', file, error);
  }
}
