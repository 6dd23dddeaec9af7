// Products of a dense tensor along one mode, for its compression: Gram matrices of an unfolding and the product with a matrix.
//   modeGram     X_(n)·X_(n)ᵀ        columnGram   X_(n)ᵀ·X_(n)         combineFibers  X_(n)·W
//   projectMode  X ×_n Uᵀ            expandMode   X ×_n U              (Kolda & Bader 2009, section 2.5)
// Seen from one mode the tensor is [a, I, b], a and b the products of the sizes before and after it. Nothing is unfolded: an entry's
// place is a sum of one part from its row and one from its column of the unfolding, which is all that ../linalg/matrix-product.ts asks.
//
// All are generators with pause points (../yield.ts).
import { InputError } from '../errors.js';
import { addProductSteps, columnsOf, rowsOf, stridedAxis, type Axis, type Operand } from '../linalg/matrix-product.js';
import type { DenseTensor } from './dense.js';
import type { Matrix } from './matrix.js';
import { zeros } from './require.js';
import { sizeOf } from './shape.js';

/** X_(n)·X_(n)ᵀ, [I, I] for I = shape[mode]: inner products of the slices. I·size flops. */
export function* modeGram(tensor: DenseTensor, mode: number): Generator<undefined, Matrix> {
  const { rows, columns } = unfoldedAxes('modeGram', tensor, mode);
  return yield* laneProducts(tensor.data, rows, columns);
}

/**
 * X_(n)ᵀ·X_(n), [J, J] for J = size / I: inner products of the fibers of a mode, which are in row-major order of the other modes.
 * For a mode with I > J, where it is smaller than modeGram and has the same non-zero eigenvalues. J·size flops.
 */
export function* columnGram(tensor: DenseTensor, mode: number): Generator<undefined, Matrix> {
  const { rows, columns } = unfoldedAxes('columnGram', tensor, mode);
  return yield* laneProducts(tensor.data, columns, rows);
}

/** X ×_n Uᵀ for U [I, k]: coordinates of the fibers along the columns of U. The mode's size becomes k. 2·k·size flops. */
export function* projectMode(tensor: DenseTensor, mode: number, basis: Matrix): Generator<undefined, DenseTensor> {
  requireSize('projectMode', 'rows', basis.rows, tensor, mode);
  return yield* modeProduct('projectMode', tensor, mode, columnsOf(basis.data, basis.rows, basis.columns));
}

/** X ×_n U for U [I, k]: fibers from their coordinates along the columns of U. The mode's size k becomes I. 2·I·size flops. */
export function* expandMode(tensor: DenseTensor, mode: number, basis: Matrix): Generator<undefined, DenseTensor> {
  requireSize('expandMode', 'columns', basis.columns, tensor, mode);
  return yield* modeProduct('expandMode', tensor, mode, rowsOf(basis.data, basis.rows, basis.columns));
}

/** X_(n)·W for W [J, k], J = size / I: combinations of the fibers of a mode, [I, k]. 2·k·size flops. */
export function* combineFibers(tensor: DenseTensor, mode: number, weights: Matrix): Generator<undefined, Matrix> {
  const { rows, columns } = unfoldedAxes('combineFibers', tensor, mode);
  const { columns: count } = weights;
  const data = new Float64Array(rows.count * count);
  const out = { data, lanes: stridedAxis(rows.count, count), depth: stridedAxis(count, 1) };
  yield* addProductSteps(
    out,
    { data: tensor.data, lanes: rows, depth: columns },
    columnsOf(weights.data, weights.rows, count),
  );
  return { rows: rows.count, columns: count, data };
}

/** The columns of the unfolding of an [a, I, b] tensor, as they lie in it. */
const columnAxis = (outer: number, size: number, inner: number): Axis => ({
  count: outer * inner,
  period: inner,
  outerStride: size * inner,
  innerStride: 1,
});

function unfoldedAxes(who: string, { shape, data }: DenseTensor, mode: number): { rows: Axis; columns: Axis } {
  const size = shape[mode];
  if (size === undefined) {
    throw new InputError(`${who}: expected a mode from 0 to ${shape.length - 1}, got ${mode}. Modes count from 0.`);
  }
  const inner = sizeOf(shape.slice(mode + 1));
  return { rows: stridedAxis(size, inner), columns: columnAxis(data.length / (size * inner), size, inner) };
}

function requireSize(who: string, side: string, size: number, { shape }: DenseTensor, mode: number): void {
  if (size === shape[mode]) return;
  throw new InputError(
    `${who}: expected a basis with ${shape[mode]} ${side}, the size of mode ${mode}, got ${size}. Check the mode.`,
  );
}

/** Inner products of all lanes, summed over the depth. */
function* laneProducts(data: Float64Array | Float32Array, lanes: Axis, depth: Axis): Generator<undefined, Matrix> {
  const n = lanes.count;
  const sums = new Float64Array(n * n);
  const operand = { data, lanes, depth };
  const out = { data: sums, lanes: stridedAxis(n, n), depth: stridedAxis(n, 1) };
  yield* addProductSteps(out, operand, operand, { lower: true });
  mirror(sums, n);
  return { rows: n, columns: n, data: sums };
}

/** X ×_n M for a matrix M whose rows are the lanes of `matrix`. */
function* modeProduct(
  who: string,
  { shape, data }: DenseTensor,
  mode: number,
  matrix: Operand,
): Generator<undefined, DenseTensor> {
  const { rows, columns } = unfoldedAxes(who, { shape, data }, mode);
  const size = matrix.lanes.count;
  const product = {
    data: zeros(who, size * columns.count),
    lanes: columnAxis(columns.count / columns.period, size, columns.period),
    depth: stridedAxis(size, columns.period),
  };
  yield* addProductSteps(product, { data, lanes: columns, depth: rows }, matrix);
  return { shape: shape.map((old, k) => (k === mode ? size : old)), data: product.data };
}

/** Copies the lower triangle of [n, n] to the upper one. */
function mirror(data: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) data[j * n + i] = data[i * n + j]!;
}
