// Reads what `complete` was given: the known cells of an array with gaps, entries with coordinates, or a picture, all as one
// observed target, with what there is to tell about them.
import { InputError } from '../errors.js';
import { observed, type DenseTensor, type ObservedTarget } from '../index.js';
import {
  distinctCells,
  emptySlices,
  npyToObserved,
  readCsv,
  readPng,
  readTns,
  type Coordinates,
  type CsvCoordinates,
  type NpyArray,
  type Picture,
} from '../io/index.js';
import { count, shapeText } from '../node/format.js';
import type { Arguments } from './arguments.js';
import { about, coordinatesKind, readArray, readBytes, splitPath } from './files.js';

export interface ObservedInput {
  readonly target: ObservedTarget;
  /** The whole picture, where the file is one. */
  readonly picture: DenseTensor | undefined;
  /** Of every mode, the names of its indices; and those of the columns. As .csv files have them. */
  readonly labels: CsvCoordinates['labels'] | undefined;
  readonly columns: CsvCoordinates['columns'];
  /** What a careful reader would want to know, in words. */
  readonly notices: readonly string[];
}

/** A path may name an array, as in data.npz:name. @throws InputError that begins with the name of the file. */
export function readObserved(path: string, args: Arguments): ObservedInput {
  const place = splitPath(path);
  const kind = coordinatesKind(place.file) ?? (/\.png$/i.test(place.file) ? 'png' : 'array');
  requireOptionsOf(kind, args);
  const mask = maskOf(args);
  const layout = layoutOf(args);
  return about(place.file, () => {
    if (kind === 'tns' || kind === 'csv') return coordinates(kind, place.file, layout);
    if (kind === 'png') return picture(readPng(readBytes(place.file)), mask);
    const array = readArray(place);
    if (array) return { ...plain(npyToObserved(array, mask ? { missing: mask } : {})), notices: [] };
    throw new InputError(
      `expected a .npy, .npz, .tns, .csv or .png file, got ${/\.\w+$/.exec(place.file)?.[0] ?? 'no extension'}. Save the array with numpy.save, NaN where a cell is missing.`,
    );
  });
}

const plain = (target: ObservedTarget) => ({ target, picture: undefined, labels: undefined, columns: undefined });

interface Layout {
  readonly shape?: readonly number[];
  readonly base?: 0 | 1;
  readonly labels?: boolean;
}

function layoutOf(args: Arguments): Layout {
  const shape = args.numbers('shape', 'sizes such as 64x12x10');
  const base = args.oneOf('base', ['0', '1']);
  return {
    ...(shape ? { shape } : {}),
    ...(base ? { base: base === '0' ? 0 : 1 } : {}),
    ...(args.has('labels') ? { labels: true } : {}),
  };
}

function coordinates(kind: 'tns' | 'csv', file: string, layout: Layout): ObservedInput {
  const bytes = readBytes(file);
  const found: Coordinates & Partial<CsvCoordinates> = kind === 'tns' ? readTns(bytes, layout) : readCsv(bytes, layout);
  const target = observed(found.shape, found.indices, found.values);
  const repeated = target.count - distinctCells(target).count;
  const notices =
    repeated === 0
      ? []
      : [
          `${count(repeated)} of ${count(target.count)} entries repeat a cell; each counts, and the cell gets their mean`,
        ];
  const labels = found.labels?.some((names) => names !== undefined) ? found.labels : undefined;
  return { target, picture: undefined, labels, columns: found.columns, notices };
}

/** A mask of height × width holds for all channels. */
function picture({ shape, data, notices }: Picture, mask: NpyArray | undefined): ObservedInput {
  const [height, width, channels] = shape;
  const flat = mask?.shape.join() === [height, width].join();
  const missing =
    mask && flat ? { ...mask, shape, data: data.map((_, at) => Number(mask.data[Math.floor(at / channels)])) } : mask;
  const target = npyToObserved({ shape, dtype: 'f8', data }, missing ? { missing } : {});
  return { ...plain(target), picture: { shape, data }, notices };
}

function maskOf(args: Arguments): NpyArray | undefined {
  const path = args.text('mask');
  if (path === undefined) return undefined;
  const place = splitPath(path);
  return about(place.file, () => {
    const array = readArray(place);
    if (array) return array;
    throw new InputError('expected a .npy or .npz file after --mask, got another. Save the mask with numpy.save.');
  });
}

/** Options that some kinds of files have no use for. */
function requireOptionsOf(kind: 'tns' | 'csv' | 'png' | 'array', args: Arguments): void {
  const homes: Record<string, readonly string[]> = {
    shape: ['tns', 'csv'],
    base: ['tns', 'csv'],
    labels: ['csv'],
    mask: ['array', 'png'],
  };
  const files = { tns: '.tns', csv: '.csv', png: '.png', array: '.npy' };
  for (const [option, kinds] of Object.entries(homes)) {
    if (!args.has(option) || kinds.includes(kind)) continue;
    const names = kinds.map((one) => files[one as keyof typeof files]).join(' and ');
    throw new InputError(
      `complete: expected --${option} with ${names} files only, got it with ${files[kind]}. Leave --${option} out.`,
    );
  }
}

/** Slices that none of the known cells lies in, a sentence a mode. */
export function emptySliceNotices({ labels }: ObservedInput, known: ObservedTarget): string[] {
  return emptySlices(known).map(({ mode, count: slices, first }) => {
    const names = first.map((index) => labels?.[mode]?.[index] ?? String(index)).join(', ');
    const more = slices > first.length ? ' …' : '';
    return `${count(slices)} of ${count(known.shape[mode] ?? 0)} slices of mode ${mode} without a known cell (${names}${more}): nothing tells of them, so do not trust what is predicted there`;
  });
}

/** 2,000 entries in 10 × 10 × 10 × 10, 20 % of its cells */
export function describeObserved({ shape, count: entries }: ObservedTarget): string {
  const cells = shape.reduce((product, size) => product * size, 1);
  const share = (100 * entries) / cells;
  return `${count(entries)} known entries in ${shapeText(shape)}, ${Number(share.toPrecision(3))} % of its cells`;
}
