// Host side of shaders/large-order.wgsl.ts: takes the entries in chunks that bound the scratch memory, and a chunk in parts.
import {
  blockGradients,
  blockProducts,
  clearSums,
  modesPerBlock,
  otherBlocks,
  productOfBlocks,
  sumOfProducts,
  type LargeOrderVariant,
} from '../../../shaders/large-order.wgsl.js';
import type { GradientLargeOrder, LargeOrderEntries, PredictLargeOrder } from '../operations/large-order.js';
import type { StackedModel } from '../operations/observed.js';
import type { Context } from './context.js';
import { sumParts } from './sum-parts.js';

/** Entries of one scratch array: 16 MiB for products of blocks, 64 MiB for sums of parts. */
const productEntries = 2 ** 22;
const sumEntries = 2 ** 24;

export function predictLargeOrder(context: Context, args: PredictLargeOrder): void {
  const { batch, rank, count, exponent: shift = 0, prediction } = args;
  for (const chunk of chunksOf(context, args)) {
    const { made, weights } = products(context, args, chunk);
    const exponent = context.scratch('exponents of products', batch * chunk.count * rank);
    const product = { batch, rank, count: chunk.count, blocks: chunk.blocks, weights, products: made, exponent };
    context.recorder.dispatch(productOfBlocks, product);
    context.recorder.dispatch(sumOfProducts, { ...product, prediction, firstOut: chunk.first, total: count, shift });
  }
}

export function gradientLargeOrder(context: Context, args: GradientLargeOrder): void {
  const { batch, rows, rank, count, exponent: shift = 0, factors, derivative, gradient } = args;
  const chunks = chunksOf(context, args);
  const length = batch * rows * rank;
  const sums = context.scratch('sums of parts', (chunks[0]?.parts ?? 0) * length);
  const { variant, symbols } = entriesOf(context, args.entries, rank);
  for (const chunk of chunks) {
    const { made, weights } = products(context, args, chunk);
    context.recorder.dispatch(otherBlocks, {
      batch,
      rank,
      count: chunk.count,
      blocks: chunk.blocks,
      firstSlope: chunk.first,
      total: count,
      shift,
      weights,
      derivative,
      products: made,
      before: context.scratch('products before', made.length),
      beforeExponent: context.scratch('exponents before', made.length),
    });
    if (variant.entries === 'rows') context.recorder.dispatch(clearSums, { values: sums, length: sums.length });
    context.recorder.dispatch(blockGradients, {
      ...walk(args, chunk, variant),
      ...variant,
      factors,
      symbols,
      outer: made,
      sums,
    });
    sumParts(context, sums, gradient, chunk.parts, length, chunk.first > 0);
  }
}

type LargeOrder = StackedModel & {
  readonly first: number;
  readonly count: number;
  readonly entries: LargeOrderEntries;
};

/** Entries of the range from its `first`, in parts of `partLength`. */
interface Chunk {
  readonly first: number;
  readonly count: number;
  readonly blocks: number;
  readonly parts: number;
  readonly partLength: number;
}

function chunksOf({ software }: Context, { batch, order, rows, rank, count }: LargeOrder): Chunk[] {
  const blocks = Math.ceil(order / modesPerBlock);
  const perChunk = Math.max(1, Math.min(count, Math.floor(productEntries / (batch * blocks * rank))));
  // Many parts keep the whole adapter at work, but each costs a copy of the gradient: on a software adapter few and long ones.
  const minLength = Math.ceil((perChunk * batch * rows * rank) / sumEntries);
  const partLength = Math.min(perChunk, Math.max(software ? 64 : 16, minLength));
  return Array.from({ length: Math.ceil(count / perChunk) }, (_, k): Chunk => {
    const chunk = Math.min(perChunk, count - k * perChunk);
    return { first: k * perChunk, count: chunk, blocks, parts: Math.ceil(chunk / partLength), partLength };
  });
}

/** Level 1 of a chunk. */
function products(context: Context, args: LargeOrder, chunk: Chunk) {
  const { batch, rank, factors } = args;
  const length = batch * chunk.blocks * chunk.count * rank;
  const made = context.scratch('products of blocks', length);
  const { variant, symbols } = entriesOf(context, args.entries, rank);
  context.recorder.dispatch(blockProducts, {
    ...walk(args, chunk, variant),
    ...variant,
    factors,
    symbols,
    products: made,
  });
  return { made, weights: args.weights ?? context.ones(batch * rank) };
}

function entriesOf({ software }: Context, entries: LargeOrderEntries, rank: number) {
  const lanes = software || rank <= 4 ? 4 : 16;
  const variant: LargeOrderVariant = { entries: 'bits' in entries ? 'bits' : 'rows', lanes };
  return { variant, symbols: 'bits' in entries ? entries.bits : entries.rows };
}

/** The walks through the parts of a chunk, one for every batch item, block, part and component. */
const walk = ({ batch, order, rows, rank, first }: LargeOrder, chunk: Chunk, { lanes }: LargeOrderVariant) => ({
  ...chunk,
  batch,
  order,
  rows,
  rank,
  first: first + chunk.first,
  componentBlocks: Math.ceil(rank / lanes),
});
