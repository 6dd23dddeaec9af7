// Residual and MTTKRP of a dense tensor against CP factors, over the batch. Twin of shaders/dense.wgsl.ts.
import { cpResidual, mttkrp, mttkrpAll } from '../../tensor/cp-products.js';
import type { DenseModel, MttkrpAllDense, MttkrpDense, ResidualDense } from '../operations/dense.js';
import { numbers } from './arrays.js';

export function residualDense(args: ResidualDense): void {
  const { shape, rank, batch } = args;
  const [tensor, residual] = [numbers(args.tensor), numbers(args.residual)];
  const mask = args.mask && numbers(args.mask);
  for (let b = 0; b < batch; b++) cpResidual(shape, rank, factorsOf(args, b), tensor, item(residual, batch, b), mask);
}

export function mttkrpDense(args: MttkrpDense): void {
  const { shape, rank, batch, mode } = args;
  const product = numbers(args.product);
  for (let b = 0; b < batch; b++) {
    mttkrp(shape, rank, factorsOf(args, b), mode, tensorOf(args, b), item(product, batch, b));
  }
}

export function mttkrpAllDense(args: MttkrpAllDense): void {
  const { shape, rank, batch } = args;
  for (let b = 0; b < batch; b++) {
    const products = args.products.map((product) => item(numbers(product), batch, b));
    mttkrpAll(shape, rank, factorsOf(args, b), tensorOf(args, b), products);
  }
}

/** The tensor of one batch item: its own, or the one they share. */
function tensorOf({ shape, batch, tensor }: MttkrpDense | MttkrpAllDense, b: number): Float64Array {
  const all = numbers(tensor);
  return all.length === shape.reduce((size, n) => size * n, 1) ? all : item(all, batch, b);
}

const factorsOf = ({ factors, batch }: DenseModel, b: number): Float64Array[] =>
  factors.map((factor) => item(numbers(factor), batch, b));

const item = (values: Float64Array, batch: number, b: number): Float64Array =>
  values.subarray((values.length / batch) * b, (values.length / batch) * (b + 1));
