// New files that belong together, as a tensor and its truth: all of them or none, and none in place of another. They are
// written under temporary names beside their places and then renamed.
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { InputError } from '../errors.js';
import { makeFolder, notWritable } from './result-folder.js';
import { removeLeftovers, temporary } from './temporary.js';

/** Throws where one of the files exists: asked before the work. */
export function requireNew(paths: readonly string[]): void {
  for (const path of paths) removeLeftovers(resolve(path));
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
      left.push(temporary(resolve(path)));
      writeFileSync(temporary(resolve(path)), files[path] ?? '');
    }
    for (const path of paths) {
      renameSync(temporary(resolve(path)), path);
      left.push(path);
    }
  } catch (error) {
    for (const path of left.filter((one) => existsSync(one))) rmSync(path, { recursive: true });
    throw notWritable('file', first, error);
  }
}
