// The folder that `--out` asks for: all of it or nothing. Files are written to a new folder beside it, which takes its
// place by a rename at the end. A folder that holds anything but an earlier result of ours is never touched.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { InputError } from '../errors.js';
import { systemError } from './system-error.js';

/** Names and contents; `result.json` among them, with the names of all in its field `files`. */
export type ResultFiles = Readonly<Record<string, string | Uint8Array>>;

export const resultFile = 'result.json';

/** False also where there is nothing of that name, or a file stands in the middle of the path. */
export const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();

/** Throws unless a result can be written there: asked before a run that may take an hour. Leaves nothing behind. */
export function requireWritable(folder: string, { force }: { readonly force: boolean }): void {
  requireReplaceable(folder);
  requireForce(folder, force);
  const made = makeFolder(folder, temporary(folder));
  rmSync(made, { recursive: true, force: true });
}

/** Writes all files, or none. Returns their paths, with the folder as it was given. */
export function writeResultFolder(folder: string, files: ResultFiles): string[] {
  requireReplaceable(folder);
  const fresh = temporary(folder);
  const made = makeFolder(folder, fresh);
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(fresh, name), content);
    replace(resolve(folder), fresh);
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    throw notWritable('folder', folder, error);
  }
  return Object.keys(files).map((name) => join(folder, name));
}

/** The rename that makes the result appear; an earlier one steps aside first, and back if the rename fails. */
function replace(folder: string, fresh: string): void {
  if (!existsSync(folder)) {
    renameSync(fresh, folder);
    return;
  }
  const earlier = `${fresh}-earlier`;
  renameSync(folder, earlier);
  try {
    renameSync(fresh, folder);
  } catch (error) {
    renameSync(earlier, folder);
    throw error;
  }
  rmSync(earlier, { recursive: true, force: true });
}

function requireReplaceable(folder: string): void {
  const path = resolve(folder);
  if (!relative(path, process.cwd()).startsWith('..')) {
    throw new InputError(
      `--out: expected a folder of its own, got ${folder}, which holds the current one. Name a new folder.`,
    );
  }
  const names = namesIn(folder);
  const ours = filesOfResult(join(path, resultFile));
  const foreign = names.find((name) => !ours.includes(name));
  if (foreign === undefined) return;
  throw new InputError(
    `--out: expected a new or empty folder or an earlier result, got ${folder} with ${foreign} in it. Name another folder.`,
  );
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
    for (const one of missing) mkdirSync(one);
  } catch (error) {
    if (existsSync(topmost)) rmSync(topmost, { recursive: true });
    throw notWritable('folder', folder, error);
  }
  return topmost;
}

/** A sibling, so that the rename stays on one file system. */
function temporary(folder: string): string {
  const path = resolve(folder);
  return join(dirname(path), `.${basename(path)}-${process.pid}`);
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
