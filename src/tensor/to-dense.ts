// The dense tensor that a Kruskal tensor stands for, in float64. For small tensors, tests and files;
// errors are computed fiber by fiber instead (src/analysis/relative-error.ts).
import { forEachFiber } from './fibers.js';
import { shapeOf } from './kruskal.js';
import type { AnyKruskal } from './kruskal.js';
import type { DenseTensor } from './dense.js';
import { sizeOf } from './shape.js';
import { requireModel, zeros } from './require.js';

/**
 * T[i_0, …] = Σ_r weights[r] · Π_k factors[k][i_k, r], row-major. Cost O(N·rank).
 *
 * @example
 * ```ts
 * import { kruskal, matrix, toDense } from 'polyadic';
 *
 * console.log(toDense(kruskal([1], [matrix(2, 1, [1, 2]), matrix(2, 1, [3, 4])])).data); // Float64Array(4) [ 3, 4, 6, 8 ]
 * ```
 */
export function toDense(model: AnyKruskal): DenseTensor & { readonly data: Float64Array } {
  requireModel('toDense', model);
  const shape = shapeOf(model);
  const data = zeros('toDense', sizeOf(shape));
  forEachFiber(model, (fiber, offset) => data.set(fiber, offset));
  return { shape, data };
}
