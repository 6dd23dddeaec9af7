// Host side of shaders/factored.wgsl.ts and of its two passes for real GPUs, shaders/factored-strip.wgsl.ts.
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
  else contractInRegisters(context, args);
}

/** Two tiled products for every strip of columns. */
function contractByStrips(context: Context, args: ContractFactored, tile: SharedTile): void {
  const { order, batch, rows, columns, dim, queryStride, queries, vectors, weights, contraction, strengths } = args;
  const width = Math.min(columns, stripWidth(dim));
  const strip = context.scratch('score strip', batch * rows * width);
  const rowBlocks = Math.ceil(rows / tile.size);
  for (let firstColumn = 0; firstColumn < columns; firstColumn += width) {
    const stripColumns = Math.min(width, columns - firstColumn);
    const accumulate = firstColumn > 0 || args.accumulate ? 1 : 0;
    const sizes = { batch, rows, columns, dim, queryStride, firstColumn, stripColumns, rowBlocks, accumulate };
    const columnBlocks = Math.ceil(stripColumns / tile.size);
    const scores = { queries, vectors, weights, strip };
    context.recorder.dispatch(
      scoreStrip,
      { order, tile },
      scores,
      { ...sizes, columnBlocks },
      batch * rowBlocks * columnBlocks,
    );
    const dimBlocks = Math.ceil(dim / tile.size);
    const sums = { strip, vectors, contraction };
    context.recorder.dispatch(
      combineStrip,
      { tile },
      sums,
      { ...sizes, columnBlocks: dimBlocks },
      batch * rowBlocks * dimBlocks,
    );
  }
  const rowArrays = { contraction, queries, strengths };
  context.recorder.dispatch(rowStrengths, {}, rowArrays, { batch, rows, dim, queryStride }, groupsOf64(batch * rows));
}

/** Columns of a strip: 8 · dim, so that the strip is O(rows · dim), and at least enough to fill a GPU. */
const stripWidth = (dim: number): number => Math.max(8 * dim, 512);

/** One fused kernel; the columns are cut into parts where the rows alone would leave the adapter idle. */
function contractInRegisters(context: Context, args: ContractFactored): void {
  const { order, batch, rows, columns, dim, queryStride, queries, vectors, weights, contraction, strengths } = args;
  const tile = context.tile(rows, columns);
  const rowBlocks = Math.ceil(rows / (tile.rows * tile.lanes));
  const wanted = Math.ceil(context.busyGroups / (batch * rowBlocks));
  const columnsPerSplit = Math.ceil(columns / Math.max(1, Math.min(wanted, Math.floor(columns / leastColumns))));
  const splits = Math.ceil(columns / columnsPerSplit);
  const [matrixLength, rowLength] = [batch * rows * dim, batch * rows];
  const whole = splits === 1;
  const parts = whole
    ? { contraction, strengths }
    : {
        contraction: context.scratch('contraction parts', splits * matrixLength),
        strengths: context.scratch('strength parts', splits * rowLength),
      };
  const accumulate = args.accumulate ?? false;
  context.recorder.dispatch(
    contractKernel,
    { order, tile },
    { queries, vectors, weights, ...parts },
    {
      ...{ batch, rows, columns, dim, queryStride, rowBlocks, splits, columnsPerSplit },
      accumulate: accumulate && whole ? 1 : 0,
    },
    batch * splits * rowBlocks,
  );
  if (whole) return;
  sumParts(context, parts.contraction, contraction, splits, matrixLength, accumulate);
  sumParts(context, parts.strengths, strengths, splits, rowLength, accumulate);
}

/** Columns below which another split costs more (two more dispatches) than it brings. */
const leastColumns = 256;

export function updateVanilla(context: Context, args: UpdateVanilla): void {
  const { order, batch, rows, columns, dim, learningRate, contraction, strengths, vectors, weights } = args;
  context.recorder.dispatch(
    updateKernel,
    {},
    { contraction, strengths, vectors, weights },
    { batch, rows, columns, dim, order, learningRate },
    groupsOf64(batch * rows),
  );
}
