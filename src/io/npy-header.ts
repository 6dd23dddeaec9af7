// The header of a .npy file: a Python dictionary literal with exactly the keys descr, fortran_order and shape.
// A small strict parser reads that and nothing more; nothing is evaluated. Used by npy.ts.
import { InputError } from '../errors.js';

export interface NpyHeader {
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: number[];
}

/** Strings, True/False, integers (with Python 2's L) and punctuation; sticky, so that nothing is skipped. */
const tokenPattern = /[ \t\r\n]*(?:('[^'\\\n]*'|"[^"\\\n]*")|(True|False)|(\d+)L?|([{}():,[\]]))/y;

type Token = { kind: 'string' | 'boolean' | 'integer' | 'mark'; text: string };

export function parseHeader(text: string): NpyHeader {
  const tokens = tokenize(text);
  let at = 0;
  const peek = (mark: string): boolean => tokens[at]?.kind === 'mark' && tokens[at]?.text === mark;
  const take = (kind: Token['kind'], what: string, mark?: string): string => {
    const token = tokens[at];
    if (token === undefined || token.kind !== kind || (mark !== undefined && token.text !== mark))
      throw bad(what, token);
    at++;
    return token.text;
  };
  const mark = (text: string): string => take('mark', text, text);

  const shapeTuple = (): number[] => {
    const shape: number[] = [];
    mark('(');
    let comma = true;
    while (!peek(')')) {
      if (!comma) throw bad('a comma in shape', tokens[at]);
      const size = Number(take('integer', 'an integer in shape'));
      if (!Number.isSafeInteger(size)) throw bad('sizes below 2^53 in shape', tokens[at - 1]);
      shape.push(size);
      comma = peek(',');
      if (comma) at++;
    }
    mark(')');
    if (shape.length === 1 && !comma) throw bad('a comma after the only size, as in (3,)', tokens[at - 1]);
    return shape;
  };
  const descrString = (): string => {
    if (peek('[')) {
      throw new InputError(
        'readNpy: expected a plain numeric dtype, got a structured one. Save each field as its own array.',
      );
    }
    return take('string', 'a dtype string such as "<f8"');
  };

  const fields: { descr?: string; fortran_order?: boolean; shape?: number[] } = {};
  mark('{');
  while (!peek('}')) {
    const key = take('string', 'a key');
    if (Object.hasOwn(fields, key)) throw bad('each key once', tokens[at - 1]);
    mark(':');
    if (key === 'descr') fields.descr = descrString();
    else if (key === 'fortran_order') fields.fortran_order = take('boolean', 'True or False') === 'True';
    else if (key === 'shape') fields.shape = shapeTuple();
    else throw bad('the keys descr, fortran_order and shape', { kind: 'string', text: key });
    if (!peek('}')) mark(',');
  }
  mark('}');
  if (at < tokens.length) throw bad('the end of the header', tokens[at]);
  const { descr, fortran_order: fortranOrder, shape } = fields;
  if (descr === undefined || fortranOrder === undefined || shape === undefined) {
    throw bad('the keys descr, fortran_order and shape', { kind: 'string', text: Object.keys(fields).join(', ') });
  }
  return { descr, fortranOrder, shape };
}

function tokenize(text: string): Token[] {
  const end = text.trimEnd().length;
  const pattern = new RegExp(tokenPattern);
  const tokens: Token[] = [];
  while (pattern.lastIndex < end) {
    const start = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null) throw bad('a Python dictionary', { kind: 'string', text: text.slice(start, start + 20) });
    const [, string, boolean, integer, mark] = match;
    if (string !== undefined) tokens.push({ kind: 'string', text: string.slice(1, -1) });
    else if (boolean !== undefined) tokens.push({ kind: 'boolean', text: boolean });
    else if (integer !== undefined) tokens.push({ kind: 'integer', text: integer });
    else tokens.push({ kind: 'mark', text: mark ?? '' });
  }
  return tokens;
}

function bad(expected: string, token: Token | undefined): InputError {
  const got = token === undefined ? 'the end' : JSON.stringify(token.text);
  return new InputError(`readNpy: expected ${expected} in the header, got ${got}. Save the file with numpy.save.`);
}
