// Host side of shaders/factored.wgsl.ts.
import { contractFactored as contractKernel, updateVanilla as updateKernel } from '../../../shaders/factored.wgsl.js';
import type { ContractFactored, UpdateVanilla } from '../operations/factored.js';
import { groupsOf64, type Context } from './context.js';

export function contractFactored(context: Context, args: ContractFactored): void {
  const { order, batch, rows, columns, dim, queryStride, queries, vectors, weights, contraction, strengths } = args;
  const tile = context.tile(rows, columns);
  const rowBlocks = Math.ceil(rows / (tile.rows * tile.lanes));
  context.recorder.dispatch(
    contractKernel,
    { order, tile },
    { queries, vectors, weights, contraction, strengths },
    { batch, rows, columns, dim, queryStride, rowBlocks },
    batch * rowBlocks,
  );
}

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
