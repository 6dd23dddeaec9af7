// Entries as Fortran, MATLAB and Tensor Toolbox write them. Used by ktensor.ts and mat.ts.
import type { DenseTensor } from '../tensor/dense.js';
import { permuteModes } from '../tensor/permute.js';

/** Of entries whose first index changes fastest, those in row-major order. */
export function rowMajor(data: Float64Array, shape: readonly number[]): DenseTensor['data'] {
  const modes = Array.from(shape.keys()).reverse();
  return permuteModes({ shape: modes.map((mode) => shape[mode] ?? 0), data }, modes).data;
}
