// The products of cp-products.ts for masks and tensors that are nearly empty: one entry after the other, and nothing for the rest.
import { isPauseDue, type Work } from '../yield.js';

/** 1 where a cell is known, 0 where it is missing. */
export type Mask = Float64Array | Uint8Array;
export type Tensor = Float64Array | Float32Array;

/** Part of the entries below which visiting them one by one takes less time than a product of all. */
const sparseBelow = 1 / 16;
const sampled = 1024;

/** Whether nearly all entries are 0, by a sample of them. */
export function isSparse(values: Mask | Tensor): boolean {
  const count = Math.min(sampled, values.length);
  let filled = 0;
  for (let i = 0; i < count; i++) if (values[Math.floor((i * values.length) / count)]) filled++;
  return filled < sparseBelow * count;
}

/** out[p, q] += Σ_c left[p, c] · right[q, c] where the mask is not 0. */
export function* addKnownProducts(
  count: number,
  left: Float64Array,
  right: Float64Array,
  out: Float64Array,
  mask: Mask,
): Work<void> {
  const width = right.length / count;
  for (let p = 0, at = 0; at < out.length; p++) {
    let known = 0;
    for (let q = 0; q < width; q++, at++) {
      if (!mask[at]) continue;
      known++;
      let sum = 0;
      for (let c = 0; c < count; c++) sum += left[p * count + c]! * right[q * count + c]!;
      out[at]! += sum;
    }
    if (isPauseDue(2 * known * count + width)) yield;
  }
}

/** partial += X · table, or Xᵀ · table, for X [rows, width]. */
export function* addPartialProducts(
  tensor: Tensor,
  rows: number,
  width: number,
  table: Float64Array,
  partial: Float64Array,
  isTransposed: boolean,
): Work<void> {
  const count = table.length / (isTransposed ? rows : width);
  for (let p = 0, at = 0; p < rows; p++) {
    let filled = 0;
    for (let q = 0; q < width; q++, at++) {
      const value = tensor[at]!;
      if (value === 0) continue;
      filled++;
      const to = (isTransposed ? q : p) * count;
      const from = (isTransposed ? p : q) * count;
      for (let c = 0; c < count; c++) partial[to + c]! += value * table[from + c]!;
    }
    if (isPauseDue(2 * filled * count + width)) yield;
  }
}
