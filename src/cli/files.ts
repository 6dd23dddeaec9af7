// Opens the files that commands are given. Everything wrong with one is an InputError that begins with its name.
import { existsSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { InputError } from '../errors.js';
import { npzNames, readNpy, readNpz, type NpyArray } from '../io/index.js';

export function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const got = { ENOENT: 'no such file', EISDIR: 'a folder', EACCES: 'a file that may not be read' }[code ?? ''];
    throw new InputError(`expected a file, got ${got ?? message}. Check the path.`, { cause: error });
  }
}

/** Puts the file's name in place of the name of the function that complains. */
export function about<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${path}: ${error.message.replace(/^\w+: /, '')}`, { cause: error });
  }
}

/** data.npz:name is the array `name` of data.npz, unless a file is really called so. */
export function splitPath(path: string): { readonly file: string; readonly array: string | undefined } {
  const [, file, array] = /^(.*\.npz):(.+)$/i.exec(path) ?? [];
  return file === undefined || existsSync(path) ? { file: path, array: undefined } : { file, array };
}

/** What a file of coordinates is by its name, which may end in .gz; undefined for others. */
export function coordinatesKind(file: string): 'tns' | 'csv' | undefined {
  const [, kind] = /\.(tns|csv|tsv)(?:\.gz)?$/i.exec(file) ?? [];
  return kind === undefined ? undefined : kind.toLowerCase() === 'tns' ? 'tns' : 'csv';
}

/** The array of a .npy or .npz file; undefined for other files that exist. */
export function readArray({ file, array }: ReturnType<typeof splitPath>): NpyArray | undefined {
  const extension = extname(file).toLowerCase();
  const bytes = readBytes(file);
  if (extension !== '.npy' && extension !== '.npz') return undefined;
  return extension === '.npy' ? readNpy(bytes) : readNpz(bytes, array ?? onlyArray(file, bytes));
}

function onlyArray(file: string, bytes: Uint8Array): string | undefined {
  const names = npzNames(bytes);
  if (names.length <= 1) return names[0];
  throw new InputError(
    `expected one array, got ${names.length} (${names.join(', ')}). Name one, as in ${file}:${names[0]}.`,
  );
}
