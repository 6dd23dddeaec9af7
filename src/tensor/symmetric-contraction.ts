// Contraction of a packed symmetric tensor with vectors on all modes but one, T(·, x, …, x), in float64. One by one it runs over the
// fibers, the runs of entries that share all indices but the first (i_1 = 0 … i_2, consecutive in memory):
//   an entry with i_1 < i_2 stands at l · μ places of the full tensor, μ the multiplicity of the tail (i_2, …, i_l); of these
//   μ have any one of its positions in front, so it adds μ · T_I · Π_{others} x at each of its l indices.
// Many vectors at once take the slices, symmetric matrices M that share all indices but the first two, t = (i_3, …, i_l):
//   T(x, …, x) = Σ_t w_t · x^t · xᵀMx,   w_t = l (l − 1) / 2 · multiplicity of t,   x^t = x_{i_3} · … · x_{i_l}
// and T(·, x, …, x) is 1 / l of its gradient: 2 · w_t / l · x^t · Mx, and w_t / l · xᵀMx · Π_{others of t} x at each index of t. Most of
// the work are the products Mx, of matrices: 4 flops an entry and vector.
import { addProductSteps, columnsOf, rowsOf } from '../linalg/matrix-product.js';
import { finished, isPauseDue, type Work } from '../yield.js';
import { forEachFiberPacked, multiplicity, type SymmetricTensor } from './symmetric.js';

/** Vectors, and indices of a mode, from which on products of matrices take less time. */
const minVectors = 64;
const minDim = 24;
/** Vectors that are taken at once, and rows of slices in a product with them or a few more: their products stay in the cache. */
const vectorsTogether = 256;
const rowsTogether = 128;

/** out[i] = T(·, x_i, …, x_i). 4 flops an entry and vector. */
export const contractPacked = (...args: Parameters<typeof contractPackedSteps>): void =>
  finished(contractPackedSteps(...args));

/** The same with pauses. */
export function* contractPackedSteps(
  tensor: SymmetricTensor,
  x: Float64Array,
  count: number,
  out: Float64Array,
): Work<void> {
  const { dim } = tensor;
  if (count < minVectors || dim < minDim) {
    contractFibers(tensor, x, count, out);
    return;
  }
  for (let first = 0; first < count; first += vectorsTogether) {
    const end = Math.min(first + vectorsTogether, count);
    yield* contractTogether(tensor, x.subarray(first * dim, end * dim), end - first, out.subarray(first * dim));
  }
}

/** Entries that share the indices `rest`, at `offset`: the lower triangle of a matrix of so many rows, row by row. */
interface Slice {
  readonly rest: readonly number[];
  readonly rows: number;
  readonly offset: number;
}

function slicesOf(order: number, dim: number): Slice[] {
  const slices: Slice[] = [];
  forEachFiberPacked(order, dim, (tail, offset) => {
    if (tail[0] === 0) slices.push({ rest: tail.slice(1), rows: (tail[1] ?? dim - 1) + 1, offset });
  });
  return slices.sort((a, b) => a.rows - b.rows);
}

/** Numbers for every vector: x^t, xᵀMx, and room for more. */
interface PerVector {
  readonly power: Float64Array;
  readonly squares: Float64Array;
  readonly others: Float64Array;
}

function* contractTogether(
  { order, dim, data }: SymmetricTensor,
  x: Float64Array,
  count: number,
  out: Float64Array,
): Work<void> {
  const slices = slicesOf(order, dim);
  const vectors = transposed(x, count, dim);
  const sums = new Float64Array(dim * count);
  const matrix = new Float64Array((rowsTogether + dim) * dim);
  const products = new Float64Array((rowsTogether + dim) * count);
  const perVector = {
    power: new Float64Array(count),
    squares: new Float64Array(count),
    others: new Float64Array(count),
  };
  for (let first = 0; first < slices.length;) {
    const some: Slice[] = [];
    let rows = 0;
    for (; first < slices.length && rows < rowsTogether; first++) {
      some.push(slices[first]!);
      rows += slices[first]!.rows;
    }
    const length = slices[first - 1]!.rows;
    matrix.fill(0, 0, rows * length);
    products.fill(0, 0, rows * count);
    let row = 0;
    for (const slice of some) {
      expand(slice, data, matrix, row * length, length);
      row += slice.rows;
    }
    const lanes = rowsOf(matrix, rows, length);
    yield* addProductSteps(rowsOf(products, rows, count), lanes, columnsOf(vectors, length, count));
    row = 0;
    for (const slice of some) {
      addSlice(order, slice, products.subarray(row * count, (row + slice.rows) * count), vectors, sums, perVector);
      row += slice.rows;
    }
    if (isPauseDue(4 * rows * count)) yield;
  }
  out.set(transposed(sums, dim, count));
}

/**
 * The matrix M of a slice, at matrix[to …] with rows of `length` numbers. An entry that has the index i_3 in its first two places stands
 * at fewer places of the full tensor than w_t says, by the run of this index at the beginning of t.
 */
function expand(
  { rest, rows, offset }: Slice,
  data: SymmetricTensor['data'],
  matrix: Float64Array,
  to: number,
  length: number,
): void {
  const last = rows - 1;
  const run = runOf(rest);
  for (let i = 0, from = offset; i < rows; i++) {
    for (let j = 0; j <= i; j++, from++) {
      let value = data[from]!;
      if (i === last) value = j === last ? (2 * value) / ((run + 1) * (run + 2)) : value / (run + 1);
      matrix[to + i * length + j] = value;
      matrix[to + j * length + i] = value;
    }
  }
}

/** Adds what a slice gives to the sums [dim, count], from its products Mx [rows, count]. */
function addSlice(
  order: number,
  { rest, rows }: Slice,
  products: Float64Array,
  vectors: Float64Array,
  sums: Float64Array,
  { power, squares, others }: PerVector,
): void {
  const count = power.length;
  const places = multiplicity(rest);
  power.fill((order - 1) * places);
  for (const index of rest) multiplyBy(power, vectors, index * count);
  squares.fill(0);
  for (let i = 0; i < rows * count; i += count) addRow(products, i, vectors, sums, power, squares);
  for (let p = 0; p < rest.length; p++) {
    others.set(squares);
    for (let q = 0; q < rest.length; q++) if (q !== p) multiplyBy(others, vectors, rest[q]! * count);
    addMultiple(sums, rest[p]! * count, others, ((order - 1) / 2) * places);
  }
}

/** sums += x^t · (Mx)_i, squares += x_i · (Mx)_i */
function addRow(
  products: Float64Array,
  at: number,
  vectors: Float64Array,
  sums: Float64Array,
  power: Float64Array,
  squares: Float64Array,
): void {
  for (let v = 0; v < power.length; v++) {
    const product = products[at + v]!;
    sums[at + v]! += power[v]! * product;
    squares[v]! += vectors[at + v]! * product;
  }
}

function multiplyBy(values: Float64Array, vectors: Float64Array, from: number): void {
  for (let row = 0; row < values.length; row++) values[row]! *= vectors[from + row]!;
}

function addMultiple(sums: Float64Array, to: number, values: Float64Array, factor: number): void {
  for (let row = 0; row < values.length; row++) sums[to + row]! += factor * values[row]!;
}

/** How often the first index stands at the beginning. */
function runOf(index: readonly number[]): number {
  let run = 0;
  while (run < index.length && index[run] === index[0]) run++;
  return run;
}

function transposed(values: Float64Array, rows: number, columns: number): Float64Array {
  const out = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) out[j * rows + i] = values[i * columns + j]!;
  }
  return out;
}

/** One vector after the other. */
function contractFibers(
  { order, dim, data }: SymmetricTensor,
  x: Float64Array,
  count: number,
  out: Float64Array,
): void {
  out.fill(0, 0, count * dim);
  const others = new Float64Array(order - 1);
  forEachFiberPacked(order, dim, (tail, offset) => {
    const last = tail[0]!;
    const tailPlaces = multiplicity(tail);
    // The entry with i_1 = i_2 stands at l · μ / (run + 1) places.
    const diagonalPlaces = tailPlaces / (runOf(tail) + 1);
    for (let row = 0; row < count; row++) {
      const at = row * dim;
      let product = tailPlaces;
      for (const i of tail) product *= x[at + i]!;
      let sum = 0;
      for (let i = 0; i < last; i++) {
        const value = data[offset + i]!;
        sum += value * x[at + i]!;
        out[at + i]! += value * product;
      }
      const diagonal = data[offset + last]! * diagonalPlaces;
      const scale = tailPlaces * sum + diagonal * x[at + last]!;
      let tailProduct = diagonal;
      for (let p = 0; p < tail.length; p++) {
        tailProduct *= x[at + tail[p]!]!;
        others[p] = scale;
        for (let q = 0; q < tail.length; q++) if (q !== p) others[p]! *= x[at + tail[q]!]!;
      }
      out[at + last]! += tailProduct;
      for (let p = 0; p < tail.length; p++) out[at + tail[p]!]! += others[p]!;
    }
  });
}
