// The stop test of a run of many steps, on the device: after a step that contracted all probes, one workgroup records the smallest
// residual of the batch in a ring, and stops the run by setting all rates to 0. Steps recorded after it then change nothing, so
// the host may send a hundred and read back once.
import { defineKernel, read, readWrite, wgsl } from './kernel.js';

/**
 * Records the smallest probe residual of the batch, r = factor · min_b √squares[b], and stops the run once it is small enough.
 * trace = [count, stopped, ring]: ring[count % slots] = r, count += 1; where r ≤ tolerance, stopped = 1 and all rates = 0. After
 * that it writes nothing any more. NaN never counts as small. Counts are exact up to 2²⁴.
 */
export const traceResidual = defineKernel({
  name: 'traceResidual',
  bindings: {
    squares: read('[batch]'),
    rates: readWrite('[batch]'),
    trace: readWrite('[2 + slots], zero at the start'),
  },
  params: { batch: 'u32', slots: 'u32', factor: 'f32', tolerance: 'f32' },
  workgroups: () => 1,
  declarations: () => 'const largest = 3.4028234e38f;\nvar<workgroup> least: array<f32, workgroupSize>;',
  body: () => wgsl`
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
  }`,
});
