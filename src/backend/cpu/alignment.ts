// Weight and nearest known direction of every component. Twin of shaders/alignment.wgsl.ts.
import type { RecordComponents } from '../operations/alignment.js';
import { numbers } from './arrays.js';

export function recordComponents({ batch, rows, columns, dim, known, slot, ...arrays }: RecordComponents): void {
  const [vectors, weights] = [numbers(arrays.vectors), numbers(arrays.weights)];
  const [directions, history] = [numbers(arrays.directions), numbers(arrays.history)];
  for (let index = 0; index < batch * rows; index++) {
    const component = Math.floor(index / rows) * columns + (index % rows);
    let [correlation, nearest] = [0, -1];
    for (let k = 0; k < known; k++) {
      let product = 0;
      for (let n = 0; n < dim; n++) product += vectors[component * dim + n]! * directions[k * dim + n]!;
      if (nearest < 0 || Math.abs(product) > Math.abs(correlation)) [correlation, nearest] = [product, k];
    }
    history.set([weights[component]!, correlation, nearest], 3 * (slot * batch * rows + index));
  }
}
