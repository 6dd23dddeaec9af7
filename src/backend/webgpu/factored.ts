// Host side of shaders/factored.wgsl.ts, of its two passes for real GPUs, shaders/factored-strip.wgsl.ts, and of its held tiles for
// software adapters, shaders/factored-held.wgsl.ts.
import { rowStrengths } from '../../../shaders/dense-symmetric.wgsl.js';
import { contractFactoredHeld, heldQueries, mostBlocks } from '../../../shaders/factored-held.wgsl.js';
import { combineStrip, scoreStrip } from '../../../shaders/factored-strip.wgsl.js';
import { contractFactored as contractKernel, updateVanilla as updateKernel } from '../../../shaders/factored.wgsl.js';
import { heldLength } from '../../../shaders/lib/held-tile.js';
import type { SharedTile } from '../../../shaders/lib/shared-tile.js';
import type { ContractFactored, UpdateVanilla } from '../operations/factored.js';
import { groupsOf64, type Context } from './context.js';
import { sumParts } from './reduce.js';
import { boxes, covered, hull, invocations, movedBy, rowsOf, span, upTo, type Range } from './window.js';

export function contractFactored(context: Context, args: ContractFactored): void {
  const tile = context.sharedTile(args.rows, args.columns);
  if (tile) contractByStrips(context, args, tile);
  else contractInParts(context, args);
}

/** Two tiled products for every strip of columns. */
function contractByStrips(context: Context, args: ContractFactored, tile: SharedTile): void {
  const { order, batch, rows, columns, dim, queryStride, queries, vectors, weights, contraction } = args;
  const width = stripWidth(context, args, tile);
  const strip = context.scratch('score strip', batch * rows * width);
  const rowBlocks = Math.ceil(rows / tile.size);
  for (let firstColumn = 0; firstColumn < columns; firstColumn += width) {
    const stripColumns = Math.min(width, columns - firstColumn);
    const accumulate = firstColumn > 0 || args.accumulate ? 1 : 0;
    const sizes = { batch, rows, columns, dim, queryStride, firstColumn, stripColumns, rowBlocks, accumulate };
    const work = 2 * batch * rows * stripColumns * dim;
    const inStrip = (items: Range, kept: Range, places: Range): Range =>
      span([items, rows * stripColumns], [kept, stripColumns], [places, 1]);
    const inVectors = (items: Range, places: Range, ks: Range): Range =>
      span([items, columns * dim], [movedBy(places, firstColumn), dim], [ks, 1]);
    const tilesOf = (groups: Range, columnBlocks: number, wide: number) =>
      boxes(groups, rowBlocks, columnBlocks).map(([items, high, along]) => ({
        items,
        kept: covered(high, tile.size, rows),
        along: covered(along, tile.size, wide),
      }));

    const columnBlocks = Math.ceil(stripColumns / tile.size);
    context.recorder.dispatch(
      scoreStrip,
      { order, tile },
      { queries, vectors, weights, strip },
      { ...sizes, columnBlocks },
      batch * rowBlocks * columnBlocks,
      {
        work,
        reach: (groups) => {
          const tiles = tilesOf(groups, columnBlocks, stripColumns);
          return {
            queries: hull(tiles, ({ items, kept }) => span([items, queryStride], [kept, dim], [upTo(dim), 1])),
            vectors: hull(tiles, ({ items, along }) => inVectors(items, along, upTo(dim))),
            strip: hull(tiles, ({ items, kept, along }) => inStrip(items, kept, along)),
          };
        },
      },
    );
    const dimBlocks = Math.ceil(dim / tile.size);
    context.recorder.dispatch(
      combineStrip,
      { tile },
      { strip, vectors, contraction },
      { ...sizes, columnBlocks: dimBlocks },
      batch * rowBlocks * dimBlocks,
      {
        work,
        reach: (groups) => {
          const tiles = tilesOf(groups, dimBlocks, dim);
          return {
            strip: hull(tiles, ({ items, kept }) => inStrip(items, kept, upTo(stripColumns))),
            vectors: hull(tiles, ({ items, along }) => inVectors(items, upTo(stripColumns), along)),
            contraction: hull(tiles, ({ items, kept, along }) => span([items, rows * dim], [kept, dim], [along, 1])),
          };
        },
      },
    );
  }
  dotQueries(context, args);
}

/** strengths[i] = ⟨contraction[i], q_i⟩ */
function dotQueries({ recorder }: Context, args: ContractFactored): void {
  const { batch, rows, dim, queryStride, queries, contraction, strengths } = args;
  recorder.dispatch(
    rowStrengths,
    {},
    { contraction, queries, strengths },
    { batch, rows, dim, queryStride },
    groupsOf64(batch * rows),
    {
      work: 2 * batch * rows * dim,
      reach: (groups) => {
        const all = invocations(groups, batch * rows);
        return {
          contraction: rowsOf(all, dim),
          queries: hull(boxes(all, rows), ([items, kept]) => span([items, queryStride], [kept, dim], [upTo(dim), 1])),
        };
      },
    },
  );
}

/** Entries of the strip where rows are many: 256 MiB, what every device allows of an array. */
const stripEntries = 2 ** 26;

/**
 * Columns of a strip: 8 · dim, so that the strip is O(rows · dim), and at least enough to fill a GPU; fewer, in whole tiles,
 * where the strip or its vectors would be too large.
 */
function stripWidth(
  { recorder }: Context,
  { batch, rows, columns, dim, vectors }: ContractFactored,
  { size }: SharedTile,
): number {
  const wanted = Math.min(columns, Math.max(8 * dim, 512));
  const { windowLength } = recorder;
  const bindable = Math.min(
    vectors.length > windowLength ? windowLength / dim : Infinity,
    batch * rows * wanted > windowLength ? windowLength / size : Infinity,
  );
  const most = Math.min(stripEntries / (batch * rows), bindable);
  return wanted <= most ? wanted : Math.max(1, Math.floor(most / size)) * size;
}

/**
 * One fused kernel; the columns are cut into parts where the rows alone would leave the adapter idle, and a part is taken in
 * windows where its vectors are more than a kernel can bind, or more than a workgroup does in a submit's time.
 */
function contractInParts(context: Context, args: ContractFactored): void {
  const { order, batch, rows, columns, dim, queryStride, queries, vectors, weights, contraction, strengths } = args;
  const { recorder } = context;
  const blocks = heldBlocks(context, args);
  const tile = context.tile(rows, columns);
  const blockRows = blocks ? heldQueries(blocks) : tile.rows * tile.lanes;
  const tileColumns = blocks ? heldLength : tile.columns;
  const rowBlocks = Math.ceil(rows / blockRows);
  const wanted = Math.ceil(context.busyGroups / (batch * rowBlocks));
  const even = columns / Math.max(1, Math.min(wanted, Math.floor(columns / leastColumns)));
  const columnsPerSplit = Math.ceil(even / tileColumns) * tileColumns;
  const splits = Math.ceil(columns / columnsPerSplit);
  const [matrixLength, rowLength] = [batch * rows * dim, batch * rows];
  const whole = splits === 1;
  const sums = whole ? contraction : context.scratch('contraction parts', splits * matrixLength);
  const dots = whole || blocks ? strengths : context.scratch('strength parts', splits * rowLength);
  const accumulate = args.accumulate ?? false;
  const most = Math.min(
    vectors.length > recorder.windowLength ? recorder.windowLength / dim : columnsPerSplit,
    mostGroupWork[context.software ? 'software' : 'hardware'] / (4 * blockRows * dim),
  );
  const ofSplit = Math.min(columnsPerSplit, Math.max(1, Math.floor(most / tileColumns)) * tileColumns);
  for (let firstOfSplit = 0; firstOfSplit < columnsPerSplit; firstOfSplit += ofSplit) {
    const arrays = { queries, vectors, weights, contraction: sums };
    const params = {
      ...{ batch, rows, columns, dim, queryStride, rowBlocks, splits, columnsPerSplit, firstOfSplit, ofSplit },
      accumulate: firstOfSplit > 0 || (accumulate && whole) ? 1 : 0,
    };
    const groups = batch * splits * rowBlocks;
    const cost = {
      work: 4 * batch * rows * Math.min(splits * ofSplit, columns) * dim,
      reach: (some: Range) => {
        const tiles = boxes(some, batch, rowBlocks).map(([split, items, above]) => {
          const begin = Math.min(split.begin * columnsPerSplit + firstOfSplit, columns - 1);
          const last = (split.end - 1) * columnsPerSplit + firstOfSplit;
          const used = { begin, end: Math.max(begin + 1, Math.min(last + ofSplit, columns)) };
          return { split, items, kept: covered(above, blockRows, rows), used };
        });
        return {
          queries: hull(tiles, ({ items, kept }) => span([items, queryStride], [kept, dim], [upTo(dim), 1])),
          vectors: hull(tiles, ({ items, used }) => span([items, columns * dim], [used, dim], [upTo(dim), 1])),
          weights: hull(tiles, ({ items, used }) => span([items, columns], [used, 1])),
          contraction: hull(tiles, ({ split, items, kept }) =>
            span([split, matrixLength], [items, rows * dim], [kept, dim], [upTo(dim), 1]),
          ),
          strengths: hull(tiles, ({ split, items, kept }) => span([split, rowLength], [items, rows], [kept, 1])),
        };
      },
    };
    if (blocks) recorder.dispatch(contractFactoredHeld, { order, blocks }, arrays, params, groups, cost);
    else recorder.dispatch(contractKernel, { order, tile }, { ...arrays, strengths: dots }, params, groups, cost);
  }
  if (!whole) sumParts(context, sums, contraction, splits, matrixLength, accumulate);
  if (blocks) dotQueries(context, args);
  else if (!whole) sumParts(context, dots, strengths, splits, rowLength, accumulate);
}

/** Blocks of dim for held tiles, where the adapter likes them and the product is worth filling them. */
function heldBlocks({ held }: Context, { rows, columns, dim }: ContractFactored): number | undefined {
  const blocks = Math.ceil(dim / heldLength);
  return held && rows >= leastHeld.rows && columns >= leastHeld.columns && dim >= leastHeld.dim && blocks <= mostBlocks
    ? blocks
    : undefined;
}

/** Below these the register tile is as fast or faster. */
const leastHeld = { rows: 17, columns: 96, dim: 12 } as const;

/** Columns below which another split costs more (two more dispatches) than it brings. */
const leastColumns = 256;

/** Flops that one workgroup does in some 20 ms: a dispatch can be cut between workgroups, but not inside one. */
const mostGroupWork = { software: 5e7, hardware: 1e9 } as const;

export function updateVanilla(context: Context, args: UpdateVanilla): void {
  const { order, batch, rows, columns, dim, contracted, contraction, strengths, rates, vectors, weights } = args;
  context.recorder.dispatch(
    updateKernel,
    {},
    { contraction, strengths, rates, vectors, weights },
    { batch, rows, columns, dim, contracted, order },
    groupsOf64(batch * rows),
    {
      work: 2 * batch * rows * dim,
      reach: (groups) => {
        const all = boxes(invocations(groups, batch * rows), rows);
        return {
          contraction: hull(all, ([items, updated]) => span([items, contracted * dim], [updated, dim], [upTo(dim), 1])),
          vectors: hull(all, ([items, updated]) => span([items, columns * dim], [updated, dim], [upTo(dim), 1])),
        };
      },
    },
  );
}
