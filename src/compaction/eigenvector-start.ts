// The components of a symmetric tensor without noise that has no more of them than dimensions, by an eigenvalue problem and not by
// descent. Two mixtures of its slices by random vectors x and y are
//   A = T(·, ·, x, …, x) = U D_x Uᵀ,   B = T(·, ·, y, …, y) = U D_y Uᵀ,   U = [u_1 … u_d],   D_x = diag(c_k ⟨u_k, x⟩^{l−2}),
// so A w = λ B w has the columns of U⁻ᵀ as eigenvectors, and B w_k is a multiple of u_k (Leurgans, Ross & Abel, "A decomposition for
// three-way arrays", SIAM J. Matrix Anal. Appl. 14 (1993), after R. Jennrich). Weights by least squares, the last digits by Gauss-Newton.
// In as many dimensions as its fibers span, a tensor has at least as many components as dimensions: a model that fits is the smallest.
import { multiply } from '../linalg/algebra.js';
import { pencilSteps } from '../linalg/pencil.js';
import { power } from '../linalg/power.js';
import type { SymmetricView } from '../handles/views/symmetric-view.js';
import type { RandomStream } from '../random/stream.js';
import type { SymmetricKruskal } from '../tensor/kruskal.js';
import { transpose, type Matrix } from '../tensor/matrix.js';
import { largestWeight, normalize } from '../tensor/normalize.js';
import { unpackSymmetric, type SymmetricTensor } from '../tensor/symmetric.js';
import { contractMode } from '../tensor/symmetric-core.js';
import type { Work } from '../yield.js';
import { polished } from './polish-symmetric.js';
import { prune } from './prune.js';
import { refit } from './refit.js';

/** Dimensions up to which the eigenvalue problem takes a second or less: 2/3 · d⁴ flops, 8/3 · d⁴ where all eigenvalues are complex. */
const maxDim = 128;
/** Pairs of mixtures that are tried: one is enough unless two eigenvalues nearly coincide. */
const maxMixtures = 3;
/** A start further off than this is no solution that rounding has blurred, and is not worth a polish. */
const promising = 1e-3;

export interface ExactTolerances {
  /** A model with a relative error below this is exact. */
  readonly rankTolerance: number;
  /** Components up to this share of the strongest are rounding. */
  readonly keptShare: number;
}

/** An exact model of the target with at most `dim` components, where there is one and it can be found this way. Unit vectors. */
export function* eigenvectorModel(
  view: SymmetricView,
  random: RandomStream,
  { rankTolerance, keptShare }: ExactTolerances,
): Work<SymmetricKruskal | undefined> {
  const { order, dim } = view;
  if (order < 3 || dim > maxDim) return undefined;
  for (let attempt = 0; attempt < maxMixtures; attempt++) {
    const a = yield* sliceMixture(view, random.unitVectors(1, dim).data);
    const b = yield* sliceMixture(view, random.unitVectors(1, dim).data);
    if (!a || !b) return undefined;
    const eigenvectors = yield* pencilSteps(a, b);
    if (!eigenvectors) continue;
    const weights = new Float64Array(dim).fill(1);
    const directions = normalize({ order, weights, vectors: transpose(multiply(b, eigenvectors)) });
    const fitted = yield* refit(view, directions);
    const kept = prune(fitted, keptShare * largestWeight(fitted));
    if (kept.weights.length === 0 || view.quickError(kept) > promising) continue;
    const { kruskal, relativeError } = yield* polished(view, kept);
    if (relativeError < rankTolerance) return kruskal;
  }
  return undefined;
}

/** T(·, ·, x, …, x), [dim, dim]; undefined where the target is neither formed nor given by its components. */
function* sliceMixture(view: SymmetricView, x: Float64Array): Work<Matrix | undefined> {
  const { packed, components } = view;
  if (packed) {
    let part: SymmetricTensor = packed;
    while (part.order > 2) part = yield* contractMode(part, x);
    return { rows: part.dim, columns: part.dim, data: Float64Array.from(unpackSymmetric(part).data) };
  }
  return components && componentMixture(components, x);
}

/** Σ_k c_k ⟨u_k, x⟩^{order − 2} u_k u_kᵀ */
function componentMixture({ order, weights, vectors }: SymmetricKruskal, x: Float64Array): Matrix {
  const { rows, columns, data } = vectors;
  const products = multiply(vectors, { rows: columns, columns: 1, data: x }).data;
  const scaled = new Float64Array(data.length);
  for (let k = 0; k < rows; k++) {
    const factor = weights[k]! * power(products[k]!, order - 2);
    for (let n = k * columns; n < (k + 1) * columns; n++) scaled[n] = factor * data[n]!;
  }
  return multiply(transpose(vectors), { rows, columns, data: scaled });
}
