// Reads what a command was given: a tensor to decompose, or a result to compare (folder, .json).
// Everything wrong with a file is an InputError that begins with its name.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../errors.js';
import {
  dense,
  denseNorm,
  factored,
  indexAt,
  norm,
  symmetricNorm,
  toDense,
  type AnyKruskal,
  type DenseSymmetricTarget,
  type DenseTarget,
  type FactoredTarget,
} from '../index.js';
import { npyToDense, readKruskal, type NpyArray, type NpyCells, type NpyDtype } from '../io/index.js';
import { count, shapeText } from '../node/format.js';
import { isFolder, resultFile } from '../node/result-folder.js';
import type { Arguments } from './arguments.js';
import { listedEntries, plainNames, readingOf, type ListedEntries, type Names } from './file-options.js';
import { about, formatOfFile, readAs, readBytes, refuse, splitPath } from './files.js';
import { packedTarget } from './packed.js';
import { sizeOf } from '../tensor/shape.js';

export interface TensorInput extends Tensor {
  /** Number of components of a tensor of entries, where the file says it; symmetric targets know it or leave it to the algorithm. */
  readonly rank?: number;
  readonly names: Names;
  /** Whether the file lists entries, and the cells that it leaves out are 0. */
  readonly isListed: boolean;
  /** What a careful reader would want to know, in words. */
  readonly notices: readonly string[];
}

/** A target, with what the report says of it. */
interface Tensor {
  readonly target: DenseTarget | DenseSymmetricTarget | FactoredTarget;
  readonly shape: readonly number[];
  /** dense 4 × 4 × 4, 64 entries */
  readonly text: string;
  readonly norm: () => number;
  /** Cells that the file tells of. */
  readonly cells: number;
}

/** Entries up to which a tensor given by its factors is formed: 1 GiB. */
export const maxEntries = 2 ** 27;

/** With --symmetric a tensor of entries is packed as a symmetric one. A path may name an array, as in data.npz:name. */
export function readTensor(path: string, args: Arguments): TensorInput {
  const place = splitPath(path);
  const { file } = place;
  const format = formatOfFile(file);
  const { layout, cells } = readingOf(format, args);
  const symmetric = args.has('symmetric');
  return about(file, () => {
    switch (format?.holds) {
      case 'components':
        return kruskalTarget(readAs(format, place, layout), symmetric);
      case 'entries': {
        const found = readAs(format, place, layout);
        return listTarget(listedEntries(found, layout.wide === true, 'their values are added up'), symmetric);
      }
      case 'array':
        return { ...arrayTarget(readAs(format, place, layout), cells, symmetric), ...namesBeside(file) };
      default:
        return refuse(
          file,
          ['array', 'entries', 'components'],
          format ? 'Pictures are for polyadic complete' : 'Save the array with numpy.save',
        );
    }
  });
}

/** Names of modes and labels from a .json of the same name beside the file: { modes: […], labels: [[…], …] }. */
function namesBeside(file: string): { readonly names?: Names } {
  const beside = file.replace(/\.\w+$/, '.json');
  if (beside === file || !existsSync(beside)) return {};
  const { modes, labels } = JSON.parse(readFileSync(beside, 'utf8')) as Partial<Names>;
  if (!Array.isArray(modes)) return {};
  return { names: { modes, value: null, ...(Array.isArray(labels) ? { labels } : {}) } };
}

/** The Kruskal tensor of a result folder, of its result.json, of any JSON file of that form, or of a ktensor of Tensor Toolbox. */
export function readResult(path: string): AnyKruskal {
  const file = isFolder(path) ? join(path, resultFile) : path;
  return about(file, () => {
    const format = formatOfFile(file);
    return format?.holds === 'components'
      ? readAs(format, { file, array: undefined }, {})
      : readKruskal(readBytes(file));
  });
}

function arrayTarget(array: NpyArray, cells: NpyCells, symmetric: boolean): TensorInput {
  if (symmetric && (cells.known ?? cells.missing)) {
    throw new InputError('expected --symmetric without --known and --missing, got both. Leave --symmetric out.');
  }
  if (!cells.known && !cells.missing) requireFinite(array);
  const tensor = tensorOf(npyToDense(array, cells), symmetric ? array.dtype : undefined);
  return { ...tensor, names: plainNames(array.shape.length), isListed: false, notices: [] };
}

/**
 * A list of entries, formed: cells that are not listed are 0, and those listed several times hold the sum, as everywhere in the
 * field. Cells that a matrix leaves empty are missing.
 */
function listTarget(
  { target: entries, names, cells, isMatrix, notices }: ListedEntries,
  symmetric: boolean,
): TensorInput {
  const { shape, indices, values } = entries;
  const size = sizeOf(shape);
  if (size > maxEntries) {
    throw new InputError(
      `expected a tensor of at most ${maxEntries} cells, got ${size} (${shape.join(' × ')}). Fit the listed entries alone, by polyadic complete.`,
    );
  }
  const data = new Float64Array(size);
  const known = new Uint8Array(size);
  values.forEach((value, e) => {
    const cell = shape.reduce((at, rows, k) => at * rows + indices[e * shape.length + k]!, 0);
    data[cell]! += value;
    known[cell] = 1;
  });
  if (symmetric && isMatrix) {
    throw new InputError('expected --symmetric without --wide, got both. A matrix has no unique symmetric components.');
  }
  const tensor = tensorOf(dense(shape, data, isMatrix ? { known } : {}), symmetric ? 'f8' : undefined);
  return { ...tensor, names, isListed: !isMatrix, cells: isMatrix ? tensor.cells : cells, notices };
}

/** `dtype`: pack the tensor as a symmetric one, with the roundings of entries of that type. */
function tensorOf(tensor: DenseTarget, dtype: NpyDtype | undefined): Tensor {
  const { shape, data, known } = tensor;
  if (dtype !== undefined) {
    const target = packedTarget(tensor, dtype);
    return {
      target,
      shape,
      text: `${symmetricText(shape)}, ${count(target.data.length)} distinct entries`,
      norm: () => symmetricNorm(target),
      cells: data.length,
    };
  }
  return {
    target: tensor,
    shape,
    text: `dense ${shapeText(shape)}, ${count(data.length)} entries`,
    norm: () => denseNorm(tensor),
    cells: known ? known.reduce((sum, cell) => sum + cell, 0) : data.length,
  };
}

const symmetricText = (shape: readonly number[]): string =>
  `symmetric, order ${shape.length}, dim ${count(shape[0] ?? 0)}`;

/** A symmetric tensor stays in factored form; the general kind is formed, because the algorithms for it want entries. */
function kruskalTarget(model: AnyKruskal, symmetric: boolean): TensorInput {
  const rank = model.weights.length;
  if (rank === 0) throw new InputError('expected at least one component, got none. Add a weight and its vectors.');
  if ('vectors' in model) {
    requireNorm(norm(model));
    const target = factored({ ...model, dim: model.vectors.columns });
    const shape = new Array<number>(target.order).fill(target.dim);
    return {
      target,
      shape,
      text: `${symmetricText(shape)}, ${count(rank)} component${rank === 1 ? '' : 's'}`,
      norm: () => norm(target),
      cells: sizeOf(shape),
      names: plainNames(model.order),
      isListed: false,
      notices: [],
    };
  }
  const entries = model.factors.reduce((product, { rows }) => product * rows, 1);
  if (entries > maxEntries) {
    throw new InputError(
      `expected factors of a tensor with at most ${maxEntries} entries, got ${entries}. Give it as order, dim, weights, vectors if it is symmetric.`,
    );
  }
  const { shape, data } = toDense(model);
  const tensor = tensorOf(dense(shape, data), symmetric ? 'f8' : undefined);
  return { ...tensor, ...(symmetric ? {} : { rank }), names: plainNames(shape.length), isListed: false, notices: [] };
}

/** Errors are relative to the norm: with zeros alone, or a norm beyond float64, there is nothing to be relative to. */
export function requireNorm(value: number): void {
  if (value > 0 && Number.isFinite(value)) return;
  const remedy = value === 0 ? 'Give a tensor that is not all zeros' : 'Scale the data down';
  throw new InputError(`expected a tensor with a positive finite norm, got ${value}. ${remedy}.`);
}

function requireFinite({ shape, data }: NpyArray): void {
  if (!(data instanceof Float64Array || data instanceof Float32Array)) return;
  const bad: number[] = [];
  data.forEach((value, at) => !Number.isFinite(value) && bad.push(at));
  const [first] = bad;
  if (first === undefined) return;
  const more = bad.length > 1 ? ` and ${bad.length - 1} more` : '';
  const remedy = Number.isNaN(data[first])
    ? 'If it marks missing cells, say --missing nan; to predict them, run polyadic complete'
    : 'Fill what is missing first, with a mean for example';
  throw new InputError(
    `expected finite numbers, got ${data[first]} at index [${indexAt(first, shape).join(', ')}]${more}. ${remedy}.`,
  );
}
