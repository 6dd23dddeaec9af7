// Host side of shaders/sensing.wgsl.ts. The matrix products of Kruskal measurements are MTTKRPs of their factors, as matrices.
import {
  measureAdjoint as adjointKernel,
  measureDense as measureKernel,
  multiplyProducts,
  sumGroups,
} from '../../../shaders/sensing.wgsl.js';
import type { DeviceArray } from '../backend.js';
import type { MeasureAdjoint, MeasureDense, MeasureKruskal, MeasureKruskalAdjoint } from '../operations/sensing.js';
import type { Context } from './context.js';
import { mttkrpDense } from './dense.js';
import { sumParts } from './sum-parts.js';

/** A row of measurements is summed by at most this many invocations, and each of them sums at least this many entries. */
const maxRuns = 64;

/** For one model a software adapter is twice as fast with the register tile of a matrix product. */
export function measureDense(context: Context, args: MeasureDense): void {
  const { batch, count, size, measurements, tensor, prediction } = args;
  if (context.software && batch === 1) {
    const shape = [count, size] as const;
    matrixProduct(context, {
      matrix: measurements,
      shape,
      mode: 0,
      rank: 1,
      batch,
      factor: tensor,
      product: prediction,
    });
    return;
  }
  const runs = Math.min(maxRuns, Math.ceil(size / maxRuns));
  const length = batch * count;
  const parts = runs > 1 ? context.scratch('measurement parts', runs * length) : prediction;
  context.recorder.dispatch(measureKernel, { ...args, items: itemsTogether(batch), runs, prediction: parts });
  if (runs > 1) sumParts(context, parts, prediction, runs, length);
}

export function measureAdjoint(context: Context, args: MeasureAdjoint): void {
  const { batch, count, size, tensor } = args;
  const items = itemsTogether(batch);
  const groups = Math.ceil((Math.ceil(batch / items) * size) / 64);
  const countPerSplit = Math.ceil(count / Math.min(Math.ceil(context.workgroupsToFill / Math.max(1, groups)), count));
  const splits = Math.ceil(count / countPerSplit);
  const length = batch * size;
  const parts = splits > 1 ? context.scratch('adjoint parts', splits * length) : tensor;
  context.recorder.dispatch(adjointKernel, { ...args, items, splits, countPerSplit, tensor: parts });
  if (splits > 1) sumParts(context, parts, tensor, splits, length);
}

/** Batch items that share a read of the measurements. */
const itemsTogether = (batch: number): 1 | 4 | 8 => (batch > 4 ? 8 : batch > 1 ? 4 : 1);

export function measureKruskal(context: Context, args: MeasureKruskal): void {
  const { shape, rank, batch, count, terms, vectors, factors, products, prediction } = args;
  const components = count * terms;
  shape.forEach((size, mode) => {
    matrixProduct(context, {
      matrix: vectors[mode]!,
      shape: [components, size],
      mode: 0,
      rank,
      batch,
      factor: factors[mode]!,
      product: products[mode]!,
    });
  });
  const ones = context.ones(batch * count);
  const hadamard = multiplyAll(context, args, ones, products);
  context.recorder.dispatch(sumGroups, {
    values: hadamard,
    sums: prediction,
    groups: batch * count,
    length: terms * rank,
  });
}

export function measureKruskalAdjoint(context: Context, args: MeasureKruskalAdjoint): void {
  const { shape, rank, batch, count, terms, mode, vectors, products, derivative, gradient } = args;
  const others = products.filter((_, k) => k !== mode);
  const hadamard = multiplyAll(context, args, derivative, others);
  matrixProduct(context, {
    matrix: vectors[mode]!,
    shape: [count * terms, shape[mode]!],
    mode: 1,
    rank,
    batch,
    factor: hadamard,
    product: gradient,
  });
}

interface Measuring {
  readonly batch: number;
  readonly count: number;
  readonly terms: number;
  readonly rank: number;
  readonly weights: DeviceArray;
}

/** derivative · weights · Π of the given products, entry by entry, in a scratch array [batch, count · terms, rank]. */
function multiplyAll(
  context: Context,
  { batch, count, terms, rank, weights }: Measuring,
  derivative: DeviceArray,
  products: readonly DeviceArray[],
): DeviceArray {
  const hadamard = context.scratch('measurement products', batch * count * terms * rank);
  products.forEach((factor, index) => {
    const first = index === 0 ? 1 : 0;
    context.recorder.dispatch(multiplyProducts, {
      derivative,
      weights,
      factor,
      hadamard,
      batch,
      count,
      terms,
      rank,
      first,
    });
  });
  return hadamard;
}

interface MatrixProduct {
  readonly matrix: DeviceArray;
  readonly shape: readonly [number, number];
  /** 0: matrix · factor; 1: matrixᵀ · factor. */
  readonly mode: 0 | 1;
  readonly rank: number;
  readonly batch: number;
  readonly factor: DeviceArray;
  readonly product: DeviceArray;
}

/** A matrix, shared by the batch, or its transpose, times one matrix [batch, …, rank] per batch item. */
function matrixProduct(context: Context, { matrix, factor, ...args }: MatrixProduct): void {
  // Of the two factors an MTTKRP reads only the other mode's.
  mttkrpDense(context, { ...args, tensor: matrix, factors: [factor, factor] });
}
