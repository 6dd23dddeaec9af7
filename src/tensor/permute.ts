// A dense tensor with its modes in another order.
import type { DenseTensor } from './dense.js';

/** The tensor whose mode k is mode order[k] of the given one. Copies. */
export function permuteModes({ shape, data }: DenseTensor, order: readonly number[]): DenseTensor {
  const strides = new Array<number>(shape.length).fill(1);
  for (let k = shape.length - 2; k >= 0; k--) strides[k] = strides[k + 1]! * shape[k + 1]!;
  const sizes = order.map((mode) => shape[mode]!);
  const steps = order.map((mode) => strides[mode]!);
  const out = new Float64Array(data.length);
  const index = new Array<number>(order.length).fill(0);
  for (let to = 0, from = 0; to < out.length; to++) {
    out[to] = data[from]!;
    for (let k = order.length - 1; k >= 0; k--) {
      from += steps[k]!;
      if (++index[k]! < sizes[k]!) break;
      from -= steps[k]! * sizes[k]!;
      index[k] = 0;
    }
  }
  return { shape: sizes, data: out };
}

/** The tensor with these modes first, the others behind them in their order. */
export const moveModesFirst = (tensor: DenseTensor, modes: readonly number[]): DenseTensor =>
  permuteModes(tensor, [...modes, ...Array.from(tensor.shape.keys()).filter((mode) => !modes.includes(mode))]);
