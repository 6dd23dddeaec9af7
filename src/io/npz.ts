// NumPy's .npz files: zip archives of .npy files, `name.npy` holding the array `name` (numpy.savez, numpy.savez_compressed).
// Zip: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, read by fflate. Malformed files are InputErrors, and no
// file makes it allocate more than what deflate can hold in its bytes. Checksums are not compared.
import { unzipSync, type UnzipFileInfo } from 'fflate';
import { InputError } from '../errors.js';
import { readNpy, type NpyArray } from './npy.js';

const extension = '.npy';

/** A byte of deflate stands for at most 1032 bytes (https://zlib.net/zlib_tech.html); a whole stream has a few more. */
const maxExpansion = 1032;
const bytesOfDirectoryEntry = 46;

/** Names of the arrays in a .npz file, in the order of the file; nothing is unpacked. */
export function npzNames(bytes: Uint8Array | ArrayBuffer): string[] {
  const names: string[] = [];
  unzip(bytes, (name) => {
    names.push(name);
    return false;
  });
  return names;
}

/**
 * Reads one array of a .npz file: the one of that name, or the only one there is. The others are not unpacked. Cost O(bytes).
 * @throws InputError for what is no zip archive, damaged ones, a name that is not there, and no name where there is a choice.
 */
export function readNpz(bytes: Uint8Array | ArrayBuffer, name?: string): NpyArray {
  const names = npzNames(bytes);
  const wanted = name ?? names[0];
  if (wanted === undefined) {
    throw new InputError('readNpz: expected at least one array, got none. Save it with numpy.savez.');
  }
  if (name === undefined && names.length > 1) {
    throw new InputError(
      `readNpz: expected one array, got ${names.length} (${names.join(', ')}). Name the one to read.`,
    );
  }
  const file = unzip(bytes, (found) => found === wanted)[wanted + extension];
  if (file !== undefined) return readNpy(file);
  throw new InputError(`readNpz: expected one of the arrays ${names.join(', ')}, got ${wanted}. Choose one of these.`);
}

/** The files of the arrays that the filter wants. */
function unzip(bytes: Uint8Array | ArrayBuffer, wants: (name: string) => boolean): Record<string, Uint8Array> {
  const archive = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
  let listed = 0;
  const filter = ({ name, size, originalSize, compression }: UnzipFileInfo): boolean => {
    const possible = compression === 0 ? archive.length : maxExpansion * (Math.min(size, archive.length) + 1);
    if (++listed * bytesOfDirectoryEntry > archive.length || originalSize > possible) {
      throw new InputError('readNpz: expected sizes that fit the file, got larger ones. The file is damaged.');
    }
    return name.endsWith(extension) && wants(name.slice(0, -extension.length));
  };
  try {
    return unzipSync(archive, { filter });
  } catch (error) {
    if (error instanceof InputError || !isZipError(error)) throw error;
    throw new InputError(
      `readNpz: expected a zip archive of .npy files, got ${archive.length} bytes that are not (${error.message}). Save the arrays with numpy.savez.`,
      { cause: error },
    );
  }
}

/** What fflate throws has a number; anything else is a bug or a lack of memory. */
const isZipError = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && typeof error.code === 'number';
