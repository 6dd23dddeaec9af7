// Column norms and column scaling of factor matrices. Twin of shaders/columns.wgsl.ts.
import type { ColumnNorms, ScaleColumns } from '../operations/columns.js';
import { numbers } from './arrays.js';

export function columnNorms(args: ColumnNorms): void {
  const { batch, rows, rank } = args;
  const [factor, norms] = [numbers(args.factor), numbers(args.norms)];
  for (let b = 0; b < batch; b++) {
    for (let c = 0; c < rank; c++) {
      let sum = 0;
      for (let i = 0; i < rows; i++) sum += factor[(b * rows + i) * rank + c]! ** 2;
      norms[b * rank + c] = Math.sqrt(sum);
    }
  }
}

export function scaleColumns(args: ScaleColumns): void {
  const { batch, rows, rank, by } = args;
  const [scales, factor] = [numbers(args.scales), numbers(args.factor)];
  for (let b = 0; b < batch; b++) {
    for (let c = 0; c < rank; c++) {
      const scale = scales[b * rank + c]!;
      if (by === 'divide' && scale === 0) continue;
      for (let i = 0; i < rows; i++) {
        const at = (b * rows + i) * rank + c;
        factor[at] = by === 'multiply' ? factor[at]! * scale : factor[at]! / scale;
      }
    }
  }
}
