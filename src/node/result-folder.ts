// The folder that `--out` asks for: all of it or nothing. Files are written to a new folder beside it, which takes its
// place by a rename at the end. A folder that holds anything but an earlier result of ours is never touched.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { InputError } from '../errors.js';
import { systemError } from './system-error.js';
import { removeLeftovers, temporary } from './temporary.js';

/** Names and contents; `result.json` among them, with the names of all in its field `files`. */
export type ResultFiles = Readonly<Record<string, string | Uint8Array>>;

export const resultFile = 'result.json';

/** False also where there is nothing of that name, or a file stands in the middle of the path. */
export const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();

/** Throws unless a result can be written there: asked before a run that may take an hour. Leaves nothing behind. */
export function requireWritable(folder: string, { force }: { readonly force: boolean }): void {
  requireReplaceable(folder);
  requireForce(folder, force);
  const place = placeOf(folder);
  removeLeftovers(place);
  const fresh = temporary(place);
  removeMade(fresh, makeFolder(folder, fresh));
}

/** Writes all files, or none. Returns their paths, with the folder as it was given. */
export function writeResultFolder(folder: string, files: ResultFiles): string[] {
  requireReplaceable(folder);
  const place = placeOf(folder);
  const fresh = temporary(place);
  const made = makeFolder(folder, fresh);
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(fresh, name), content);
    replace(place, fresh);
  } catch (error) {
    removeMade(fresh, made);
    throw notWritable('folder', folder, error);
  }
  return Object.keys(files).map((name) => join(folder, name));
}

/** Where it is: behind a link, which stays. */
function placeOf(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return resolve(folder);
  }
}

/** So often others may write to the same folder between two renames of ours; the last result stays. */
const maxReplacements = 1000;

/** The rename that makes the result appear; an earlier one steps aside first, and back if the rename fails. */
function replace(folder: string, fresh: string): void {
  const earlier = `${fresh}-earlier`;
  for (let left = maxReplacements; ; left--) {
    const hasEarlier = renamed(folder, earlier, ['ENOENT']);
    try {
      if (renamed(fresh, folder, left > 0 ? ['ENOTEMPTY', 'EEXIST'] : [])) return;
    } catch (error) {
      if (hasEarlier) renameSync(earlier, folder);
      throw error;
    } finally {
      rmSync(earlier, { recursive: true, force: true });
    }
  }
}

/** Whether it could be renamed; false for an error that is expected. */
function renamed(from: string, to: string, expected: readonly string[]): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (expected.includes(systemError(error).code ?? '')) return false;
    throw error;
  }
}

function requireReplaceable(folder: string): void {
  const path = placeOf(folder);
  if (!relative(path, process.cwd()).startsWith('..')) {
    throw new InputError(
      `--out: expected a folder of its own, got ${folder}, which holds the current one. Name a new folder.`,
    );
  }
  // Another process may put its result in place between two looks at one folder.
  let foreign = foreignIn(folder, path);
  for (let left = maxLooks; foreign !== undefined && left > 0; left--) foreign = foreignIn(folder, path);
  if (foreign === undefined) return;
  throw new InputError(
    `--out: expected a new or empty folder or an earlier result, got ${folder} with ${foreign} in it. Name another folder.`,
  );
}

const maxLooks = 20;

/** The first name that is not of an earlier result. */
function foreignIn(folder: string, path: string): string | undefined {
  const names = namesIn(folder);
  const ours = filesOfResult(join(path, resultFile));
  return names.find((name) => !ours.includes(name));
}

/** An earlier result is replaced only on demand. */
function requireForce(folder: string, force: boolean): void {
  if (force || namesIn(folder).length === 0) return;
  throw new InputError(
    `--out: expected a new or empty folder, got ${folder} with an earlier result in it. Add --force to replace it, or name another folder.`,
  );
}

/** Names of what the folder holds; none where there is no such folder yet. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (systemError(error).code === 'ENOENT') return [];
    throw notWritable('folder', folder, error);
  }
}

/** The files that an earlier result says it wrote; none where there is no such result. */
function filesOfResult(path: string): string[] {
  try {
    const { generator, files } = JSON.parse(readFileSync(path, 'utf8')) as { generator?: unknown; files?: unknown };
    const ours = typeof generator === 'string' && generator.startsWith('polyadic');
    return ours && Array.isArray(files) ? files.filter((name) => typeof name === 'string') : [];
  } catch {
    return [];
  }
}

/** Makes a folder and what is missing above it, or nothing; returns the topmost folder made. `folder` is its name in errors. */
export function makeFolder(folder: string, path: string): string {
  // Not mkdir's own `recursive`: in Node 20 it never returns below /proc.
  const missing: string[] = [];
  for (let at = path; !existsSync(at); at = dirname(at)) missing.unshift(at);
  const [topmost = path] = missing;
  try {
    for (const one of missing) makeOne(one);
  } catch (error) {
    removeMade(path, topmost);
    throw notWritable('folder', folder, error);
  }
  return topmost;
}

/** Another process may make it at the same time. */
function makeOne(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    if (!isFolder(folder)) throw error;
  }
}

/** Takes away the folder, and those above it that were made for it, from the topmost on, where nobody has put anything into them. */
function removeMade(folder: string, topmost: string): void {
  if (existsSync(folder)) rmSync(folder, { recursive: true, force: true });
  for (let at = dirname(folder); !relative(topmost, at).startsWith('..'); at = dirname(at)) {
    try {
      rmdirSync(at);
    } catch {
      return;
    }
  }
}

/** One line for what the system said when a file or folder of the user's could not be written. */
export function notWritable(what: 'file' | 'folder', path: string, error: unknown): InputError {
  const { code, message } = systemError(error);
  const reason = code === 'ENOTDIR' ? 'a file is in the way' : (code ?? message);
  const able = what === 'folder' ? 'made' : 'written';
  return new InputError(
    `--out: expected a ${what} that can be ${able}, got ${path} (${reason}). Name another ${what}.`,
    { cause: error },
  );
}
