// Samples that stand for a moment tensor, T = Σ_t weights[t] · x_t^{⊗ order}, or for the fourth cumulant of whitened samples; neither
// is ever formed. The moment is a tensor in factored form with the samples as vectors, so contractFactored contracts it; where
// the samples are too many for one array, chunk after chunk with `accumulate`. The cumulant then takes one subtractGaussian:
//   T(·, u, u, u) = Σ_t weights[t] ⟨x_t, u⟩³ x_t − 3 ‖u‖² u
import { InputError } from '../errors.js';
import type { Matrix } from '../tensor/matrix.js';
import { finiteFloat64 } from '../tensor/numbers.js';
import { euclideanNorm } from '../tensor/square-sum.js';
import { shown } from '../names.js';
import { isList, isObject, requireForm, requireList } from '../tensor/require.js';

export interface MomentsTarget {
  readonly kind: 'moments';
  readonly order: number;
  readonly dim: number;
  /** `[count, dim]`, one sample a row. */
  readonly samples: Matrix;
  /** `[count]` */
  readonly weights: Float64Array;
  /** The fourth cumulant instead of the moment. */
  readonly cumulant: boolean;
}

export interface MomentsInput {
  /** Number of modes, 2 to 8. */
  readonly order: number;
  /** `[count, dim]`, one sample a row: a Matrix, or rows. */
  readonly samples: Matrix | readonly ArrayLike<number>[];
  /** `[count]`. Default: 1 / count each. */
  readonly weights?: ArrayLike<number>;
  /**
   * Take the fourth cumulant: what is left of the fourth moment when that of a standard normal vector is subtracted. Order 4 and
   * whitened samples only (mean 0, covariance I). Default: false.
   */
  readonly cumulant?: boolean;
}

const maxOrder = 8;
/** How far mean and variances of whitened samples may be from 0 and 1: whitening by other samples leaves about √(2 / count). */
const whiteTolerance = 0.1;

/**
 * A symmetric target of samples x_t: their moment `Σ_t weights[t] · x_t^{⊗ order}`, or with `cumulant` the fourth cumulant of whitened
 * ones. The tensor is never formed.
 *
 * @example
 * ```ts
 * import { decompose, matrix, moments } from 'polyadic';
 *
 * const samples = matrix(2, 2, [1, 0, 0, 2]);
 * const { kruskal } = await decompose(moments({ order: 3, samples })); // ½ e₀⊗e₀⊗e₀ + 4 e₁⊗e₁⊗e₁
 * console.log(kruskal.weights.map((weight) => Number(weight.toFixed(3)))); // Float64Array(2) [ 4, 0.5 ]
 * ```
 * @throws InputError when sizes do not fit, an entry is not finite, a cumulant is asked of samples that are not white, or moments leave
 * float64.
 */
export function moments(input: MomentsInput): MomentsTarget {
  const expected = '{ order, samples }';
  requireForm('moments', input, isObject(input), { name: 'the moment', expected, remedy: 'Give such an object' });
  const { order, samples, weights, cumulant = false } = input;
  if (!Number.isInteger(order) || order < 2 || order > maxOrder) {
    throw new InputError(
      `moments: expected an order from 2 to ${maxOrder}, got ${shown(order)}. Give the number of modes.`,
    );
  }
  if (cumulant && order !== 4) {
    throw new InputError(
      `moments: expected order 4 for a cumulant, got ${order}. Leave cumulant out, or take order 4.`,
    );
  }
  const matrix = matrixOf(samples);
  const { rows: count, columns: dim } = matrix;
  const wanted = { who: 'moments', expected: 'finite weights', remedy: 'Remove it' };
  if (weights !== undefined) requireList('moments', 'weights', weights);
  const kept = weights ? finiteFloat64(weights, wanted) : new Float64Array(count).fill(1 / count);
  if (kept.length !== count) {
    throw new InputError(
      `moments: expected ${count} weights, one per sample, got ${kept.length}. Give one per row of samples.`,
    );
  }
  requireMomentsOfFloat64(matrix, kept, order);
  const target: MomentsTarget = { kind: 'moments', order, dim, samples: matrix, weights: kept, cumulant };
  if (cumulant) requireWhite(target);
  return target;
}

function matrixOf(samples: MomentsInput['samples']): Matrix {
  if (isObject(samples) && !isList(samples) && isList(samples.data)) {
    const { rows, columns, data } = samples;
    if (rows > 0 && columns > 0 && data.length === rows * columns) {
      const place = (at: number): string => `in sample ${Math.floor(at / columns)}, coordinate ${at % columns}`;
      return { rows, columns, data: finiteFloat64(data, { ...wantedSamples, place }) };
    }
    throw new InputError(
      `moments: expected samples [count, dim] with at least one number, got ${data.length} entries for [${shown(rows)}, ${shown(columns)}]. Give one sample a row.`,
    );
  }
  requireList('moments', 'samples', samples);
  Array.from(samples).forEach((row, t) => {
    requireList('moments', `samples[${t}]`, row);
  });
  const columns = samples[0]?.length ?? 0;
  const uneven = samples.find((row) => row.length !== columns);
  if (columns === 0 || uneven) {
    throw new InputError(
      `moments: expected rows of one length ≥ 1, got ${uneven ? `${columns} and ${uneven.length}` : 'none'}. Give one sample a row.`,
    );
  }
  const data = new Float64Array(samples.length * columns);
  samples.forEach((row, t) => {
    const place = (k: number): string => `in sample ${t}, coordinate ${k}`;
    data.set(finiteFloat64(row, { ...wantedSamples, place }), t * columns);
  });
  return { rows: samples.length, columns, data };
}

/** Moments of samples of size s are of size s^order · Σ |weight|, which has to be a float64 of full precision. */
function requireMomentsOfFloat64({ data }: Matrix, weights: Float64Array, order: number): void {
  const size = euclideanNorm(data) / Math.sqrt(data.length);
  const total = weights.reduce((sum, weight) => sum + Math.abs(weight), 0);
  if (size === 0 || total === 0) return;
  requireExact('samples', size, size ** order, order);
  requireExact('weights', total, size ** order * total, order);
}

function requireExact(what: 'samples' | 'weights', size: number, moment: number, order: number): void {
  if (moment >= minMoment && moment <= largestMoment) return;
  const power = `1e${Math.round(Math.log10(size))}`;
  throw new InputError(
    `moments: expected samples whose moments of order ${order} fit float64, got ${what} of size about ${power}. Divide them by ${power}.`,
  );
}

/** Float64 keeps its precision down to 2e-308 and ends at 2e308; sums of moments need some room. */
const minMoment = 1e-303;
const largestMoment = 1e303;

const wantedSamples = { who: 'moments', expected: 'finite samples', remedy: 'Remove it' };

/** Checks weighted mean and variance of every coordinate (not the covariances: that would cost count · dim²). */
function requireWhite({ samples, weights, dim }: MomentsTarget): void {
  for (let k = 0; k < dim; k++) {
    let mean = 0;
    let square = 0;
    weights.forEach((weight, t) => {
      const x = samples.data[t * dim + k]!;
      mean += weight * x;
      square += weight * x * x;
    });
    if (!(Math.abs(mean) <= whiteTolerance && Math.abs(square - 1) <= whiteTolerance)) {
      throw new InputError(
        `moments: expected whitened samples for a cumulant (mean 0, variance 1), got mean ${mean.toPrecision(3)} and mean square ${square.toPrecision(3)} in coordinate ${k}. Give whiten(samples).samples.`,
      );
    }
  }
}
