// Reads what `complete` was given: the known cells of an array with gaps, entries with coordinates, or a picture, all as one
// observed target, with what there is to tell about them.
import { denseNorm, type DenseTensor, type ObservedTarget } from '../index.js';
import { distinctCells, emptySlices, npyToObserved, type NpyArray, type NpyCells, type Picture } from '../io/index.js';
import { count, shapeText } from '../node/format.js';
import type { Arguments } from './arguments.js';
import { listedEntries, plainNames, readingOf, shareText, type Names } from './file-options.js';
import { about, formatOfFile, readAs, refuse, splitPath } from './files.js';

export interface ObservedInput {
  readonly target: ObservedTarget;
  /** The whole picture, where the file is one. */
  readonly picture?: DenseTensor;
  readonly names: Names;
  /** What a careful reader would want to know, in words. */
  readonly notices: readonly string[];
}

/** A path may name an array, as in data.npz:name. @throws InputError that begins with the name of the file. */
export function readObserved(path: string, args: Arguments): ObservedInput {
  const place = splitPath(path);
  const format = formatOfFile(place.file);
  const { layout, cells } = readingOf(format, args);
  return about(place.file, () => {
    switch (format?.holds) {
      case 'entries': {
        const found = readAs(format, place, layout);
        return listedEntries(found, layout.wide === true, 'each counts, and the cell gets their mean');
      }
      case 'picture':
        return picture(readAs(format, place, layout), cells);
      case 'array': {
        const array = readAs(format, place, layout);
        return { ...fromArray(array, cells), notices: nanNotices(array, cells) };
      }
      default:
        return refuse(
          place.file,
          ['array', 'entries', 'picture'],
          'Save the array with numpy.save, NaN where a cell is missing',
        );
    }
  });
}

const fromArray = (array: NpyArray, cells: NpyCells): { target: ObservedTarget; names: Names } => ({
  target: npyToObserved(array, cells),
  names: plainNames(array.shape.length),
});

/** Cells that the marks leave known but that hold NaN. */
function nanNotices({ data }: NpyArray, { known, missing }: NpyCells): string[] {
  const marks = missing === 'nan' ? undefined : missing;
  if (!known && !marks) return [];
  let nan = 0;
  for (let at = 0; at < data.length; at++) {
    const isKnown = Number(known?.data[at] ?? 1) === 1 && Number(marks?.data[at] ?? 0) === 0;
    if (isKnown && Number.isNaN(data[at])) nan++;
  }
  return nan === 0 ? [] : [`${count(nan)} cells that are marked as known hold NaN, and are missing all the same`];
}

/** Marks of height × width hold for all channels. */
function picture({ shape, data, notices }: Picture, { known, missing }: NpyCells): ObservedInput {
  const [height, width, channels] = shape;
  const marks = (array: NpyArray): NpyArray =>
    array.shape.join() === [height, width].join()
      ? { dtype: 'f8', shape, data: data.map((_, at) => Number(array.data[Math.floor(at / channels)])) }
      : array;
  const cells = {
    ...(known ? { known: marks(known) } : {}),
    ...(missing ? { missing: missing === 'nan' ? missing : marks(missing) } : {}),
  };
  return { ...fromArray({ shape, dtype: 'f8', data }, cells), picture: { shape, data }, notices };
}

/** Slices that none of the known cells lies in, a sentence for every mode. */
export function emptySliceNotices({ names }: ObservedInput, known: ObservedTarget): string[] {
  return emptySlices(known).map(({ mode, count: slices, first }) => {
    const empty = first.map((index) => names.labels?.[mode]?.[index] ?? String(index)).join(', ');
    const more = slices > first.length ? ' …' : '';
    return `${count(slices)} of ${count(known.shape[mode] ?? 0)} slices of mode ${mode} without a known cell (${empty}${more}): nothing tells of them, so do not trust what is predicted there`;
  });
}

/** What the report says of known entries: 2,000 known entries in 10 × 10 × 10 × 10, 20 % of its cells. */
export function describeObserved(target: ObservedTarget): { shape: readonly number[]; text: string; norm: number } {
  const { shape, count: entries, values } = target;
  const share = shareText(distinctCells(target).count, shape);
  return {
    shape,
    text: `${count(entries)} known entries in ${shapeText(shape)}, ${share} of its cells`,
    norm: denseNorm({ shape: [entries], data: values }),
  };
}
