// The sequentially truncated higher-order SVD with its products on a backend: the first and largest Gram matrix and projection, and those
// after it while they are large; the rest in float64 on the CPU. Gram matrices are summed on the device over short parts of the columns
// and added up here in float64, where the eigenvalues are found, too.
// Float32 hides small eigenvalues of a Gram matrix G. A sum of T products whose terms have one sign is off by a relative error of about
// u √T / 6, u the unit roundoff (each of T partial sums, growing evenly, is rounded by up to u of itself); over P parts the errors cancel
// to 1/√P of that. An error matrix of independent entries of that size, relative to those of a G of rank one with equal entries, λ₁ / I,
// has the norm (2 / √I) · (u √T / 6) / √P · λ₁. Eigenvalues are believed from ten times as much on.
import type { DeviceTensor } from '../backend/backend.js';
import { symmetricSpectrum } from '../linalg/eigen.js';
import type { DenseTensor } from '../tensor/dense.js';
import type { Matrix } from '../tensor/matrix.js';
import { sizeOf } from '../tensor/shape.js';
import type { Tucker } from '../tensor/tucker.js';
import { waitFor, type Work } from '../yield.js';
import { modesByLength, truncateModes, type Keep } from './truncate-modes.js';

/** Flops of a Gram matrix below which the CPU has it sooner than the device gives it back. */
const smallGram = 1e7;
/** Products that the device adds up in its own precision, where the parts do not become too many. */
const partLength = 256;
/** Entries of all parts of a Gram matrix at most: 64 MiB in float32. */
const maxParts = 2 ** 24;

/** Undefined where the precision of the device hides some of the eigenvalues. */
export function* truncateOnDevice(tensor: DeviceTensor, keep: Keep): Work<Tucker | undefined> {
  const modes = modesByLength(tensor.shape);
  const factors: Matrix[] = [];
  let current = tensor;
  while (modes.length > 0) {
    const mode = modes[0]!;
    const rows = tensor.shape[mode]!;
    const columns = sizeOf(current.shape) / rows;
    const isWorthIt = factors.length === 0 || 2 * rows * rows * columns >= smallGram;
    if (!isWorthIt || rows > columns) break;
    const parts = partsOf(rows, columns);
    const { values, vectors } = yield* symmetricSpectrum(yield* gramOf(current, mode, parts));
    const [largest = 0] = values;
    const smallest = values[values.length - 1]!;
    if (!(smallest > smallestBelieved(tensor.roundoff, rows, columns, parts.length) * largest)) return undefined;
    const basis = yield* vectors(Math.min(keep(mode, values, columns), values.length));
    factors[mode] = basis;
    current = project(current, mode, basis);
    modes.shift();
  }
  const read = { shape: current.shape, data: yield* waitFor(current.scope.read(current.array)) } satisfies DenseTensor;
  const rest = yield* truncateModes(read, keep, modes);
  return { core: rest.core, factors: tensor.shape.map((_, mode) => factors[mode] ?? rest.factors[mode]!) };
}

/** Relative to the largest eigenvalue; see the head of this file. */
const smallestBelieved = (roundoff: number, rows: number, columns: number, length: number): number =>
  (10 * (2 / 6) * roundoff * Math.sqrt(length)) / Math.sqrt(rows * Math.ceil(columns / length));

interface Parts {
  readonly count: number;
  readonly length: number;
}

function partsOf(rows: number, columns: number): Parts {
  const most = Math.max(1, Math.floor(maxParts / (rows * rows)));
  const length = Math.max(partLength, Math.ceil(columns / most));
  return { count: Math.ceil(columns / length), length };
}

function* gramOf({ scope, shape, array }: DeviceTensor, mode: number, { count, length }: Parts): Work<Matrix> {
  const rows = shape[mode]!;
  const entries = rows * rows;
  const gram = scope.array(`Gram matrix of mode ${mode}, in parts`, count * entries);
  scope.modeGram({ shape, mode, partLength: length, tensor: array, gram });
  const parts = yield* waitFor(scope.read(gram));
  const data = new Float64Array(entries);
  for (let part = 0; part < parts.length; part += entries) {
    for (let at = 0; at < entries; at++) data[at]! += parts[part + at]!;
  }
  return { rows, columns: rows, data };
}

function project({ scope, roundoff, shape, array }: DeviceTensor, mode: number, basis: Matrix): DeviceTensor {
  const rank = basis.columns;
  const smaller = shape.map((size, k) => (k === mode ? rank : size));
  const matrix = scope.array(`basis of mode ${mode}`, basis.data);
  const product = scope.array(`tensor without directions of mode ${mode}`, sizeOf(smaller));
  scope.modeProduct({ shape, mode, rank, tensor: array, matrix, product });
  return { scope, roundoff, shape: smaller, array: product };
}
