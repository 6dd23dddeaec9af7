// Host side of shaders/alignment.wgsl.ts.
import { recordComponents as recordKernel } from '../../../shaders/alignment.wgsl.js';
import type { RecordComponents } from '../operations/alignment.js';
import { groupsOf64, type Context } from './context.js';

export function recordComponents(context: Context, args: RecordComponents): void {
  const { batch, rows, columns, dim, known, slot, vectors, weights, directions, history } = args;
  context.recorder.dispatch(
    recordKernel,
    {},
    { vectors, weights, directions, history },
    { batch, rows, columns, dim, known, slot },
    groupsOf64(batch * rows),
    { work: 2 * batch * rows * known * dim },
  );
}
