// How many cells of a tensor a file tells of, in words.
import { count } from '../node/format.js';
import { sizeOf } from '../tensor/shape.js';
import { shareText } from './file-options.js';
import type { TensorInput } from './input.js';

export function cellsText({ shape, cells, isListed }: Pick<TensorInput, 'shape' | 'cells' | 'isListed'>): string {
  const all = sizeOf(shape);
  if (cells === all) return 'all known (100 %)';
  const share = `${count(cells)} of ${count(all)}`;
  return isListed
    ? `${share} listed (${shareText(cells, shape)}), the others 0`
    : `${share} known (${shareText(cells, shape)})`;
}
