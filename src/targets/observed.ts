// A tensor of which some entries are known: coordinates and values. The rest is what a completion predicts.
import { InputError } from '../errors.js';
import { finiteFloat64 } from '../tensor/numbers.js';
import { requireIndices, requireList, requireSizes } from '../tensor/require.js';

export interface ObservedTarget {
  readonly kind: 'observed';
  readonly shape: readonly number[];
  /** Number of observations. */
  readonly count: number;
  /** `[count, order]` row-major: the multi-index of every observation. */
  readonly indices: Uint32Array;
  /** `[count]` */
  readonly values: Float64Array;
}

const maxOrder = 1024;
const maxRows = 2 ** 31;

/**
 * A target of which some entries are known. `indices` is `[count, order]` row-major, one multi-index per observation, counted from 0.
 * Observations keep their order, and one cell may be observed several times: each is a term of its own in the mean of the loss. Everything
 * is checked and copied before it returns, O(count · order): make large targets in a worker where a page must not wait.
 *
 * @example
 * ```ts
 * import { observed } from 'polyadic';
 *
 * // Cell (0, 0, 1) is 1.5, cell (2, 3, 0) is −2.
 * const target = observed([3, 4, 2], [0, 0, 1, 2, 3, 0], [1.5, -2]);
 * console.log(target.count); // 2
 * ```
 * @throws InputError naming the first entry that is out of range or not finite.
 */
export function observed(
  shape: readonly number[],
  indices: ArrayLike<number>,
  values: ArrayLike<number>,
): ObservedTarget {
  requireSizes('observed', shape);
  requireList('observed', 'indices', indices);
  requireList('observed', 'values', values);
  const order = shape.length;
  requireShape(shape);
  const count = values.length;
  if (count === 0) throw new InputError('observed: expected at least one observation, got none. Give values.');
  if (indices.length !== count * order) {
    throw new InputError(
      `observed: expected indices [${count}, ${order}] for ${count} values of order ${order}, got ${indices.length} entries. Give one multi-index a value.`,
    );
  }
  requireIndices('observed', indices, shape, 'observation');
  const kept = finiteFloat64(values, {
    who: 'observed',
    expected: 'finite values',
    place: (at) => `for observation ${at}`,
    remedy: 'Leave unknown entries out',
  });
  return { kind: 'observed', shape: [...shape], count, indices: new Uint32Array(indices), values: kept };
}

function requireShape(shape: readonly number[]): void {
  if (shape.length < 2 || shape.length > maxOrder) {
    throw new InputError(
      `observed: expected 2 to ${maxOrder} modes, got ${shape.length}. Give the size of every mode in shape.`,
    );
  }
  const rows = shape.reduce((sum, size) => (Number.isInteger(size) && size >= 1 ? sum + size : NaN), 0);
  if (!(rows < maxRows)) {
    throw new InputError(
      `observed: expected sizes that are integers from 1, together below 2^31, got [${shape.join(', ')}]. Correct the shape.`,
    );
  }
}
