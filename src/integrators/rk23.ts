// The Runge-Kutta pair of orders 3 and 2 of Bogacki and Shampine, "A 3(2) pair of Runge-Kutta formulas", Appl. Math. Lett. 2 (1989).
// The fourth slope is the first of the next step: three evaluations a step. The step goes on with the third-order result.
import { combined, moved, type Method } from './integrator.js';

export const rk23: Method = {
  kind: 'rk23',
  errorOrder: 3,
  async step(system, from, size) {
    const first = from.slope;
    const second = await system.slope(moved(system, from, size, [[1 / 2, first]]));
    const third = await system.slope(moved(system, from, size, [[3 / 4, second]]));
    const state = moved(system, from, size, [
      [2 / 9, first],
      [1 / 3, second],
      [4 / 9, third],
    ]);
    const slope = await system.slope(state);
    const error = combined(size, [
      [-5 / 72, first],
      [1 / 12, second],
      [1 / 9, third],
      [-1 / 8, slope],
    ]);
    return { state, slope, error };
  },
};
