// Whitening: a linear change of coordinates after which samples have mean 0 and covariance I, as cumulants ask for.
//   y_t = Σ^{−1/2} (x_t − mean),   Σ = (1/count) Σ_t (x_t − mean)(x_t − mean)ᵀ
// The symmetric root is the one among all whitenings that moves the samples least (Kessy, Lewin & Strimmer, "Optimal Whitening and
// Decorrelation", The American Statistician 72, 2018).
import { InputError } from '../errors.js';
import { symmetricEigen, type EigenResult } from '../linalg/eigen.js';
import { unitOf } from '../tensor/square-sum.js';
import { matrix, type Matrix } from '../tensor/matrix.js';
import { requireMatrix } from '../tensor/require.js';

export interface Whitening {
  /** `[count, dim]`: the white samples y, one per row. */
  readonly samples: Matrix;
  /** `[dim]` */
  readonly mean: Float64Array;
  /** `[dim, dim]` Σ^{−1/2}, symmetric: y = transform · (x − mean). */
  readonly transform: Matrix;
  /** `[dim, dim]` Σ^{1/2}, symmetric: a direction u among white samples is inverse · u among the given ones. */
  readonly inverse: Matrix;
}

/** Variance of the weakest direction, relative to the strongest one's, below which there is nothing but rounding. */
const minVariance = 1e-12;

/**
 * White samples from samples `[count, dim]`, one per row, and how to go back. For samples x = A s of independent sources s, the
 * components of `moments({ order: 4, samples: white, cumulant: true })` are directions u_j with A_j ∝ inverse · u_j, and ⟨u_j, y_t⟩
 * is source j at t up to sign. Cost O(count · dim² + dim³).
 *
 * @example
 * ```ts
 * import { matrix, moments, whiten } from 'polyadic';
 *
 * const { samples, mean } = whiten(matrix(4, 2, [1, 0, 3, 0, 2, 1, 2, -1]));
 * const target = moments({ order: 4, samples, cumulant: true });
 * console.log(mean, target.dim); // Float64Array(2) [ 2, 0 ] 2
 * ```
 * @throws InputError for numbers that are not finite, and for samples that do not vary in every direction.
 */
export function whiten(samples: Matrix): Whitening {
  requireMatrix('whiten', 'samples', samples);
  const { rows: count, columns: dim, data } = samples;
  if (data.some((value) => !Number.isFinite(value))) {
    throw new InputError('whiten: expected finite samples, got NaN or Infinity. Remove them.');
  }
  const mean = meanOf(samples);
  const unscaled = data.map((value, at) => value - mean[at % dim]!);
  const unit = unitOf(unscaled);
  const centered = unscaled.map((value) => value / unit);
  const eigen = symmetricEigen(covarianceOf(centered, count, dim));
  const largest = eigen.values[0] ?? 0;
  const smallest = eigen.values[dim - 1] ?? 0;
  if (!(smallest > minVariance * largest)) {
    throw new InputError(
      `whiten: expected ${count} samples that vary in all ${dim} directions, got variances from ${(largest * unit * unit).toExponential(1)} down to ${(smallest * unit * unit).toExponential(1)}. Give more samples, or drop coordinates that follow from others.`,
    );
  }
  const transform = power(eigen, -1 / 2);
  return {
    samples: matrix(count, dim, product(centered, transform.data, dim)),
    mean,
    transform: times(transform, 1 / unit),
    inverse: times(power(eigen, 1 / 2), unit),
  };
}

function meanOf({ rows, columns, data }: Matrix): Float64Array {
  const mean = new Float64Array(columns);
  data.forEach((value, at) => (mean[at % columns]! += value / rows));
  return mean;
}

function covarianceOf(centered: Float64Array, count: number, dim: number): Matrix {
  const sums = new Float64Array(dim * dim);
  for (let first = 0; first < centered.length; first += dim) {
    for (let i = 0; i < dim; i++) {
      for (let j = 0; j < dim; j++) sums[i * dim + j]! += centered[first + i]! * centered[first + j]!;
    }
  }
  return matrix(
    dim,
    dim,
    sums.map((sum) => sum / count),
  );
}

/** V · diag(values^exponent) · Vᵀ */
function power({ values, vectors }: EigenResult, exponent: number): Matrix {
  const dim = values.length;
  const data = new Float64Array(dim * dim);
  values.forEach((value, n) => {
    const factor = value ** exponent;
    for (let i = 0; i < dim; i++) {
      for (let j = 0; j < dim; j++) {
        data[i * dim + j]! += factor * vectors.data[i * dim + n]! * vectors.data[j * dim + n]!;
      }
    }
  });
  return matrix(dim, dim, data);
}

const times = (a: Matrix, factor: number): Matrix => ({ ...a, data: a.data.map((value) => value * factor) });

/** Rows of `a` times a symmetric matrix. */
function product(a: Float64Array, symmetric: Float64Array, dim: number): Float64Array {
  const out = new Float64Array(a.length);
  for (let first = 0; first < a.length; first += dim) {
    for (let i = 0; i < dim; i++) {
      let sum = 0;
      for (let k = 0; k < dim; k++) sum += symmetric[i * dim + k]! * a[first + k]!;
      out[first + i] = sum;
    }
  }
  return out;
}
