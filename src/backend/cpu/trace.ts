// The ring of residuals and the stop test. Twin of shaders/trace.wgsl.ts.
import type { TraceResidual } from '../operations/trace.js';
import { numbers } from './arrays.js';

export function traceResidual({ batch, factor, tolerance, ...arrays }: TraceResidual): void {
  const [squares, rates, trace] = [numbers(arrays.squares), numbers(arrays.rates), numbers(arrays.trace)];
  if (trace[1] === 1) return;
  let least = Infinity;
  for (let b = 0; b < batch; b++) if (squares[b]! < least) least = squares[b]!;
  const residual = factor * Math.sqrt(least);
  const count = trace[0]!;
  trace[2 + (count % (trace.length - 2))] = residual;
  trace[0] = count + 1;
  if (!(residual <= tolerance)) return;
  trace[1] = 1;
  rates.fill(0, 0, batch);
}
