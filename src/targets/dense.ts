// A dense tensor as a target: every entry is known.
import { InputError } from '../errors.js';
import { denseTensor, type DenseTensor } from '../tensor/dense.js';

export interface DenseTarget extends DenseTensor {
  readonly kind: 'dense';
}

/**
 * A dense target. `data` is row-major (last index fastest), `shape` has at least two modes; every entry is a finite number.
 * @throws InputError naming the first entry that is NaN or infinite.
 */
export function dense(shape: readonly number[], data: ArrayLike<number>): DenseTarget {
  if (shape.length < 2) {
    throw new InputError(
      `dense: expected at least 2 modes, got ${shape.length} (shape [${shape.join(', ')}]). Give a matrix or a tensor.`,
    );
  }
  return { kind: 'dense', ...denseTensor(shape, data) };
}
