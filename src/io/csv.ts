// Entries of a tensor in .csv files (RFC 4180): one on a line, the last column is the value, the others tell where it is.
//   user,item,context,value        a header is a first line that names the columns
//   ann,17,evening,4.5
// Other columns are chosen by `value` and `modes`. A column of integers holds indices, from 0 unless said otherwise; one with
// anything else holds labels, which become indices in the order in which they first appear. A matrix in wide form, a row of it on
// every line, is read with `wide`. What is guessed, and what looks odd, is told in `notices`.
import { InputError } from '../errors.js';
import { requireKnownNames, requireNamedOptions } from '../names.js';
import {
  CoordinateList,
  indexIn,
  isMissingMark,
  maxIndex,
  numberOf,
  requireBase,
  requireEntries,
  requireOrder,
  shapeAround,
  shortened,
  valueIn,
  type DecimalMark,
} from './coordinate-list.js';
import {
  chooseColumns,
  type ColumnChoice,
  type Columns,
  type CsvCoordinates,
  type NamedColumn,
} from './csv-columns.js';
import { recordsOf, type CsvRecord } from './csv-records.js';
import { readWide } from './csv-wide.js';
import { encodings, type Encoding } from './encoding.js';
import type { Text } from './lines.js';

export interface CsvOptions {
  /** The column of the values: its name in the header, or its number, from 1. Default: the last that is not among the modes. */
  readonly value?: ColumnChoice;
  /** The columns of the modes, in their order; others are passed over. Default: all but that of the values. */
  readonly modes?: readonly ColumnChoice[];
  /** The first index of a mode with integers. Default: 0. */
  readonly base?: 0 | 1;
  /** Sizes of the modes; an index beyond is an error. Default: the largest indices, the numbers of labels. */
  readonly shape?: readonly number[];
  /** Whether the first line names the columns. Default: as it looks. */
  readonly header?: boolean;
  /** Take integers as labels too, as for years or the numbers of customers: no index is then without entries. Default: false. */
  readonly labels?: boolean;
  /** What separates the fraction of a number. Default: a point. */
  readonly decimal?: DecimalMark;
  /** Of bytes. Default: UTF-8, or UTF-16 where the file begins with its byte order mark. */
  readonly encoding?: Encoding;
  /** A matrix: every line is a row of it. Names of rows and columns are labels, empty fields are unknown cells. Default: false. */
  readonly wide?: boolean;
}

const who = 'readCsv';

const optionNames = ['value', 'modes', 'base', 'shape', 'header', 'labels', 'decimal', 'encoding', 'wide'];

/** Records that decide about header and columns. */
const sampleSize = 1000;

/**
 * Reads the entries of a tensor from a whole CSV file, text or bytes, compressed by gzip or not: one per line, indices or labels, then the
 * value. Entries keep their order; a cell may come several times. Quoted fields may hold separators, doubled quotes and line breaks; fields
 * are separated by tabs, semicolons, commas or bars. Cost O(bytes).
 *
 * @example
 * ```ts
 * import { readCsv } from 'polyadic/io';
 *
 * const { shape, labels } = readCsv('user,film,stars\nann,Heat,4\nbob,Heat,5\n');
 * console.log(shape, labels[0]); // [ 2, 1 ] [ 'ann', 'bob' ]
 * ```
 * @throws InputError naming the line, and for what looks like a matrix in wide form.
 */
export function readCsv(text: Text, options: CsvOptions = {}): CsvCoordinates {
  requireNamedOptions(who, options, optionNames);
  if (options.encoding !== undefined) requireKnownNames(who, [options.encoding], encodings, 'encoding');
  if (options.decimal !== undefined) requireKnownNames(who, [options.decimal], ['.', ','], 'decimal mark');
  const { decimal = '.' } = options;
  if (options.base !== undefined) requireBase(who, options.base);
  const records = recordsOf(who, text, options.encoding);
  if (options.wide) {
    const useless = (['value', 'modes', 'base', 'shape', 'labels'] as const).find(
      (name) => options[name] !== undefined,
    );
    if (useless === undefined) return readWide(who, records, options);
    throw new InputError(
      `${who}: expected no ${useless} beside wide: true, got both. A matrix has rows and columns alone: leave ${useless} out.`,
    );
  }
  const sample: CsvRecord[] = [];
  for (let next = records.next(); !next.done; next = records.next()) {
    if (sample.push(next.value) === sampleSize) break;
  }
  if (sample.length === 0) requireEntries(who, undefined);
  const columns = chooseColumns(who, sample, options);
  const list = new CoordinateList(who, columns.modes.length);
  if (options.shape) requireOrder(who, options.shape, list.order);
  const modes = columns.modes.map((column) => new Column(column));
  const { place, text: columnText } = columns.value;
  const ids = modes.map(() => 0);
  const add = ({ fields, line }: CsvRecord): void => {
    list.requireColumns(fields, line, columns.width);
    const value = valueIn(who, fields[place]!, { line, column: columnText, decimal });
    for (let k = 0; k < ids.length; k++) ids[k] = modes[k]!.idOf(fields[modes[k]!.column.place]!, line);
    list.add(ids, value);
  };
  for (const record of columns.hasHeader ? sample.slice(1) : sample) add(record);
  for (const record of records) add(record);
  requireEntries(who, list);
  if (!columns.modesAreGiven && !options.labels) requireList(modes, list.count);
  return placed(list, modes, columns, options);
}

/** One column of places. Its fields get numbers as they appear; what they mean is known at the end of the file. */
class Column {
  readonly column: NamedColumn;
  readonly #ids = new Map<string, number>();
  /** Of every field, where it first appeared. */
  readonly lines: number[] = [];

  constructor(column: NamedColumn) {
    this.column = column;
  }

  get text(): string {
    return this.column.text;
  }

  get fields(): string[] {
    return Array.from(this.#ids.keys());
  }

  get size(): number {
    return this.#ids.size;
  }

  idOf(field: string, line: number): number {
    const known = this.#ids.get(field);
    if (known !== undefined) return known;
    if (field === '') {
      throw new InputError(
        `${who}: expected an index or a label in ${this.text} on line ${line}, got nothing. Leave out lines of unknown places; if the file is a matrix in wide form, say wide: true.`,
      );
    }
    this.lines.push(line);
    this.#ids.set(field, this.#ids.size);
    return this.#ids.size - 1;
  }

  /** The first field that passes, and its line. */
  first(passes: (field: string) => boolean): { field: string; line: number } | undefined {
    const at = this.fields.findIndex(passes);
    return at < 0 ? undefined : { field: this.fields[at]!, line: this.lines[at]! };
  }
}

const isInteger = (field: string): boolean => /^[-+]?\d+(\.0*)?$/.test(field);
const isFraction = (field: string): boolean => {
  const value = numberOf(field) ?? numberOf(field, ',');
  return value !== undefined && !Number.isInteger(value);
};

/** Fractions are no indices, and labels come again: where they do not, the lines are probably rows of a matrix. */
function requireList(modes: readonly Column[], count: number): void {
  for (const mode of modes) {
    const found = mode.size > count / 2 ? mode.first(isFraction) : undefined;
    if (!found || mode.first((field) => numberOf(field) === undefined && numberOf(field, ',') === undefined)) continue;
    const numbers = modes.map(({ column }) => `'${column.place + 1}'`).join(', ');
    throw new InputError(
      `${who}: expected indices or labels, then a value, on every line, got ${found.field} in ${mode.text} on line ${found.line}, and fractions there that hardly ever come again: this looks like a matrix in wide form. If it is, say wide: true; if not, name the modes, as in modes: [${numbers}].`,
    );
  }
}

/** Numbers of fields turned into indices. */
function placed(list: CoordinateList, modes: readonly Column[], columns: Columns, options: CsvOptions): CsvCoordinates {
  const { order, values } = list;
  const notices = [...columns.notices];
  const indices = list.indices.slice();
  const labels = modes.map((mode, k) => labelsOf(mode, options, options.shape?.[k], notices));
  const tables = modes.map((mode, k) =>
    mode.fields.map((field, id) =>
      labels[k]
        ? id
        : indexIn(who, field, {
            line: mode.lines[id]!,
            column: mode.text.slice('column '.length),
            base: options.base ?? 0,
            size: options.shape?.[k],
          }),
    ),
  );
  for (let at = 0; at < indices.length; at++) indices[at] = tables[at % order]![indices[at]!]!;
  const found = shapeAround(order, indices);
  const shape = found.map((size, k) => options.shape?.[k] ?? labels[k]?.length ?? size);
  noticeBase(tables, labels, options, notices);
  noticeTimes(values, columns, notices);
  noticeCounting(modes, list.count, notices);
  return {
    shape,
    indices,
    values,
    labels,
    columns: [...columns.modes, columns.value].map(({ name }) => name),
    notices,
  };
}

/** The labels of a mode; undefined where its fields are indices. */
function labelsOf(
  mode: Column,
  { labels, base, shape }: CsvOptions,
  size: number | undefined,
  notices: string[],
): string[] | undefined {
  const { fields, text } = mode;
  const nothing = mode.first(isMissingMark);
  const word = mode.first((field) => !isInteger(field) && !isMissingMark(field));
  const integer = mode.first(isInteger);
  if (nothing && integer && !word) {
    throw new InputError(
      `${who}: expected an index in ${text} on line ${nothing.line}, got ${nothing.field}. Leave out lines of unknown places.`,
    );
  }
  if (nothing) notices.push(`${text} holds ${nothing.field} on line ${nothing.line}, a label like any other`);
  if (word && integer && numberOf(word.field) === undefined && !labels) {
    notices.push(`${text} holds integers and words (${shortened(word.field)} on line ${word.line}): all are labels`);
  }
  const isLabeled = labels === true || integer === undefined || word !== undefined || nothing !== undefined;
  if (!isLabeled) {
    if (base !== undefined || shape !== undefined || mode.first((field) => field.startsWith('-'))) return undefined;
    const integers = fields.map(Number);
    const [min, max] = extent(integers);
    // Years and wavelengths begin beyond the middle of their range; 1990 and 1990.0 are one index, but would be two labels.
    if (max < maxIndex && (2 * min <= max + 1 || new Set(integers).size < fields.length)) return undefined;
    notices.push(
      `${text} holds integers from ${min} to ${max}, which are taken for ${fields.length} labels; if they are indices, say base: 0`,
    );
  }
  if (size === undefined || fields.length <= size) return fields;
  throw new InputError(
    `${who}: expected at most ${size} labels in ${text}, as the shape says, got ${fields.length}. Enlarge the shape, or leave it out.`,
  );
}

function extent(values: readonly number[]): [min: number, max: number] {
  return values.reduce(([min, max], value) => [Math.min(min, value), Math.max(max, value)], [Infinity, -Infinity]);
}

/** Indices that count from 1 leave the first slice of every mode empty. */
function noticeBase(
  tables: readonly (readonly number[])[],
  labels: CsvCoordinates['labels'],
  { base }: CsvOptions,
  notices: string[],
): void {
  const indexed = tables.filter((_, k) => labels[k] === undefined);
  if (base !== undefined || indexed.length === 0 || indexed.some((table) => table.includes(0))) return;
  notices.push('no index is 0: if indices count from 1, say base: 1');
}

/** Seconds or milliseconds since 1970, of the years 1986 to 2128. */
function noticeTimes(values: Float64Array, { value, modes }: Columns, notices: string[]): void {
  const areTimes = [1, 1000].some((unit) =>
    values.every((time) => Number.isInteger(time) && time >= 5e8 * unit && time < 5e9 * unit),
  );
  if (!areTimes && !/time|date/i.test(value.name)) return;
  const other = choiceOf(modes.at(-1) ?? value);
  notices.push(
    `the values, those of ${value.text}, look like times: if another column holds them, name it, as in value: '${other}'`,
  );
}

/** A column with a label of its own for every entry tells nothing: it counts the lines, or names them. */
function noticeCounting(modes: readonly Column[], count: number, notices: string[]): void {
  const counting = count < minToJudge ? [] : modes.filter((mode) => mode.size === count);
  for (const mode of counting) {
    const others = modes.filter((one) => one !== mode).map(({ column }) => `'${choiceOf(column)}'`);
    const remedy =
      others.length < 2 ? '' : `: if it numbers the lines, leave it out, as in modes: [${others.join(', ')}]`;
    notices.push(`${mode.text} has as many different fields as there are entries, ${count}${remedy}`);
  }
}

/** Fewer entries than this may each be alone in their slices by chance. */
const minToJudge = 5;

/** What chooses a column: its name, or its number where it has none. */
const choiceOf = ({ place, name }: NamedColumn): string => (name === `column ${place + 1}` ? String(place + 1) : name);
