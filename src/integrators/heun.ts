// Heun's method, the trapezoidal rule with Euler's step as a predictor: order 2, error estimated by the difference of the two.
//   k₂ = f(y + h k₁),   y ← y + h (k₁ + k₂)/2,   error h (k₂ − k₁)/2
import { combined, moved, type Method } from './integrator.js';

export const heun: Method = {
  kind: 'heun',
  errorOrder: 2,
  async step(system, from, size) {
    const second = await system.slope(moved(system, from, size, [[1, from.slope]]));
    return {
      state: moved(system, from, size, [
        [1 / 2, from.slope],
        [1 / 2, second],
      ]),
      error: combined(size, [
        [-1 / 2, from.slope],
        [1 / 2, second],
      ]),
    };
  },
};
