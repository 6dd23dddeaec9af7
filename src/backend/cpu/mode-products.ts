// Gram matrices of an unfolding and products along a mode, straight from their definitions. Twin of shaders/mode-products.wgsl.ts.
import { unfoldedSizes } from '../../tensor/shape.js';
import { inRanges, type Work } from '../../yield.js';
import type { CpuArgs } from './arrays.js';

export function* modeGram({ shape, mode, partLength, tensor, gram }: CpuArgs<'modeGram'>): Work<void> {
  const { size, inner, columns } = unfoldedSizes(shape, mode);
  gram.fill(0);
  yield* inRanges(columns, 2 * size * size, (from, end) => {
    for (let j = from; j < end; j++) {
      const column = columnStart(j, size, inner);
      const part = Math.floor(j / partLength) * size * size;
      for (let p = 0; p < size; p++) {
        for (let q = 0; q < size; q++) {
          gram[part + p * size + q]! += tensor[column + p * inner]! * tensor[column + q * inner]!;
        }
      }
    }
  });
}

export function* modeProduct({ shape, mode, rank, tensor, matrix, product }: CpuArgs<'modeProduct'>): Work<void> {
  const { size, inner, columns } = unfoldedSizes(shape, mode);
  yield* inRanges(columns, 2 * size * rank, (from, end) => {
    for (let j = from; j < end; j++) {
      const column = columnStart(j, size, inner);
      const to = columnStart(j, rank, inner);
      for (let c = 0; c < rank; c++) {
        let sum = 0;
        for (let i = 0; i < size; i++) sum += tensor[column + i * inner]! * matrix[i * rank + c]!;
        product[to + c * inner] = sum;
      }
    }
  });
}

const columnStart = (j: number, size: number, inner: number): number =>
  Math.floor(j / inner) * size * inner + (j % inner);
