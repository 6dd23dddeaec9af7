// How files are read: the options that `decompose` and `complete` share, what they mean for each kind of file, and what the
// modes and the values of a file are called.
import { InputError } from '../errors.js';
import { observed, type ObservedTarget } from '../index.js';
import {
  distinctCells,
  encodings,
  formats,
  type Contents,
  type CsvCoordinates,
  type CsvOptions,
  type Format,
  type NpyArray,
  type NpyCells,
} from '../io/index.js';
import { count } from '../node/format.js';
import type { Arguments, OptionSpec } from './arguments.js';
import { withFlags } from './flags.js';
import { about, extensionsOf, formatOfFile, listed, readAs, readBytes, splitPath } from './files.js';
import { given } from './run.js';
import { sizeOf } from '../tensor/shape.js';

export const fileOptions = {
  known: {
    value: 'FILE',
    help: 'arrays, pictures: .npy of the same shape, 1 where a cell is known, 0 where it is missing',
  },
  missing: {
    value: 'FILE|nan',
    help: 'the same with 1 where a cell is missing, 0 where it is known; nan: where it is NaN',
  },
  value: {
    value: 'COLUMN',
    help: '.csv: the column of the values, by its name or its number from 1; default: the last',
  },
  modes: {
    value: 'COLUMNS',
    help: '.csv: the columns of the modes, as in user,film or 1,2; default: all but the value',
  },
  header: { value: 'yes|no', help: '.csv: whether the first line names the columns; default: as it looks' },
  labels: { help: '.csv: integers are labels too, as for years: no index is then without entries' },
  wide: { help: '.csv: the file is a matrix, a row of it on every line; names of rows and columns are labels' },
  decimal: { value: '.|,', help: '.csv: what separates the fraction of a number; default: a point' },
  encoding: { value: encodings.join('|'), help: '.tns, .csv: default: utf-8, or utf-16 after its byte order mark' },
  base: { value: '0|1', help: '.tns, .csv: the first index; default: 1 for .tns, 0 for .csv' },
  shape: { value: 'SIZES', help: '.tns, .csv: size of each mode, as in 64x12x10; default: the largest indices' },
} satisfies Record<string, OptionSpec>;

export const optionsOfFiles = Object.keys(fileOptions);

/** Formats that an option is for. */
const formatsWith = (option: string): Format[] =>
  Object.values<Format>(formats).filter(({ holds, options = [] }) =>
    option === 'known' || option === 'missing'
      ? holds === 'array' || holds === 'picture'
      : options.some((own) => own === option),
  );

/** What the options say about reading a file. */
export interface Reading {
  readonly layout: CsvOptions;
  /** The marks of known and missing cells. */
  readonly cells: NpyCells;
}

/** @throws InputError for options that the format of the file has no use for, and for wrong ones. */
export function readingOf(format: Format | undefined, args: Arguments): Reading {
  for (const option of optionsOfFiles) {
    const chosen = formatsWith(option);
    if (!format || !args.has(option) || chosen.includes(format)) continue;
    throw new InputError(
      `${args.command}: expected --${option} with ${listed(chosen, 'and')} files only, got it with ${format.extensions[0]}. Leave --${option} out.`,
    );
  }
  return { layout: layoutOf(args), cells: cellsOf(args) };
}

/** What the modes of a tensor, their indices and its values are called. */
export interface Names {
  readonly modes: readonly string[];
  /** None where the file has no name for it. */
  readonly value: string | null;
  /** Of every mode the names of its indices, where it has some; left out where no mode has. */
  readonly labels?: CsvCoordinates['labels'];
}

export const plainNames = (order: number): Names => ({
  modes: Array.from({ length: order }, (_, k) => `mode ${k}`),
  value: null,
});

export interface ListedEntries {
  readonly target: ObservedTarget;
  readonly names: Names;
  /** Cells among the entries; fewer where some come several times. */
  readonly cells: number;
  /** Whether what is not listed is unknown in any case: a cell left empty in a matrix. */
  readonly isMatrix: boolean;
  readonly notices: readonly string[];
}

/** `repeated` says what becomes of cells that come several times. */
export function listedEntries(found: Contents['entries'], isMatrix: boolean, repeated: string): ListedEntries {
  const target = observed(found.shape, found.indices, found.values);
  const { count: cells } = distinctCells(target);
  const columns = found.columns ?? [...target.shape, 0].map((_, k) => `column ${k + 1}`);
  const labels = found.labels?.some((names) => names !== undefined) ? { labels: found.labels } : {};
  const twice = target.count - cells;
  const repetition = `${count(twice)} of ${count(target.count)} entries repeat a cell; ${repeated}`;
  return {
    target,
    names: { modes: columns.slice(0, -1), value: columns.at(-1) ?? null, ...labels },
    cells,
    isMatrix,
    notices: [...(found.notices ?? []).map(withFlags), ...(twice > 0 ? [repetition] : [])],
  };
}

function layoutOf(args: Arguments): CsvOptions {
  const base = args.oneOf('base', ['0', '1']);
  const header = args.oneOf('header', ['yes', 'no']);
  return given<CsvOptions>({
    value: args.text('value'),
    modes: args.text('modes')?.split(','),
    shape: args.numbers('shape', 'sizes such as 64x12x10'),
    base: base === undefined ? undefined : base === '0' ? 0 : 1,
    header: header === undefined ? undefined : header === 'yes',
    labels: args.has('labels') ? true : undefined,
    wide: args.has('wide') ? true : undefined,
    decimal: args.oneOf('decimal', ['.', ',']),
    encoding: args.oneOf('encoding', encodings),
  });
}

function cellsOf(args: Arguments): NpyCells {
  const missing = args.text('missing');
  return given<NpyCells>({
    known: marksIn('known', args.text('known')),
    missing: missing === 'nan' ? missing : marksIn('missing', missing),
  });
}

function marksIn(option: string, path: string | undefined): NpyArray | undefined {
  if (path === undefined) return undefined;
  const place = splitPath(path);
  return about(place.file, () => {
    const format = formatOfFile(place.file);
    if (format?.holds === 'array') return readAs(format, place, {});
    readBytes(place.file);
    throw new InputError(
      `expected a ${extensionsOf(['array'], 'or')} file after --${option}, got another. Save the marks with numpy.save.`,
    );
  });
}

/** What result.json says of the file, beside its results. */
export function fileRecord(path: string, shape: readonly number[], names: Names, cells: number): object {
  const { modes, value, labels } = names;
  return {
    input: path,
    shape,
    modes,
    value,
    known: { cells, share: cells / sizeOf(shape) },
    ...(labels ? { labels: labels.map((list) => list ?? null) } : {}),
  };
}

/** user (6 labels) × film (8); value: rating */
export function namesText(shape: readonly number[], { modes, value, labels }: Names): string {
  const shown = shape.slice(0, maxNamedModes).map((size, k) => {
    return `${modes[k] ?? `mode ${k}`} (${count(size)}${labels?.[k] ? ' labels' : ''})`;
  });
  const more = shape.length > shown.length ? ` and ${count(shape.length - shown.length)} more` : '';
  return `${shown.join(' × ')}${more}${value === null ? '' : `; value: ${value}`}`;
}

/** Modes that a report names; all of them are in result.json. */
const maxNamedModes = 8;

/** 20 % */
export function shareText(cells: number, shape: readonly number[]): string {
  return `${Number(((100 * cells) / sizeOf(shape)).toPrecision(3))} %`;
}
