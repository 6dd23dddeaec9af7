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
  const tensor = denseTensor(shape, data);
  const bad = tensor.data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new InputError(
      `dense: expected finite entries, got ${tensor.data[bad]} at index [${indexOf(bad, shape).join(', ')}]. Fill or remove missing entries first.`,
    );
  }
  return { kind: 'dense', ...tensor };
}

function indexOf(offset: number, shape: readonly number[]): number[] {
  const index = shape.map(() => 0);
  for (let k = shape.length - 1; k >= 0; k--) {
    const size = shape[k] as number;
    index[k] = offset % size;
    offset = Math.floor(offset / size);
  }
  return index;
}
