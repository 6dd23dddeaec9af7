// A dense tensor as a target: every cell is known, or a mask says which. Missing cells take no part in the fit, in the norm or
// in the relative error: with W the mask, the loss is ½‖W ∘ (model − data)‖² and the relative error ‖W ∘ (model − data)‖ / ‖W ∘ data‖.
import { InputError } from '../errors.js';
import { requireKnownNames } from '../names.js';
import { denseTensor, indexAt } from '../tensor/dense.js';
import type { MaskedTensor } from '../tensor/masked.js';

export interface DenseTarget extends MaskedTensor {
  readonly kind: 'dense';
}

export interface DenseOptions {
  /** `[size]`, row-major: 1 or true where a cell is known, 0 or false where it is missing; `data` may hold anything there. Default: all known. */
  readonly mask?: ArrayLike<number | boolean>;
  /** 'nan': a cell that holds NaN is missing. Default: NaN is refused, lest an accident go unnoticed. */
  readonly missing?: 'nan';
}

/**
 * A dense target. `data` is row-major (last index fastest), `shape` has at least two modes; every known entry is a finite
 * number. Cells are missing where `mask` says so, or with `missing: 'nan'` where `data` is NaN; the model then fits the known
 * cells (as Tomasi & Bro, "PARAFAC and missing values", Chemom. Intell. Lab. Syst. 75, 2005) and predicts the others.
 * @throws InputError naming the first known entry that is NaN or infinite, or the first slice (mode and index) without a
 * known cell, about which the data say nothing.
 */
export function dense(shape: readonly number[], data: ArrayLike<number>, options: DenseOptions = {}): DenseTarget {
  if (shape.length < 2) {
    throw new InputError(
      `dense: expected at least 2 modes, got ${shape.length} (shape [${shape.join(', ')}]). Give a matrix or a tensor.`,
    );
  }
  requireKnownNames('dense', Object.keys(options), ['mask', 'missing']);
  const mask = maskOf(data, options);
  const tensor = denseTensor(shape, mask ? withoutMissing(data, mask) : namedNaN(shape, data, options));
  if (!mask) return { kind: 'dense', ...tensor };
  requireKnownSlices(tensor.shape, mask);
  return { kind: 'dense', ...tensor, mask };
}

/** Where the cells are known; undefined when all are. */
function maskOf(data: ArrayLike<number>, { mask: given, missing }: DenseOptions): Uint8Array | undefined {
  if (missing !== undefined && missing !== 'nan') {
    throw new InputError(`dense: expected missing to be 'nan', got ${String(missing)}. Say 'nan', or give a mask.`);
  }
  if (given && given.length !== data.length) {
    throw new InputError(
      `dense: expected a mask of ${data.length} entries, one a number, got ${given.length}. Give 1 for known and 0 for missing, row-major.`,
    );
  }
  const mask = Uint8Array.from({ length: data.length }, (_, at) => {
    const known = given ? Number(given[at]) : 1;
    if (known !== 0 && known !== 1) {
      throw new InputError(
        `dense: expected a mask of 0 and 1, got ${String(given?.[at])} at entry ${at}. Give 1 for known and 0 for missing.`,
      );
    }
    return missing === 'nan' && Number.isNaN(data[at]) ? 0 : known;
  });
  return mask.includes(0) ? mask : undefined;
}

const withoutMissing = (data: ArrayLike<number>, mask: Uint8Array): Float64Array =>
  Float64Array.from(data, (value, at) => (mask[at] ? value : 0));

/** The data; when a cell is NaN and nothing was said about it, an error that tells the two ways to say it. */
function namedNaN(shape: readonly number[], data: ArrayLike<number>, { mask }: DenseOptions): ArrayLike<number> {
  if (mask) return data;
  for (let at = 0; at < data.length; at++) {
    if (Number.isNaN(data[at])) {
      throw new InputError(
        `dense: expected finite numbers, got NaN at index [${indexAt(at, shape).join(', ')}]. If it marks a missing cell, give { missing: 'nan' } or a mask.`,
      );
    }
  }
  return data;
}

function requireKnownSlices(shape: readonly number[], mask: Uint8Array): void {
  let inner = mask.length;
  shape.forEach((rows, mode) => {
    inner /= rows;
    const known = new Uint32Array(rows);
    mask.forEach((cell, at) => (known[Math.floor(at / inner) % rows]! += cell));
    const empty = known.indexOf(0);
    if (empty >= 0) {
      throw new InputError(
        `dense: expected a known cell in every slice, got none at index ${empty} of mode ${mode}. Leave that slice out of the tensor.`,
      );
    }
  });
}
