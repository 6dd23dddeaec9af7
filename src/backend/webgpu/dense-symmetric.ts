// Host side of shaders/dense-symmetric.wgsl.ts and dense-symmetric-multisets.wgsl.ts: shared-memory tiles on a GPU where the product
// fills one, else register tiles. The sum over index multisets is split where rows and columns alone are too few workgroups.
import { contractSymmetricShared, symmetricMultisets } from '../../../shaders/dense-symmetric-multisets.wgsl.js';
import { contractSymmetric as contractKernel, rowStrengths } from '../../../shaders/dense-symmetric.wgsl.js';
import type { SharedTile } from '../../../shaders/lib/shared-tile.js';
import { BackendError } from '../../errors.js';
import { packedLength } from '../../tensor/symmetric.js';
import type { DeviceArray } from '../backend.js';
import type { ContractSymmetric } from '../operations/dense-symmetric.js';
import { groupsOf64, type Context } from './context.js';
import { sumParts } from './reduce.js';

export function contractSymmetric(context: Context, args: ContractSymmetric): void {
  const { order, batch, rows, dim, queries, queryStride, contraction, strengths } = args;
  requireAddressable(order, dim, packedLength(order, dim));
  const shared = context.sharedTile(rows, dim);
  if (shared) contractInShared(context, args, shared);
  else contractInRegisters(context, args);
  const rowArrays = { contraction, queries, strengths };
  context.recorder.dispatch(rowStrengths, {}, rowArrays, { batch, rows, dim, queryStride }, groupsOf64(batch * rows));
}

function contractInRegisters(context: Context, args: ContractSymmetric): void {
  const { order, rows, dim, tensor, queries } = args;
  const tile = context.tile(rows, dim);
  const [rowBlocks, columnBlocks] = [Math.ceil(rows / (tile.rows * tile.lanes)), Math.ceil(dim / tile.columns)];
  // A split starts by finding its first multiset, order · dim steps or so: not worth it for fewer than that.
  const cut = cutSum(context, args, rowBlocks * columnBlocks, 2 * dim);
  const { perSplit, splits, count, groups } = cut;
  const params = { ...sizes(args, cut), rowBlocks, columnBlocks, perSplit, splits, tuples: count };
  context.recorder.dispatch(
    contractKernel,
    { order, tile },
    { tensor, queries, product: cut.product },
    params,
    groups,
    { work: cut.work },
  );
  finish(context, args, cut);
}

function contractInShared(context: Context, args: ContractSymmetric, tile: SharedTile): void {
  const { order, rows, dim, tensor, queries } = args;
  const [rowBlocks, columnBlocks] = [Math.ceil(rows / tile.size), Math.ceil(dim / tile.size)];
  const cut = cutSum(context, args, rowBlocks * columnBlocks, 64);
  const { perSplit, splits, count, groups } = cut;
  const arrays = { tensor, queries, multisets: multisetTable(context, args), product: cut.product };
  const params = { ...sizes(args, cut), rowBlocks, columnBlocks, perSplit, splits, count };
  context.recorder.dispatch(contractSymmetricShared, { order, tile }, arrays, params, groups, { work: cut.work });
  finish(context, args, cut);
}

/** Tables that were filled: their content depends on order and dim alone, and so does their name. */
const filled = new WeakSet<DeviceArray>();

function multisetTable(context: Context, { order, dim }: ContractSymmetric): DeviceArray {
  const count = packedLength(order - 1, dim);
  const multisets = context.scratch(`multisets of order ${order}, dim ${dim}`, count * order);
  if (!filled.has(multisets)) {
    context.recorder.dispatch(symmetricMultisets, { order }, { multisets }, { count }, groupsOf64(count));
    filled.add(multisets);
  }
  return multisets;
}

/** The sum over `count` multisets in `splits` runs of `perSplit`, summed apart where there are several. */
interface Cut {
  readonly count: number;
  readonly perSplit: number;
  readonly splits: number;
  /** Workgroups of all splits and batch items. */
  readonly groups: number;
  /** Flops. */
  readonly work: number;
  readonly product: DeviceArray;
}

/** Flops of a workgroup: 20 ms on a thread of a software adapter, so that a submit can be cut between two. */
const workOfGroup = 2 ** 27;
/** Splits begin at multiples of this. */
const stepOfSplits = 32;
/** Entries of all parts that this may take: 64 MiB. */
const partEntries = 2 ** 24;

function cutSum(context: Context, args: ContractSymmetric, tiles: number, least: number): Cut {
  const { order, batch, rows, dim, contraction } = args;
  const count = packedLength(order - 1, dim);
  // Two threads of a software adapter share an odd number of long workgroups badly.
  const busy = context.software ? 2 * context.busyGroups : context.busyGroups;
  const work = 2 * batch * rows * dim * count;
  const splitsFor = (groups: number): number => Math.ceil(groups / Math.max(1, batch * tiles));
  const affordable = Math.floor(partEntries / Math.max(1, batch * rows * dim));
  const wanted = Math.max(splitsFor(busy), Math.min(splitsFor(work / workOfGroup), affordable));
  const perSplit = Math.ceil(Math.max(count / wanted, Math.min(count, least)) / stepOfSplits) * stepOfSplits;
  const splits = Math.ceil(count / perSplit);
  const product = splits === 1 ? contraction : context.scratch('symmetric parts', splits * batch * rows * dim);
  return { count, perSplit, splits, groups: batch * splits * tiles, work, product };
}

function sizes(
  { order, batch, rows, dim, queryStride, scale = 1, accumulate = false, tensor }: ContractSymmetric,
  { splits }: Cut,
) {
  const packed = packedLength(order, dim);
  const tensorStride = tensor.length === packed ? 0 : packed;
  return { batch, rows, dim, queryStride, scale, tensorStride, accumulate: accumulate && splits === 1 ? 1 : 0 };
}

function finish(
  context: Context,
  { batch, rows, dim, accumulate = false, contraction }: ContractSymmetric,
  { splits, product }: Cut,
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
