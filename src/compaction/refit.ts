// The third stage of compaction: the best weights for given directions, and what each component is worth.
//   min_c ‖Σ c_i u_i^{⊗l} − T*‖:   G c = b,   G = (UUᵀ)^{∘l},   b_i = T*(u_i, …, u_i)
// Dropping component i and refitting the others raises the squared error by c_i² / (G⁻¹)_ii, for all i from one G⁻¹.
import { identity, shifted } from '../linalg/algebra.js';
import { factorSteps, inverseSteps } from '../linalg/cholesky.js';
import { power } from '../linalg/power.js';
import { solveSymmetricSteps } from '../linalg/solve-symmetric.js';
import { rowProducts, type Matrix } from '../tensor/matrix.js';
import type { SymmetricKruskal } from '../tensor/kruskal.js';
import { strengthSteps, type SymmetricView } from '../handles/views/symmetric-view.js';
import { isPauseDue, type Work } from '../yield.js';

/** Eigenvalues of G below this, relative to the largest, are rounding and are left out. */
const truncation = 1e-12;
/** Cholesky is trusted while its squared pivots stay above this times the diagonal: far from the truncation. */
const safePivot = 1e-9;

/** The model's directions with the least-squares weights. Expects unit vectors. Cost O(m²·dim + m³) and one contraction. */
export function* refit(target: SymmetricView, model: SymmetricKruskal): Work<SymmetricKruskal> {
  const gram = componentGram(model.vectors, model.vectors, model.order);
  if (isPauseDue(gramFlops(model))) yield;
  const right = yield* strengthSteps(target, model.vectors);
  const inverse = yield* invert(gram);
  const m = right.length;
  const weights = new Float64Array(m);
  // Twice: the second pass takes off what the rounding of the first left.
  for (let pass = 0; pass < 2; pass++) {
    const rest = right.slice();
    for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) rest[i]! -= gram.data[i * m + j]! * weights[j]!;
    for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) weights[i]! += inverse[i * m + j]! * rest[j]!;
    if (isPauseDue(4 * m * m)) yield;
  }
  return { order: model.order, weights, vectors: model.vectors };
}

/** Rise of the squared error by dropping each component and refitting the others; the model must be refitted. [m] */
export function* dropCosts(model: SymmetricKruskal): Work<Float64Array> {
  const m = model.weights.length;
  // Shifted, so that the cost of a component that the others can replace comes out near 0.
  const gram = shifted(componentGram(model.vectors, model.vectors, model.order), 2 * m * truncation);
  if (isPauseDue(gramFlops(model))) yield;
  const inverse = yield* invert(gram);
  return model.weights.map((weight, i) => {
    const slack = inverse[i * m + i]!;
    return slack > 0 ? (weight * weight) / slack : 0;
  });
}

/** The components and what it costs to take each out, the cheapest first; the model must be refitted. */
export function* cheapestFirst(model: SymmetricKruskal): Work<{ readonly component: number; readonly cost: number }[]> {
  const costs = yield* dropCosts(model);
  return Array.from(costs, (cost, component) => ({ component, cost })).sort((a, b) => a.cost - b.cost);
}

/** Inner products of components without weights, (ABᵀ)^{∘order}. */
export function componentGram(a: Matrix, b: Matrix, order: number): Matrix {
  const products = rowProducts(a, b);
  for (let i = 0; i < products.data.length; i++) products.data[i] = power(products.data[i]!, order);
  return products;
}

/** Of componentGram of a model with itself; a power takes some twenty. */
const gramFlops = ({ weights: { length: m }, vectors }: SymmetricKruskal): number =>
  m * (2 * vectors.data.length + 20 * m);

/** G⁻¹ by Cholesky, or the pseudo-inverse where G is close to singular. */
function* invert({ rows: m, data }: Matrix): Work<Float64Array> {
  const lower = data.slice();
  let safe = yield* factorSteps(lower, m);
  for (let i = 0; i < m && safe; i++) safe = lower[i * m + i]! ** 2 > safePivot * data[i * m + i]!;
  if (safe) return yield* inverseSteps(lower, m);
  const solved = yield* solveSymmetricSteps({ rows: m, columns: m, data }, identity(m), truncation);
  return solved.data;
}
