// Contraction of a packed symmetric tensor with vectors on all modes but one, T(·, x, …, x), in float64. It runs over the fibers,
// the runs of entries that share all indices but the first (i_1 = 0 … i_2, consecutive in memory):
//   an entry with i_1 < i_2 stands at l · μ places of the full tensor, μ the multiplicity of the tail (i_2, …, i_l); of these
//   μ have any one of its positions in front, so it adds μ · T_I · Π_{others} x at each of its l indices.
// For many vectors at once, fibers of about the same length are put in the rows of a matrix F, and what takes most of the work,
// Σ_{i_1} T_I x[i_1] and the sums over fibers, are its products with the vectors and with Π_{others} x.
import { addProductSteps, columnsOf, rowsOf } from '../linalg/matrix-product.js';
import { finished, isPauseDue, type Work } from '../yield.js';
import { forEachFiberPacked, multiplicity, type SymmetricTensor } from './symmetric.js';

/** Vectors, and indices of a mode, from which on products of matrices take less time; fibers of a matrix. */
const minVectors = 64;
const minDim = 24;
const fibersTogether = 128;

/** out[i] = T(·, x_i, …, x_i). 2 flops an entry and row, and order² for every fiber. */
export const contractPacked = (...args: Parameters<typeof contractPackedSteps>): void =>
  finished(contractPackedSteps(...args));

/** The same with pauses. */
export function* contractPackedSteps(
  tensor: SymmetricTensor,
  x: Float64Array,
  count: number,
  out: Float64Array,
): Work<void> {
  if (count >= minVectors && tensor.dim >= minDim) yield* contractTogether(tensor, x, count, out);
  else contractFibers(tensor, x, count, out);
}

/** A fiber without the entry with i_1 = i_2, which stands at `offset` + tail[0]. */
interface Fiber {
  readonly tail: readonly number[];
  readonly offset: number;
}

function* contractTogether(
  { order, dim, data }: SymmetricTensor,
  x: Float64Array,
  count: number,
  out: Float64Array,
): Work<void> {
  const fibers: Fiber[][] = Array.from({ length: dim }, () => []);
  forEachFiberPacked(order, dim, (tail, offset) => fibers[tail[0]!]!.push({ tail: [...tail], offset }));
  const byLength = fibers.flat();
  const vectors = transposed(x, count, dim);
  const sums = new Float64Array(dim * count);
  const rows = new Float64Array(fibersTogether * dim);
  const inner = new Float64Array(fibersTogether * count);
  const others = new Float64Array(count);
  for (let first = 0; first < byLength.length; first += fibersTogether) {
    const some = byLength.slice(first, first + fibersTogether);
    const length = some.at(-1)?.tail[0] ?? 0;
    rows.fill(0);
    inner.fill(0);
    some.forEach(({ tail, offset }, f) => rows.set(data.subarray(offset, offset + tail[0]!), f * length));
    const products = rowsOf(inner, some.length, count);
    yield* addProductSteps(products, rowsOf(rows, some.length, length), columnsOf(vectors, length, count));
    for (const [f, { tail, offset }] of some.entries()) {
      const own = inner.subarray(f * count, (f + 1) * count);
      addTail(tail, data[offset + tail[0]!]!, vectors, own, others, sums);
    }
    if (isPauseDue(2 * order ** 2 * some.length * count)) yield;
    const lanes = columnsOf(rows, some.length, length);
    yield* addProductSteps(rowsOf(sums, length, count), lanes, columnsOf(inner, some.length, count));
  }
  out.set(transposed(sums, dim, count));
}

/**
 * Adds what a fiber gives to the indices of its tail, for every vector. `inner` holds Σ_{i_1 < i_2} T_I x[i_1] and is left with
 * μ · Π_{tail} x. Vectors and sums are [dim, count]; `others` is as long as `inner`, and overwritten.
 */
function addTail(
  tail: readonly number[],
  diagonal: number,
  vectors: Float64Array,
  inner: Float64Array,
  others: Float64Array,
  sums: Float64Array,
): void {
  const count = inner.length;
  const last = tail[0]!;
  const tailPlaces = multiplicity(tail);
  const onDiagonal = diagonal * diagonalShare(tail) * tailPlaces;
  for (let row = 0; row < count; row++)
    inner[row] = tailPlaces * inner[row]! + onDiagonal * vectors[last * count + row]!;
  for (let p = 0; p < tail.length; p++) {
    others.set(inner);
    for (let q = 0; q < tail.length; q++) if (q !== p) multiplyBy(others, vectors, tail[q]! * count);
    addMultiple(sums, tail[p]! * count, others, 1);
  }
  inner.fill(tailPlaces);
  for (const index of tail) multiplyBy(inner, vectors, index * count);
  addMultiple(sums, last * count, inner, onDiagonal / tailPlaces);
}

function multiplyBy(values: Float64Array, vectors: Float64Array, from: number): void {
  for (let row = 0; row < values.length; row++) values[row]! *= vectors[from + row]!;
}

function addMultiple(sums: Float64Array, to: number, values: Float64Array, factor: number): void {
  for (let row = 0; row < values.length; row++) sums[to + row]! += factor * values[row]!;
}

/** The entry with i_1 = i_2 = … stands at order · μ / (run + 1) places in all, so many times μ for each of its positions. */
function diagonalShare(tail: readonly number[]): number {
  let run = 1;
  while (run < tail.length && tail[run] === tail[0]) run++;
  return 1 / (run + 1);
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
    const diagonalPlaces = tailPlaces * diagonalShare(tail);
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
