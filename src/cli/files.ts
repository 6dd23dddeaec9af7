// Opens the files that commands are given. Everything wrong with one is an InputError that begins with its name.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import { InputError } from '../errors.js';
import { systemError } from '../node/system-error.js';
import { formatOf, formats, type Contents, type CsvOptions, type Format } from '../io/index.js';

export function readBytes(path: string): Buffer {
  if (path === '-') return (standardInput ??= readFileSync(0));
  try {
    return readFileSync(path);
  } catch (error) {
    const { code, message } = systemError(error);
    if (code === 'ERR_FS_FILE_TOO_LARGE') {
      throw new InputError(
        `expected a file of at most 2 GiB, got one of ${statSync(path).size} bytes. Save part of it, or its numbers in fewer bytes.`,
        { cause: error },
      );
    }
    const got = { ENOENT: 'no such file', EISDIR: 'a folder', EACCES: 'a file that may not be read' }[code ?? ''];
    throw new InputError(`expected a file, got ${got ?? message}. Check the path.`, { cause: error });
  }
}

/** It can be read only once. */
let standardInput: Buffer | undefined;

/** The format of a file by its name; of standard input, `-`, by how it begins. */
export function formatOfFile(file: string): Format | undefined {
  const format = formatOf(file);
  // Tensor Toolbox and pyttb call all their texts so.
  const isToolbox = format === formats.tns && existsSync(file);
  if (file !== '-' && !isToolbox) return format;
  const head = readBytes(file).subarray(0, 4096).toString('latin1');
  if (/^\s*ktensor\s/.test(head)) return formats.ktensor;
  if (/^\s*tensor\s/.test(head)) return formats.tensor;
  if (isToolbox) return format;
  if (head.startsWith('\x93NUMPY')) return formats.npy;
  if (head.startsWith('PK')) return formats.npz;
  if (head.startsWith('\x89PNG')) return formats.png;
  if (head.startsWith('MATLAB 5')) return formats.mat;
  if (/^\s*\{/.test(head)) return formats.json;
  return /[,;\t]/.test(head) ? formats.csv : formats.tns;
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

/** data.npz:name is the array `name` of data.npz, and so for .mat, unless a file is really called so. */
export function splitPath(path: string): { readonly file: string; readonly array: string | undefined } {
  const [, file, array] = /^(.*\.(?:npz|mat)):(.+)$/i.exec(path) ?? [];
  return file === undefined || existsSync(path) ? { file: path, array: undefined } : { file, array };
}

/** What a file of the format holds, or one array of it. */
export function readAs<F extends Format>(
  format: F,
  { file, array }: ReturnType<typeof splitPath>,
  options: CsvOptions,
): Contents[F['holds']];
export function readAs(
  format: Format,
  { file, array }: ReturnType<typeof splitPath>,
  options: CsvOptions,
): Contents[Format['holds']] {
  const bytes = readBytes(file);
  const name = array ?? onlyArray(file, format.arrays?.(bytes) ?? []);
  return format.read(bytes, name === undefined ? options : { ...options, array: name });
}

function onlyArray(file: string, names: readonly string[]): string | undefined {
  if (names.length <= 1) return names[0];
  throw new InputError(
    `expected one array, got ${names.length} (${names.join(', ')}). Name one, as in ${file}:${names[0]}.`,
  );
}

/** The usual ends of the names of files that hold one of these: .npy, .npz or .png */
export function extensionsOf(holds: readonly Format['holds'][], joint: 'and' | 'or'): string {
  return listed(
    Object.values<Format>(formats).filter((format) => holds.includes(format.holds)),
    joint,
  );
}

export function listed(chosen: readonly Format[], joint: 'and' | 'or'): string {
  const ends = chosen.map(({ extensions }) => extensions[0]);
  return ends.join(', ').replace(/, (?=[^,]*$)/, ` ${joint} `);
}

/** @throws InputError for a file whose format does not hold one of these, or that is not there. */
export function refuse(file: string, holds: readonly Format['holds'][], remedy: string): never {
  readBytes(file);
  const got = extname(file).toLowerCase() || 'no extension';
  throw new InputError(`expected a ${extensionsOf(holds, 'or')} file, got ${got}. ${remedy}.`);
}
