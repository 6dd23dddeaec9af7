// Unpacks gzip (RFC 1952) block by block, by fflate, and compares what comes out with the checksum and the length at the end of each
// member. Used by lines.ts.
import { Gunzip } from 'fflate';
import { InputError } from '../errors.js';
import { crc32 } from './crc32.js';

/** Bytes unpacked at a time. Gzip makes at most 1032 of one, so a hostile file costs 64 MiB before anyone looks at it. */
const blockLength = 2 ** 16;

/** Lists of numbers shrink to a fifth, of equal lines to a fiftieth. What shrinks further, beyond the first 64 MiB, is no data. */
const maxRatio = 200;
const freeLength = 2 ** 26;

/** Bytes of a member that holds nothing: header, end of the data, checksum and length. */
const minLength = 20;

export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** What was packed, in parts. @throws InputError for damaged data, and for what is larger than any data. `who` complains. */
export function* unzipped(who: string, bytes: Uint8Array): Generator<Uint8Array, void> {
  const ready: Uint8Array[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let total = 0;
  let member = { checksum: 0, length: 0 };
  const gunzip = new Gunzip((part) => {
    member = { checksum: crc32(part, member.checksum), length: member.length + part.length };
    ready.push(part);
  });
  /** The member that ends there, with its checksum and its length modulo 2^32. */
  const compare = (end: number): void => {
    const isWhole =
      end >= minLength &&
      view.getUint32(end - 8, true) === member.checksum &&
      view.getUint32(end - 4, true) === member.length % 2 ** 32;
    if (!isWhole) throw damaged(who, bytes, 'its checksum is that of other data');
    member = { checksum: 0, length: 0 };
  };
  gunzip.onmember = compare;
  for (let begin = 0; begin < bytes.length; begin += blockLength) {
    const end = Math.min(begin + blockLength, bytes.length);
    push(who, bytes, () => {
      gunzip.push(bytes.subarray(begin, end), end === bytes.length);
    });
    total += ready.reduce((sum, part) => sum + part.length, 0);
    if (total > freeLength && total > maxRatio * end) {
      throw new InputError(
        `${who}: expected gzip data that unpack to at most ${maxRatio} times their size, got ${total} bytes from ${end}. If they are right, unpack the file first.`,
      );
    }
    yield* ready.splice(0);
  }
  compare(bytes.length);
}

function push(who: string, bytes: Uint8Array, unpack: () => void): void {
  try {
    unpack();
  } catch (error) {
    // What fflate throws has a number; anything else is not about the data.
    if (!(error instanceof Error && 'code' in error && typeof error.code === 'number')) throw error;
    throw damaged(who, bytes, error.message, error);
  }
}

const damaged = (who: string, { length }: Uint8Array, reason: string, cause?: unknown): InputError =>
  new InputError(
    `${who}: expected gzip data, got ${length} bytes that are damaged or cut short (${reason}). Compress the file again.`,
    { cause },
  );
