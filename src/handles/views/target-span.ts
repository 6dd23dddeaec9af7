// Compaction in the span of the target's vectors: dim becomes that of the span, the largest weight 1. Nothing is lost, since
// projecting a model onto that span, ‖P(T − T*)‖ ≤ ‖T − T*‖ as P T* = T*, never raises its error nor its number of components.
import { multiply } from '../../linalg/algebra.js';
import { GrowingBasis } from '../../linalg/growing-basis.js';
import type { SymmetricKruskal } from '../../tensor/kruskal.js';
import { transpose, type Matrix } from '../../tensor/matrix.js';
import { largestWeight, normalize } from '../../tensor/normalize.js';
import { prune } from '../../compaction/prune.js';

export interface FactoredSpan {
  /** The target, unit vectors, in the coordinates of the span; largest |weight| 1. */
  readonly target: SymmetricKruskal;
  /** A model in these coordinates and this scale: its projection onto the span, unit vectors. Components outside are gone. */
  readonly project: (model: SymmetricKruskal) => SymmetricKruskal;
  /** A model in these coordinates, as one of the given target, unit vectors. */
  readonly restore: (model: SymmetricKruskal) => SymmetricKruskal;
}

/** Cost O(dim·rank²) for the basis; without it where `compress` is false. */
export function targetSpan(target: SymmetricKruskal, compress = true): FactoredSpan {
  const unit = prune(target, 0);
  const { rows, columns, data } = unit.vectors;
  const scale = largestWeight(unit);
  const basis = compress ? spanned() : undefined;

  /** [dim, k], orthonormal columns; undefined where the vectors fill the space. */
  function spanned(): Matrix | undefined {
    const growing = new GrowingBasis();
    for (let k = 0; k < rows; k++) growing.add(data.slice(k * columns, (k + 1) * columns));
    while (growing.size < columns && growing.grow());
    return growing.size < columns ? growing.columns : undefined;
  }

  function project(model: SymmetricKruskal): SymmetricKruskal {
    const vectors = basis ? multiply(model.vectors, basis) : model.vectors;
    return prune({ ...model, weights: model.weights.map((weight) => weight / scale), vectors }, 0);
  }

  function restore(model: SymmetricKruskal): SymmetricKruskal {
    const vectors = basis ? multiply(model.vectors, transpose(basis)) : model.vectors;
    return normalize({ ...model, weights: model.weights.map((weight) => weight * scale), vectors });
  }

  return { target: project(unit), project, restore };
}
