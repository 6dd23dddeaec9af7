// Explicit methods for y′ = f(y) on plain numbers: what a method is, what a step gives, and one accepted step under error control.
// Written once for any f, which may be evaluated on a GPU and therefore be waited for, and for states that live on a surface
// (unit vectors): every stage is put back there by `retract`.
import { nextSize, type StepControl } from './step-size.js';

export interface System {
  /** f(y), a new array. */
  readonly slope: (state: Float64Array) => Float64Array | Promise<Float64Array>;
  /** Puts a state back on the surface it lives on, in place. Default: nothing to do. */
  readonly retract?: (state: Float64Array) => void;
}

/** A state and the slope there, from which the next step starts without evaluating it again. */
export interface Point {
  readonly time: number;
  readonly state: Float64Array;
  readonly slope: Float64Array;
}

/** Where a step leads. */
export interface Trial {
  readonly state: Float64Array;
  /** f(state), where the method has it anyway. */
  readonly slope?: Float64Array;
  /** Estimate of the step's error. */
  readonly error: Float64Array;
}

export interface Method {
  readonly kind: string;
  /** Order of the error estimate: it falls like size^errorOrder. */
  readonly errorOrder: number;
  step(system: System, from: Point, size: number): Promise<Trial>;
}

export interface Step {
  readonly from: Point;
  readonly to: Point;
  /** Size to try next. */
  readonly size: number;
  readonly rejected: number;
}

/** The point of a state. */
export const pointAt = async (system: System, time: number, state: Float64Array): Promise<Point> => ({
  time,
  state,
  slope: await system.slope(state),
});

/** One step with an error within the tolerance, of `size` or smaller, and the size to go on with. */
export async function controlledStep(
  system: System,
  method: Method,
  from: Point,
  size: number,
  control: StepControl,
): Promise<Step> {
  let tried = size;
  for (let rejected = 0; ; rejected++) {
    const trial = await method.step(system, from, tried);
    const { accepted, size: next } = nextSize(control, method.errorOrder, tried, trial.error);
    // A step too small to change the time is taken as it is: the caller finds NaN in the state.
    if (accepted || from.time + next === from.time) {
      return {
        from,
        to: await arrive(system, from, tried, trial),
        size: rejected > 0 ? Math.min(next, tried) : next,
        rejected,
      };
    }
    tried = next;
  }
}

async function arrive(system: System, from: Point, size: number, { state, slope }: Trial): Promise<Point> {
  return { time: from.time + size, state, slope: slope ?? (await system.slope(state)) };
}

/** y + Σ size · coefficient · slope, put back on the surface. */
export function moved(
  { retract }: System,
  { state }: Point,
  size: number,
  terms: readonly (readonly [coefficient: number, slope: Float64Array])[],
): Float64Array {
  const result = Float64Array.from(state);
  for (const [coefficient, slope] of terms) addScaled(result, size * coefficient, slope);
  retract?.(result);
  return result;
}

/** Σ size · coefficient · slope */
export function combined(
  size: number,
  terms: readonly (readonly [coefficient: number, slope: Float64Array])[],
): Float64Array {
  const result = new Float64Array(terms[0]?.[1].length ?? 0);
  for (const [coefficient, slope] of terms) addScaled(result, size * coefficient, slope);
  return result;
}

function addScaled(to: Float64Array, scale: number, values: Float64Array): void {
  for (let i = 0; i < to.length; i++) to[i]! += scale * values[i]!;
}
