// Host side of shaders/factored.wgsl.ts.
import { contractFactored as contractKernel, updateVanilla as updateKernel } from '../../../shaders/factored.wgsl.js';
import type { ContractFactored, UpdateVanilla } from '../operations/factored.js';
import { groupsOf64, type Context } from './context.js';
import { sumParts } from './reduce.js';

export function contractFactored(context: Context, args: ContractFactored): void {
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
