// Some slices of a dense tensor along a mode.
import type { DenseTensor } from './dense.js';
import { sizeOf } from './shape.js';

/** The tensor of the slices with the given indices along a mode, in the given order. Copies. */
export function selectSlices({ shape, data }: DenseTensor, mode: number, indices: readonly number[]): DenseTensor {
  const inner = sizeOf(shape.slice(mode + 1));
  const outer = sizeOf(shape.slice(0, mode));
  const out = new Float64Array(outer * indices.length * inner);
  let to = 0;
  for (let o = 0; o < outer; o++) {
    for (const index of indices) {
      const from = (o * shape[mode]! + index) * inner;
      out.set(data.subarray(from, from + inner), to);
      to += inner;
    }
  }
  return { shape: shape.map((size, k) => (k === mode ? indices.length : size)), data: out };
}
