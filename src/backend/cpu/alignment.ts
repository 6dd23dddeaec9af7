// Weight and nearest known direction of every component. Twin of shaders/alignment.wgsl.ts.
import type { CpuArgs } from './arrays.js';

export function recordComponents(args: CpuArgs<'recordComponents'>): void {
  const { batch, rows, columns, dim, known, slot, vectors, weights, directions, history } = args;
  for (let index = 0; index < batch * rows; index++) {
    const component = Math.floor(index / rows) * columns + (index % rows);
    let correlation = 0;
    let nearest = -1;
    for (let k = 0; k < known; k++) {
      let product = 0;
      for (let n = 0; n < dim; n++) product += vectors[component * dim + n]! * directions[k * dim + n]!;
      if (nearest < 0 || Math.abs(product) > Math.abs(correlation)) {
        correlation = product;
        nearest = k;
      }
    }
    history.set([weights[component]!, correlation, nearest], 3 * (slot * batch * rows + index));
  }
}
