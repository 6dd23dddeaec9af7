// Host side of shaders/dense-symmetric.wgsl.ts and dense-symmetric-multisets.wgsl.ts: shared-memory tiles on a GPU where the product
// fills one, else register tiles. The sum over index multisets is split where rows and columns alone are too few workgroups.
import { contractSymmetricShared, symmetricMultisets } from '../../../shaders/dense-symmetric-multisets.wgsl.js';
import { contractSymmetric as contractKernel, rowStrengths } from '../../../shaders/dense-symmetric.wgsl.js';
import type { SharedTile } from '../../../shaders/lib/shared-tile.js';
import { tileColumns, tileRows, type Tile } from '../../../shaders/lib/tile.js';
import { BackendError } from '../../errors.js';
import { packedLength } from '../../tensor/symmetric.js';
import type { DeviceArray } from '../backend.js';
import type { ContractSymmetric } from '../operations/dense-symmetric.js';
import type { Context } from './context.js';
import { sumParts } from './sum-parts.js';

export function contractSymmetric(context: Context, args: ContractSymmetric): void {
  const { order, rows, dim } = args;
  requireAddressable(order, dim, packedLength(order, dim));
  const shared = context.sharedTile(rows, dim);
  if (shared) contractInShared(context, args, shared);
  else contractInRegisters(context, args);
  context.recorder.dispatch(rowStrengths, args);
}

function contractInRegisters(context: Context, args: ContractSymmetric): void {
  const tile = context.registerTile(args.rows, args.dim);
  // Finding the first multiset of a split takes about order · dim steps, so a split has at least 2 · dim multisets.
  const sum = splitSum(context, args, tile, 2 * args.dim);
  context.recorder.dispatch(contractKernel, { ...args, ...sum, tile, tuples: sum.count });
  finish(context, args, sum);
}

function contractInShared(context: Context, args: ContractSymmetric, tile: SharedTile): void {
  const sum = splitSum(context, args, tile, 64);
  context.recorder.dispatch(contractSymmetricShared, {
    ...args,
    ...sum,
    tile,
    multisets: multisetTable(context, args),
  });
  finish(context, args, sum);
}

/** Tables that were filled: their content depends on order and dim alone, and so does their name. */
const filled = new WeakSet<DeviceArray>();

function multisetTable(context: Context, { order, dim }: ContractSymmetric): DeviceArray {
  const count = packedLength(order - 1, dim);
  const multisets = context.scratch(`multisets of order ${order}, dim ${dim}`, count * order);
  if (!filled.has(multisets)) {
    context.recorder.dispatch(symmetricMultisets, { order, count, multisets });
    filled.add(multisets);
  }
  return multisets;
}

/** Flops of a workgroup: 20 ms on a thread of a software adapter, so that a submit can be cut between two. */
const workOfGroup = 2 ** 27;
/** Splits begin at multiples of this. */
const stepOfSplits = 32;
/** Entries of all parts that this may take: 64 MiB. */
const partEntries = 2 ** 24;

/** The sum over `count` multisets in `splits` runs of `perSplit`, at least `minPerSplit`: the fields of it that both kernels take. */
function splitSum(context: Context, args: ContractSymmetric, tile: Tile, minPerSplit: number) {
  const { order, batch, rows, dim, tensor, contraction, scale = 1, accumulate = false } = args;
  const count = packedLength(order - 1, dim);
  const packed = packedLength(order, dim);
  const rowBlocks = Math.ceil(rows / tileRows(tile));
  const columnBlocks = Math.ceil(dim / tileColumns(tile));
  // A software adapter runs two threads, and one idles at the end where long workgroups are few: twice as many, half as long.
  const toFill = context.software ? 2 * context.workgroupsToFill : context.workgroupsToFill;
  const work = 2 * batch * rows * dim * count;
  const splitsFor = (groups: number): number => Math.ceil(groups / Math.max(1, batch * rowBlocks * columnBlocks));
  const affordable = Math.floor(partEntries / Math.max(1, batch * rows * dim));
  const wanted = Math.max(splitsFor(toFill), Math.min(splitsFor(work / workOfGroup), affordable));
  const perSplit = Math.ceil(Math.max(count / wanted, Math.min(count, minPerSplit)) / stepOfSplits) * stepOfSplits;
  const splits = Math.ceil(count / perSplit);
  return {
    count,
    perSplit,
    splits,
    rowBlocks,
    columnBlocks,
    scale,
    tensorStride: tensor.length === packed ? 0 : packed,
    accumulate: accumulate && splits === 1 ? 1 : 0,
    product: splits === 1 ? contraction : context.scratch('symmetric parts', splits * batch * rows * dim),
  };
}

function finish(
  context: Context,
  { batch, rows, dim, accumulate = false, contraction }: ContractSymmetric,
  { splits, product }: { readonly splits: number; readonly product: DeviceArray },
): void {
  if (splits > 1) sumParts(context, product, contraction, splits, batch * rows * dim, accumulate);
}

/** The kernels' binomials are u32, and pass through `order` times the largest of them. */
function requireAddressable(order: number, dim: number, packed: number): void {
  if (packed * order < 2 ** 32) return;
  throw new BackendError(
    `contractSymmetric: expected fewer than 2^32 / ${order} packed entries, got ${packed} for order ${order} and dim ${dim}. Give the tensor in factored form or as moments.`,
  );
}
