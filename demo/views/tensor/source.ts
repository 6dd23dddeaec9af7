// Where a tensor comes from, an example or a file, and what the library is given for it. Arrays (.npy, .npz) are dense, NaN where a
// cell is missing. Lists of entries (.csv, .tns) become dense where at least half of all cells are known, else they stay a list.
import { dense, observed, type DenseTarget, type ObservedTarget } from '../../../src/index.js';
import {
  npyToDense,
  npzNames,
  readCsv,
  readNpy,
  readNpz,
  readTns,
  type Coordinates,
  type NpyArray,
} from '../../../src/io/index.js';
import type { Mode } from '../../examples/unemployment.js';
import { sizeOf } from '../../arithmetic.js';

export type Source =
  | { readonly kind: 'example'; readonly name: 'unemployment' | 'births' }
  | {
      readonly kind: 'file';
      readonly name: string;
      readonly bytes: Uint8Array;
      /** Of a .npz file. Default: the first. */
      readonly array?: string;
      /** The first index in a .csv file. */
      readonly base: 0 | 1;
    };

export interface Loaded {
  readonly title: string;
  readonly about: string;
  readonly unit: string;
  readonly target: DenseTarget | ObservedTarget;
  readonly modes: readonly Mode[];
  /** Names of the arrays in a .npz file, and the one that was read. */
  readonly arrays?: readonly string[];
  readonly array?: string;
}

/** Cells that a list of entries may be spread over. */
const maxSpread = 4e6;

/** @throws InputError for what the file is not. */
export async function load(source: Source): Promise<Loaded> {
  if (source.kind === 'file') return fromFile(source);
  const example =
    source.name === 'births'
      ? await (await import('../../examples/births.js')).births()
      : (await import('../../examples/unemployment.js')).unemployment();
  return { ...example, about: example.source };
}

function fromFile(source: Extract<Source, { kind: 'file' }>): Loaded {
  const { name, bytes, base } = source;
  const extension = /\.([^.]*)$/.exec(name.toLowerCase().replace(/\.gz$/, ''))?.[1] ?? '';
  const common = { title: name, about: 'your file; it does not leave this tab', unit: '' };
  switch (extension) {
    case 'npy':
      return { ...common, ...fromArray(readNpy(bytes)) };
    case 'npz': {
      const arrays = npzNames(bytes);
      const array = source.array ?? arrays[0];
      return { ...common, ...fromArray(readNpz(bytes, array)), arrays, ...(array === undefined ? {} : { array }) };
    }
    case 'tns':
      return { ...common, ...fromEntries(readTns(bytes)) };
    case 'csv':
    case 'tsv': {
      const { labels, columns, notices, ...entries } = readCsv(bytes, base === 1 ? { base } : {});
      const about = [common.about, ...notices].join('; ');
      return { ...common, about, ...fromEntries(entries, labels, columns) };
    }
    default:
      throw new Error(
        `expected a file that ends in .npy, .npz, .csv or .tns, got ${name}. Save the tensor in one of these.`,
      );
  }
}

const fromArray = (array: NpyArray): Pick<Loaded, 'target' | 'modes'> => ({
  target: npyToDense(array, { missing: 'nan' }),
  modes: modesOf(array.shape),
});

function fromEntries(
  { shape, indices, values }: Coordinates,
  labels: readonly (readonly string[] | undefined)[] = [],
  columns?: readonly string[],
): Pick<Loaded, 'target' | 'modes'> {
  const modes = modesOf(shape, labels, columns);
  const cells = sizeOf(shape);
  if (cells > maxSpread || values.length < 0.5 * cells) return { target: observed(shape, indices, values), modes };
  const data = new Float64Array(cells);
  const counts = new Uint32Array(cells);
  values.forEach((value, entry) => {
    const at = shape.reduce((sum, size, mode) => sum * size + indices[entry * shape.length + mode]!, 0);
    data[at]! += value;
    counts[at]!++;
  });
  // The mean where a cell is given several times; 0/0 marks the others as missing.
  data.forEach((sum, at) => (data[at] = sum / counts[at]!));
  return { target: dense(shape, data, { missing: 'nan' }), modes };
}

/** Labels of a file where it has them, else indices from 0. */
const modesOf = (
  shape: readonly number[],
  labels: readonly (readonly string[] | undefined)[] = [],
  columns: readonly string[] = [],
): Mode[] =>
  shape.map((size, mode) => ({
    name: columns[mode] ?? `mode ${mode}`,
    ticks: labels[mode] ?? Array.from({ length: size }, (_, i) => String(i)),
  }));
