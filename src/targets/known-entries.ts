// The known cells of a dense tensor as a list of entries.
import { advance } from '../tensor/coordinate.js';
import { knownCells, type PartlyKnownTensor } from '../tensor/partly-known.js';
import { isPauseDue, type Work } from '../yield.js';
import type { ObservedTarget } from './observed.js';

/** In the order of the cells. O(cells) */
export function* knownEntries(target: PartlyKnownTensor): Work<ObservedTarget> {
  const { shape, data, known } = target;
  const order = shape.length;
  const count = knownCells(target);
  const indices = new Uint32Array(count * order);
  const values = new Float64Array(count);
  const index = new Uint32Array(order);
  let next = 0;
  for (let at = 0; at < data.length; at++) {
    if (known?.[at] !== 0) {
      indices.set(index, next * order);
      values[next++] = data[at]!;
    }
    advance(index, shape);
    if (isPauseDue(20)) yield;
  }
  return { kind: 'observed', shape, count, indices, values };
}
