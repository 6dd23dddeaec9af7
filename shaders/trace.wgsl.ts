// The run's own eyes: after a step that contracted all probes, one workgroup takes the smallest residual of the batch, notes it
// in a ring, and stops the run by setting all rates to 0. Steps that are recorded behind it then change nothing, so the host
// may send a hundred and look once. Formulas in src/backend/operations/trace.ts.
import { defineKernel, wgsl } from './kernel.js';
import { workgroupFor } from './lib/entry.js';

export const traceResidual = defineKernel({
  name: 'traceResidual',
  bindings: {
    squares: { access: 'read', of: 'f32', shape: '[batch]' },
    rates: { access: 'read_write', of: 'f32', shape: '[batch]' },
    trace: { access: 'read_write', of: 'f32', shape: '[count, stopped, slots …]' },
  },
  params: { batch: 'u32', slots: 'u32', factor: 'f32', tolerance: 'f32' },
  workgroupSize: () => 64,
  body: () => wgsl`
const largest = 3.4028234e38f;
var<workgroup> least: array<f32, workgroupSize>;

${workgroupFor()}
  if (group > 0u) { return; }
  var own = largest;
  for (var b = lane; b < params.batch; b += workgroupSize) {
    // min() may return either operand where one is NaN; a comparison is false.
    if (squares[b] < own) { own = squares[b]; }
  }
  least[lane] = own;
  let running = trace[1] == 0f;
  workgroupBarrier();
  // Every lane takes the minimum itself: 64 loads, no further barrier, the same result in all of them.
  for (var other = 0u; other < workgroupSize; other++) { own = min(own, least[other]); }
  let residual = params.factor * sqrt(own);
  if (!running) { return; }
  let stop = residual <= params.tolerance;
  if (stop) {
    for (var b = lane; b < params.batch; b += workgroupSize) { rates[b] = 0f; }
  }
  if (lane == 0u) {
    let count = trace[0];
    trace[2u + u32(count) % params.slots] = residual;
    trace[0] = count + 1f;
    if (stop) { trace[1] = 1f; }
  }
}`,
});
