// The file formats that are read, by name. A new format is one file beside this one and one row of the table: the command line reads
// it, by the end of a file's name, and `polyadic/io` exports it in `formats`.
import type { AnyKruskal } from '../tensor/kruskal.js';
import { requireForm } from '../tensor/require.js';
import type { Coordinates } from './coordinate-list.js';
import { readCsv, type CsvOptions } from './csv.js';
import type { CsvCoordinates } from './csv-columns.js';
import { readKruskal } from './json.js';
import { readKtensor, readToolboxTensor } from './ktensor.js';
import { matNames, readMat } from './mat.js';
import { readNpy, type NpyArray } from './npy.js';
import { npzNames, readNpz } from './npz.js';
import { readPng, type Picture } from './png.js';
import { readTns } from './tns.js';

/** What a file may hold. */
export interface Contents {
  /** Some entries of a tensor; names of columns and labels where the file has them. */
  readonly entries: Coordinates & Partial<CsvCoordinates>;
  /** All entries of one. */
  readonly array: NpyArray;
  readonly picture: Picture;
  /** The components of one. */
  readonly components: AnyKruskal;
}

export interface FormatOptions extends CsvOptions {
  /** The array to read of a file that holds several. */
  readonly array?: string;
}

export type Format = {
  readonly [H in keyof Contents]: {
    readonly holds: H;
    /** Ends of the names of such files, the usual one first. */
    readonly extensions: readonly [string, ...string[]];
    /** The options that say how to read one, beside `array`. */
    readonly options?: readonly (keyof CsvOptions)[];
    /** The names of the arrays in a file that may hold several. */
    readonly arrays?: (bytes: Uint8Array) => string[];
    /** @throws InputError for a file that is not of the format. */
    readonly read: (bytes: Uint8Array, options: FormatOptions) => Contents[H];
  };
}[keyof Contents];

export const formats = {
  npy: { extensions: ['.npy'], holds: 'array', read: readNpy },
  npz: { extensions: ['.npz'], holds: 'array', arrays: npzNames, read: (bytes, { array }) => readNpz(bytes, array) },
  tns: { extensions: ['.tns', '.tns.gz'], holds: 'entries', options: ['encoding', 'base', 'shape'], read: readTns },
  csv: {
    extensions: ['.csv', '.tsv', '.csv.gz', '.tsv.gz'],
    holds: 'entries',
    options: ['value', 'modes', 'header', 'labels', 'wide', 'decimal', 'encoding', 'base', 'shape'],
    read: readCsv,
  },
  png: { extensions: ['.png'], holds: 'picture', read: readPng },
  mat: { extensions: ['.mat'], holds: 'array', arrays: matNames, read: (bytes, { array }) => readMat(bytes, array) },
  ktensor: { extensions: ['.ktensor'], holds: 'components', read: readKtensor },
  tensor: { extensions: ['.tensor'], holds: 'array', read: readToolboxTensor },
  json: { extensions: ['.json'], holds: 'components', read: readKruskal },
} as const satisfies Record<string, Format>;

/**
 * The format of a file by the end of its name; undefined where it is none of them.
 *
 * @example
 * ```ts
 * import { formatOf } from 'polyadic/io';
 *
 * console.log(formatOf('EEM.NPY')?.holds, formatOf('notes.txt')); // array undefined
 * ```
 */
export function formatOf(file: string): Format | undefined {
  const isName = typeof file === 'string';
  requireForm('formatOf', file, isName, { name: 'the file', expected: 'its name', remedy: 'Give a string' });
  return Object.values<Format>(formats).find(({ extensions }) =>
    extensions.some((end) => file.toLowerCase().endsWith(end)),
  );
}
