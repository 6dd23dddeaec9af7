// Host side of shaders/columns.wgsl.ts.
import { normsOfColumns, scaleFactorColumns } from '../../../shaders/columns.wgsl.js';
import type { ColumnNorms, ScaleColumns } from '../operations/columns.js';
import { groupsOf64, type Context } from './context.js';

export function columnNorms(context: Context, { batch, rows, rank, factor, norms }: ColumnNorms): void {
  context.recorder.dispatch(normsOfColumns, {}, { factor, norms }, { batch, rows, rank }, groupsOf64(batch * rank), {
    work: 4 * batch * rows * rank,
  });
}

export function scaleColumns(context: Context, { batch, rows, rank, by, scales, factor }: ScaleColumns): void {
  context.recorder.dispatch(
    scaleFactorColumns,
    { by },
    { scales, factor },
    { batch, rows, rank },
    groupsOf64(batch * rows * rank),
  );
}
