// A symmetric target in factored form, seen by the float64 work: every question is one about inner products of vectors.
import { gramRelativeError } from '../../analysis/relative-error.js';
import { power } from '../../linalg/power.js';
import { norm } from '../../tensor/inner-product.js';
import type { SymmetricKruskal } from '../../tensor/kruskal.js';
import { rankBound } from './rank-bound.js';
import { residualMeter } from './residual-error.js';
import type { SymmetricView } from './symmetric-view.js';
import { targetSpan } from './target-span.js';

/** Contraction: T*(·, x, …, x) = Σ_k c_k ⟨u_k, x⟩^{l−1} u_k. Exact targets: never noisy. */
export function factoredView(target: SymmetricKruskal, given?: SymmetricView['given']): SymmetricView {
  const { order, weights, vectors } = target;
  const dim = vectors.columns;
  let measure: ReturnType<typeof residualMeter> | undefined;

  function contract(x: Float64Array, count: number, out: Float64Array): void {
    out.fill(0, 0, count * dim);
    for (let i = 0; i < count; i++) {
      for (let k = 0; k < weights.length; k++) {
        let product = 0;
        for (let n = 0; n < dim; n++) product += x[i * dim + n]! * vectors.data[k * dim + n]!;
        const scale = weights[k]! * power(product, order - 1);
        for (let n = 0; n < dim; n++) out[i * dim + n]! += scale * vectors.data[k * dim + n]!;
      }
    }
  }

  return {
    order,
    dim,
    given: given ?? { order, dim },
    contract,
    noisy: false,
    components: target,
    norm: norm(target),
    workOf: (components) => (components + weights.length) ** 2 * dim,
    measure: (model) => (measure ??= residualMeter(target))(model),
    quickError: (model) => gramRelativeError(model, target),
    rankBound: (tolerance) => rankBound(target, tolerance),
    span(compress = true) {
      const { target: small, project, restore } = targetSpan(target, compress);
      return {
        view: factoredView(small, given ?? { order, dim }),
        project,
        restore,
      };
    },
  };
}
