// Which cells of a tensor are known, as people say it: marks of the known cells, marks of the missing ones, or NaN where a
// cell is missing. Used by dense() and by the readers of arrays.
import { InputError } from '../errors.js';
import { indexAt } from '../tensor/dense.js';
import { shownValue } from '../tensor/numbers.js';
import { requireList } from '../tensor/require.js';

/** `[size]`, row-major: 1 or true, 0 or false. */
export type Marks = ArrayLike<number | boolean>;

export interface KnownCells {
  /** 1 or true where a cell is known, 0 or false where it is missing; the data may hold anything there. Default: all are known. */
  readonly known?: Marks;
  /** 1 or true where a cell is missing, 0 or false where it is known; or 'nan': cells that hold NaN or null are missing. Default: none. */
  readonly missing?: 'nan' | Marks;
}

/**
 * `[size]`: 1 where a cell is known, where both `known` and `missing` say so; undefined when all cells are.
 * @throws InputError for marks that do not fit, and where all known cells are 0 while others are not: the marks are probably those
 * of the other kind.
 */
export function knownCells(
  who: string,
  shape: readonly number[],
  data: ArrayLike<unknown>,
  { known, missing }: KnownCells,
): Uint8Array | undefined {
  if (typeof missing === 'string' && missing !== 'nan') {
    throw new InputError(
      `${who}: expected missing to be 'nan' or marks of the missing cells, got ${shownValue(missing)}. Say 'nan', or give 1 for missing and 0 for known.`,
    );
  }
  const cells = new Uint8Array(data.length).fill(1);
  if (known !== undefined) mark(who, 'known', shape, cells, known, 0);
  if (missing === 'nan') cells.forEach((_, at) => isNothing(data[at]) && (cells[at] = 0));
  else if (missing !== undefined) mark(who, 'missing', shape, cells, missing, 1);
  if (!cells.includes(0)) return undefined;
  if (known !== undefined || (missing !== undefined && missing !== 'nan')) {
    requireRightWay(who, shape, data, cells, known === undefined ? 'missing' : 'known');
  }
  return cells;
}

/** Cells that NaN, or null as in JSON, marks as missing. */
const isNothing = (value: unknown): boolean => value === null || Number.isNaN(value);

/** Takes the cells with that mark out of the known ones. */
function mark(
  who: string,
  name: 'known' | 'missing',
  shape: readonly number[],
  cells: Uint8Array,
  marks: Marks,
  out: 0 | 1,
): void {
  const meaning = name === 'known' ? '1 for known and 0 for missing' : '1 for missing and 0 for known';
  requireList(who, name, marks);
  if (marks.length !== cells.length) {
    throw new InputError(
      `${who}: expected ${name} to have ${cells.length} marks, one for each number, got ${marks.length}. Give ${meaning}, row-major.`,
    );
  }
  for (let at = 0; at < cells.length; at++) {
    const value: unknown = marks[at];
    if (value !== 0 && value !== 1 && value !== true && value !== false && value !== 0n && value !== 1n) {
      throw new InputError(
        `${who}: expected ${name} to hold 0 and 1, got ${shownValue(value)} at index [${indexAt(at, shape).join(', ')}]. Give ${meaning}.`,
      );
    }
    if (Number(value) === out) cells[at] = 0;
  }
}

/** Files of values in which missing cells are 0 are common; marks of the wrong kind then leave zeros alone. */
function requireRightWay(
  who: string,
  shape: readonly number[],
  data: ArrayLike<unknown>,
  cells: Uint8Array,
  name: 'known' | 'missing',
): void {
  if (!cells.includes(1) || cells.some((cell, at) => cell === 1 && Number(data[at]) !== 0)) return;
  const other = cells.findIndex(
    (cell, at) => cell === 0 && typeof data[at] !== 'string' && Math.abs(Number(data[at])) > 0,
  );
  if (other < 0) return;
  const count = cells.reduce((sum, cell) => sum + cell, 0);
  throw new InputError(
    `${who}: expected known cells that are not all 0, got 0 in all ${count} that ${name} leaves known, while missing ones hold numbers, as ${String(data[other])} at index [${indexAt(other, shape).join(', ')}]. Give the marks as ${name === 'known' ? 'missing' : 'known'} instead: known is 1 where a cell is known, missing is 1 where it is missing.`,
  );
}
