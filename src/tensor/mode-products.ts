// Products of a dense tensor along one mode, for its compression: Gram matrices of an unfolding and the product with a matrix.
//   modeGram     X_(n)·X_(n)ᵀ        columnGram   X_(n)ᵀ·X_(n)
//   projectMode  X ×_n Uᵀ            expandMode   X ×_n U              (Kolda & Bader 2009, section 2.5)
// Seen from one mode the tensor is [a, I, b], a and b the products of the sizes before and after it. Nothing is unfolded: an entry's
// offset is a sum of one part from its row and one from its column of the unfolding, so all four are sums over "depth" of products of
// "lanes". Panels of lanes are copied, four lanes side by side, to where 4 × 4 sums are computed from contiguous loads (Goto & van de
// Geijn, "Anatomy of high-performance matrix multiplication", ACM Trans. Math. Softw. 34, 2008). All sums are float64.
//
// All are generators with pause points (../linalg/pauses.ts).
import { InputError } from '../errors.js';
import { isPauseDue } from '../yield.js';
import type { DenseTensor } from './dense.js';
import type { Matrix } from './matrix.js';
import { sizeOf } from './shape.js';

/** What copying one entry into a panel takes, in units of a flop. */
const packFlops = 4;
/** Terms of a sum per panel: four lanes of both operands, 8 KiB each, stay in the first-level cache. */
const panelDepth = 256;
/** Entries of a panel of columns, 128 KiB: it stays in the second-level cache while all rows of the basis pass. */
const panelEntries = 2 ** 14;
const maxPanelColumns = 1024;

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
  return yield* modeProduct('projectMode', tensor, mode, {
    data: basis.data,
    lanes: stridedAxis(basis.columns, 1),
    depth: stridedAxis(basis.rows, basis.columns),
  });
}

/** X ×_n U for U [I, k]: fibers from their coordinates along the columns of U. The mode's size k becomes I. 2·I·size flops. */
export function* expandMode(tensor: DenseTensor, mode: number, basis: Matrix): Generator<undefined, DenseTensor> {
  requireSize('expandMode', 'columns', basis.columns, tensor, mode);
  return yield* modeProduct('expandMode', tensor, mode, {
    data: basis.data,
    lanes: stridedAxis(basis.rows, basis.columns),
    depth: stridedAxis(basis.columns, 1),
  });
}

/** `count` indices; index i adds ⌊i / period⌋ · outerStride + (i mod period) · innerStride to an entry's offset. */
interface Axis {
  readonly count: number;
  readonly period: number;
  readonly outerStride: number;
  readonly innerStride: number;
}

/** Entry (lane, depth) is data[offset of the lane + offset of the depth]. */
interface Operand {
  readonly data: Float64Array | Float32Array;
  readonly lanes: Axis;
  readonly depth: Axis;
}

const stridedAxis = (count: number, stride: number): Axis => ({
  count,
  period: count,
  outerStride: 0,
  innerStride: stride,
});

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

/** Inner products of all lanes, summed over the depth. The tiles on and below the diagonal are computed, then mirrored. */
function* laneProducts(data: Float64Array | Float32Array, lanes: Axis, depth: Axis): Generator<undefined, Matrix> {
  const n = lanes.count;
  const width = roundedUp(n);
  const sums = new Float64Array(n * n);
  const rowOffsets = offsetsOf(stridedAxis(n, n), 0, width);
  const columnOffsets = offsetsOf(stridedAxis(n, 1), 0, width);
  const laneOffsets = offsetsOf(lanes, 0, width);
  const panel = new Float64Array(width * Math.min(panelDepth, depth.count));
  for (let first = 0; first < depth.count; first += panelDepth) {
    const terms = Math.min(panelDepth, depth.count - first);
    pack(data, laneOffsets, n, offsetsOf(depth, first, terms), stepOf(depth) <= stepOf(lanes), panel);
    if (isPauseDue(packFlops * width * terms)) yield;
    for (let row = 0; row < width; row += 4) {
      addTiles(terms, panel, row * terms, panel, row / 4 + 1, sums, rowOffsets, row, columnOffsets);
      if (isPauseDue(8 * (row + 4) * terms)) yield;
    }
  }
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
  const out = new Float64Array(size * columns.count);
  const outColumns = columnAxis(columns.count / columns.period, size, columns.period);
  const height = roundedUp(size);
  const rowOffsets = offsetsOf(stridedAxis(size, columns.period), 0, height);
  const left = new Float64Array(height * rows.count);
  pack(matrix.data, offsetsOf(matrix.lanes, 0, height), size, offsetsOf(matrix.depth, 0, rows.count), true, left);

  const maxTerms = Math.min(panelDepth, rows.count);
  const maxColumns = Math.min(roundedUp(columns.count), roundedUp(panelEntries / maxTerms), maxPanelColumns);
  const panel = new Float64Array(maxColumns * maxTerms);
  if (isPauseDue(packFlops * left.length)) yield;
  for (let column = 0; column < columns.count; column += maxColumns) {
    const count = Math.min(maxColumns, columns.count - column);
    const width = roundedUp(count);
    const laneOffsets = offsetsOf(columns, column, width);
    const columnOffsets = offsetsOf(outColumns, column, width);
    for (let first = 0; first < rows.count; first += maxTerms) {
      const terms = Math.min(maxTerms, rows.count - first);
      pack(data, laneOffsets, count, offsetsOf(rows, first, terms), stepOf(rows) <= stepOf(columns), panel);
      if (isPauseDue(packFlops * width * terms)) yield;
      for (let row = 0; row < height; row += 4) {
        const leftAt = row * rows.count + 4 * first;
        addTiles(terms, left, leftAt, panel, width / 4, out, rowOffsets, row, columnOffsets);
        if (isPauseDue(8 * width * terms)) yield;
      }
    }
  }
  return { shape: shape.map((old, k) => (k === mode ? size : old)), data: out };
}

/** Lanes come in fours. Lanes of zeros fill them up, whose sums are added where those of the last lane are. */
const roundedUp = (count: number): number => Math.ceil(count / 4) * 4;

/** Offsets of the indices from `first` on, up to the axis' last one, which is repeated. */
function offsetsOf({ count, period, outerStride, innerStride }: Axis, first: number, length: number): Int32Array {
  const offsets = new Int32Array(length);
  let inner = first % period;
  let outer = (first - inner) / period;
  for (let i = 0; i < length; i++) {
    offsets[i] = outer * outerStride + inner * innerStride;
    if (first + i + 1 >= count) continue;
    inner++;
    if (inner < period) continue;
    inner = 0;
    outer++;
  }
  return offsets;
}

/** From most indices of an axis to the next one. */
const stepOf = ({ period, outerStride, innerStride }: Axis): number => (period > 1 ? innerStride : outerStride);

/**
 * panel[(lane div 4) · 4 · depth + 4 · d + lane mod 4] = entry (lane, d), 0 for lanes from `count` on. The index with the smaller steps
 * runs fastest.
 */
function pack(
  data: Float64Array | Float32Array,
  lanes: Int32Array,
  count: number,
  depths: Int32Array,
  depthFastest: boolean,
  panel: Float64Array,
): void {
  if (depthFastest) packAlongDepth(data, lanes, depths, panel);
  else packAlongLanes(data, lanes, depths, panel);
  const depth = depths.length;
  for (let lane = count; lane < lanes.length; lane++) {
    for (let d = 0, to = (lane & ~3) * depth + (lane & 3); d < depth; d++, to += 4) panel[to] = 0;
  }
}

function packAlongDepth(
  data: Float64Array | Float32Array,
  lanes: Int32Array,
  depths: Int32Array,
  panel: Float64Array,
): void {
  const depth = depths.length;
  for (let lane = 0; lane < lanes.length; lane += 4) {
    const l0 = lanes[lane]!;
    const l1 = lanes[lane + 1]!;
    const l2 = lanes[lane + 2]!;
    const l3 = lanes[lane + 3]!;
    for (let d = 0, to = lane * depth; d < depth; d++, to += 4) {
      const from = depths[d]!;
      panel[to] = data[l0 + from]!;
      panel[to + 1] = data[l1 + from]!;
      panel[to + 2] = data[l2 + from]!;
      panel[to + 3] = data[l3 + from]!;
    }
  }
}

function packAlongLanes(
  data: Float64Array | Float32Array,
  lanes: Int32Array,
  depths: Int32Array,
  panel: Float64Array,
): void {
  const depth = depths.length;
  for (let d = 0; d < depth; d++) {
    const from = depths[d]!;
    for (let lane = 0, to = 4 * d; lane < lanes.length; lane += 4, to += 4 * depth) {
      panel[to] = data[lanes[lane]! + from]!;
      panel[to + 1] = data[lanes[lane + 1]! + from]!;
      panel[to + 2] = data[lanes[lane + 2]! + from]!;
      panel[to + 3] = data[lanes[lane + 3]! + from]!;
    }
  }
}

/**
 * out[rowOffsets[row + i] + columnOffsets[j]] += Σ_d left(lane i, d) · right(lane j, d) for four packed lanes i from `leftAt` on and
 * the first `tiles` fours of packed lanes j.
 */
function addTiles(
  depth: number,
  left: Float64Array,
  leftAt: number,
  right: Float64Array,
  tiles: number,
  out: Float64Array,
  rowOffsets: Int32Array,
  row: number,
  columnOffsets: Int32Array,
): void {
  const r0 = rowOffsets[row]!;
  const r1 = rowOffsets[row + 1]!;
  const r2 = rowOffsets[row + 2]!;
  const r3 = rowOffsets[row + 3]!;
  let q = 0;
  for (let tile = 0; tile < tiles; tile++) {
    let s00 = 0;
    let s01 = 0;
    let s02 = 0;
    let s03 = 0;
    let s10 = 0;
    let s11 = 0;
    let s12 = 0;
    let s13 = 0;
    let s20 = 0;
    let s21 = 0;
    let s22 = 0;
    let s23 = 0;
    let s30 = 0;
    let s31 = 0;
    let s32 = 0;
    let s33 = 0;
    let p = leftAt;
    for (let d = 0; d < depth; d++) {
      const a0 = left[p]!;
      const a1 = left[p + 1]!;
      const a2 = left[p + 2]!;
      const a3 = left[p + 3]!;
      const b0 = right[q]!;
      s00 += a0 * b0;
      s10 += a1 * b0;
      s20 += a2 * b0;
      s30 += a3 * b0;
      const b1 = right[q + 1]!;
      s01 += a0 * b1;
      s11 += a1 * b1;
      s21 += a2 * b1;
      s31 += a3 * b1;
      const b2 = right[q + 2]!;
      s02 += a0 * b2;
      s12 += a1 * b2;
      s22 += a2 * b2;
      s32 += a3 * b2;
      const b3 = right[q + 3]!;
      s03 += a0 * b3;
      s13 += a1 * b3;
      s23 += a2 * b3;
      s33 += a3 * b3;
      p += 4;
      q += 4;
    }
    const c0 = columnOffsets[4 * tile]!;
    const c1 = columnOffsets[4 * tile + 1]!;
    const c2 = columnOffsets[4 * tile + 2]!;
    const c3 = columnOffsets[4 * tile + 3]!;
    out[r0 + c0]! += s00;
    out[r0 + c1]! += s01;
    out[r0 + c2]! += s02;
    out[r0 + c3]! += s03;
    out[r1 + c0]! += s10;
    out[r1 + c1]! += s11;
    out[r1 + c2]! += s12;
    out[r1 + c3]! += s13;
    out[r2 + c0]! += s20;
    out[r2 + c1]! += s21;
    out[r2 + c2]! += s22;
    out[r2 + c3]! += s23;
    out[r3 + c0]! += s30;
    out[r3 + c1]! += s31;
    out[r3 + c2]! += s32;
    out[r3 + c3]! += s33;
  }
}

/** Copies the lower triangle of [n, n] to the upper one. */
function mirror(data: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) data[j * n + i] = data[i * n + j]!;
}
