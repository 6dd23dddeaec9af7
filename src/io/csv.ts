// Entries of a tensor in .csv files (RFC 4180): one a line, the last column is the value, the others tell where it is.
//   user,item,context,value        a header is a first row whose last column is no number
//   ann,17,evening,4.5
// A column of integers holds indices, from 0 unless said otherwise. A column with anything else holds labels, which become
// indices in the order in which they first appear. The separator is what the first line has most of: commas,
// semicolons or tabs.
import { InputError } from '../errors.js';
import {
  CoordinateList,
  indexIn,
  requireEntries,
  requireOrder,
  shapeAround,
  valueIn,
  type Coordinates,
} from './coordinate-list.js';
import { linesOf, type Text } from './lines.js';

export interface CsvOptions {
  /** The first index of a mode with integers. Default: 0. */
  readonly base?: 0 | 1;
  /** Sizes of the modes; an index beyond is an error. Default: the largest indices, the numbers of labels. */
  readonly shape?: readonly number[];
  /** Whether the first row names the columns. Default: it does where its last column is no number. */
  readonly header?: boolean;
  /** Take integers as labels too, as for years or the numbers of customers: no index is then without entries. Default: false. */
  readonly labels?: boolean;
}

export interface CsvCoordinates extends Coordinates {
  /** Of every mode, the label of every index; undefined where the column holds indices. */
  readonly labels: readonly (readonly string[] | undefined)[];
  /** Names of the modes and of the value, as the header has them; undefined without one. */
  readonly columns: readonly string[] | undefined;
}

const who = 'readCsv';

/**
 * Reads a whole file, text or bytes, compressed by gzip or not. Entries keep their order; a cell may come several times. Quoted
 * fields may hold separators and doubled quotes, but no line breaks. Cost O(bytes). @throws InputError naming the line.
 */
export function readCsv(text: Text, options: CsvOptions = {}): CsvCoordinates {
  let columns: string[] | undefined;
  let list: CoordinateList | undefined;
  let modes: Column[] = [];
  let ids: number[] = [];
  let separator = ',';
  let line = 0;
  for (const written of linesOf(who, text)) {
    line++;
    if (written.trim() === '') continue;
    if (!list) separator = separatorOf(written);
    const fields = fieldsOf(written, separator, line);
    if (!list) {
      list = new CoordinateList(who, fields.length - 1);
      if (options.shape) requireOrder(who, options.shape, list.order);
      modes = Array.from({ length: list.order }, () => new Column());
      ids = modes.map(() => 0);
      if (options.header ?? isHeader(fields)) {
        columns = fields;
        continue;
      }
    }
    list.requireColumns(fields, line);
    for (let k = 0; k < ids.length; k++) ids[k] = modes[k]!.idOf(fields[k]!, line, k + 1);
    list.add(ids, valueIn(who, fields[ids.length]!, line));
  }
  return { ...placed(requireEntries(who, list), modes, options), columns };
}

/** One column of places. Its fields get numbers as they appear; what they mean is known at the end of the file. */
class Column {
  readonly #ids = new Map<string, number>();
  /** Of every field, where it first appeared. */
  readonly lines: number[] = [];
  isInteger = true;

  get names(): string[] {
    return Array.from(this.#ids.keys());
  }

  idOf(field: string, line: number, column: number): number {
    const known = this.#ids.get(field);
    if (known !== undefined) return known;
    if (field === '') {
      throw new InputError(
        `${who}: expected an index or a label in column ${column} on line ${line}, got nothing. Leave out lines of unknown places.`,
      );
    }
    this.isInteger &&= /^[-+]?\d+(\.0*)?$/.test(field);
    this.lines.push(line);
    this.#ids.set(field, this.#ids.size);
    return this.#ids.size - 1;
  }
}

/** Numbers of fields turned into indices, in place. */
function placed(list: CoordinateList, modes: readonly Column[], options: CsvOptions): Omit<CsvCoordinates, 'columns'> {
  const { order, values } = list;
  const indices = list.indices.slice();
  const labels = modes.map((mode) => (mode.isInteger && !options.labels ? undefined : mode.names));
  const sizes = labels.map((names, k) => requireLabelsFit(names, k, options.shape?.[k]));
  const tables = modes.map(({ names, lines }, k) =>
    names.map((name, id) =>
      labels[k]
        ? id
        : indexIn(who, name, { line: lines[id]!, column: k + 1, base: options.base ?? 0, size: options.shape?.[k] }),
    ),
  );
  for (let at = 0; at < indices.length; at++) indices[at] = tables[at % order]![indices[at]!]!;
  const found = shapeAround(order, indices);
  return { shape: found.map((size, k) => sizes[k] ?? size), indices, values, labels };
}

/** The size of a mode where it is known: given, or the number of its labels. */
function requireLabelsFit(names: readonly string[] | undefined, mode: number, size: number | undefined) {
  if (names === undefined || size === undefined || names.length <= size) return size ?? names?.length;
  throw new InputError(
    `${who}: expected at most ${size} labels in column ${mode + 1}, as the shape says, got ${names.length}. Enlarge the shape, or leave it out.`,
  );
}

/** A row whose last field is no number, while another is no index either: a wrong value on the first line stays an error. */
const isHeader = (fields: readonly string[]): boolean =>
  Number.isNaN(Number(fields.at(-1) || NaN)) && fields.slice(0, -1).some((field) => !/^[-+]?\d+$/.test(field));

function separatorOf(line: string): string {
  const times = (separator: string): number => line.split(separator).length;
  return [',', ';', '\t'].reduce((best, one) => (times(one) > times(best) ? one : best));
}

/** Fields without blanks around them. */
function fieldsOf(line: string, separator: string, number: number): string[] {
  if (!line.includes('"')) return line.split(separator).map((field) => field.trim());
  const fields: string[] = [];
  let rest = line;
  for (;;) {
    // One field: quoted, where a doubled quote stands for one, or plain; then a separator or the end.
    const [all, quoted, plain, end] =
      new RegExp(`^\\s*(?:"((?:[^"]|"")*)"\\s*|([^"${separator}]*))(${separator}|$)`).exec(rest) ?? [];
    if (all === undefined) {
      throw new InputError(
        `${who}: expected quotes around whole fields on line ${number}, got ${rest.slice(0, 40)}. Close every quote on its line, and double those inside.`,
      );
    }
    fields.push(quoted?.replaceAll('""', '"') ?? (plain ?? '').trim());
    if (end === '') return fields;
    rest = rest.slice(all.length);
  }
}
