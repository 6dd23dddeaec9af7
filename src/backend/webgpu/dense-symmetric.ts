// Host side of shaders/dense-symmetric.wgsl.ts: splits the sum over index tuples where rows and columns alone are too few workgroups.
import { contractSymmetric as contractKernel, rowStrengths } from '../../../shaders/dense-symmetric.wgsl.js';
import { BackendError } from '../../errors.js';
import { packedLength } from '../../tensor/symmetric.js';
import type { ContractSymmetric } from '../operations/dense-symmetric.js';
import { groupsOf64, type Context } from './context.js';
import { sumParts } from './reduce.js';

export function contractSymmetric(context: Context, args: ContractSymmetric): void {
  const {
    order,
    batch,
    rows,
    dim,
    tensor,
    queries,
    queryStride,
    scale = 1,
    accumulate = false,
    contraction,
    strengths,
  } = args;
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
  const whole = splits === 1;
  const product = whole ? contraction : context.scratch('symmetric parts', splits * length);
  context.recorder.dispatch(
    contractKernel,
    { order, tile },
    { tensor, queries, product },
    {
      ...{ batch, rows, dim, queryStride, rowBlocks, columnBlocks, splits, tuples, perSplit, scale },
      tensorStride: tensor.length === packed ? 0 : packed,
      accumulate: accumulate && whole ? 1 : 0,
    },
    batch * splits * rowBlocks * columnBlocks,
  );
  if (!whole) sumParts(context, product, contraction, splits, length, accumulate);
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
