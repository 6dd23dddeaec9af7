// Host side of shaders/dense-symmetric.wgsl.ts: splits the sum over index tuples where rows and columns alone are too few workgroups.
import {
  combineParts,
  contractSymmetric as contractKernel,
  rowStrengths,
} from '../../../shaders/dense-symmetric.wgsl.js';
import { BackendError } from '../../errors.js';
import { packedLength } from '../../tensor/symmetric.js';
import type { ContractSymmetric } from '../operations/dense-symmetric.js';
import { groupsOf64, type Context } from './context.js';

export function contractSymmetric(context: Context, args: ContractSymmetric): void {
  const { order, batch, rows, dim, tensor, queries, queryStride, scale, contraction, strengths } = args;
  const accumulate = Number(args.accumulate);
  const packed = packedLength(order, dim);
  requireAddressable(order, dim, packed);
  const tuples = packedLength(order - 1, dim);
  const tile = context.tile(rows, dim);
  const rowBlocks = Math.ceil(rows / (tile.rows * tile.lanes));
  const columnBlocks = Math.ceil(dim / tile.columns);
  const wanted = Math.ceil(context.busyGroups / Math.max(1, batch * rowBlocks * columnBlocks));
  // A split starts by finding its first tuple, order · dim steps or so: not worth it for fewer tuples than that.
  const perSplit = Math.max(Math.ceil(tuples / wanted), Math.min(tuples, 2 * dim));
  const splits = Math.ceil(tuples / perSplit);
  const length = batch * rows * dim;
  const finish = { accumulate, scale };
  const parts = splits > 1 ? context.scratch('symmetric parts', splits * length) : contraction;
  context.recorder.dispatch(
    contractKernel,
    { order, tile },
    { tensor, queries, product: parts },
    {
      ...{ batch, rows, dim, queryStride, rowBlocks, columnBlocks, splits, tuples, perSplit },
      tensorStride: tensor.length === packed ? 0 : packed,
      ...(splits > 1 ? { accumulate: 0, scale: 1 } : finish),
    },
    batch * splits * rowBlocks * columnBlocks,
  );
  if (splits > 1) {
    context.recorder.dispatch(
      combineParts,
      {},
      { parts, total: contraction },
      { count: splits, length, ...finish },
      groupsOf64(length),
    );
  }
  context.recorder.dispatch(
    rowStrengths,
    {},
    { contraction, queries, strengths },
    { batch, rows, dim, queryStride },
    groupsOf64(batch * rows),
  );
}

/** The kernel's binomials are u32, and pass through `order` times the largest of them. */
function requireAddressable(order: number, dim: number, packed: number): void {
  if (packed * order < 2 ** 32) return;
  throw new BackendError(
    `contractSymmetric: expected fewer than 2^32 / ${order} packed entries, got ${packed} for order ${order} and dim ${dim}. Give the tensor in factored form or as moments.`,
  );
}
