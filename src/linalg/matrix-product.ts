// The matrix product of everything that is large, float64: sums over "depth" of products of "lanes" of two operands,
//   out[i, j] += scale · Σ_d a[i, d] · b[j, d]
// for operands that lie anywhere in an array: matrices, their transposes, parts of them, unfoldings of a tensor. Blocks of both are
// copied to the core (product-core.ts), where four by four sums are computed from registers (Goto & van de Geijn, "Anatomy of
// high-performance matrix multiplication", ACM Trans. Math. Softw. 34, 2008). Sums of up to 256 terms are added to one another, so the
// relative rounding error of a sum of n terms is at most (256 + n / 256) · ε of the sum of the terms' sizes, whatever the operands' sizes.
import { isPauseDue, type Work } from '../yield.js';
import type { Block } from './plain-product.js';
import { blockDepth, blockLanes, places, productCore } from './product-core.js';

/** `count` indices; index i adds ⌊i / period⌋ · outerStride + (i mod period) · innerStride to an entry's place. */
export interface Axis {
  readonly count: number;
  readonly period: number;
  readonly outerStride: number;
  readonly innerStride: number;
}

export const stridedAxis = (count: number, stride: number): Axis => ({
  count,
  period: count,
  outerStride: 0,
  innerStride: stride,
});

type Numbers = Float64Array | Float32Array;

/** Entry (lane, d) is data[at + place of the lane + place of d]; `at` is 0 where it is left out. */
export interface Operand<Data extends Numbers = Numbers> {
  readonly data: Data;
  readonly at?: number;
  readonly lanes: Axis;
  readonly depth: Axis;
}

/** Rows of a row-major [rows, columns] matrix, as lanes. */
export const rowsOf = <Data extends Numbers>(data: Data, rows: number, columns: number, at = 0): Operand<Data> => ({
  data,
  at,
  lanes: stridedAxis(rows, columns),
  depth: stridedAxis(columns, 1),
});

/** Its columns. */
export const columnsOf = <Data extends Numbers>(data: Data, rows: number, columns: number, at = 0): Operand<Data> => ({
  data,
  at,
  lanes: stridedAxis(columns, 1),
  depth: stridedAxis(rows, columns),
});

export interface ProductOptions {
  /** Default 1. */
  readonly scale?: number;
  /** Only entries with i ≥ j are added to: for products that are symmetric. */
  readonly lower?: boolean;
  /** What stands here, negated, is what is added to, instead of out: numbers at the places of out. */
  readonly minus?: Numbers;
}

/** What copying an entry takes, in flops. */
const copyFlops = 4;

/**
 * out[i, j] += scale · Σ_d a[i, d] · b[j, d], with pauses. The lanes of `out` are those of a, its depth are the lanes of b.
 * 2 · (lanes of a) · (lanes of b) · depth flops, half of that with `lower`.
 */
export function* addProductSteps(
  out: Operand<Float64Array>,
  a: Operand,
  b: Operand,
  options: ProductOptions = {},
): Work<void> {
  const { scale = 1, lower = false } = options;
  // The core copies b once more: better the operand with fewer lanes, unless what is added to out is more than that.
  const lanes = Math.min(a.lanes.count, blockLanes);
  if (lanes < Math.min(b.lanes.count, blockLanes) && lanes < a.depth.count) {
    yield* addProductSteps({ ...out, lanes: out.depth, depth: out.lanes }, b, a, options);
    return;
  }
  const slab = lower ? undefined : slabOf(a, b.lanes.count);
  if (slab) {
    yield* addSlabs(out, a, b, slab, options);
    return;
  }
  const core = productCore();
  const user = {};
  for (const depth of partsOf(a.depth.count, blockDepth)) {
    for (const rows of partsOf(a.lanes.count, lower ? blockLanes : lanesOfBlock(b.lanes.count, depth.count))) {
      let ofA: Block | undefined;
      for (const columns of partsOf(b.lanes.count, blockLanes)) {
        if (lower && columns.from > rows.from) break;
        const isDiagonal = lower && columns.from === rows.from;
        if (core.user !== user) ofA = undefined;
        core.user = user;
        ofA ??= copyBlock(a, rows, depth, core.memory, places.a);
        const ofB = isDiagonal && a === b ? ofA : copyBlock(b, columns, depth, core.memory, places.b);
        const stride = Math.ceil(columns.count / 4) * 4;
        core.multiply(depth.count, ofA, ofB, places.product, stride, isDiagonal);
        const from = depth.from === 0 ? options.minus : undefined;
        addBlock(out, { rows, columns, isDiagonal }, core.memory, stride, scale, from);
        const flops = (isDiagonal ? 1 : 2) * rows.count * columns.count * depth.count;
        if (isPauseDue(flops + copyFlops * (rows.count + columns.count) * depth.count)) yield;
      }
    }
  }
}

/** Lanes of a matrix with which another one is copied in slabs, as copying takes most of the time then. */
const maxSlabLanes = 16;

/**
 * Lanes or terms of a matrix that lies in one piece, of which as many as fit are copied at once; undefined where it does not, or where
 * none fit.
 */
interface Slab {
  readonly isOfLanes: boolean;
  readonly count: number;
}

function slabOf({ lanes, depth }: Operand, others: number): Slab | undefined {
  if (others > maxSlabLanes || lanes.period < lanes.count || depth.period < depth.count) return undefined;
  const stride = Math.ceil(others / 4) * 4;
  const isOfLanes = depth.innerStride === 1 && lanes.innerStride === depth.count;
  if (!isOfLanes && (lanes.innerStride !== 1 || depth.innerStride !== lanes.count)) return undefined;
  const fitting = Math.floor((blockLanes * blockDepth) / (isOfLanes ? depth.count : lanes.count));
  const largest = isOfLanes ? blockLanes ** 2 / stride : lanes.count * stride <= blockLanes ** 2 ? blockDepth : 0;
  const count = Math.floor(Math.min(fitting, largest) / 4) * 4;
  return count > 0 ? { isOfLanes, count } : undefined;
}

/** The same for few lanes of b, with slabs of a. */
function* addSlabs(
  out: Operand<Float64Array>,
  a: Operand,
  b: Operand,
  slab: Slab,
  { scale = 1, minus }: ProductOptions,
): Work<void> {
  const core = productCore();
  const user = {};
  const { isOfLanes } = slab;
  const width = isOfLanes ? a.depth.count : a.lanes.count;
  const columns: Part = { from: 0, count: b.lanes.count };
  const stride = Math.ceil(columns.count / 4) * 4;
  for (const { from, count } of partsOf(isOfLanes ? a.lanes.count : a.depth.count, slab.count)) {
    core.user = user;
    const first = (a.at ?? 0) + from * width;
    core.memory.set(a.data.subarray(first, first + count * width), places.a);
    const rows: Part = isOfLanes ? { from, count } : { from: 0, count: width };
    for (const depth of isOfLanes ? partsOf(width, blockDepth) : [{ from, count }]) {
      const ofA: Block = isOfLanes
        ? { at: places.a + depth.from, lanes: count, laneStride: width, depthStride: 1 }
        : { at: places.a, lanes: width, laneStride: 1, depthStride: width };
      const ofB = copyBlock(b, columns, depth, core.memory, places.b);
      core.multiply(depth.count, ofA, ofB, places.product, stride, false);
      const old = depth.from === 0 ? minus : undefined;
      addBlock(out, { rows, columns, isDiagonal: false }, core.memory, stride, scale, old);
    }
    if (isPauseDue((2 * columns.count + copyFlops) * count * width)) yield;
  }
}

/** Lanes of the first operand that a block takes: the more, the fewer the second one has, so that small products are of one block. */
function lanesOfBlock(others: number, depth: number): number {
  const stride = Math.min(Math.ceil(others / 4) * 4, blockLanes);
  return Math.floor(Math.min((blockLanes * blockDepth) / depth, blockLanes ** 2 / stride) / 4) * 4;
}

interface Part {
  readonly from: number;
  readonly count: number;
}

/** Parts of about the same size, multiples of four, up to `largest`. */
function partsOf(count: number, largest: number): Part[] {
  const size = Math.ceil(count / Math.ceil(count / largest) / 4) * 4;
  const parts: Part[] = [];
  for (let from = 0; from < count; from += size) parts.push({ from, count: Math.min(size, count - from) });
  return parts;
}

/** Places of the indices of a part. */
function placesOf({ period, outerStride, innerStride }: Axis, { from, count }: Part): Int32Array {
  const places = new Int32Array(count);
  let inner = from % period;
  let outer = (from - inner) / period;
  for (let i = 0; i < count; i++) {
    places[i] = outer * outerStride + inner * innerStride;
    if (++inner < period) continue;
    inner = 0;
    outer++;
  }
  return places;
}

/** Neighbors of at least so many numbers are copied at once. */
const minRun = 16;

const hasRuns = ({ innerStride, period }: Axis): boolean => innerStride === 1 && period >= minRun;

/** Copies part of an operand to memory[place …], its index with the smaller steps running fastest. */
function copyBlock(operand: Operand, lanes: Part, depth: Part, memory: Float64Array, place: number): Block {
  if (isFaster(operand.depth, operand.lanes)) {
    copyRows(operand, operand.lanes, lanes, operand.depth, depth, memory, place);
    return { at: place, lanes: lanes.count, laneStride: depth.count, depthStride: 1 };
  }
  copyRows(operand, operand.depth, depth, operand.lanes, lanes, memory, place);
  return { at: place, lanes: lanes.count, laneStride: 1, depthStride: lanes.count };
}

/** Whether one axis has smaller steps than another, or the same. */
const isFaster = (axis: Axis, other: Axis): boolean => stepOf(axis) <= stepOf(other);

/** From most indices of an axis to the next one. */
const stepOf = ({ period, outerStride, innerStride }: Axis): number => (period > 1 ? innerStride : outerStride);

/** memory[place + i · columns.count + j] = the entry of row i and column j. */
function copyRows(
  { data, at = 0 }: Operand,
  rowAxis: Axis,
  rows: Part,
  columnAxis: Axis,
  columns: Part,
  memory: Float64Array,
  place: number,
): void {
  const rowPlaces = placesOf(rowAxis, rows);
  const columnPlaces = placesOf(columnAxis, columns);
  if (hasStep(columnPlaces, 1) && hasStep(rowPlaces, columns.count)) {
    const from = at + rowPlaces[0]! + columnPlaces[0]!;
    memory.set(data.subarray(from, from + rows.count * columns.count), place);
    return;
  }
  const runs = hasRuns(columnAxis) ? runsOf(columnAxis, columns) : undefined;
  for (let i = 0, row = place; i < rows.count; i++, row += columns.count) {
    const from = at + rowPlaces[i]!;
    if (runs) {
      for (const { from: first, count } of runs) {
        const start = from + columnPlaces[first]!;
        memory.set(data.subarray(start, start + count), row + first);
      }
    } else {
      for (let j = 0; j < columns.count; j++) memory[row + j] = data[from + columnPlaces[j]!]!;
    }
  }
}

/** Whether places rise by `step` each, with no gap where a period ends: the first step and all of them together then tell. */
const hasStep = (places: Int32Array, step: number): boolean =>
  places.length === 1 ||
  (places[1]! - places[0]! === step && places[places.length - 1]! - places[0]! === step * (places.length - 1));

/** Runs of neighbors in a part of an axis, counted from where the part begins. */
function runsOf({ period }: Axis, { from, count }: Part): Part[] {
  const runs: Part[] = [];
  for (let first = 0; first < count;) {
    const length = Math.min(count - first, period - ((from + first) % period));
    runs.push({ from: first, count: length });
    first += length;
  }
  return runs;
}

/** The part of a product that a block makes; of one on the diagonal only the lower triangle is meant. */
interface ProductPart {
  readonly rows: Part;
  readonly columns: Part;
  readonly isDiagonal: boolean;
}

/** out += scale · block, or out = −minus + scale · block. */
function addBlock(
  { data, at = 0, lanes, depth }: Operand<Float64Array>,
  { rows, columns, isDiagonal }: ProductPart,
  memory: Float64Array,
  stride: number,
  scale: number,
  minus: Numbers | undefined,
): void {
  // The index with the smaller steps runs fastest.
  const isTransposed = !isDiagonal && !isFaster(depth, lanes);
  const outer = isTransposed ? columns : rows;
  const inner = isTransposed ? rows : columns;
  const outerPlaces = placesOf(isTransposed ? depth : lanes, outer);
  const innerPlaces = placesOf(isTransposed ? lanes : depth, inner);
  const outerStep = isTransposed ? 1 : stride;
  const innerStep = isTransposed ? stride : 1;
  const isRun = innerPlaces[inner.count - 1]! - innerPlaces[0]! === inner.count - 1;
  for (let i = 0; i < outer.count; i++) {
    const to = at + outerPlaces[i]! + (isRun ? innerPlaces[0]! : 0);
    const from = places.product + i * outerStep;
    const count = isDiagonal ? i + 1 : inner.count;
    if (!isRun) addAt(data, to, innerPlaces, count, memory, from, innerStep, scale, minus ?? data, minus ? -1 : 1);
    else if (minus) setRun(data, to, count, memory, from, innerStep, scale, minus);
    else addRun(data, to, count, memory, from, innerStep, scale);
  }
}

function addRun(
  out: Float64Array,
  to: number,
  count: number,
  memory: Float64Array,
  from: number,
  step: number,
  scale: number,
): void {
  for (let j = 0; j < count; j++, from += step) out[to + j]! += scale * memory[from]!;
}

function setRun(
  out: Float64Array,
  to: number,
  count: number,
  memory: Float64Array,
  from: number,
  step: number,
  scale: number,
  minus: Numbers,
): void {
  for (let j = 0; j < count; j++, from += step) out[to + j] = scale * memory[from]! - minus[to + j]!;
}

function addAt(
  out: Float64Array,
  to: number,
  places: Int32Array,
  count: number,
  memory: Float64Array,
  from: number,
  step: number,
  scale: number,
  old: Numbers,
  sign: number,
): void {
  for (let j = 0; j < count; j++, from += step) {
    const place = to + places[j]!;
    out[place] = sign * old[place]! + scale * memory[from]!;
  }
}
