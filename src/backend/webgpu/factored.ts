// Host side of shaders/factored.wgsl.ts, and of its two passes for large products on a GPU, shaders/factored-strip.wgsl.ts.
import { rowStrengths } from '../../../shaders/dense-symmetric.wgsl.js';
import { combineStrip, scoreStrip } from '../../../shaders/factored-strip.wgsl.js';
import { contractFactored as contractKernel, updateVanilla as updateKernel } from '../../../shaders/factored.wgsl.js';
import type { SharedTile } from '../../../shaders/lib/shared-tile.js';
import type { ContractFactored, UpdateVanilla } from '../operations/factored.js';
import { groupsOf64, type Context } from './context.js';
import { sumParts } from './reduce.js';

export function contractFactored(context: Context, args: ContractFactored): void {
  const tile = context.sharedTile(args.rows, args.columns);
  if (tile) contractByStrips(context, args, tile);
  else contractInParts(context, args);
}

/** Two tiled products for every strip of columns. */
function contractByStrips(context: Context, args: ContractFactored, tile: SharedTile): void {
  const { order, batch, rows, columns, dim, queryStride, queries, vectors, weights, contraction } = args;
  const width = stripWidth(args, tile);
  const strip = context.scratch('score strip', batch * rows * width);
  const rowBlocks = Math.ceil(rows / tile.size);
  for (let firstColumn = 0; firstColumn < columns; firstColumn += width) {
    const stripColumns = Math.min(width, columns - firstColumn);
    const accumulate = firstColumn > 0 || args.accumulate ? 1 : 0;
    const sizes = { batch, rows, columns, dim, queryStride, firstColumn, stripColumns, rowBlocks, accumulate };
    const work = 2 * batch * rows * stripColumns * dim;
    const columnBlocks = Math.ceil(stripColumns / tile.size);
    context.recorder.dispatch(
      scoreStrip,
      { order, tile },
      { queries, vectors, weights, strip },
      { ...sizes, columnBlocks },
      batch * rowBlocks * columnBlocks,
      {
        work,
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
    },
  );
}

/** Entries of the strip where rows are many: 128 MiB, what a kernel can bind on every device. */
const stripEntries = 2 ** 25;

/**
 * Columns of a strip: 8 · dim, so that the strip is O(rows · dim), and at least enough to fill a GPU; fewer, in whole tiles,
 * where the strip would be too large.
 */
function stripWidth({ batch, rows, columns, dim }: ContractFactored, { size }: SharedTile): number {
  const wanted = Math.min(columns, Math.max(8 * dim, 512));
  const most = stripEntries / (batch * rows);
  return wanted <= most ? wanted : Math.max(1, Math.floor(most / size)) * size;
}

/**
 * One fused kernel; the columns are cut into parts where the rows alone would leave the adapter idle, and a part is taken in
 * several dispatches where it is more than a workgroup does in a submit's time.
 */
function contractInParts(context: Context, args: ContractFactored): void {
  const { order, batch, rows, columns, dim, queryStride, queries, vectors, weights, contraction, strengths } = args;
  const { recorder } = context;
  const tile = context.tile(rows, columns);
  const blockRows = tile.rows * tile.lanes;
  const rowBlocks = Math.ceil(rows / blockRows);
  const wanted = Math.ceil(context.busyGroups / (batch * rowBlocks));
  const even = columns / Math.max(1, Math.min(wanted, Math.floor(columns / leastColumns)));
  const columnsPerSplit = Math.ceil(even / tile.columns) * tile.columns;
  const splits = Math.ceil(columns / columnsPerSplit);
  const [matrixLength, rowLength] = [batch * rows * dim, batch * rows];
  const whole = splits === 1;
  const sums = whole ? contraction : context.scratch('contraction parts', splits * matrixLength);
  const dots = whole ? strengths : context.scratch('strength parts', splits * rowLength);
  const accumulate = args.accumulate ?? false;
  const most = mostGroupWork[context.software ? 'software' : 'hardware'] / (4 * blockRows * dim);
  const ofSplit = Math.min(columnsPerSplit, Math.max(1, Math.floor(most / tile.columns)) * tile.columns);
  for (let firstOfSplit = 0; firstOfSplit < columnsPerSplit; firstOfSplit += ofSplit) {
    const arrays = { queries, vectors, weights, contraction: sums, strengths: dots };
    const params = {
      batch,
      rows,
      columns,
      dim,
      queryStride,
      rowBlocks,
      splits,
      columnsPerSplit,
      firstOfSplit,
      ofSplit,
      accumulate: firstOfSplit > 0 || (accumulate && whole) ? 1 : 0,
    };
    recorder.dispatch(contractKernel, { order, tile }, arrays, params, batch * splits * rowBlocks, {
      work: 4 * batch * rows * Math.min(splits * ofSplit, columns) * dim,
    });
  }
  if (!whole) {
    sumParts(context, sums, contraction, splits, matrixLength, accumulate);
    sumParts(context, dots, strengths, splits, rowLength, accumulate);
  }
}

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
    },
  );
}
