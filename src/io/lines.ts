// The lines of a text, one at a time: a file of a million lines never becomes an array of strings, nor one long string. Bytes
// are UTF-8 and may be compressed by gzip (RFC 1952, read by fflate), which is known by its first two bytes; checksums are
// not compared. Used by tns.ts and csv.ts.
import { Gunzip } from 'fflate';
import { InputError } from '../errors.js';

export type Text = string | Uint8Array | ArrayBuffer;

/** Bytes decoded at a time. Gzip makes at most 1032 of one, so a damaged or hostile file costs 64 MiB before it is looked at. */
const blockLength = 2 ** 16;

/** Without what ends them, \n or \r\n; the last line may lack it. `who` complains about damaged gzip data. */
export function* linesOf(who: string, text: Text): Generator<string, void> {
  let rest = '';
  for (const block of blocksOf(who, text)) {
    let begin = 0;
    for (let end = block.indexOf('\n'); end >= 0; end = block.indexOf('\n', begin)) {
      yield withoutReturn(rest + block.slice(begin, end));
      rest = '';
      begin = end + 1;
    }
    rest += block.slice(begin);
  }
  if (rest !== '') yield withoutReturn(rest);
}

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line);

function* blocksOf(who: string, text: Text): Generator<string, void> {
  if (typeof text === 'string') {
    yield text.replace(/^\uFEFF/, '');
    return;
  }
  const bytes = text instanceof Uint8Array ? text : new Uint8Array(text);
  const decoder = new TextDecoder();
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  for (const part of isGzip ? unzipped(who, bytes) : parts(bytes)) yield decoder.decode(part, { stream: true });
  yield decoder.decode();
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
