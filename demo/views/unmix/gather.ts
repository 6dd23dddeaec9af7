// Where the components of a flow have gathered: it works with more of them than there are sources, and several find the same one.
import { normalize, type SymmetricKruskal } from '../../../src/index.js';
import { dot } from '../../arithmetic.js';

/** Components with a larger |cosine| point to the same place. */
const together = 0.9;

export interface Gathering {
  /** A unit vector, that of its strongest component. */
  readonly direction: Float64Array;
  /** Sum of the weights of its components. */
  readonly weight: number;
}

/** Gatherings of a symmetric model, the heaviest first. */
export function gatherings(model: SymmetricKruskal): Gathering[] {
  const { weights, vectors } = normalize(model);
  const { columns: dim, data } = vectors;
  const found: { direction: Float64Array; weight: number }[] = [];
  for (const r of [...weights.keys()].sort((a, b) => Math.abs(weights[b]!) - Math.abs(weights[a]!))) {
    const direction = data.slice(r * dim, (r + 1) * dim);
    const known = found.find((one) => Math.abs(dot(one.direction, direction)) > together);
    if (known) known.weight += weights[r]!;
    else found.push({ direction, weight: weights[r]! });
  }
  return found.sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
}
