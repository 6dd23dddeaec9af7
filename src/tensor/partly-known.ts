// A dense tensor of which some cells may be missing. A missing cell holds 0, so that sums over all cells (norms, inner
// products, MTTKRP) are sums over the known ones. Fits minimize, and relative errors count, the known cells only.
import type { DenseTensor } from './dense.js';

export interface PartlyKnownTensor extends DenseTensor {
  /** `[size]`, row-major: 1 where a cell is known, 0 where it is missing. Every cell is known when it is left out. */
  readonly known?: Uint8Array;
}

/** Up to this part of the cells missing, they are few. */
const maxGaps = 0.1;

export function knownCells({ data, known }: PartlyKnownTensor): number {
  if (!known) return data.length;
  let count = 0;
  for (let at = 0; at < known.length; at++) count += known[at]!;
  return count;
}

/** Where the missing cells are in the data, ascending. */
export function missingCells(known: Uint8Array): Uint32Array {
  const cells = new Uint32Array(known.length);
  let count = 0;
  for (let at = 0; at < known.length; at++) if (known[at] === 0) cells[count++] = at;
  return cells.slice(0, count);
}

/** Whether more than a tenth of the cells are missing. */
export const hasManyMissing = (tensor: PartlyKnownTensor): boolean =>
  knownCells(tensor) < (1 - maxGaps) * tensor.data.length;
