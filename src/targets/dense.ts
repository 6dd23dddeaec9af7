// A dense tensor as a target: every cell is known, or some are missing. Missing cells take no part in the fit, in the norm or in
// the relative error: with W = 1 in the known cells and 0 in the others, the loss is ½‖W ∘ (model − data)‖² and the relative error
// ‖W ∘ (model − data)‖ / ‖W ∘ data‖.
import { InputError } from '../errors.js';
import { requireNamedOptions } from '../names.js';
import { indexAt, requireLength } from '../tensor/dense.js';
import { finiteNumbers } from '../tensor/numbers.js';
import type { PartlyKnownTensor } from '../tensor/partly-known.js';
import { knownCells, type KnownCells } from './known-cells.js';
import { requireList, requireSizes } from '../tensor/require.js';

export interface DenseTarget extends PartlyKnownTensor {
  readonly kind: 'dense';
}

/** Default: all cells are known, and NaN and null are refused, lest an accident go unnoticed. */
export type DenseOptions = KnownCells;

/**
 * A dense target. `data` is row-major (last index fastest), `shape` has at least two modes; every known entry is a finite
 * number. Cells are missing where `known` is 0, where `missing` is 1, or with `missing: 'nan'` where `data` is NaN or null; the
 * model then fits the known cells (as Tomasi & Bro, "PARAFAC and missing values", Chemom. Intell. Lab. Syst. 75, 2005) and
 * predicts the others.
 *
 * @example
 * ```ts
 * import { dense } from 'polyadic';
 *
 * dense([2, 2], [1, 2, 3, 4]);
 * dense([2, 2], [1, 2, 3, 0], { known: [1, 1, 1, 0] }); // the last cell is missing
 * console.log(dense([2, 2], [1, 2, 3, NaN], { missing: 'nan' }).known); // Uint8Array(4) [ 1, 1, 1, 0 ]
 * ```
 * @throws InputError naming the first known entry that is not a finite number, the first slice (mode and index) without a known
 * cell, about which the data say nothing, or marks that were probably given the wrong way round.
 */
export function dense(shape: readonly number[], data: ArrayLike<number>, options: DenseOptions = {}): DenseTarget {
  return denseOf('dense', shape, data, options);
}

/** The same; `who` complains. */
export function denseOf(
  who: string,
  shape: readonly number[],
  data: ArrayLike<number>,
  options: DenseOptions,
): DenseTarget {
  requireSizes(who, shape);
  requireList(who, 'data', data);
  if (shape.length < 2) {
    throw new InputError(
      `${who}: expected at least 2 modes, got ${shape.length} (shape [${shape.join(', ')}]). Give a matrix or a tensor.`,
    );
  }
  requireNamedOptions(who, options, ['known', 'missing']);
  requireLength(who, shape, data.length);
  const known = knownCells(who, shape, data, options);
  const remedy =
    options.missing === 'nan'
      ? 'Correct it'
      : "If it marks a missing cell, give { missing: 'nan' }, or mark it in known";
  const place = (at: number): string => `at index [${indexAt(at, shape).join(', ')}]`;
  const numbers = finiteNumbers(data, { who, expected: 'finite numbers', place, remedy }, known);
  const tensor = { shape: [...shape], data: numbers };
  if (!known) return { kind: 'dense', ...tensor };
  requireKnownSlices(who, shape, known);
  return { kind: 'dense', ...tensor, known };
}

function requireKnownSlices(who: string, shape: readonly number[], cells: Uint8Array): void {
  let inner = cells.length;
  shape.forEach((rows, mode) => {
    inner /= rows;
    const known = new Uint32Array(rows);
    cells.forEach((cell, at) => (known[Math.floor(at / inner) % rows]! += cell));
    const empty = known.indexOf(0);
    if (empty >= 0) {
      throw new InputError(
        `${who}: expected a known cell in every slice, got none at index ${empty} of mode ${mode}. Leave that slice out of the tensor.`,
      );
    }
  });
}
