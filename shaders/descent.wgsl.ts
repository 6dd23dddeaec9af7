// Steps of first-order methods along a gradient, one invocation per parameter: each number is loaded and stored once, memory
// speed is the limit. Numbers that change with the step are parameters of the dispatch; formulas in
// src/backend/operations/descent.ts.
import { defineKernel, read, readWrite, wgsl } from './kernel.js';

/** Flops that take as long as the loads and stores of one parameter. */
const workOfParameter = 16;

export interface DescendVariant {
  /** Whether there is a velocity. */
  readonly remembers: boolean;
  readonly nonnegative: boolean;
}

/** velocity ← momentum · velocity + gradient, parameters ← parameters − rate · rates[item] · velocity; without momentum along the gradient. */
export const descend = defineKernel({
  name: 'descend',
  bindings: {
    gradient: read('[batch, length]'),
    rates: read('[batch]'),
    velocity: readWrite('[batch, length], not used without momentum'),
    parameters: readWrite('[batch, length]'),
  },
  params: { batch: 'u32', length: 'u32', rate: 'f32', momentum: 'f32' },
  variants: () =>
    [false, true].flatMap((remembers) => [false, true].map((nonnegative) => ({ remembers, nonnegative }))),
  invocations: ['batch', 'length'],
  work: ({ batch, length }) => workOfParameter * batch * length,
  body: ({ remembers, nonnegative }: DescendVariant) => wgsl`
#if ${remembers}
  let direction = params.momentum * velocity[index] + gradient[index];
  velocity[index] = direction;
#else
  let direction = gradient[index];
#endif
  let moved = parameters[index] - params.rate * rates[index / params.length] * direction;
  parameters[index] = ${nonnegative ? 'max(0f, moved)' : 'moved'};`,
});

export interface DescendAdamVariant {
  readonly nonnegative: boolean;
}

/** Adam. `rate` holds the bias correction of the first moment, `secondScale` = 1 / (1 − β₂^t) that of the second. */
export const descendAdam = defineKernel({
  name: 'descendAdam',
  bindings: {
    gradient: read('[count]'),
    first: readWrite('[count]'),
    second: readWrite('[count]'),
    parameters: readWrite('[count]'),
  },
  params: {
    count: 'u32',
    rate: 'f32',
    /** β and 1 − β, rounded one by one: of 1 − β little would be left in float32. */
    firstKept: 'f32',
    firstAdded: 'f32',
    secondKept: 'f32',
    secondAdded: 'f32',
    secondScale: 'f32',
    epsilon: 'f32',
  },
  variants: () => [false, true].map((nonnegative) => ({ nonnegative })),
  invocations: ['count'],
  work: ({ count }) => workOfParameter * count,
  body: ({ nonnegative }: DescendAdamVariant) => wgsl`
  let slope = gradient[index];
  let m = params.firstKept * first[index] + params.firstAdded * slope;
  let s = params.secondKept * second[index] + params.secondAdded * slope * slope;
  first[index] = m;
  second[index] = s;
  let moved = parameters[index] - params.rate * m / (sqrt(params.secondScale * s) + params.epsilon);
  parameters[index] = ${nonnegative ? 'max(0f, moved)' : 'moved'};`,
});

/** The step size of group RMSprop, one invocation per batch item; `scale` = 1 / (1 − α^t). */
export const groupRates = defineKernel({
  name: 'groupRates',
  bindings: {
    squares: read('[batch]'),
    averages: readWrite('[batch]'),
    rates: readWrite('[batch]'),
  },
  params: { batch: 'u32', kept: 'f32', added: 'f32', scale: 'f32', epsilon: 'f32' },
  invocations: ['batch'],
  body: () => wgsl`
  let average = params.kept * averages[index] + params.added * squares[index];
  averages[index] = average;
  rates[index] = 1f / (sqrt(params.scale * average) + params.epsilon);`,
});
