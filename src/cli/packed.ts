// The entries of a file as a packed symmetric target, where they are symmetric up to the roundings of their type.
import { InputError } from '../errors.js';
import {
  denseSymmetric,
  largestAsymmetry,
  packSymmetric,
  type DenseSymmetricTarget,
  type DenseTensor,
} from '../index.js';
import type { NpyDtype } from '../io/index.js';
import { shapeText } from '../node/format.js';

/** Half the distance from 1 to the next number of the type; integers and booleans are exact. */
const roundoffs: Partial<Record<NpyDtype, number>> = { f8: 2 ** -53, f4: 2 ** -24, f2: 2 ** -11 };

/** Terms of a sum whose roundings add up in the worst case; of thousands of terms they do so like the root of their number. */
const termsAtWorst = 16;

/**
 * Two entries of a symmetric tensor that was computed in the type, each a sum of products of `order` numbers, differ by at most
 * 2·(order + terms)·roundoff of the sum of the terms' magnitudes. NumPy's sums of 3 to 3,000 components, and third moments of
 * 300,000 samples, differ by 1 to 10 roundoffs of the largest entry.
 */
const toleranceOf = (order: number, dtype: NpyDtype): number => 2 * (order + termsAtWorst) * (roundoffs[dtype] ?? 0);

/** @throws InputError for other orders than 3 to 8, modes of several sizes, and entries that are not symmetric. */
export function packedTarget(tensor: DenseTensor, dtype: NpyDtype): DenseSymmetricTarget {
  const { shape, data } = tensor;
  const order = shape.length;
  if (order < 3 || order > 8) {
    const why =
      order === 2 ? 'The components of a symmetric matrix are not unique: take its eigenvectors, or leave' : 'Leave';
    throw new InputError(`expected 3 to 8 modes with --symmetric, got ${order}. ${why} out --symmetric.`);
  }
  if (new Set(shape).size > 1) {
    throw new InputError(
      `expected modes of one size with --symmetric, got ${shapeText(shape)}. Leave out --symmetric.`,
    );
  }
  const tolerance = toleranceOf(order, dtype);
  const { relative, indices } = largestAsymmetry(tensor);
  if (relative > tolerance) {
    const [high, low] = indices.map((index) => {
      const at = index.reduce((offset, i, mode) => offset * (shape[mode] ?? 0) + i, 0);
      return `${data[at]} at [${index.join(', ')}]`;
    });
    throw new InputError(
      `expected a symmetric tensor, got ${high} and ${low}: a difference of ${relative.toPrecision(3)} of the largest entry, where ${dtype} roundings explain ${tolerance.toPrecision(2)}. Average it over the permutations of its modes, or leave out --symmetric.`,
    );
  }
  // Twice: the mean of nearly equal entries is rounded once more.
  return denseSymmetric(packSymmetric(tensor, 2 * tolerance));
}
