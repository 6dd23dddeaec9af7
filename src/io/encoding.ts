// Bytes as text, block after block: UTF-8 unless the file begins with a UTF-16 byte order mark or another encoding is asked for.
// Bytes that are not of the encoding are refused by line and offset: the replacement characters that decoders put in their
// place would make one label of two. Used by lines.ts.
import { InputError } from '../errors.js';

export const encodings = ['utf-8', 'latin1', 'utf-16le', 'utf-16be'] as const;

/** latin1 is Windows-1252, as in browsers: Latin-1 and the printable characters that Windows has beside it. */
export type Encoding = (typeof encodings)[number];

/** What the byte order mark at the beginning says. */
function markedEncoding([first, second, third]: Uint8Array): Encoding | undefined {
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined;
}

/** Text of the blocks, without a byte order mark. `who` complains. */
export function* decoded(
  who: string,
  blocks: Iterable<Uint8Array>,
  wanted: Encoding | undefined,
): Generator<string, void> {
  let encoding: Encoding | undefined;
  let decoder: TextDecoder | undefined;
  let pending = new Uint8Array(0);
  let bytesBefore = 0;
  let linesBefore = 1;
  const decode = (by: TextDecoder, bytes: Uint8Array): string => {
    try {
      return by.decode(bytes, { stream: true });
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw notEncoded(who, encoding ?? 'utf-8', bytes, { bytesBefore, linesBefore }, error);
    }
  };
  for (const block of blocks) {
    if (block.length === 0) continue;
    encoding ??= chosenEncoding(who, markedEncoding(block), wanted);
    decoder ??= new TextDecoder(encoding, { fatal: true });
    const bytes = joined(pending, block);
    const whole = encoding === 'utf-8' ? wholeCharacters(bytes) : bytes.length;
    const text = decode(decoder, bytes.subarray(0, whole));
    linesBefore += lineEnds(text);
    bytesBefore += whole;
    pending = bytes.slice(whole);
    yield text;
  }
  if (!decoder) return;
  decode(decoder, pending);
  try {
    yield decoder.decode();
  } catch (error) {
    throw notEncoded(who, encoding ?? 'utf-8', pending, { bytesBefore, linesBefore }, error);
  }
}

function chosenEncoding(who: string, marked: Encoding | undefined, wanted: Encoding | undefined): Encoding {
  if (marked === undefined || wanted === undefined || marked === wanted) return marked ?? wanted ?? 'utf-8';
  throw new InputError(
    `${who}: expected text in ${wanted}, got a file that begins with the byte order mark of ${marked}. Leave encoding out.`,
  );
}

/** Length without the last character where the block ends inside of it: at most three bytes less. */
function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return bytes.length;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

function notEncoded(
  who: string,
  encoding: Encoding,
  bytes: Uint8Array,
  { bytesBefore, linesBefore }: { bytesBefore: number; linesBefore: number },
  cause: unknown,
): InputError {
  const at = firstBadByte(bytes, encoding);
  const line = linesBefore + lineEnds(new TextDecoder(encoding).decode(bytes.subarray(0, at)));
  const byte = (bytes[at] ?? 0).toString(16).padStart(2, '0');
  const remedy =
    encoding === 'utf-8'
      ? "Say encoding: 'latin1' if it is from an older Windows program, or save the file as UTF-8"
      : 'Save the file as UTF-8';
  return new InputError(
    `${who}: expected text in ${encoding.toUpperCase()}, got the byte 0x${byte}, which is not, on line ${line} (byte offset ${bytesBefore + at} of the text). ${remedy}.`,
    { cause },
  );
}

/** What stands before the first replacement character that is not in the bytes themselves, encoded again, ends at the bad byte. */
function firstBadByte(bytes: Uint8Array, encoding: Encoding): number {
  const text = new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes);
  if (encoding !== 'utf-8') return 2 * Math.max(0, text.indexOf('\uFFFD'));
  for (let at = text.indexOf('\uFFFD'); at >= 0; at = text.indexOf('\uFFFD', at + 1)) {
    const offset = new TextEncoder().encode(text.slice(0, at)).length;
    if (!(bytes[offset] === 0xef && bytes[offset + 1] === 0xbf && bytes[offset + 2] === 0xbd)) return offset;
  }
  return Math.max(0, bytes.length - 1);
}

/** Line ends \n, \r\n and \r. */
const lineEnds = (text: string): number => text.match(/\r\n?|\n/g)?.length ?? 0;

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
