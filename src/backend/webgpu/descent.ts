// Host side of shaders/descent.wgsl.ts.
import {
  descend as descendKernel,
  descendAdam as adamKernel,
  groupRates as ratesKernel,
} from '../../../shaders/descent.wgsl.js';
import type { Descend, DescendAdam, GroupRates } from '../operations/descent.js';
import type { Context } from './context.js';

export function descend(context: Context, { velocity, rates, nonnegative = false, ...args }: Descend): void {
  context.recorder.dispatch(descendKernel, {
    ...args,
    nonnegative,
    remembers: velocity !== undefined,
    velocity: velocity ?? context.scratch('no velocity', 1),
    rates: rates ?? context.ones(args.batch),
  });
}

export function descendAdam(context: Context, args: DescendAdam): void {
  const { batch, length, rate, step, beta1, beta2, epsilon, nonnegative = false } = args;
  const { gradient, first, second, parameters } = args;
  context.recorder.dispatch(adamKernel, {
    gradient,
    first,
    second,
    parameters,
    nonnegative,
    count: batch * length,
    epsilon,
    rate: rate / (1 - beta1 ** step),
    firstKept: beta1,
    firstAdded: 1 - beta1,
    secondKept: beta2,
    secondAdded: 1 - beta2,
    secondScale: 1 / (1 - beta2 ** step),
  });
}

export function groupRates(context: Context, { step, alpha, ...args }: GroupRates): void {
  const scale = 1 / (1 - alpha ** step);
  context.recorder.dispatch(ratesKernel, { ...args, kept: alpha, added: 1 - alpha, scale });
}
