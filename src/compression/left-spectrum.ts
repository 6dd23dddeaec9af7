// The left singular vectors of an unfolding X_(n) [rows, columns], through the smaller of its two Gram matrices. In float64: their
// eigenvalues are squares of singular values, of which float32 would hide those below 3e-4 of the largest.
import { symmetricSpectrum } from '../linalg/eigen.js';
import { qrSteps } from '../linalg/qr.js';
import type { DenseTensor } from '../tensor/dense.js';
import type { Matrix } from '../tensor/matrix.js';
import { columnGram, combineFibers, modeGram } from '../tensor/mode-products.js';
import type { Work } from '../yield.js';

export interface LeftSpectrum {
  /** Squared singular values, descending, `[min(rows, columns)]`. */
  readonly values: Float64Array;
  /** The leading vectors, orthonormal, in columns, `[rows, count]`. */
  leading(count: number): Work<Matrix>;
}

/**
 * Cost min(rows, columns) · size flops, 4/3 · min(rows, columns)³ for the eigenvalues, 8 · count · min(rows, columns)² for vectors, and
 * where rows > columns 2 · count · size.
 */
export function* leftSpectrum(tensor: DenseTensor, mode: number): Work<LeftSpectrum> {
  const rows = tensor.shape[mode]!;
  const isTall = rows > tensor.data.length / rows;
  const gram = isTall ? yield* columnGram(tensor, mode) : yield* modeGram(tensor, mode);
  const { values, vectors } = yield* symmetricSpectrum(gram);
  return {
    values: values.map((value) => Math.max(value, 0)),
    *leading(count) {
      const columns = yield* vectors(count);
      if (!isTall) return columns;
      const { q } = yield* qrSteps(yield* combineFibers(tensor, mode, columns));
      return q;
    },
  };
}
