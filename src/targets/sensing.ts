// Linear measurements of a tensor as a target: values[j] = ⟨A_j, T⟩, the A_j dense or Kruskal tensors.
import { InputError } from '../errors.js';
import type { Matrix } from '../tensor/matrix.js';
import { finiteFloat64, finiteNumbers } from '../tensor/numbers.js';
import { sizeOf } from '../tensor/shape.js';
import { isInteger, isList, isObject, requireForm, requireList, requireSizes } from '../tensor/require.js';

export interface DenseMeasurements {
  readonly kind: 'dense';
  /** `[count, size]`: one row-major tensor of the target's shape a measurement. */
  readonly data: Float64Array | Float32Array;
}

/** A_j = Σ_s weights[j, s] · factors[0][(j, s), :] ∘ factors[1][(j, s), :] ∘ … */
export interface KruskalMeasurements {
  readonly kind: 'kruskal';
  /** Components of each A_j. */
  readonly terms: number;
  /** `[count, terms]` */
  readonly weights: Float64Array;
  /** One matrix a mode, `[count · terms, shape[mode]]`, one component a row. */
  readonly factors: readonly Matrix[];
}

export interface SensingTarget {
  readonly kind: 'sensing';
  readonly shape: readonly number[];
  /** Number of measurements. */
  readonly count: number;
  /** `[count]` */
  readonly values: Float64Array;
  readonly measurements: DenseMeasurements | KruskalMeasurements;
}

export interface KruskalMeasurementsInput {
  /** One matrix a mode, `[count · terms, shape[mode]]`, the components of a measurement in consecutive rows. */
  readonly factors: readonly Matrix[];
  /** Components of each measurement. Default: 1, rank-one measurements. */
  readonly terms?: number;
  /** `[count, terms]`. Default: ones. */
  readonly weights?: ArrayLike<number>;
}

/**
 * A target of linear measurements, values[j] = ⟨A_j, T⟩: `measurements` is `[count, size]` row-major for dense A_j, or factors for Kruskal
 * ones, which are never formed.
 *
 * @example
 * ```ts
 * import { sensing } from 'polyadic';
 *
 * // Of a 2 × 2 matrix: its trace is 5, its first entry is 2.
 * const target = sensing([2, 2], [1, 0, 0, 1, 1, 0, 0, 0], [5, 2]);
 * console.log(target.count); // 2
 * ```
 * @throws InputError when sizes do not fit or an entry is not finite.
 */
export function sensing(
  shape: readonly number[],
  measurements: ArrayLike<number> | KruskalMeasurementsInput,
  values: ArrayLike<number>,
): SensingTarget {
  requireSizes('sensing', shape);
  requireList('sensing', 'values', values);
  if (shape.length < 2 || shape.some((size) => !Number.isSafeInteger(size) || size < 1)) {
    throw new InputError(
      `sensing: expected at least 2 modes of sizes ≥ 1, got shape [${shape.join(', ')}]. Give the shape of the tensor.`,
    );
  }
  const count = values.length;
  if (count === 0) throw new InputError('sensing: expected at least one measurement, got none. Give values.');
  const kept = finite('values', values);
  const isKruskal = isObject(measurements) && 'factors' in measurements;
  if (!isKruskal) requireList('sensing', 'measurements', measurements);
  const checked = isKruskal ? kruskalOf(shape, count, measurements) : denseOf(shape, count, measurements);
  return { kind: 'sensing', shape: [...shape], count, values: kept, measurements: checked };
}

function denseOf(shape: readonly number[], count: number, data: ArrayLike<number>): DenseMeasurements {
  const size = sizeOf(shape);
  if (data.length !== count * size) {
    throw new InputError(
      `sensing: expected measurements [${count}, ${size}] for ${count} values of shape [${shape.join(', ')}], got ${data.length} entries. Give one tensor a value.`,
    );
  }
  const wanted = { who: 'sensing', expected: 'finite measurements', remedy: 'Leave that measurement out' };
  return { kind: 'dense', data: finiteNumbers(data, wanted) };
}

function kruskalOf(
  shape: readonly number[],
  count: number,
  { factors, terms = 1, weights }: KruskalMeasurementsInput,
): KruskalMeasurements {
  const remedy = 'Give the components of one measurement';
  requireForm('sensing', terms, isInteger(terms) && terms > 0, {
    name: 'terms',
    expected: 'a positive integer',
    remedy,
  });
  const rows = count * terms;
  requireList('sensing', 'factors', factors);
  if (weights !== undefined) requireList('sensing', 'weights', weights);
  if (factors.length !== shape.length) {
    throw new InputError(
      `sensing: expected one factor a mode, ${shape.length} for shape [${shape.join(', ')}], got ${factors.length}. Give [count · terms, size] matrices.`,
    );
  }
  const checked = factors.map((factor, mode) => {
    requireForm('sensing', factor, isObject(factor) && isList(factor.data), {
      name: `factors[${mode}]`,
      expected: 'a matrix { rows, columns, data }',
      remedy: 'Make it by matrix(rows, columns, numbers)',
    });
    const fits = factor.rows === rows && factor.columns === shape[mode] && factor.data.length === rows * factor.columns;
    if (!fits) {
      throw new InputError(
        `sensing: expected factors[${mode}] to be [${rows}, ${shape[mode]}], one row a component of a measurement, got [${factor.rows}, ${factor.columns}]. Give a row for every component.`,
      );
    }
    return { ...factor, data: finite(`factors[${mode}]`, factor.data) };
  });
  const kept = weights ? finite('weights', weights) : new Float64Array(rows).fill(1);
  if (kept.length !== rows) {
    throw new InputError(
      `sensing: expected ${rows} weights, one per component of a measurement, got ${kept.length}. Leave them out for ones.`,
    );
  }
  return { kind: 'kruskal', terms, weights: kept, factors: checked };
}

function finite(what: string, values: ArrayLike<number>): Float64Array {
  return finiteFloat64(values, { who: 'sensing', expected: `finite ${what}`, remedy: 'Leave that measurement out' });
}
