// Host side of shaders/descent.wgsl.ts.
import {
  descend as descendKernel,
  descendAdam as adamKernel,
  groupRates as ratesKernel,
} from '../../../shaders/descent.wgsl.js';
import type { Descend, DescendAdam, GroupRates } from '../operations/descent.js';
import { groupsOf64, type Context } from './context.js';

/** Flops that take as long as the loads and stores of one parameter. */
const workOfParameter = 16;

export function descend(context: Context, args: Descend): void {
  const { batch, length, rate, momentum, velocity, gradient, parameters, nonnegative = false } = args;
  const count = batch * length;
  const rates = args.rates ?? context.ones(batch);
  context.recorder.dispatch(
    descendKernel,
    { momentum: velocity !== undefined, nonnegative },
    { gradient, rates, velocity: velocity ?? context.scratch('no velocity', 1), parameters },
    { batch, length, rate, momentum },
    groupsOf64(count),
    {
      work: workOfParameter * count,
    },
  );
}

export function descendAdam(context: Context, args: DescendAdam): void {
  const { batch, length, rate, step, beta1, beta2, epsilon, nonnegative = false } = args;
  const { gradient, first, second, parameters } = args;
  const count = batch * length;
  context.recorder.dispatch(
    adamKernel,
    { nonnegative },
    { gradient, first, second, parameters },
    {
      ...{ count, epsilon, rate: rate / (1 - beta1 ** step), secondScale: 1 / (1 - beta2 ** step) },
      ...{ firstKept: beta1, firstAdded: 1 - beta1, secondKept: beta2, secondAdded: 1 - beta2 },
    },
    groupsOf64(count),
    {
      work: workOfParameter * count,
    },
  );
}

export function groupRates(context: Context, args: GroupRates): void {
  const { batch, step, alpha, epsilon, squares, averages, rates } = args;
  context.recorder.dispatch(
    ratesKernel,
    {},
    { squares, averages, rates },
    { batch, epsilon, kept: alpha, added: 1 - alpha, scale: 1 / (1 - alpha ** step) },
    groupsOf64(batch),
  );
}
