// Euler's method, y ← y + h f(y): order 1, no error estimate. In the logarithmic coordinates of a flow that grows exponentially it is
// exact between the events, so that a fixed step as large as is stable is hard to beat.
import { moved, type Method } from './integrator.js';

export const euler: Method = {
  kind: 'euler',
  errorOrder: 1,
  step: (system, from, size) => Promise.resolve({ state: moved(system, from, size, [[1, from.slope]]) }),
};
