// Host side of shaders/dense.wgsl.ts: picks the three-way view, makes its Khatri-Rao tables, splits long sums, and takes the MTTKRP of
// all modes from two partial products.
import {
  finishMode,
  khatriRao,
  maskedResidualDense,
  mttkrpDense as mttkrpKernel,
  residualDense as residualKernel,
} from '../../../shaders/dense.wgsl.js';
import type { RegisterTile } from '../../../shaders/lib/register-tile.js';
import { isShared, tileColumns, tileRows, type Tile } from '../../../shaders/lib/tile.js';
import type { DeviceArray } from '../backend.js';
import type { MttkrpAllDense, MttkrpDense, ResidualDense } from '../operations/dense.js';
import type { Context } from './context.js';
import { sumParts } from './sum-parts.js';
import { cut, innermost, threeWay, type ThreeWay } from './three-way.js';

export function residualDense(context: Context, args: ResidualDense): void {
  const { shape, batch, rank, tensor, mask, factors, residual } = args;
  const view = viewWithLeastPadding(context, shape);
  const tile = context.sharedTile(view.rows, view.inner) ?? context.registerTile(view.rows, view.inner);
  const dispatch = {
    ...sizes(view),
    ...blocksOf(tile, view.rows, view.inner),
    ...tables(context, args, view),
    batch,
    rank,
    tile,
    tensor,
    rowFactor: factors[view.mode]!,
    residual,
  };
  if (mask) context.recorder.dispatch(maskedResidualDense, { ...dispatch, mask });
  else context.recorder.dispatch(residualKernel, dispatch);
}

export function mttkrpDense(context: Context, args: MttkrpDense): void {
  contractDense(context, args, threeWay(args.shape, args.mode), args.product);
}

/** product = X_(rows of the view) · (⊙ of the factors of all other modes), [batch, rows, rank]. */
function contractDense(context: Context, args: Contraction, whole: ThreeWay, product: DeviceArray): void {
  const { batch, rank, tensor } = args;
  const tile =
    context.sharedTile(whole.rows, rank) ?? withLeastPadding(context.registerTile(whole.rows, rank), whole.rows);
  const blocks = blocksOf(tile, whole.rows, rank);
  const tiles = batch * blocks.rowBlocks * blocks.columnBlocks;
  const view = tiles >= context.workgroupsToFill ? innermost(whole) : whole;
  const { outer, rows, inner, rowStride } = view;
  const outerPerSplit = Math.ceil(outer / Math.min(Math.ceil(context.workgroupsToFill / tiles), outer));
  const splits = Math.ceil(outer / outerPerSplit);
  const length = batch * rows * rank;
  const size = outer * rows * inner;
  const out = splits > 1 ? context.scratch('mttkrp parts', splits * length) : product;
  context.recorder.dispatch(mttkrpKernel, {
    ...sizes(view),
    ...blocks,
    ...tables(context, args, view),
    batch,
    rank,
    tile,
    along: isShared(tile) && rowStride === 1 ? 'row' : 'k',
    splits,
    outerPerSplit,
    tensor,
    tensorStride: tensor.length === size ? 0 : size,
    product: out,
  });
  if (splits > 1) sumParts(context, out, product, splits, length);
}

type Contraction = Pick<MttkrpAllDense, 'shape' | 'batch' | 'rank' | 'factors' | 'tensor'>;

export function mttkrpAllDense(context: Context, args: MttkrpAllDense): void {
  const { shape, batch, rank, products } = args;
  const modes = shape.map((_, mode) => mode);
  const [left, right] = cut(shape, modes);
  for (const group of [left, right]) {
    const first = group[0]!;
    const view = threeWay(shape, first, first + group.length);
    const [alone] = group.length === 1 ? [products[first]!] : [];
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
    shape: group.map((k) => args.shape[k]!),
    factors: group.map((k) => args.factors[k]!),
  };
  const view = innermost(threeWay(model.shape, group.indexOf(mode)));
  const product = args.products[mode]!;
  context.recorder.dispatch(finishMode, {
    ...sizes(view),
    ...tables(context, model, view),
    batch,
    rank,
    partial,
    product,
  });
}

/** How many tiles a product of that many rows and columns takes. */
const blocksOf = (tile: Tile, rows: number, columns: number) => ({
  rowBlocks: Math.ceil(rows / tileRows(tile)),
  columnBlocks: Math.ceil(columns / tileColumns(tile)),
});

const sizes = ({ outer, rows, inner, outerStride, rowStride, innerStride }: ThreeWay) => ({
  outer,
  rows,
  inner,
  outerStride,
  rowStride,
  innerStride,
});

/** Of narrow tiles of 8, 5 or 4 rows per lane, the one with the least padding; the higher one where they are equal. */
function withLeastPadding(tile: RegisterTile, rows: number): RegisterTile {
  if (tile.rows !== 8 || tile.columns > 8) return tile;
  const padded = (high: number): number => Math.ceil(rows / (high * tile.lanes)) * high;
  const best = ([8, 5, 4] as const).reduce((least, next) => (padded(next) < padded(least) ? next : least));
  return { ...tile, rows: best };
}

/** The view whose tiles have the least padding. */
function viewWithLeastPadding(context: Context, shape: readonly number[]): ThreeWay {
  const padded = (view: ThreeWay): number => {
    const tile = context.registerTile(view.rows, view.inner);
    const { rowBlocks, columnBlocks } = blocksOf(tile, view.rows, view.inner);
    return view.outer * rowBlocks * tileRows(tile) * columnBlocks * tileColumns(tile);
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
  let left = factors[first]!;
  let leftRows = shape[first]!;
  for (const mode of rest) {
    const rightRows = shape[mode]!;
    const product = context.scratch(`${name} to mode ${mode}`, batch * leftRows * rightRows * rank);
    // On a software adapter the index arithmetic of an invocation costs as much as several products, so each makes a run of them:
    // 22 ms became 4 ms for 5 · 10⁵ entries.
    const run = context.software ? Math.min(rightRows, 16) : 1;
    const runs = Math.ceil(rightRows / run);
    const right = factors[mode]!;
    context.recorder.dispatch(khatriRao, { left, right, product, batch, leftRows, rightRows, rank, run, runs });
    left = product;
    leftRows *= rightRows;
  }
  return left;
}
