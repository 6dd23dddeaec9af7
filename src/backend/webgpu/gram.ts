// Host side of shaders/gram.wgsl.ts.
import { gramOfVectors } from '../../../shaders/gram.wgsl.js';
import type { Gram } from '../operations/gram.js';
import { groupsOf64, type Context } from './context.js';

export function gram(context: Context, args: Gram): void {
  const { batch, count, length, vectorStride, entryStride, values, gram, outOffset } = args;
  context.recorder.dispatch(
    gramOfVectors,
    {},
    { values, gram },
    { batch, count, length, vectorStride, entryStride, outOffset },
    groupsOf64(batch * count * count),
    { work: 2 * batch * count * count * length },
  );
}
