// Residual and MTTKRP of a dense tensor against CP factors, over the batch. Twin of shaders/dense.wgsl.ts.
import { cpResidualSteps, mttkrpAllSteps, mttkrpSteps } from '../../tensor/cp-products.js';
import type { Work } from '../../yield.js';
import type { CpuArgs } from './arrays.js';

export function* residualDense(args: CpuArgs<'residualDense'>): Work<void> {
  const { shape, rank, batch, tensor, residual, mask } = args;
  for (let b = 0; b < batch; b++) {
    yield* cpResidualSteps(shape, rank, factorsOf(args, b), tensor, item(residual, batch, b), mask);
  }
}

export function* mttkrpDense(args: CpuArgs<'mttkrpDense'>): Work<void> {
  const { shape, rank, batch, mode, product } = args;
  for (let b = 0; b < batch; b++) {
    yield* mttkrpSteps(shape, rank, factorsOf(args, b), mode, tensorOf(args, b), item(product, batch, b));
  }
}

export function* mttkrpAllDense(args: CpuArgs<'mttkrpAllDense'>): Work<void> {
  const { shape, rank, batch } = args;
  for (let b = 0; b < batch; b++) {
    const products = args.products.map((product) => item(product, batch, b));
    yield* mttkrpAllSteps(shape, rank, factorsOf(args, b), tensorOf(args, b), products);
  }
}

/** The tensor of one batch item: its own, or the one they share. */
function tensorOf({ shape, batch, tensor }: CpuArgs<'mttkrpDense' | 'mttkrpAllDense'>, b: number): Float64Array {
  return tensor.length === shape.reduce((size, n) => size * n, 1) ? tensor : item(tensor, batch, b);
}

const factorsOf = (
  { factors, batch }: { factors: readonly Float64Array[]; batch: number },
  b: number,
): Float64Array[] => factors.map((factor) => item(factor, batch, b));

const item = (values: Float64Array, batch: number, b: number): Float64Array =>
  values.subarray((values.length / batch) * b, (values.length / batch) * (b + 1));
