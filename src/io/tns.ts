// FROSTT's .tns files (http://frostt.io/tensors/file-formats.html): a line an entry, indices from 1 and then the value, with
// blanks between them; # begins a comment, blank lines do not count.
//   1 1 1 0.5
//   2 3 1 1.25
// The format has no header, so sizes are the largest indices, unless one of those in the wild comes first:
//   order and sizes, a line each (ParTI!)          order and number of entries on a line, sizes on the next (MLIR)
//   the word sptensor, then order, sizes, number of entries (Tensor Toolbox)     # shape 3 4 2, the comment of writeTns
import { InputError } from '../errors.js';
import { shownValue } from '../tensor/numbers.js';
import { isList, isObject, isShape, requireForm, requireIndices } from '../tensor/require.js';
import {
  CoordinateList,
  indexIn,
  requireBase,
  requireEntries,
  requireOrder,
  shapeAround,
  valueIn,
  type Coordinates,
} from './coordinate-list.js';
import type { Encoding } from './encoding.js';
import { linesOf, type Text } from './lines.js';

export interface TnsOptions {
  /** The first index of a mode. Default: 1, as FROSTT has it. */
  readonly base?: 0 | 1;
  /** Sizes of the modes; an index beyond is an error. Default: those of the header, else the largest indices. */
  readonly shape?: readonly number[];
  /** Of bytes. Default: UTF-8, or UTF-16 where the file begins with its byte order mark. */
  readonly encoding?: Encoding;
}

const who = 'readTns';

/**
 * Reads a whole .tns file, text or bytes, compressed by gzip or not: one entry per line, indices from `base` on, then the value. Entries
 * keep their order; a cell may come several times. Cost O(bytes).
 *
 * @example
 * ```ts
 * import { observed } from 'polyadic';
 * import { readTns } from 'polyadic/io';
 *
 * const { shape, indices, values } = readTns('1 1 2 0.5\n2 3 1 1.25\n');
 * console.log(observed(shape, indices, values).shape); // [ 2, 3, 2 ]
 * ```
 * @throws InputError naming the line.
 */
export function readTns(text: Text, options: TnsOptions = {}): Coordinates {
  const { base = 1 } = options;
  requireBase(who, base);
  const header: Header = { shape: options.shape, count: undefined };
  const head = headReader(header, options.shape !== undefined);
  let list: CoordinateList | undefined;
  let index: number[] = [];
  let line = 0;
  for (const written of linesOf(who, text, options.encoding)) {
    line++;
    if (!list) head.comment(written);
    const fields = fieldsOf(written);
    if (fields.length === 0 || (!list && head.takes(fields, line))) continue;
    if (!list) {
      list = new CoordinateList(who, fields.length - 1);
      index = new Array<number>(list.order).fill(0);
      if (header.shape) requireOrder(who, header.shape, list.order);
    }
    list.requireColumns(fields, line);
    for (let k = 0; k < index.length; k++) {
      index[k] = indexIn(who, fields[k]!, { line, column: k + 1, base, size: header.shape?.[k] });
    }
    list.add(index, valueIn(who, fields[index.length]!, { line, column: 'the last column' }));
  }
  const { order, indices, values } = requireEntries(who, list);
  requireCount(header.count, values.length);
  return { shape: [...(header.shape ?? shapeAround(order, indices))], indices: indices.slice(), values };
}

function fieldsOf(line: string): string[] {
  const comment = line.indexOf('#');
  const text = (comment < 0 ? line : line.slice(0, comment)).trim();
  return text === '' ? [] : text.split(/\s+/);
}

interface Header {
  shape: readonly number[] | undefined;
  count: number | undefined;
}

/** Reads the lines before the first entry. Entries of two modes or more have at least three fields, the first line of a header fewer. */
function headReader(header: Header, shapeIsGiven: boolean) {
  let order: number | undefined;
  let expected: 'first' | 'order' | 'sizes' | 'count' | 'entries' = 'first';
  let toolbox = false;
  const sizes = (fields: readonly string[], line: number): void => {
    const shape = wholeNumbers(fields, line, 'sizes');
    if (shape.length !== order) {
      throw new InputError(
        `${who}: expected ${order} sizes on line ${line}, as the header says, got ${shape.length}. Correct the header.`,
      );
    }
    if (!shapeIsGiven) header.shape = shape;
  };
  return {
    /** The comment of writeTns. */
    comment(line: string): void {
      const [, written] = /^#\s*shape((?:\s+\d+)+)\s*$/.exec(line) ?? [];
      if (written !== undefined && !shapeIsGiven) header.shape = written.trim().split(/\s+/).map(Number);
    },
    /** False for an entry. */
    takes(fields: readonly string[], line: number): boolean {
      if (expected === 'first') {
        toolbox = fields[0] === 'sptensor' && fields.length === 1;
        if (toolbox) {
          expected = 'order';
          return true;
        }
        if (fields.length > 2) return false;
        expected = 'order';
      }
      if (expected === 'order') {
        [order, header.count] = wholeNumbers(fields, line, 'the order of the tensor');
        expected = 'sizes';
      } else if (expected === 'sizes') {
        sizes(fields, line);
        expected = toolbox ? 'count' : 'entries';
      } else if (expected === 'count') {
        [header.count] = wholeNumbers(fields, line, 'the number of entries');
        expected = 'entries';
      } else return false;
      return true;
    },
  };
}

function wholeNumbers(fields: readonly string[], line: number, what: string): number[] {
  const numbers = fields.map(Number);
  if (numbers.every((value) => Number.isSafeInteger(value) && value >= 1)) return numbers;
  throw new InputError(
    `${who}: expected ${what} on line ${line}, as in a header, or indices and a value, got ${fields.join(' ').slice(0, 40)}. Correct the line.`,
  );
}

function requireCount(expected: number | undefined, got: number): void {
  if (expected === undefined || expected === got) return;
  throw new InputError(
    `${who}: expected ${expected} entries, as the header says, got ${got}. The file is cut short, or its header wrong.`,
  );
}

/**
 * The text of a .tns file: the sizes in a comment that other programs pass over (`# shape 3 4 2`), then one line per entry: its indices
 * from `base` on and its value. Numbers read back exactly, but for −0, which becomes 0. Cost O(entries).
 *
 * @example
 * ```ts
 * import { readTns, writeTns } from 'polyadic/io';
 *
 * const text = writeTns({ shape: [2, 3], indices: Uint32Array.of(0, 0, 1, 2), values: Float64Array.of(0.5, 1.25) });
 * console.log(readTns(text).shape); // [ 2, 3 ]
 * ```
 * @throws InputError for an index outside the shape, and for values that are not finite.
 */
export function writeTns(entries: Coordinates, { base = 1 }: { base?: 0 | 1 } = {}): string {
  const isRight = isObject(entries) && isShape(entries.shape) && isList(entries.indices) && isList(entries.values);
  const expected = '{ shape, indices, values }';
  requireForm('writeTns', entries, isRight, { name: 'the entries', expected, remedy: 'Give an observed target' });
  requireBase('writeTns', base);
  const { shape, indices, values } = entries;
  const order = shape.length;
  if (indices.length !== values.length * order) {
    throw new InputError(
      `writeTns: expected ${order} indices a value, got ${indices.length} for ${values.length} values. Give indices [count, order].`,
    );
  }
  requireIndices('writeTns', indices, shape);
  const lines = [`# shape ${shape.join(' ')}`];
  for (let e = 0, at = 0; e < values.length; e++) {
    if (!Number.isFinite(values[e])) {
      throw new InputError(
        `writeTns: expected finite values, got ${shownValue(values[e])} for entry ${e}. Leave unknown entries out.`,
      );
    }
    let line = '';
    for (let k = 0; k < order; k++, at++) line += `${indices[at]! + base} `;
    lines.push(line + String(values[e]));
  }
  return `${lines.join('\n')}\n`;
}
