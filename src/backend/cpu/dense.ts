// Residual and MTTKRP of a dense tensor against CP factors, over the batch. Twin of shaders/dense.wgsl.ts.
import { cpResidual, mttkrp } from '../../tensor/cp-products.js';
import type { DenseModel, MttkrpDense, ResidualDense } from '../operations/dense.js';
import { numbers } from './arrays.js';

export function residualDense(args: ResidualDense): void {
  const { shape, rank, batch } = args;
  const [tensor, residual] = [numbers(args.tensor), numbers(args.residual)];
  const mask = args.mask && numbers(args.mask);
  for (let b = 0; b < batch; b++) cpResidual(shape, rank, factorsOf(args, b), tensor, item(residual, batch, b), mask);
}

export function mttkrpDense(args: MttkrpDense): void {
  const { shape, rank, batch, mode } = args;
  const [tensor, product] = [numbers(args.tensor), numbers(args.product)];
  const shared = tensor.length === shape.reduce((size, n) => size * n, 1);
  for (let b = 0; b < batch; b++) {
    const own = shared ? tensor : item(tensor, batch, b);
    mttkrp(shape, rank, factorsOf(args, b), mode, own, item(product, batch, b));
  }
}

const factorsOf = ({ factors, batch }: DenseModel, b: number): Float64Array[] =>
  factors.map((factor) => item(numbers(factor), batch, b));

const item = (values: Float64Array, batch: number, b: number): Float64Array =>
  values.subarray((values.length / batch) * b, (values.length / batch) * (b + 1));
