// Residual and MTTKRP of a dense tensor against CP factors, any order and shape, float64: what the cpu backend and the
// float64 polish are made of. The tensor is a matrix X [P, Q] of two groups of modes, and the model L·Rᵀ (khatri-rao.ts):
//   residual = L·Rᵀ − X,   first group's partial product = X·R,   second group's = Xᵀ·L
// and a mode's MTTKRP is what its group's partial product gives with the rows of the group's other factors. These three are products of
// matrices (../linalg/matrix-product.ts); where nearly all entries are missing or 0, only the others are visited (sparse-products.ts).
// factors[k] is [shape[k], rank], row-major. 2 · size · rank flops each, twice that where said; the tables and the ends take
// 2 · rank · (P + Q) · (modes of the group) more. Those whose names end in Steps do the same with pauses (../yield.ts).
import { addProductSteps, columnsOf, rowsOf, stridedAxis } from '../linalg/matrix-product.js';
import { finished, inRanges, passed, type MaybeWork, type Work } from '../yield.js';
import {
  blocksOf,
  cutInTwo,
  inPiece,
  movedTable,
  piecesOf,
  table,
  wholeOf,
  type Columns,
  type Group,
  type Piece,
} from './khatri-rao.js';
import { addKnownProducts, addPartialProducts, isSparse, type Mask, type Tensor } from './sparse-products.js';

/** out = mask · (Σ_c ∘_k factors[k][:, c] − tensor), entry by entry; without a mask every entry is known. */
export const cpResidual = (...args: Parameters<typeof cpResidualSteps>): void => finished(cpResidualSteps(...args));

export function* cpResidualSteps(
  shape: readonly number[],
  rank: number,
  factors: readonly Float64Array[],
  tensor: Tensor,
  out: Float64Array,
  mask?: Mask,
): Work<void> {
  const { left, right } = cutInTwo(shape);
  if (rank === 0) yield* negate(tensor, out);
  for (const columns of blocksOf(left.rows + right.rows, rank)) {
    const minus = columns.first === 0 ? tensor : undefined;
    yield* addProduct(columns.count, table(left, factors, columns), table(right, factors, columns), out, mask, minus);
  }
  yield* clearMissing(out, mask);
}

/** out = X_(mode) · (⊙_{k ≠ mode} factors[k]), [shape[mode], rank]. */
export const mttkrp = (...args: Parameters<typeof mttkrpSteps>): void => finished(mttkrpSteps(...args));

export function mttkrpSteps(
  shape: readonly number[],
  rank: number,
  factors: readonly Float64Array[],
  mode: number,
  tensor: Tensor,
  out: Float64Array,
): Work<void> {
  return contract(
    shape,
    rank,
    factors,
    tensor,
    shape.map((_, k) => (k === mode ? out : undefined)),
  );
}

/**
 * outs[mode] = X_(mode) · (⊙_{k ≠ mode} factors[k]) for every mode, from one product per group of modes.
 * 4 · size · rank flops instead of 2 · order · size · rank.
 */
export const mttkrpAll = (...args: Parameters<typeof mttkrpAllSteps>): void => finished(mttkrpAllSteps(...args));

export const mttkrpAllSteps = (
  shape: readonly number[],
  rank: number,
  factors: readonly Float64Array[],
  tensor: Tensor,
  outs: readonly Float64Array[],
): Work<void> => contract(shape, rank, factors, tensor, outs);

/**
 * One mode after another, as alternating least squares does: `update` gets the MTTKRP of a mode, [shape[mode], rank], and returns the
 * factor that the next ones take in its place. The modes of a group share the product with the tensor, in which none of them occurs, so
 * that a sweep takes 4 · size · rank flops instead of 2 · order · size · rank. Phan, Tichavský & Cichocki, "Fast alternating LS
 * algorithms for high order CANDECOMP/PARAFAC tensor factorizations", IEEE Trans. Signal Process. 61 (2013).
 */
export function* mttkrpSweep(
  shape: readonly number[],
  rank: number,
  factors: readonly Float64Array[],
  tensor: Tensor,
  update: (mode: number, product: Float64Array) => MaybeWork<Float64Array>,
): Work<void> {
  const current = [...factors];
  const matrix = { ...cutInTwo(shape), tensor };
  const { left, right } = matrix;
  for (const group of [left, right]) {
    const partials: { readonly columns: Columns; readonly partial: Float64Array }[] = [];
    for (const columns of blocksOf(2 * (left.rows + right.rows), rank)) {
      let partial: Float64Array;
      if (group === left) partial = yield* leftPartial(matrix, current, columns);
      else {
        partial = new Float64Array(right.rows * columns.count);
        yield* addPartial(matrix, wholeOf(right), table(left, current, columns), partial, true);
      }
      partials.push({ columns, partial });
    }
    for (let k = 0; k < group.shape.length; k++) {
      const mode = group.first + k;
      const product = new Float64Array(shape[mode]! * rank);
      const outs = shape.map((_, n) => (n === mode ? product : undefined));
      for (const { columns, partial } of partials) addTo(outs, group, current, columns, partial);
      current[mode] = yield* passed(update(mode, product));
    }
  }
}

/**
 * out = mask · (J v), J the derivative of the model: Σ_n Σ_c (∘_{k ≠ n} factors[k][:, c]) ∘ moves[n][:, c], entry by entry.
 * moves[n] is `[shape[n], rank]`, as the factors. That is L′·Rᵀ + L·R′ᵀ with the tables' own derivatives. 4 · size · rank flops.
 */
export const cpDerivative = (...args: Parameters<typeof cpDerivativeSteps>): void =>
  finished(cpDerivativeSteps(...args));

export function* cpDerivativeSteps(
  shape: readonly number[],
  rank: number,
  factors: readonly Float64Array[],
  moves: readonly Float64Array[],
  out: Float64Array,
  mask: Mask,
): Work<void> {
  const { left, right } = cutInTwo(shape);
  out.fill(0);
  for (const columns of blocksOf(left.rows + right.rows, rank)) {
    const { count } = columns;
    yield* addProduct(count, movedTable(left, factors, moves, columns), table(right, factors, columns), out, mask);
    yield* addProduct(count, table(left, factors, columns), movedTable(right, factors, moves, columns), out, mask);
  }
  yield* clearMissing(out, mask);
}

/** out[p, q] += Σ_c left[p, c] · right[q, c], at least where the mask is not 0; or −minus and that sum instead. */
function* addProduct(
  count: number,
  left: Float64Array,
  right: Float64Array,
  out: Float64Array,
  mask?: Mask,
  minus?: Tensor,
): Work<void> {
  const rows = left.length / count;
  const width = right.length / count;
  if (mask && isSparse(mask)) {
    if (minus) yield* negate(minus, out);
    yield* addKnownProducts(count, left, right, out, mask);
    return;
  }
  const options = minus ? { minus } : {};
  yield* addProductSteps(rowsOf(out, rows, width), rowsOf(left, rows, count), rowsOf(right, width, count), options);
}

const negate = (tensor: Tensor, out: Float64Array): Work<void> =>
  inRanges(out.length, 1, (from, end) => {
    for (let i = from; i < end; i++) out[i] = -tensor[i]!;
  });

function* clearMissing(out: Float64Array, mask: Mask | undefined): Work<void> {
  if (!mask) return;
  yield* inRanges(out.length, 1, (from, end) => {
    // Not a branch, which random gaps make slow; and no −0.
    for (let i = from; i < end; i++) out[i] = out[i]! * mask[i]! + 0;
  });
}

/** The MTTKRP of every mode that has an `out`. */
function* contract(
  shape: readonly number[],
  rank: number,
  factors: readonly Float64Array[],
  tensor: Tensor,
  outs: readonly (Float64Array | undefined)[],
): Work<void> {
  const matrix = { ...cutInTwo(shape), tensor };
  const { left, right } = matrix;
  const wanted = ({ first, shape: own }: Group): boolean => own.some((_, k) => outs[first + k]);
  for (const out of outs) out?.fill(0);
  for (const columns of blocksOf(2 * (left.rows + right.rows), rank)) {
    if (wanted(left)) addTo(outs, left, factors, columns, yield* leftPartial(matrix, factors, columns));
    if (wanted(right)) yield* addRight(matrix, factors, columns, outs);
  }
}

/** A tensor as the matrix X of two groups of modes. */
export interface TensorMatrix {
  readonly tensor: Tensor;
  readonly left: Group;
  readonly right: Group;
}

/** X·R, [rows of the first group, count]. The table R is made piece by piece. */
export function* leftPartial(
  matrix: TensorMatrix,
  factors: readonly Float64Array[],
  columns: Columns,
): Work<Float64Array> {
  const { left } = matrix;
  const partial = new Float64Array(left.rows * columns.count);
  let room: Float64Array | undefined;
  for (const piece of piecesFor(matrix, columns)) {
    const known = table(piece.group, inPiece(factors, piece, columns.rank), columns, room);
    // The first piece is the largest, so that the tables of all others fit in the place of its own.
    room ??= known;
    yield* addPartial(matrix, piece, known, partial, false);
  }
  return partial;
}

/** Adds to the modes of the second group what Xᵀ·L, which is made piece by piece, gives to them. */
export function* addRight(
  matrix: TensorMatrix,
  factors: readonly Float64Array[],
  columns: Columns,
  outs: readonly (Float64Array | undefined)[],
): Work<void> {
  const known = table(matrix.left, factors, columns);
  const { count, rank } = columns;
  let room: Float64Array | undefined;
  for (const piece of piecesFor(matrix, columns)) {
    const length = piece.group.rows * count;
    room ??= new Float64Array(length);
    const partial = room.subarray(0, length).fill(0);
    yield* addPartial(matrix, piece, known, partial, true);
    addTo(inPiece(outs, piece, rank), piece.group, inPiece(factors, piece, rank), columns, partial);
  }
}

/** Of the second group; in one piece where entries are visited one by one, which has no gain from the cache. */
const piecesFor = ({ tensor, right }: TensorMatrix, { count }: Columns): Piece[] =>
  isSparse(tensor) ? [wholeOf(right)] : piecesOf(right, count);

/** partial += X · table, or Xᵀ · table, for the columns of X that belong to a piece of the second group. */
function* addPartial(
  { tensor, left, right }: TensorMatrix,
  { at, group }: Piece,
  table: Float64Array,
  partial: Float64Array,
  isTransposed: boolean,
): Work<void> {
  if (isSparse(tensor)) {
    yield* addPartialProducts(tensor, left.rows, right.rows, table, partial, isTransposed);
    return;
  }
  const rows = stridedAxis(left.rows, right.rows);
  const columns = stridedAxis(group.rows, 1);
  const [lanes, depth] = isTransposed ? [columns, rows] : [rows, columns];
  const count = table.length / depth.count;
  yield* addProductSteps(
    rowsOf(partial, lanes.count, count),
    { data: tensor, at, lanes, depth },
    columnsOf(table, depth.count, count),
  );
}

/** Adds what a group's partial product [rows, count] gives to its modes: summed over the other modes' indices, times their rows. */
export function addTo(
  outs: readonly (Float64Array | undefined)[],
  group: Group,
  factors: readonly Float64Array[],
  { first, count, rank }: Columns,
  partial: Float64Array,
): void {
  group.shape.forEach((size, k) => {
    const out = outs[group.first + k];
    if (!out) return;
    let product = partial;
    let inner = count;
    for (let other = group.shape.length - 1; other >= 0; other--) {
      if (other === k) inner *= size;
      else
        product = withoutMode(product, group.shape[other]!, inner, factors[group.first + other]!, first, count, rank);
    }
    for (let i = 0, at = 0; i < size; i++) {
      const to = i * rank + first;
      for (let c = 0; c < count; c++, at++) out[to + c]! += product[at]!;
    }
  });
}

/** values [outer, size, inner], summed over the middle index times the factor's rows, [outer, inner]; the columns run fastest. */
function withoutMode(
  values: Float64Array,
  size: number,
  inner: number,
  factor: Float64Array,
  first: number,
  count: number,
  rank: number,
): Float64Array {
  const out = new Float64Array(values.length / size);
  let from = 0;
  for (let begin = 0; begin < out.length; begin += inner) {
    for (let i = 0; i < size; i++) {
      const row = i * rank + first;
      for (let to = begin; to < begin + inner; to += count, from += count) {
        for (let c = 0; c < count; c++) out[to + c]! += values[from + c]! * factor[row + c]!;
      }
    }
  }
  return out;
}
