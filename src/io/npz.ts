// NumPy's .npz files: zip archives of .npy files, `name.npy` holding the array `name` (numpy.savez, numpy.savez_compressed).
// Zip: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, read by fflate. Malformed files are InputErrors, and so are
// arrays whose checksum is that of other data, and those that are packed as no data are.
import { unzipSync, type UnzipFileInfo } from 'fflate';
import { InputError } from '../errors.js';
import { readNpy, type NpyArray } from './npy.js';
import { bytesOf } from './bytes.js';
import { crc32 } from './crc32.js';

const extension = '.npy';

/** A byte of deflate stands for at most 1032 bytes (https://zlib.net/zlib_tech.html); a whole stream has a few more. */
const maxExpansion = 1032;
const bytesOfDirectoryEntry = 46;
const bytesOfDirectoryEnd = 22;

/** Arrays of numbers shrink to a tenth, of small integers to a fiftieth. What shrinks further, beyond 256 MiB, may be nothing but zeros. */
const maxRatio = 200;
const freeLength = 2 ** 28;

/**
 * Names of the arrays in a .npz file, in the order of the file; nothing is unpacked.
 *
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { npzNames } from 'polyadic/io';
 *
 * console.log(npzNames(await readFile('arrays.npz'))); // [ 'a', 'b', 'c' ]
 * ```
 * @throws InputError for what is no zip archive.
 */
export function npzNames(bytes: Uint8Array | ArrayBuffer): string[] {
  return namesIn('npzNames', bytes);
}

function namesIn(who: string, bytes: Uint8Array | ArrayBuffer): string[] {
  const names: string[] = [];
  unzip(who, bytes, (name) => {
    names.push(name);
    return false;
  });
  return names;
}

/**
 * Reads one array of a .npz file: the one of that name, or the only one there is. The others are not unpacked. Cost O(bytes).
 *
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { readNpz } from 'polyadic/io';
 *
 * console.log(readNpz(await readFile('arrays.npz'), 'a').shape); // [ 2, 3, 4 ]
 * ```
 * @throws InputError for what is no zip archive, damaged ones, a name that is not there, and no name where there is a choice.
 */
export function readNpz(bytes: Uint8Array | ArrayBuffer, name?: string): NpyArray {
  const names = namesIn('readNpz', bytes);
  const wanted = name ?? names[0];
  if (wanted === undefined) {
    throw new InputError('readNpz: expected at least one array, got none. Save it with numpy.savez.');
  }
  if (name === undefined && names.length > 1) {
    throw new InputError(
      `readNpz: expected one array, got ${names.length} (${names.join(', ')}). Name the one to read.`,
    );
  }
  const file = unzip('readNpz', bytes, (found) => found === wanted)[wanted + extension];
  if (file !== undefined) return readNpy(file);
  throw new InputError(`readNpz: expected one of the arrays ${names.join(', ')}, got ${wanted}. Choose one of these.`);
}

/** The files of the arrays that the filter wants. */
function unzip(
  who: string,
  bytes: Uint8Array | ArrayBuffer,
  wants: (name: string) => boolean,
): Record<string, Uint8Array> {
  const archive = bytesOf(who, bytes);
  let listed = 0;
  const wanted = new Map<string, number>();
  const filter = ({ name, size, originalSize, compression }: UnzipFileInfo): boolean => {
    const possible = compression === 0 ? archive.length : maxExpansion * (Math.min(size, archive.length) + 1);
    if (++listed * bytesOfDirectoryEntry > archive.length || originalSize > possible) {
      throw new InputError(`${who}: expected sizes that fit the file, got larger ones. The file is damaged.`);
    }
    if (!name.endsWith(extension) || !wants(name.slice(0, -extension.length))) return false;
    if (originalSize > freeLength && originalSize > maxRatio * size) {
      throw new InputError(
        `${who}: expected an array that unpacks to at most ${maxRatio} times its size, got ${originalSize} bytes from ${size}. If they are right, save it with numpy.savez, which does not compress.`,
      );
    }
    wanted.set(name, listed - 1);
    return true;
  };
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(archive, { filter });
  } catch (error) {
    if (error instanceof InputError || !isZipError(error)) throw error;
    throw new InputError(
      `${who}: expected a zip archive of .npy files, got ${archive.length} bytes that are not (${error.message}). Save the arrays with numpy.savez.`,
      { cause: error },
    );
  }
  for (const [name, file] of Object.entries(files)) {
    const checksum = checksumOf(archive, wanted.get(name) ?? 0);
    if (checksum === undefined || checksum === crc32(file)) continue;
    throw new InputError(
      `${who}: expected ${name} with the checksum that the archive says, got another. The file is damaged: fetch it again.`,
    );
  }
  return files;
}

/** The checksum that the directory at the end of the archive has for an entry; undefined in archives of more than 4 GiB. */
function checksumOf(archive: Uint8Array, entry: number): number | undefined {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  let end = archive.length - bytesOfDirectoryEnd;
  while (end > 0 && view.getUint32(end, true) !== 0x06054b50) end--;
  let at = view.getUint32(end + 16, true);
  for (let k = 0; k < entry && at + bytesOfDirectoryEntry <= end; k++) {
    at += bytesOfDirectoryEntry + [28, 30, 32].reduce((sum, place) => sum + view.getUint16(at + place, true), 0);
  }
  return at + bytesOfDirectoryEntry <= end ? view.getUint32(at + 16, true) : undefined;
}

/** What fflate throws has a number; anything else is a bug or a lack of memory. */
const isZipError = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && typeof error.code === 'number';
