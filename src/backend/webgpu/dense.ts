// Host side of shaders/dense.wgsl.ts: picks the three-way view, makes its Khatri-Rao tables, splits long sums, and takes the MTTKRP of
// all modes from two partial products.
import {
  finishMode,
  khatriRao,
  maskedResidualDense,
  maskedResidualDenseShared,
  mttkrpDense as mttkrpKernel,
  mttkrpDenseShared,
  residualDense as residualKernel,
  residualDenseShared,
} from '../../../shaders/dense.wgsl.js';
import type { DeviceArray } from '../backend.js';
import type { RegisterTile } from '../../../shaders/lib/register-tile.js';
import type { SharedTile } from '../../../shaders/lib/shared-tile.js';
import type { MttkrpAllDense, MttkrpDense, ResidualDense } from '../operations/dense.js';
import { groupsOf64, type Context } from './context.js';
import { sumParts } from './reduce.js';
import { cut, innermost, threeWay, type ThreeWay } from './three-way.js';

export function residualDense(context: Context, args: ResidualDense): void {
  const { shape, batch, rank, tensor, mask, factors, residual } = args;
  const { recorder } = context;
  const view = leastPadded(context, shape);
  const { outer, rows, inner } = view;
  const shared = context.sharedTile(rows, inner);
  const { rowBlocks, columnBlocks, register } = blocksOf(context, shared, rows, inner);
  const arrays = { tensor, ...tables(context, args, view), rowFactor: factors[view.mode] as DeviceArray, residual };
  const params = { batch, rank, ...sizes(view), rowBlocks, columnBlocks };
  const groups = batch * outer * rowBlocks * columnBlocks;
  const cost = { work: 2 * residual.length * rank };
  if (mask) {
    const masked = { ...arrays, mask };
    if (shared) recorder.dispatch(maskedResidualDenseShared, { tile: shared }, masked, params, groups, cost);
    else recorder.dispatch(maskedResidualDense, { tile: register }, masked, params, groups, cost);
  } else if (shared) recorder.dispatch(residualDenseShared, { tile: shared }, arrays, params, groups, cost);
  else recorder.dispatch(residualKernel, { tile: register }, arrays, params, groups, cost);
}

export function mttkrpDense(context: Context, args: MttkrpDense): void {
  contractDense(context, args, threeWay(args.shape, args.mode), args.product);
}

/** product = X_(rows of the view) · (⊙ of the factors of all other modes), [batch, rows, rank]. */
function contractDense(context: Context, args: Contraction, whole: ThreeWay, product: DeviceArray): void {
  const { batch, rank, tensor } = args;
  const shared = context.sharedTile(whole.rows, rank);
  const { rowBlocks, columnBlocks, register } = blocksOf(context, shared, whole.rows, rank, leastPaddedRows);
  const tiles = batch * rowBlocks * columnBlocks;
  const view = tiles >= context.busyGroups ? innermost(whole) : whole;
  const { outer, rows, inner, rowStride } = view;
  const outerPerSplit = Math.ceil(outer / Math.min(Math.ceil(context.busyGroups / tiles), outer));
  const splits = Math.ceil(outer / outerPerSplit);
  const length = batch * rows * rank;
  const size = outer * rows * inner;
  const out = splits > 1 ? context.scratch('mttkrp parts', splits * length) : product;
  const arrays = { tensor, ...tables(context, args, view), product: out };
  const tensorStride = tensor.length === size ? 0 : size;
  const params = { batch, rank, ...sizes(view), rowBlocks, columnBlocks, tensorStride, splits, outerPerSplit };
  const groups = batch * splits * rowBlocks * columnBlocks;
  const cost = { work: 2 * batch * size * rank };
  const along = rowStride === 1 ? 'row' : 'k';
  if (shared) context.recorder.dispatch(mttkrpDenseShared, { tile: shared, along }, arrays, params, groups, cost);
  else context.recorder.dispatch(mttkrpKernel, { tile: register }, arrays, params, groups, cost);
  if (splits > 1) sumParts(context, out, product, splits, length);
}

type Contraction = Pick<MttkrpAllDense, 'shape' | 'batch' | 'rank' | 'factors' | 'tensor'>;

export function mttkrpAllDense(context: Context, args: MttkrpAllDense): void {
  const { shape, batch, rank, products } = args;
  const modes = shape.map((_, mode) => mode);
  const [left, right] = cut(shape, modes);
  for (const group of [left, right]) {
    const first = group[0] as number;
    const view = threeWay(shape, first, first + group.length);
    const [alone] = group.length === 1 ? [products[first] as DeviceArray] : [];
    const partial = alone ?? context.scratch(`partial product of mode ${first} on`, batch * view.rows * rank);
    contractDense(context, args, view, partial);
    if (!alone) for (const mode of group) finish(context, args, group, mode, partial);
  }
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
  return { rowBlocks: Math.ceil(rows / high), columnBlocks: Math.ceil(columns / wide), register };
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

/** The view whose tiles waste least on rows and columns that do not exist. */
function leastPadded(context: Context, shape: readonly number[]): ThreeWay {
  const padded = (view: ThreeWay): number => {
    const tile = context.tile(view.rows, view.inner);
    const block = tile.rows * tile.lanes;
    return view.outer * Math.ceil(view.rows / block) * block * Math.ceil(view.inner / tile.columns) * tile.columns;
  };
  const views = shape.map((_, mode) => threeWay(shape, mode));
  return views.reduce((best, next) => (padded(next) < padded(best) ? next : best));
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
