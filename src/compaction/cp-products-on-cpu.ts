// The products of cp-problem.ts that read a whole tensor, in float64. Where all cells are known and the error is no less than about 0.5 %,
// without a residual, by what the tensor shares with the model and by the model's own Gram matrices G_k = U_kᵀU_k (cp-correlation.ts):
//   ‖M − X‖² = ‖X‖² − 2 ⟨X, M⟩ + Σ_{c,d} ∏_k G_k[c, d],   gradient by U_n = U_n Γ_n − MTTKRP_n,   Γ_n = ∘_{k≠n} G_k
// at 2 · size · rank flops each. Below, these differences have too few digits, and the residual is made.
import { cpCorrelation } from '../tensor/cp-correlation.js';
import { cpResidualSteps, mttkrpAllSteps } from '../tensor/cp-products.js';
import { denseNorm } from '../tensor/dense.js';
import type { PartlyKnownTensor } from '../tensor/partly-known.js';
import { euclideanNorm } from '../tensor/square-sum.js';
import { modeViews } from '../tensor/stacked.js';
import type { Work } from '../yield.js';
import { multiplyRows, sumColumnProducts } from './cp-normal-matrix.js';

/** What reads the whole tensor. */
export interface CpProducts {
  /** ‖E‖ at the stacked factors x. */
  norm(x: Float64Array): Work<number>;
  /** Fills the gradient of ½‖E‖² at the x of the last `norm`. */
  gradient(x: Float64Array, out: Float64Array): Work<void>;
}

/** The three terms have a rounding error of about ten ε each; a difference of this part of their sizes keeps ten digits. */
const minDifference = 1e10 * 10 * Number.EPSILON;
/** Squares between these are right to the last digits. */
const smallest = 2 ** -900;
const largest = 2 ** 900;

/** `targetNorm`: ‖X‖, over the known cells. */
export function cpProductsOnCpu(target: PartlyKnownTensor, rank: number, targetNorm = denseNorm(target)): CpProducts {
  const { shape, data, known } = target;
  const order = shape.length;
  const square = rank * rank;
  const squaredNorm = known ? NaN : targetNorm ** 2;
  const correlation = cpCorrelation(shape, rank, data);
  const grams = shape.map(() => new Float64Array(square));
  let buffer: Float64Array | undefined;
  /** Of the last `norm`, where it made one. */
  let residual: Float64Array | undefined;

  function* norm(x: Float64Array): Work<number> {
    const factors = modeViews(shape, rank, x);
    const squaredError = known ? undefined : yield* squaredDifference(factors);
    residual = undefined;
    if (squaredError !== undefined) return Math.sqrt(squaredError);
    residual = buffer ??= new Float64Array(data.length);
    yield* cpResidualSteps(shape, rank, factors, data, residual, known);
    return euclideanNorm(residual);
  }

  /** ‖M − X‖²; undefined where too few digits are left. */
  function* squaredDifference(factors: readonly Float64Array[]): Work<number | undefined> {
    factors.forEach((factor, mode) => sumColumnProducts(rank, 0, factor.length, factor, factor, grams[mode]!, 0));
    let ofModel = 0;
    let sizes = 0;
    for (let at = 0; at < square; at++) {
      let product = 1;
      for (const gram of grams) product *= gram[at]!;
      ofModel += product;
      sizes += Math.abs(product);
    }
    const terms = squaredNorm + sizes;
    if (!(terms > smallest && terms < largest)) return undefined;
    const difference = squaredNorm - 2 * (yield* correlation.innerProduct(factors)) + ofModel;
    return difference > minDifference * terms ? difference : undefined;
  }

  function* gradient(x: Float64Array, out: Float64Array): Work<void> {
    const factors = modeViews(shape, rank, x);
    const gradients = modeViews(shape, rank, out);
    if (residual) {
      yield* mttkrpAllSteps(shape, rank, factors, residual, gradients);
      return;
    }
    yield* correlation.mttkrpAll(gradients);
    const ofOthers = new Float64Array(square);
    for (let n = 0; n < order; n++) {
      ofOthers.fill(1);
      grams.forEach((gram, k) => {
        if (k !== n) for (let at = 0; at < square; at++) ofOthers[at]! *= gram[at]!;
      });
      const product = new Float64Array(factors[n]!.length);
      multiplyRows(rank, 0, product.length, factors[n]!, ofOthers, product);
      const own = gradients[n]!;
      for (let at = 0; at < own.length; at++) own[at] = product[at]! - own[at]!;
    }
  }

  return { norm, gradient };
}
