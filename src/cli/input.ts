// Reads what a command was given: a tensor to decompose (.npy, .npz, .tns, .csv, .json), or a result to compare (folder, .json).
// Everything wrong with a file is an InputError that begins with its name.
import { extname, join } from 'node:path';
import { InputError } from '../errors.js';
import {
  dense,
  factored,
  indexAt,
  norm,
  toDense,
  type AnyKruskal,
  type DenseSymmetricTarget,
  type DenseTarget,
  type DenseTensor,
  type FactoredTarget,
} from '../index.js';
import {
  kruskalFromJson,
  npyToDense,
  readCsv,
  readTns,
  type Coordinates,
  type NpyArray,
  type NpyDtype,
} from '../io/index.js';
import { isFolder, resultFile } from '../node/result-folder.js';
import { about, coordinatesKind, readArray, readBytes, splitPath } from './files.js';
import { packedTarget } from './packed.js';

export interface TensorInput {
  readonly target: DenseTarget | DenseSymmetricTarget | FactoredTarget;
  /** Number of components, where the file says it. */
  readonly rank: number | undefined;
}

/** Entries up to which a tensor given by its factors is formed: 1 GiB. */
export const mostEntries = 2 ** 27;

/** `symmetric`: a tensor of entries is to be a symmetric one, and is packed. A path may name an array, as in data.npz:name. */
export function readTensor(path: string, { symmetric }: { readonly symmetric: boolean }): TensorInput {
  const place = splitPath(path);
  const { file } = place;
  const extension = extname(file).toLowerCase();
  return about(file, () => {
    if (extension === '.json') return kruskalTarget(readKruskal(file), symmetric);
    const array = readArray(place);
    if (array) return arrayTarget(array, symmetric);
    const coordinates = coordinatesKind(file);
    if (coordinates)
      return sparseTarget(coordinates === 'tns' ? readTns(readBytes(file)) : readCsv(readBytes(file)), symmetric);
    const remedy = extension === '.png' ? 'Pictures are for polyadic complete' : 'Save the array with numpy.save';
    throw new InputError(
      `expected a .npy, .npz, .tns, .csv or .json file, got ${extension || 'no extension'}. ${remedy}.`,
    );
  });
}

/** The Kruskal tensor of a result folder, of its result.json, or of any JSON file of that form. */
export function readResult(path: string): AnyKruskal {
  const file = isFolder(path) ? join(path, resultFile) : path;
  return about(file, () => readKruskal(file));
}

function arrayTarget(array: NpyArray, symmetric: boolean): TensorInput {
  requireFinite(array);
  return { target: entriesTarget(npyToDense(array), symmetric ? array.dtype : undefined), rank: undefined };
}

/** A sparse tensor, formed: cells that are not listed are 0, and those listed several times hold the sum, as everywhere in the field. */
function sparseTarget({ shape, indices, values }: Coordinates, symmetric: boolean): TensorInput {
  const size = shape.reduce((product, rows) => product * rows, 1);
  if (size > mostEntries) {
    throw new InputError(
      `expected a tensor of at most ${mostEntries} cells, got ${size} (${shape.join(' × ')}). Fit the listed entries alone, by polyadic complete.`,
    );
  }
  const data = new Float64Array(size);
  values.forEach((value, e) => {
    const cell = shape.reduce((at, rows, k) => at * rows + indices[e * shape.length + k]!, 0);
    data[cell]! += value;
  });
  return { target: entriesTarget({ shape, data }, symmetric ? 'f8' : undefined), rank: undefined };
}

/** `dtype`: pack the tensor as a symmetric one, with the roundings of entries of that type. */
function entriesTarget(tensor: DenseTensor, dtype: NpyDtype | undefined): DenseTarget | DenseSymmetricTarget {
  return dtype === undefined ? dense(tensor.shape, tensor.data) : packedTarget(tensor, dtype);
}

/** A symmetric tensor stays in factored form; the general kind is formed, because the algorithms for it want entries. */
function kruskalTarget(model: AnyKruskal, symmetric: boolean): TensorInput {
  const rank = model.weights.length;
  if (rank === 0) throw new InputError('expected at least one component, got none. Add a weight and its vectors.');
  if ('vectors' in model) {
    requireNorm(norm(model));
    return { target: factored({ ...model, dim: model.vectors.columns }), rank };
  }
  const entries = model.factors.reduce((product, { rows }) => product * rows, 1);
  if (entries > mostEntries) {
    throw new InputError(
      `expected factors of a tensor with at most ${mostEntries} entries, got ${entries}. Give it as order, dim, weights, vectors if it is symmetric.`,
    );
  }
  return { target: entriesTarget(toDense(model), symmetric ? 'f8' : undefined), rank };
}

/** Errors are relative to the norm: with zeros alone, or squares that leave float64, there is nothing to be relative to. */
export function requireNorm(value: number): void {
  if (value > 0 && Number.isFinite(value)) return;
  const remedy =
    value === 0 ? 'Give a tensor that is not all zeros (entries below 1e-154 count as zero)' : 'Scale the data down';
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
    ? 'Run polyadic complete, which predicts missing entries, or fill them'
    : 'Fill what is missing first, with a mean for example';
  throw new InputError(
    `expected finite numbers, got ${data[first]} at index [${indexAt(first, shape).join(', ')}]${more}. ${remedy}.`,
  );
}

function readKruskal(path: string): AnyKruskal {
  const text = readBytes(path)
    .toString('utf8')
    .replace(/^\uFEFF/, '');
  return kruskalFromJson(parseJson(text));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(`expected JSON, got text that is not (${reason}). Check how the file was written.`, {
      cause: error,
    });
  }
}
