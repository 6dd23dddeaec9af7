// Host side of shaders/moments.wgsl.ts.
import { subtractGaussian as subtractKernel } from '../../../shaders/moments.wgsl.js';
import type { SubtractGaussian } from '../operations/moments.js';
import { groupsOf64, type Context } from './context.js';

export function subtractGaussian(context: Context, args: SubtractGaussian): void {
  const { batch, rows, dim, queryStride, scale, queries, contraction, strengths } = args;
  context.recorder.dispatch(
    subtractKernel,
    {},
    { queries, contraction, strengths },
    { batch, rows, dim, queryStride, scale },
    groupsOf64(batch * rows),
    {
      work: 4 * batch * rows * dim,
    },
  );
}
