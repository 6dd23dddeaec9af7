// CP models of a compressed tensor X̂ = G ×_1 U_1 … ×_N U_N whose factors have the size of the tensor, as constraints on their entries
// need: products with X̂ are products with the small core G,
//   X̂_(n) (⊙_{m≠n} A_m) = U_n · G_(n) (⊙_{m≠n} U_mᵀA_m),     ‖X̂ − M‖² = ‖G‖² − 2⟨G, M_core⟩ + ‖M‖²
// at (size of the core + Σ sizes · core sizes) · rank flops. Errors are those of the full tensor, ‖X − X̂‖² + ‖X̂ − M‖²; what ‖X − M‖²
// has beyond that, twice ⟨X − X̂, M⟩, is left to a last fit of the full tensor.
import { cpNormalMatrix } from '../compaction/cp-normal-matrix.js';
import type { Compression } from '../compression/compress.js';
import type { LeastSquaresProblem } from '../least-squares/gauss-newton.js';
import { hadamard, multiply } from '../linalg/algebra.js';
import { dot } from '../linalg/dot.js';
import { boundedModes, movableModes, type Constraints } from '../tensor/constraints.js';
import { mttkrpAllSteps, mttkrpSteps } from '../tensor/cp-products.js';
import type { Kruskal } from '../tensor/kruskal.js';
import { columnProducts, matrix, transpose, type Matrix } from '../tensor/matrix.js';
import { sumOfSquares } from '../tensor/square-sum.js';
import { absorbWeights, balanceModes, modeViews } from '../tensor/stacked.js';
import { isPauseDue, type Work } from '../yield.js';

/** ‖G‖² − 2⟨G, M⟩ + ‖M‖² rounds to this part of ‖X‖²: some tens of roundings of numbers of that size. */
export const squaredErrorFloor = 64 * Number.EPSILON;

/** min √(‖X − X̂‖² + ‖X̂ − M‖²) over the stacked factors of M, [Σ shape, rank]. */
export function compressedProblem(compression: Compression, rank: number): LeastSquaresProblem {
  const { shape, bases, core, squaredNorm, outside } = compression;
  const inside = sumOfSquares(core.data);
  const projections = bases.map(transpose);
  const normal = cpNormalMatrix(shape, rank);

  const factorsAt = (x: Float64Array): Matrix[] =>
    modeViews(shape, rank, x).map((data, mode) => ({ rows: shape[mode]!, columns: rank, data }));
  const inCore = (factors: readonly Matrix[]): Float64Array[] =>
    factors.map((factor, mode) => multiply(projections[mode]!, factor).data);

  function* objective(x: Float64Array): Work<number> {
    const factors = factorsAt(x);
    const projected = inCore(factors);
    const product = new Float64Array(projected[0]!.length);
    yield* mttkrpSteps(core.shape, rank, projected, 0, core.data, product);
    const inner = dot(product, projected[0]!);
    const grams = factors.map((factor) => columnProducts(factor, factor)).reduce(hadamard);
    const norm = sumOf(grams.data);
    return Math.sqrt(outside + Math.max(0, inside - 2 * inner + norm));
  }

  function* linearize(x: Float64Array, gradient: Float64Array): Work<void> {
    const factors = factorsAt(x);
    const projected = inCore(factors);
    const products = projected.map((factor) => new Float64Array(factor.length));
    yield* mttkrpAllSteps(core.shape, rank, projected, core.data, products);
    const grams = factors.map((factor) => columnProducts(factor, factor));
    modeViews(shape, rank, gradient).forEach((out, mode) => {
      const others = grams.filter((_, k) => k !== mode).reduce(hadamard);
      const own = multiply(factors[mode]!, others).data;
      const target = multiply(bases[mode]!, matrix(core.shape[mode]!, rank, products[mode])).data;
      subtract(own, target, out);
    });
    normal.moveTo(x);
  }

  return {
    ...normal,
    objective,
    floor: () => Math.sqrt(outside + squaredErrorFloor * squaredNorm),
    linearize,
    normalize: (x) => balanceModes(shape, rank, x),
  };
}

/**
 * Hierarchical alternating least squares on the compressed tensor: column after column the best one under the constraints,
 *   a_r ← a_r + (P_r − A Γ_r) / Γ_rr,   P = X̂_(n) (⊙_{m≠n} A_m),   Γ = ∘_{m≠n} A_mᵀA_m,
 * with its negative entries cut off in nonnegative modes. Ends where a sweep lowers the squared error by less than `tolerance` of it.
 * A start without negative entries gives a model without any. Cichocki & Phan, "Fast local algorithms for large scale nonnegative matrix
 * and tensor factorizations", IEICE Trans. Fundamentals E92-A (2009).
 */
export function* hals(
  { shape, bases, core, outside }: Compression,
  start: Kruskal,
  constraints: Constraints,
  { sweeps, tolerance }: { readonly sweeps: number; readonly tolerance: number },
): Work<Kruskal> {
  const rank = start.weights.length;
  const movable = movableModes(shape, constraints);
  const bounded = boundedModes(shape, constraints);
  const { weights, factors } = absorbWeights(start, movable);
  const projections = bases.map(transpose);
  const projected = factors.map((factor, mode) => multiply(projections[mode]!, factor).data);
  const grams = factors.map((factor) => columnProducts(factor, factor));
  const inside = sumOfSquares(core.data);
  let before = Infinity;
  for (let sweep = 0; sweep < sweeps; sweep++) {
    let error = 0;
    for (const mode of movable) {
      const inCore = matrix(core.shape[mode]!, rank);
      yield* mttkrpSteps(core.shape, rank, projected, mode, core.data, inCore.data);
      const product = multiply(bases[mode]!, inCore);
      const others = grams.filter((_, k) => k !== mode).reduce(hadamard);
      const factor = factors[mode]!;
      updateColumns(factor, product, others, bounded.includes(mode));
      projected[mode] = multiply(projections[mode]!, factor).data;
      grams[mode] = columnProducts(factor, factor);
      error = outside + inside - 2 * dot(product.data, factor.data) + dot(others.data, grams[mode].data);
      if (isPauseDue(6 * shape[mode]! * rank * (core.shape[mode]! + rank))) yield;
    }
    if (before - error < tolerance * error) break;
    before = error;
  }
  return { weights, factors };
}

function sumOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

function subtract(a: Float64Array, b: Float64Array, out: Float64Array): void {
  for (let at = 0; at < out.length; at++) out[at] = a[at]! - b[at]!;
}

/** No row knows of the others, so that each takes its columns in turn while it is at hand. */
function updateColumns({ columns, data }: Matrix, product: Matrix, gram: Matrix, isBounded: boolean): void {
  const wanted = product.data;
  const curvatures = gram.data;
  for (let row = 0; row < data.length; row += columns) {
    for (let r = 0, from = 0; r < columns; r++, from += columns) {
      const curvature = curvatures[from + r]!;
      if (!(curvature > 0)) continue;
      let change = wanted[row + r]!;
      for (let s = 0; s < columns; s++) change -= data[row + s]! * curvatures[from + s]!;
      const moved = data[row + r]! + change / curvature;
      data[row + r] = isBounded && moved < 0 ? 0 : moved;
    }
  }
}
