// New files that belong together, as a tensor and its truth: all of them or none, and none in place of another. They are
// written under temporary names beside their places and then renamed.
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { InputError } from '../errors.js';
import { makeFolder, notWritable } from './result-folder.js';

/** Throws where one of the files exists: asked before the work. */
export function requireNew(paths: readonly string[]): void {
  const [taken] = paths.filter((path) => existsSync(path));
  if (taken === undefined) return;
  throw new InputError(`--out: expected a new file, got ${taken}, which exists. Name another, or remove it.`);
}

/** Writes all files of one folder, which is made where it is missing, or none. */
export function writeNewFiles(files: Readonly<Record<string, string | Uint8Array>>): void {
  const paths = Object.keys(files);
  requireNew(paths);
  const [first = ''] = paths;
  const folder = dirname(resolve(first));
  const made = existsSync(folder) ? undefined : makeFolder(dirname(first), folder);
  const left: string[] = made === undefined ? [] : [made];
  try {
    for (const path of paths) {
      left.push(temporary(path));
      writeFileSync(temporary(path), files[path] ?? '');
    }
    for (const path of paths) {
      renameSync(temporary(path), path);
      left.push(path);
    }
  } catch (error) {
    for (const path of left.filter((one) => existsSync(one))) rmSync(path, { recursive: true });
    throw notWritable('file', first, error);
  }
}

const temporary = (path: string): string => join(dirname(resolve(path)), `.${basename(path)}-${process.pid}`);
