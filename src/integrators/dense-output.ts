// Between the two ends of a step: the cubic through both states and slopes (Hermite; error O(h⁴), as good as methods of order 3),
//   y(t) = (1 − x)² (1 + 2x) y₀ + x² (3 − 2x) y₁ + h x (1 − x) ((1 − x) f₀ − x f₁),   x = (t − t₀)/h,
// and the time at which a quantity crosses 0 on it.
import type { Step, System } from './integrator.js';

/** The state at a time within the step, put back on the system's surface. */
export function stateAt({ retract }: System, { from, to }: Step, time: number): Float64Array {
  const size = to.time - from.time;
  const x = (time - from.time) / size;
  const start = (1 - x) ** 2 * (1 + 2 * x);
  const end = x ** 2 * (3 - 2 * x);
  const startSlope = size * x * (1 - x) ** 2;
  const endSlope = -size * x ** 2 * (1 - x);
  const state = from.state.map(
    (value, i) => start * value + end * to.state[i]! + startSlope * from.slope[i]! + endSlope * to.slope[i]!,
  );
  retract?.(state);
  return state;
}

/** Halvings of a step that find a crossing to a millionth of it. */
const halvings = 20;

/** The time at which `value`, negative at the start of the step and not at its end, stops being negative. */
export function crossing(system: System, step: Step, value: (state: Float64Array) => number): number {
  let below = step.from.time;
  let above = step.to.time;
  for (let k = 0; k < halvings; k++) {
    const middle = (below + above) / 2;
    if (value(stateAt(system, step, middle)) < 0) below = middle;
    else above = middle;
  }
  return (below + above) / 2;
}
