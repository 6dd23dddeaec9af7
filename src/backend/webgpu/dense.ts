// Host side of shaders/dense.wgsl.ts, dense-held.wgsl.ts and dense-residual-held.wgsl.ts: picks the three-way view, makes its Khatri-Rao tables, splits long sums, and
// takes the MTTKRP of all modes from two partial products.
import { heldRows, mttkrpDenseHeld, mttkrpPairHeld } from '../../../shaders/dense-held.wgsl.js';
import { maskedResidualDenseHeld, residualDenseHeld } from '../../../shaders/dense-residual-held.wgsl.js';
import {
  finishMode,
  khatriRao,
  maskedResidualDense,
  maskedResidualDenseShared,
  mttkrpDense as mttkrpKernel,
  mttkrpDenseShared,
  residualDense as residualKernel,
  residualDenseShared,
  type Adding,
} from '../../../shaders/dense.wgsl.js';
import type { DeviceArray } from '../backend.js';
import { heldLanes, heldLength, heldTile } from '../../../shaders/lib/held-tile.js';
import type { RegisterTile } from '../../../shaders/lib/register-tile.js';
import type { SharedTile } from '../../../shaders/lib/shared-tile.js';
import type { MttkrpAllDense, MttkrpDense, ResidualDense } from '../operations/dense.js';
import { groupsOf64, type Context } from './context.js';
import { sumParts } from './reduce.js';
import { cut, innermost, threeWay, type ThreeWay } from './three-way.js';
import { boxes, covered, hull, span, upTo, type Range } from './window.js';

export function residualDense(context: Context, args: ResidualDense): void {
  const { shape, batch, rank, tensor, mask, factors, residual } = args;
  const { recorder } = context;
  const large = residual.length > recorder.windowLength;
  const heldView = large ? undefined : heldResidualView(context, shape, rank);
  if (heldView && tablesFit(context, heldView, batch * rank)) {
    residualHeld(context, args, heldView);
    return;
  }
  const view = leastPadded(context, shape, large);
  const { outer, rows, inner, outerStride, rowStride, innerStride } = view;
  const shared = context.sharedTile(rows, inner);
  const { high, wide, rowBlocks, columnBlocks, register } = blocksOf(context, shared, rows, inner);
  const arrays = { tensor, ...tables(context, args, view), rowFactor: factors[view.mode] as DeviceArray, residual };
  const params = { batch, rank, ...sizes(view), rowBlocks, columnBlocks };
  const groups = batch * outer * rowBlocks * columnBlocks;
  const reach = (some: Range) => {
    const tiles = boxes(some, outer, rowBlocks, columnBlocks).map(([items, slabs, above, along]) => {
      const [kept, columns] = [covered(above, high, rows), covered(along, wide, inner)];
      return { items, slabs, columns, places: span([slabs, outerStride], [kept, rowStride], [columns, innerStride]) };
    });
    const ofTensor = hull(tiles, ({ places }) => places);
    return {
      tensor: ofTensor,
      mask: ofTensor,
      residual: hull(tiles, ({ items, places }) => span([items, outer * rows * inner], [places, 1])),
      outerTable: hull(tiles, ({ items, slabs }) => span([items, outer * rank], [slabs, rank], [upTo(rank), 1])),
      innerTable: hull(tiles, ({ items, columns }) => span([items, inner * rank], [columns, rank], [upTo(rank), 1])),
    };
  };
  const cost = { work: 2 * residual.length * rank, reach };
  if (mask) {
    const masked = { ...arrays, mask };
    if (shared) recorder.dispatch(maskedResidualDenseShared, { tile: shared }, masked, params, groups, cost);
    else recorder.dispatch(maskedResidualDense, { tile: register }, masked, params, groups, cost);
  } else if (shared) recorder.dispatch(residualDenseShared, { tile: shared }, arrays, params, groups, cost);
  else recorder.dispatch(residualKernel, { tile: register }, arrays, params, groups, cost);
}

/** How a residual is cut for held tiles, where the adapter likes them: the smaller group of modes that is high enough as rows. */
function heldResidualView({ held }: Context, shape: readonly number[], rank: number): ThreeWay | undefined {
  if (!held || rank < leastHeldRank) return undefined;
  const [left, right] = cut(
    shape,
    shape.map((_, mode) => mode),
  );
  return [left, right]
    .map(([first = 0, ...rest]) => threeWay(shape, first, first + 1 + rest.length))
    .filter(({ rows }) => rows >= leastHeld.rows)
    .sort((a, b) => a.rows - b.rows)[0];
}

/** Whether a kernel can bind the tables of a view, of rows of `width` entries, as a whole. */
const tablesFit = ({ recorder }: Context, { outer, rows, inner }: ThreeWay, width: number): boolean =>
  Math.max(outer, rows, inner) * width <= recorder.windowLength;

function residualHeld(context: Context, args: ResidualDense, view: ThreeWay): void {
  const { batch, rank, tensor, mask, residual } = args;
  const { outer, rows, inner } = view;
  const { columns } = heldTile(outer * inner);
  const columnBlocks = Math.ceil((outer * inner) / (columns * heldLanes));
  const wanted = Math.ceil(context.busyGroups / (batch * columnBlocks));
  const rowBlocks = Math.max(Math.ceil(rows / heldRows), Math.min(wanted, Math.floor(rows / leastHeld.rows)));
  const rowsPerBlock = Math.ceil(rows / rowBlocks);
  const around = [...view.outerModes, ...view.innerModes];
  const rowModes = args.shape.map((_, k) => k).filter((k) => !around.includes(k));
  const rowFactor = table(context, args, rowModes, 'row table');
  const arrays = { tensor, ...tables(context, args, view), rowFactor, residual };
  const params = { batch, rank, ...sizes(view), rowBlocks, columnBlocks, rowsPerBlock };
  const groups = batch * rowBlocks * columnBlocks;
  const cost = { work: 2 * residual.length * rank };
  if (mask) context.recorder.dispatch(maskedResidualDenseHeld, { columns }, { ...arrays, mask }, params, groups, cost);
  else context.recorder.dispatch(residualDenseHeld, { columns }, arrays, params, groups, cost);
}

export function mttkrpDense(context: Context, args: MttkrpDense): void {
  contractDense(context, args, threeWay(args.shape, args.mode), args.product);
}

/**
 * product = X_(rows of the view) · (⊙ of the factors of all other modes), [batch, rows, rank]. A tensor beyond a binding is
 * taken in windows of the outer index, which add up.
 */
function contractDense(context: Context, args: Contraction, whole: ThreeWay, product: DeviceArray): void {
  const { batch, rank, tensor } = args;
  const { recorder } = context;
  const large = tensor.length > recorder.windowLength;
  const bindable = (high: number): boolean => !large || ofRows(whole, high) <= recorder.windowLength;
  const preferred = context.sharedTile(whole.rows, rank);
  const shared = preferred && bindable(preferred.size) ? preferred : undefined;
  const fitted = (tile: RegisterTile, rows: number): RegisterTile =>
    bindableRows(leastPaddedRows(tile, rows), bindable);
  const held = large || shared ? undefined : heldBlocks(context, whole, rank);
  const { high, rowBlocks, columnBlocks, register } = {
    ...blocksOf(context, shared, whole.rows, rank, fitted),
    ...held,
  };
  const tiles = batch * rowBlocks * columnBlocks;
  const view = !held && !large && tiles >= context.busyGroups ? innermost(whole) : whole;
  const { outer, rows, inner, outerStride, rowStride, innerStride } = view;
  // Too few tiles, or such large ones that a submit could not be cut where it should be.
  const flops = 2 * batch * outer * rows * inner * rank;
  const wanted = Math.ceil(Math.max(context.busyGroups, held ? flops / mostHeldWork : 0) / tiles);
  const outerPerSplit = Math.ceil(outer / Math.min(wanted, outer));
  const splits = Math.ceil(outer / outerPerSplit);
  const length = batch * rows * rank;
  const size = outer * rows * inner;
  const out = splits > 1 ? context.scratch('mttkrp parts', splits * length) : product;
  const arrays = { tensor, ...tables(context, args, view), product: out };
  const tensorStride = tensor.length === size ? 0 : size;
  const groups = batch * splits * rowBlocks * columnBlocks;
  const along = rowStride === 1 ? 'row' : 'k';
  const ofSplit = large ? Math.min(outerPerSplit, outerAtOnce(view, high, recorder)) : outerPerSplit;
  for (let firstOfSplit = 0; firstOfSplit < outerPerSplit; firstOfSplit += ofSplit) {
    const params = {
      ...{ batch, rank, ...sizes(view), rowBlocks, columnBlocks },
      ...{ tensorStride, splits, outerPerSplit, firstOfSplit, ofSplit },
    };
    const reach = (some: Range) => {
      const tiles = boxes(some, batch, rowBlocks, columnBlocks).map(([split, items, above]) => {
        const begin = Math.min(split.begin * outerPerSplit + firstOfSplit, outer - 1);
        const end = Math.min((split.end - 1) * outerPerSplit + firstOfSplit + ofSplit, outer);
        return { split, items, slabs: { begin, end: Math.max(begin + 1, end) }, kept: covered(above, high, rows) };
      });
      return {
        tensor: hull(tiles, ({ items, slabs, kept }) =>
          span([items, tensorStride], [slabs, outerStride], [kept, rowStride], [upTo(inner), innerStride]),
        ),
        product: hull(tiles, ({ split, items, kept }) =>
          span([split, length], [items, rows * rank], [kept, rank], [upTo(rank), 1]),
        ),
      };
    };
    const cost = { work: (2 * batch * size * rank * Math.min(ofSplit, outerPerSplit)) / outerPerSplit, reach };
    const adding: Adding = firstOfSplit > 0 ? { add: true } : {};
    if (held) {
      const { columns, high: rowsPerBlock } = held;
      recorder.dispatch(mttkrpDenseHeld, { columns }, arrays, { ...params, rowsPerBlock }, groups, cost);
    } else if (shared)
      recorder.dispatch(mttkrpDenseShared, { tile: shared, along, ...adding }, arrays, params, groups, cost);
    else recorder.dispatch(mttkrpKernel, { tile: register, ...adding }, arrays, params, groups, cost);
  }
  if (splits > 1) sumParts(context, out, product, splits, length);
}

/** Flops of a workgroup with held tiles: 20 ms or so on a thread of a software adapter. */
const mostHeldWork = 1e8;
/** Below these the register tile is as fast or faster. */
const leastHeld = { rows: 33, rank: 5 } as const;
/** Of a residual, whose components are taken 32 at a time. */
const leastHeldRank = 24;

/** How held tiles divide a product, where the adapter likes them and the product is worth filling them: rows evenly. */
function heldBlocks({ held }: Context, { rows }: ThreeWay, rank: number) {
  if (!held || rows < leastHeld.rows || rank < leastHeld.rank) return undefined;
  const { columns } = heldTile(rank);
  const high = Math.ceil(rows / Math.ceil(rows / heldRows));
  return { columns, high, rowBlocks: Math.ceil(rows / high), columnBlocks: Math.ceil(rank / (columns * heldLanes)) };
}

/** Entries from the first to the last of `high` rows at one place of the outer index. */
const ofRows = ({ rows, rowStride, inner, innerStride }: ThreeWay, high: number): number =>
  span([upTo(Math.min(high, rows)), rowStride], [upTo(inner), innerStride]).end;

/** Steps of the outer index whose entries can be bound together, for a block of rows. */
const outerAtOnce = (view: ThreeWay, high: number, { windowLength }: Context['recorder']): number =>
  Math.max(1, Math.floor((windowLength - ofRows(view, high)) / view.outerStride) + 1);

/** The tile, or a lower one whose rows can be bound together. */
function bindableRows(tile: RegisterTile, bindable: (high: number) => boolean): RegisterTile {
  const rows = ([8, 5, 4, 2, 1] as const).find((high) => high <= tile.rows && bindable(high * tile.lanes)) ?? 1;
  return { ...tile, rows };
}

type Contraction = Pick<MttkrpAllDense, 'shape' | 'batch' | 'rank' | 'factors' | 'tensor'>;

export function mttkrpAllDense(context: Context, args: MttkrpAllDense): void {
  const { shape, batch, rank, products } = args;
  const modes = shape.map((_, mode) => mode);
  const [left, right] = cut(shape, modes);
  for (const group of [left, right]) {
    const first = group[0] as number;
    const view = threeWay(shape, first, first + group.length);
    if (contractPair(context, args, view, group)) continue;
    const [alone] = group.length === 1 ? [products[first] as DeviceArray] : [];
    const partial = alone ?? context.scratch(`partial product of mode ${first} on`, batch * view.rows * rank);
    contractDense(context, args, view, partial);
    if (!alone) for (const mode of group) finish(context, args, group, mode, partial);
  }
}

/** The MTTKRP of both modes of a group of two, where held tiles take all its rows at once; false where they do not. */
function contractPair(context: Context, args: MttkrpAllDense, view: ThreeWay, group: readonly number[]): boolean {
  const { shape, batch, rank, tensor, factors, products } = args;
  const [first, second] = group as [number, number];
  const held = tensor.length > context.recorder.windowLength ? undefined : heldBlocks(context, view, rank);
  if (!held || !tablesFit(context, view, batch * rank)) return false;
  if (group.length !== 2 || held.rowBlocks > 1 || (shape[second] as number) > heldLength) return false;
  const { columns, high, columnBlocks } = held;
  const { outer, rows, inner } = view;
  const [tiles, work] = [batch * columnBlocks, 2 * batch * outer * rows * inner * rank];
  // These sums are not split.
  if (tiles < context.busyGroups || work > tiles * mostHeldWork) return false;
  const arrays = {
    ...{ tensor, ...tables(context, args, view) },
    ...{ firstFactor: factors[first] as DeviceArray, secondFactor: factors[second] as DeviceArray },
    ...{ firstProduct: products[first] as DeviceArray, secondProduct: products[second] as DeviceArray },
  };
  const size = outer * rows * inner;
  const params = {
    ...{ batch, rank, ...sizes(view), rowBlocks: 1, columnBlocks, rowsPerBlock: high },
    ...{
      tensorStride: tensor.length === size ? 0 : size,
      splits: 1,
      outerPerSplit: outer,
      firstOfSplit: 0,
      ofSplit: outer,
    },
    ...{ firstRows: shape[first] as number, secondRows: shape[second] as number },
  };
  context.recorder.dispatch(mttkrpPairHeld, { columns }, arrays, params, tiles, { work });
  return true;
}

/** The MTTKRP of one mode of a group, from the group's partial product. */
function finish(
  context: Context,
  args: MttkrpAllDense,
  group: readonly number[],
  mode: number,
  partial: DeviceArray,
): void {
  const { batch, rank } = args;
  const model = {
    ...args,
    shape: group.map((k) => args.shape[k] as number),
    factors: group.map((k) => args.factors[k] as DeviceArray),
  };
  const view = innermost(threeWay(model.shape, group.indexOf(mode)));
  const arrays = { partial, ...tables(context, model, view), product: args.products[mode] as DeviceArray };
  const work = 2 * batch * view.outer * view.rows * view.inner * rank;
  const groups = groupsOf64(batch * view.rows * rank);
  context.recorder.dispatch(finishMode, {}, arrays, { batch, rank, ...sizes(view) }, groups, { work });
}

/** How many tiles a rows × columns product takes, with the register tile where there is no shared one. */
function blocksOf(
  context: Context,
  shared: SharedTile | undefined,
  rows: number,
  columns: number,
  fitted = (tile: RegisterTile, _rows: number): RegisterTile => tile,
) {
  const register = fitted(context.tile(rows, columns), rows);
  const [high, wide] = shared ? [shared.size, shared.size] : [register.rows * register.lanes, register.columns];
  return { high, wide, rowBlocks: Math.ceil(rows / high), columnBlocks: Math.ceil(columns / wide), register };
}

const sizes = ({ outer, rows, inner, outerStride, rowStride, innerStride }: ThreeWay) => ({
  outer,
  rows,
  inner,
  outerStride,
  rowStride,
  innerStride,
});

/** Of narrow tiles of 8, 5 or 4 rows a lane, the one that wastes least on rows that do not exist; the higher one where they are equal. */
function leastPaddedRows(tile: RegisterTile, rows: number): RegisterTile {
  if (tile.rows !== 8 || tile.columns > 8) return tile;
  const padded = (high: number): number => Math.ceil(rows / (high * tile.lanes)) * high;
  const best = ([8, 5, 4] as const).reduce((least, next) => (padded(next) < padded(least) ? next : least));
  return { ...tile, rows: best };
}

/**
 * The view whose tiles waste least on rows and columns that do not exist; of a large tensor, of the views whose outer steps
 * lie closest together.
 */
function leastPadded(context: Context, shape: readonly number[], large: boolean): ThreeWay {
  const padded = (view: ThreeWay): number => {
    const tile = context.tile(view.rows, view.inner);
    const block = tile.rows * tile.lanes;
    return view.outer * Math.ceil(view.rows / block) * block * Math.ceil(view.inner / tile.columns) * tile.columns;
  };
  const step = (view: ThreeWay): number => ofRows(view, view.rows);
  const views = shape.map((_, mode) => threeWay(shape, mode));
  const closest = Math.min(...views.map(step));
  return views
    .filter((view) => !large || step(view) === closest)
    .reduce((best, next) => (padded(next) < padded(best) ? next : best));
}

interface Factors {
  readonly shape: readonly number[];
  readonly batch: number;
  readonly rank: number;
  readonly factors: readonly DeviceArray[];
}

function tables(context: Context, model: Factors, { outerModes, innerModes }: ThreeWay) {
  return {
    outerTable: table(context, model, outerModes, 'outer table'),
    innerTable: table(context, model, innerModes, 'inner table'),
  };
}

/** Khatri-Rao product of the factors of some modes: the factor itself for one mode, a row of ones for none. */
function table(
  context: Context,
  { shape, batch, rank, factors }: Factors,
  modes: readonly number[],
  name: string,
): DeviceArray {
  const [first, ...rest] = modes;
  if (first === undefined) return context.ones(batch * rank);
  let left = factors[first] as DeviceArray;
  let leftRows = shape[first] as number;
  for (const mode of rest) {
    const rightRows = shape[mode] as number;
    const product = context.scratch(`${name} to mode ${mode}`, batch * leftRows * rightRows * rank);
    // To find its place takes an invocation of a software adapter as long as several products: 22 ms became 4 for 5 · 10⁵ entries.
    const run = context.software ? Math.min(rightRows, 16) : 1;
    const runs = Math.ceil(rightRows / run);
    context.recorder.dispatch(
      khatriRao,
      {},
      { left, right: factors[mode] as DeviceArray, product },
      { batch, leftRows, rightRows, rank, run, runs },
      groupsOf64(batch * leftRows * runs * rank),
      { work: 16 * product.length },
    );
    left = product;
    leftRows *= rightRows;
  }
  return left;
}
