// Host side of shaders/trace.wgsl.ts.
import { traceResidual as traceKernel } from '../../../shaders/trace.wgsl.js';
import type { TraceResidual } from '../operations/trace.js';
import type { Context } from './context.js';

export function traceResidual(context: Context, args: TraceResidual): void {
  const { batch, factor, tolerance, squares, rates, trace } = args;
  const params = { batch, slots: trace.length - 2, factor, tolerance };
  context.recorder.dispatch(traceKernel, {}, { squares, rates, trace }, params, 1);
}
