// The lines of a text, one at a time: a file of a million lines never becomes an array of strings, nor one long string. Lines end
// with \n, \r\n or \r, also mixed. Bytes are UTF-8 unless something else is said (encoding.ts) and may be compressed by gzip
// (gzip.ts), which is known by its first two bytes. Used by tns.ts and csv.ts.
import { InputError } from '../errors.js';
import { bytesOf } from './bytes.js';
import { decoded, type Encoding } from './encoding.js';
import { isGzip, unzipped } from './gzip.js';

export type Text = string | Uint8Array | ArrayBuffer;

/** Bytes decoded at a time. */
const blockLength = 2 ** 16;

/** Characters of a line. The widest table that anyone reads has shorter ones, and strings end at 2^29. */
const maxLineLength = 2 ** 26;

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
    if (rest.length > maxLineLength) {
      throw new InputError(
        `${who}: expected lines of at most ${maxLineLength} characters, got more on line ${line + 1}. Give a text file with line ends.`,
      );
    }
    for (const next of others) {
      yield checked(rest);
      rest = next;
    }
  }
  if (rest !== '') yield checked(rest);
}

function blocksOf(who: string, text: Text, encoding: Encoding | undefined): Iterable<string> {
  if (typeof text === 'string') return slices(text.replace(/^\uFEFF/, ''));
  const bytes = bytesOf(who, text, 'a text, a Uint8Array or an ArrayBuffer');
  return decoded(who, isGzip(bytes) ? unzipped(who, bytes) : parts(bytes), encoding);
}

function* slices(text: string): Generator<string, void> {
  for (let begin = 0; begin < text.length; begin += blockLength) yield text.slice(begin, begin + blockLength);
}

function* parts(bytes: Uint8Array): Generator<Uint8Array, void> {
  for (let begin = 0; begin < bytes.length; begin += blockLength) yield bytes.subarray(begin, begin + blockLength);
}
