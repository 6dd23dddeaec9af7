// The ring of residuals and the stop test. Twin of shaders/trace.wgsl.ts.
import type { CpuArgs } from './arrays.js';

export function traceResidual(args: CpuArgs<'traceResidual'>): void {
  const { batch, slots, factor, tolerance, squares, rates, trace } = args;
  if (trace[1] === 1) return;
  let least = Infinity;
  for (let b = 0; b < batch; b++) if (squares[b]! < least) least = squares[b]!;
  const residual = factor * Math.sqrt(least);
  const count = trace[0]!;
  trace[2 + (count % slots)] = residual;
  trace[0] = count + 1;
  if (!(residual <= tolerance)) return;
  trace[1] = 1;
  rates.fill(0, 0, batch);
}
