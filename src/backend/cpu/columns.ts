// Column norms and column scaling of factor matrices. Twin of shaders/columns.wgsl.ts.
import type { CpuArgs } from './arrays.js';

export function columnNorms({ batch, rows, rank, factor, norms }: CpuArgs<'columnNorms'>): void {
  for (let b = 0; b < batch; b++) {
    for (let c = 0; c < rank; c++) {
      let sum = 0;
      for (let i = 0; i < rows; i++) sum += factor[(b * rows + i) * rank + c]! ** 2;
      norms[b * rank + c] = Math.sqrt(sum);
    }
  }
}

export function scaleColumns({ batch, rows, rank, by, scales, factor }: CpuArgs<'scaleColumns'>): void {
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
