// ‖X − M‖² cell by cell, without the products that the library uses.
import type { DenseTensor } from '../../src/tensor/dense.js';
import type { Kruskal } from '../../src/tensor/kruskal.js';
import { toDense } from '../../src/tensor/to-dense.js';

export function squaredDistance({ data }: DenseTensor, model: Kruskal): number {
  const other = toDense(model).data;
  return other.reduce((sum, value, at) => sum + (value - data[at]!) ** 2, 0);
}
