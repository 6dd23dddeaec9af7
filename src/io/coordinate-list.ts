// Known entries of a tensor as files of coordinates give them, one per line: indices, then a value. Collected in typed arrays
// that grow, with errors that name the line. One cell may be given several times: every entry is kept, and is a term of its
// own in the mean of a loss. Used by tns.ts and csv.ts.
import { InputError } from '../errors.js';
import { requireForm } from '../tensor/require.js';

/** What `observed(shape, indices, values)` takes. */
export interface Coordinates {
  readonly shape: readonly number[];
  /** `[count, order]` row-major, from 0. */
  readonly indices: Uint32Array;
  /** `[count]` */
  readonly values: Float64Array;
}

/** Rows of all modes together that a target may have: one more is a typing error. */
export const maxIndex = 2 ** 31;

export class CoordinateList {
  readonly #who: string;
  readonly order: number;
  #indices: Uint32Array;
  #values: Float64Array;
  #count = 0;

  constructor(who: string, order: number) {
    if (order < 2) {
      throw new InputError(
        `${who}: expected at least 3 columns, two indices and a value, got ${order + 1}. Give one index a mode, then the value.`,
      );
    }
    this.#who = who;
    this.order = order;
    this.#indices = new Uint32Array(1024 * order);
    this.#values = new Float64Array(1024);
  }

  get count(): number {
    return this.#count;
  }

  /** `index` counts from 0. */
  add(index: ArrayLike<number>, value: number): void {
    if (this.#count === this.#values.length) {
      this.#values = grown(this.#values);
      this.#indices = grown(this.#indices);
    }
    this.#values[this.#count] = value;
    this.#indices.set(index, this.#count++ * this.order);
  }

  /** `[count, order]`, not a copy. */
  get indices(): Uint32Array {
    return this.#indices.subarray(0, this.#count * this.order);
  }

  get values(): Float64Array {
    return this.#values.slice(0, this.#count);
  }

  requireColumns(fields: readonly string[], line: number, columns = this.order + 1): void {
    if (fields.length === columns) return;
    throw new InputError(
      `${this.#who}: expected ${columns} columns on line ${line} as before, got ${fields.length}${emptyText(fields)}. Give one index a mode, then the value.`,
    );
  }
}

/** What separates the fraction of a number. */
export type DecimalMark = '.' | ',';

const numerals: Record<DecimalMark, RegExp> = {
  '.': /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i,
  ',': /^[-+]?(\d+,?\d*|,\d+)(e[-+]?\d+)?$/i,
};

/** The finite number that a field writes out in digits; undefined for anything else, as hexadecimal, 1,234.5 or Infinity. */
export function numberOf(field: string, decimal: DecimalMark = '.'): number | undefined {
  if (!numerals[decimal].test(field)) return undefined;
  const value = Number(decimal === ',' ? field.replace(',', '.') : field);
  return Number.isFinite(value) ? value : undefined;
}

/** Words that programs write where there is nothing: NA, NaN, null, None, N/A, nil, ? and no word at all. */
export const isMissingMark = (field: string): boolean => /^(na|n\/a|nan|null|none|nil|\?|)$/i.test(field);

/** @throws InputError for what is no first index. */
export function requireBase(who: string, base: unknown): void {
  requireForm(who, base, base === 0 || base === 1, { name: 'base', expected: '0 or 1' });
}

/** The index of a field, from 0. @throws InputError naming the line and the column, which counts from 1. */
export function indexIn(
  who: string,
  field: string,
  { line, column, base, size }: { line: number; column: number | string; base: 0 | 1; size: number | undefined },
): number {
  const index = (numberOf(field) ?? NaN) - base;
  if (Number.isInteger(index) && index >= 0 && index < (size ?? maxIndex)) return index;
  const range =
    size === undefined ? (base === 0 ? 'from 0' : 'from 1') : `from ${base} to ${size - 1 + base}, as the shape says,`;
  const remedy = base === 1 && index === -1 ? 'If the first index is 0, say so with base: 0' : 'Correct the line';
  throw new InputError(
    `${who}: expected an integer index ${range} in column ${column} on line ${line}, got ${shortened(field)}. ${remedy}.`,
  );
}

/** The number of a field. `column` as in "the last column". @throws InputError naming the line. */
export function valueIn(
  who: string,
  field: string,
  { line, column, decimal = '.' }: { line: number; column: string; decimal?: DecimalMark },
): number {
  const value = numberOf(field, decimal);
  if (value !== undefined) return value;
  throw new InputError(
    `${who}: expected a finite number in ${column} on line ${line}, got ${shortened(field)}. ${remedyFor(field, decimal)}.`,
  );
}

function remedyFor(field: string, decimal: DecimalMark): string {
  if (isMissingMark(field)) return 'Leave out lines of unknown values';
  if (decimal === '.' && numberOf(field, ',') !== undefined) {
    return "If its comma is a decimal one, say decimal: ','; if it separates thousands, leave it out";
  }
  if (decimal === ',' && numberOf(field, '.') !== undefined) {
    return 'If its point separates thousands, leave it out; if it is a decimal one, leave decimal out';
  }
  if (/^[-+]?\d{1,3}([., ']\d{3})+([.,]\d+)?$/.test(field)) return 'Leave out what separates thousands';
  return 'Write it out in digits, or leave out lines of unknown values';
}

/** The largest index of every mode, plus one. */
export function shapeAround(order: number, indices: Uint32Array): number[] {
  const shape = new Array<number>(order).fill(1);
  for (let at = 0; at < indices.length; at += order) {
    for (let k = 0; k < order; k++) if (indices[at + k]! >= shape[k]!) shape[k] = indices[at + k]! + 1;
  }
  return shape;
}

/** A shape that was given must have as many sizes as there are columns of indices. */
export function requireOrder(who: string, shape: readonly number[], order: number): void {
  if (shape.length === order) return;
  throw new InputError(
    `${who}: expected ${order} sizes in the shape for ${order + 1} columns, got ${shape.length} (${shape.join(' × ')}). Give one size a mode.`,
  );
}

/** The list of a file that has been read to its end. */
export function requireEntries(who: string, list: CoordinateList | undefined): CoordinateList {
  if (list && list.count > 0) return list;
  throw new InputError(`${who}: expected at least one entry, got none. Give indices and a value on every line.`);
}

/** As in ", 1 of them empty": two separators in a row, or one at the end. */
function emptyText(fields: readonly string[]): string {
  const empty = fields.filter((field) => field === '').length;
  return empty > 0 ? `, ${empty} of them empty` : '';
}

export const shortened = (field: string): string =>
  field === '' ? 'nothing' : field.length > 40 ? `${field.slice(0, 40)}…` : field;

function grown<T extends Uint32Array | Float64Array>(array: T): T {
  const larger = new (array.constructor as new (length: number) => T)(2 * array.length);
  larger.set(array);
  return larger;
}
