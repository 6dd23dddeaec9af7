// What the columns of a .csv file are: which one holds the values, which ones are modes, and whether the first record names
// them. Used by csv.ts.
import { InputError } from '../errors.js';
import { numberOf, isMissingMark, shortened, type Coordinates } from './coordinate-list.js';
import type { CsvRecord } from './csv-records.js';

/** A column by its number, from 1, or by its name in the header. Text that is the number of a column is its number. */
export type ColumnChoice = string | number;

export interface Columns {
  readonly modes: readonly NamedColumn[];
  readonly value: NamedColumn;
  /** Columns of a record. */
  readonly width: number;
  readonly hasHeader: boolean;
  /** Whether the caller has named the modes: then they are what they are said to be. */
  readonly modesAreGiven: boolean;
  readonly notices: readonly string[];
}

export interface NamedColumn {
  /** In a record, from 0. */
  readonly place: number;
  /** That of the header, else "column 3". */
  readonly name: string;
  /** As errors name it: column 2 (film). */
  readonly text: string;
}

export interface CsvCoordinates extends Coordinates {
  /** Of every mode, the label of every index; undefined where the column holds indices. */
  readonly labels: readonly (readonly string[] | undefined)[];
  /** Names of the modes and then of the values: those of the header, else "column 3". */
  readonly columns: readonly string[];
  /** What was guessed and what looks odd, in words. */
  readonly notices: readonly string[];
}

interface ColumnOptions {
  readonly value?: ColumnChoice | undefined;
  readonly modes?: readonly ColumnChoice[] | undefined;
  readonly header?: boolean | undefined;
}

/** `sample`: the first records of the file, at least one. @throws InputError for columns that are not there. */
export function chooseColumns(who: string, sample: readonly CsvRecord[], options: ColumnOptions): Columns {
  const first = sample[0]?.fields ?? [];
  // A separator at the end of every line makes a column of nothing.
  const isTrailing =
    first.length > 1 && sample.every(({ fields }) => fields.length === first.length && fields.at(-1) === '');
  const names = isTrailing ? first.slice(0, -1) : first;
  const asked = [...(options.modes ?? []), ...(options.value === undefined ? [] : [options.value])];
  const isNamed =
    asked.some((one) => typeof one === 'string' && numberIn(one, names.length) === undefined) || options.header;
  const find = (choice: ColumnChoice): number => placeOf(who, names, choice, options.header !== false);
  const modes = options.modes?.map(find);
  const value = options.value === undefined ? lastBut(modes ?? [], names.length) : find(options.value);
  const places = modes ?? Array.from(names.keys()).filter((place) => place !== value);
  const all = [...places, value];
  const twice = all.find((place, at) => all.indexOf(place) !== at);
  if (twice !== undefined) {
    throw new InputError(
      `${who}: expected every column once in modes and value, got column ${twice + 1} twice. Name another.`,
    );
  }
  const found = isNamed === undefined ? headerIn(sample, places, value) : { hasHeader: isNamed };
  const column = (place: number): NamedColumn => {
    const number = `column ${place + 1}`;
    const name = found.hasHeader ? names[place] : undefined;
    return name ? { place, name, text: `${number} (${shortened(name)})` } : { place, name: number, text: number };
  };
  return {
    modes: places.map(column),
    value: column(value),
    width: first.length,
    hasHeader: found.hasHeader,
    modesAreGiven: modes !== undefined,
    notices: 'notice' in found ? [found.notice] : [],
  };
}

/** The number of a column, which a choice may give as text, as the command line does. */
function numberIn(choice: ColumnChoice, columns: number): number | undefined {
  const number = typeof choice === 'string' && /^\d+$/.test(choice) ? Number(choice) : choice;
  return typeof number === 'number' && Number.isInteger(number) && number >= 1 && number <= columns
    ? number
    : undefined;
}

function lastBut(taken: readonly number[], columns: number): number {
  for (let place = columns - 1; place >= 0; place--) if (!taken.includes(place)) return place;
  return columns - 1;
}

function placeOf(who: string, names: readonly string[], choice: ColumnChoice, mayBeName: boolean): number {
  const number = numberIn(choice, names.length);
  if (number !== undefined) return number - 1;
  const [place, again] = mayBeName ? Array.from(names.keys()).filter((at) => names[at] === choice) : [];
  if (place !== undefined && again === undefined) return place;
  if (place !== undefined) {
    throw new InputError(
      `${who}: expected one column called ${choice}, got columns ${place + 1} and ${Number(again) + 1}. Give its number, from 1.`,
    );
  }
  const known = names.map((name) => shortened(name)).join(', ');
  throw new InputError(
    `${who}: expected a column by its name (${known}) or its number, 1 to ${names.length}, got ${String(choice)}. Choose one of these.`,
  );
}

interface Header {
  readonly hasHeader: boolean;
  readonly notice?: string;
}

/**
 * The first record names the columns where its value is no number while some other field is a word; a wrong value among
 * numbers stays an error. Where the value is a number, as a year is, its words must be nowhere else in their columns, and
 * either a column holds numbers otherwise, or the number is a year and other values are not, or all other words repeat.
 */
function headerIn(sample: readonly CsvRecord[], modes: readonly number[], valuePlace: number): Header {
  const record = sample[0]!;
  const others = sample.slice(1);
  const at = (fields: readonly string[], place: number): string => fields[place] ?? '';
  const isNumber = (field: string): boolean => numberOf(field) !== undefined || numberOf(field, ',') !== undefined;
  const value = at(record.fields, valuePlace);
  if (!isNumber(value)) {
    return { hasHeader: !isMissingMark(value) && modes.some((place) => !isNumber(at(record.fields, place))) };
  }
  const columns = modes.map((place) => others.map(({ fields }) => at(fields, place)));
  const isApart = modes.every((place, k) => {
    const name = at(record.fields, place);
    return name !== '' && !isNumber(name) && !columns[k]!.includes(name);
  });
  if (!isApart || others.length === 0) return { hasHeader: false };
  const isYear = (field: string): boolean => /^(1[89]|20)\d\d$/.test(field);
  const hasNumbers = columns.some((column) => column.every(isNumber));
  const isOddYear = isYear(value) && !others.some(({ fields }) => isYear(at(fields, valuePlace)));
  if (!hasNumbers && !isOddYear && !columns.every(allRepeat)) return { hasHeader: false };
  return {
    hasHeader: true,
    notice: `line ${record.line} is taken for a header, although its value is the number ${value}; if it is an entry, say header: false`,
  };
}

function allRepeat(column: readonly string[]): boolean {
  const times = new Map<string, number>();
  for (const field of column) times.set(field, (times.get(field) ?? 0) + 1);
  return Array.from(times.values()).every((count) => count > 1);
}
