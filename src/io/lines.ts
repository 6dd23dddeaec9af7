// The lines of a text, one at a time: a file of a million lines never becomes an array of strings, nor one long string. Lines end
// with \n, \r\n or \r, also mixed. Bytes are UTF-8 unless something else is said (encoding.ts) and may be compressed by gzip (RFC
// 1952, read by fflate), which is known by its first two bytes; checksums are not compared. Used by tns.ts and csv.ts.
import { Gunzip } from 'fflate';
import { InputError } from '../errors.js';
import { decoded, type Encoding } from './encoding.js';

export type Text = string | Uint8Array | ArrayBuffer;

/** Bytes decoded at a time. Gzip makes at most 1032 of one, so a damaged or hostile file costs 64 MiB before it is looked at. */
const blockLength = 2 ** 16;

/**
 * Without what ends them; the last line may lack it. `who` complains about damaged gzip data, about bytes that are not of the
 * encoding and about characters that no text has.
 */
export function* linesOf(who: string, text: Text, encoding?: Encoding): Generator<string, void> {
  let rest = '';
  let line = 0;
  const checked = (written: string): string => {
    line++;
    if (!written.includes('\0')) return written;
    throw new InputError(
      `${who}: expected text, got a zero byte on line ${line}. If the text is in UTF-16, say encoding: 'utf-16le'; else give a text file.`,
    );
  };
  // A \r at the end of a block may be half of a line end.
  let held = '';
  for (const block of blocksOf(who, text, encoding)) {
    const whole = held + block;
    held = whole.endsWith('\r') ? '\r' : '';
    const [first = '', ...others] = whole.slice(0, whole.length - held.length).split(/\r\n|\n|\r/);
    rest += first;
    for (const next of others) {
      yield checked(rest);
      rest = next;
    }
  }
  if (rest !== '') yield checked(rest);
}

function blocksOf(who: string, text: Text, encoding: Encoding | undefined): Iterable<string> {
  if (typeof text === 'string') return slices(text.replace(/^\uFEFF/, ''));
  const bytes = text instanceof Uint8Array ? text : new Uint8Array(text);
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return decoded(who, isGzip ? unzipped(who, bytes) : parts(bytes), encoding);
}

function* slices(text: string): Generator<string, void> {
  for (let begin = 0; begin < text.length; begin += blockLength) yield text.slice(begin, begin + blockLength);
}

function* parts(bytes: Uint8Array): Generator<Uint8Array, void> {
  for (let begin = 0; begin < bytes.length; begin += blockLength) yield bytes.subarray(begin, begin + blockLength);
}

function* unzipped(who: string, bytes: Uint8Array): Generator<Uint8Array, void> {
  const ready: Uint8Array[] = [];
  const gunzip = new Gunzip((part) => ready.push(part));
  let done = 0;
  try {
    for (const part of parts(bytes)) {
      done += part.length;
      gunzip.push(part, done === bytes.length);
      yield* ready.splice(0);
    }
  } catch (error) {
    // What fflate throws has a number; anything else is not about the data.
    if (!(error instanceof Error && 'code' in error && typeof error.code === 'number')) throw error;
    throw new InputError(
      `${who}: expected gzip data, got ${bytes.length} bytes that are damaged or cut short (${error.message}). Compress the file again.`,
      { cause: error },
    );
  }
}
