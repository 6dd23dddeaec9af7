// Contraction of a packed symmetric tensor with vectors on all modes but one, T(·, x, …, x), in float64. It runs over the fibers,
// the runs of entries that share all indices but the first (i_1 = 0 … i_2, consecutive in memory):
//   an entry with i_1 < i_2 stands at l · μ places of the full tensor, μ the multiplicity of the tail (i_2, …, i_l); of these
//   μ have any one of its positions in front, so it adds μ · T_I · Π_{others} x at each of its l indices.
import { forEachFiberPacked, multiplicity, type SymmetricTensor } from './symmetric.js';

/** out[i] = T(·, x_i, …, x_i). 2 flops an entry and row, and order² for every fiber. */
export function contractPacked(
  { order, dim, data }: SymmetricTensor,
  x: Float64Array,
  count: number,
  out: Float64Array,
): void {
  out.fill(0, 0, count * dim);
  const others = new Float64Array(order - 1);
  forEachFiberPacked(order, dim, (tail, offset) => {
    const last = tail[0]!;
    const tailPlaces = multiplicity(tail);
    let run = 1;
    while (run < tail.length && tail[run] === last) run++;
    // The entry with i_1 = i_2 = …: order · tailPlaces / (run + 1) places in all, so many for each of its positions.
    const diagonalPlaces = tailPlaces / (run + 1);
    for (let row = 0; row < count; row++) {
      const at = row * dim;
      let product = tailPlaces;
      for (const i of tail) product *= x[at + i]!;
      let sum = 0;
      for (let i = 0; i < last; i++) {
        const value = data[offset + i]!;
        sum += value * x[at + i]!;
        out[at + i]! += value * product;
      }
      const diagonal = data[offset + last]! * diagonalPlaces;
      const scale = tailPlaces * sum + diagonal * x[at + last]!;
      let tailProduct = diagonal;
      for (let p = 0; p < tail.length; p++) {
        tailProduct *= x[at + tail[p]!]!;
        others[p] = scale;
        for (let q = 0; q < tail.length; q++) if (q !== p) others[p]! *= x[at + tail[q]!]!;
      }
      out[at + last]! += tailProduct;
      for (let p = 0; p < tail.length; p++) out[at + tail[p]!]! += others[p]!;
    }
  });
}
