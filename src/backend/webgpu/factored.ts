// Host side of shaders/factored.wgsl.ts, and of its two passes for large products on a GPU, shaders/factored-strip.wgsl.ts.
import { rowStrengths } from '../../../shaders/dense-symmetric.wgsl.js';
import { combineStrip, scoreStrip } from '../../../shaders/factored-strip.wgsl.js';
import { contractFactored as contractKernel } from '../../../shaders/factored.wgsl.js';
import type { SharedTile } from '../../../shaders/lib/shared-tile.js';
import { tileRows } from '../../../shaders/lib/tile.js';
import type { ContractFactored } from '../operations/factored.js';
import type { Context } from './context.js';
import { sumParts } from './sum-parts.js';

export function contractFactored(context: Context, args: ContractFactored): void {
  const tile = context.sharedTile(args.rows, args.columns);
  if (tile) contractByStrips(context, args, tile);
  else contractInParts(context, args);
}

/** Two tiled products for every strip of columns. */
function contractByStrips(context: Context, args: ContractFactored, tile: SharedTile): void {
  const { batch, rows, columns, dim, accumulate = false } = args;
  const width = stripWidth(args, tile);
  const strip = context.scratch('score strip', batch * rows * width);
  const rowBlocks = Math.ceil(rows / tile.size);
  for (let firstColumn = 0; firstColumn < columns; firstColumn += width) {
    const stripColumns = Math.min(width, columns - firstColumn);
    const product = {
      ...args,
      tile,
      strip,
      firstColumn,
      stripColumns,
      rowBlocks,
      accumulate: accumulate || firstColumn > 0 ? 1 : 0,
    };
    context.recorder.dispatch(scoreStrip, { ...product, columnBlocks: Math.ceil(stripColumns / tile.size) });
    context.recorder.dispatch(combineStrip, { ...product, columnBlocks: Math.ceil(dim / tile.size) });
  }
  context.recorder.dispatch(rowStrengths, args);
}

/** Entries of the strip where rows are many: 128 MiB, what a kernel can bind on every device. */
const stripEntries = 2 ** 25;

/**
 * Columns of a strip: 8 · dim, so that the strip is O(rows · dim), and at least enough to fill a GPU; fewer, in whole tiles,
 * where the strip would be too large.
 */
function stripWidth({ batch, rows, columns, dim }: ContractFactored, { size }: SharedTile): number {
  const wanted = Math.min(columns, Math.max(8 * dim, 512));
  const affordable = stripEntries / (batch * rows);
  return wanted <= affordable ? wanted : Math.max(1, Math.floor(affordable / size)) * size;
}

/**
 * One fused kernel; the columns are cut into parts where the rows alone would leave the adapter idle, and a part is taken in
 * several dispatches where it is more than a workgroup does in a submit's time.
 */
function contractInParts(context: Context, args: ContractFactored): void {
  const { batch, rows, columns, dim, contraction, strengths, accumulate = false } = args;
  const tile = context.registerTile(rows, columns);
  const rowBlocks = Math.ceil(rows / tileRows(tile));
  const wanted = Math.ceil(context.workgroupsToFill / (batch * rowBlocks));
  const even = columns / Math.max(1, Math.min(wanted, Math.floor(columns / minColumnsOfSplit)));
  const columnsPerSplit = Math.ceil(even / tile.columns) * tile.columns;
  const splits = Math.ceil(columns / columnsPerSplit);
  const whole = splits === 1;
  const sums = whole ? contraction : context.scratch('contraction parts', splits * batch * rows * dim);
  const dots = whole ? strengths : context.scratch('strength parts', splits * batch * rows);
  const affordable = maxGroupWork[context.software ? 'software' : 'hardware'] / (4 * tileRows(tile) * dim);
  const ofSplit = Math.min(columnsPerSplit, Math.max(1, Math.floor(affordable / tile.columns)) * tile.columns);
  for (let firstOfSplit = 0; firstOfSplit < columnsPerSplit; firstOfSplit += ofSplit) {
    context.recorder.dispatch(contractKernel, {
      ...args,
      tile,
      rowBlocks,
      splits,
      columnsPerSplit,
      firstOfSplit,
      ofSplit,
      accumulate: firstOfSplit > 0 || (accumulate && whole) ? 1 : 0,
      contraction: sums,
      strengths: dots,
    });
  }
  if (!whole) {
    sumParts(context, sums, contraction, splits, batch * rows * dim, accumulate);
    sumParts(context, dots, strengths, splits, batch * rows, accumulate);
  }
}

/** Columns below which another split costs more (two more dispatches) than it brings. */
const minColumnsOfSplit = 256;

/** Flops that one workgroup does in some 20 ms: a dispatch can be cut between workgroups, but not inside one. */
const maxGroupWork = { software: 5e7, hardware: 1e9 } as const;
