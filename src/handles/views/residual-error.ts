// The relative error of a symmetric model of a factored target, by the Gram formula in twice float64's precision:
//   ‖E‖² = Σ_{a,b} ω_a ω_b ⟨v_a, v_b⟩^order,   v = [model; target], ω = [weights; −target weights].
// In float64 this sum is noise below √ε = 1.5e-8; here its root is good to about ε, at O((m + r)²·dim) and for any size.
// Every stage of compaction compares models by it.
import { addPair, dotPair, multiplyPair, productError, type DoubleDouble } from '../../linalg/double-double.js';
import type { SymmetricKruskal } from '../../tensor/kruskal.js';
import type { ResidualError } from '../handle.js';

/** Measures models of one target, whose own inner products are summed once. Vectors need not be unit vectors. */
export function residualMeter(target: SymmetricKruskal): (model: SymmetricKruskal) => ResidualError {
  const own = sumOfProducts(target, target);
  const square = own.total[0]! || 1;
  return (model) => {
    const { total, magnitude } = sumOfProducts(model, model);
    const cross = sumOfProducts(model, target);
    addPair(total, -2 * cross.total[0]!, -2 * cross.total[1]!);
    addPair(total, own.total[0]!, own.total[1]!);
    const relativeError = Math.sqrt(Math.max(0, total[0]!) / square);
    // The rounding unit of a pair is about ε²/2; sixteen of them for the sums and the powers.
    const errorFloor = 4 * Number.EPSILON * Math.sqrt((magnitude + 2 * cross.magnitude + own.magnitude) / square);
    return { relativeError, errorFloor };
  };
}

/** Σ_{i,j} a_i b_j ⟨u_i, v_j⟩^order, and the sum of the terms' magnitudes. */
function sumOfProducts(a: SymmetricKruskal, b: SymmetricKruskal): { total: DoubleDouble; magnitude: number } {
  const total = new Float64Array(2);
  const base = new Float64Array(2);
  const term = new Float64Array(2);
  const dim = a.vectors.columns;
  const same = a === b;
  let magnitude = 0;
  for (let i = 0; i < a.weights.length; i++) {
    for (let j = same ? i : 0; j < b.weights.length; j++) {
      dotPair(base, a.vectors.data, i * dim, b.vectors.data, j * dim, dim);
      term.set(base);
      for (let power = 1; power < a.order; power++) multiplyPair(term, base[0]!, base[1]!);
      const x = a.weights[i]! * (same && j > i ? 2 : 1);
      const y = b.weights[j]!;
      const weight = x * y;
      multiplyPair(term, weight, productError(x, y, weight));
      addPair(total, term[0]!, term[1]!);
      magnitude += Math.abs(term[0]!);
    }
  }
  return { total, magnitude };
}
