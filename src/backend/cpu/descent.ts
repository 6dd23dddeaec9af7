// Steps of gradient descent, momentum and Adam, and the step size of group RMSprop. Twin of shaders/descent.wgsl.ts.
import type { CpuArgs } from './arrays.js';

export function descend(args: CpuArgs<'descend'>): void {
  const { batch, length, rate, momentum, nonnegative = false, gradient, parameters, velocity, rates } = args;
  for (let b = 0; b < batch; b++) {
    const size = rate * (rates ? rates[b]! : 1);
    for (let k = b * length; k < (b + 1) * length; k++) {
      const direction = velocity ? momentum * velocity[k]! + gradient[k]! : gradient[k]!;
      if (velocity) velocity[k] = direction;
      const moved = parameters[k]! - size * direction;
      parameters[k] = nonnegative ? Math.max(0, moved) : moved;
    }
  }
}

export function descendAdam(args: CpuArgs<'descendAdam'>): void {
  const { batch, length, rate, step, beta1, beta2, epsilon, nonnegative = false } = args;
  const { gradient, parameters, first, second } = args;
  const firstShare = 1 - beta1 ** step;
  const secondShare = 1 - beta2 ** step;
  for (let k = 0; k < batch * length; k++) {
    const slope = gradient[k]!;
    first[k] = beta1 * first[k]! + (1 - beta1) * slope;
    second[k] = beta2 * second[k]! + (1 - beta2) * slope * slope;
    const moved = parameters[k]! - (rate * (first[k]! / firstShare)) / (Math.sqrt(second[k]! / secondShare) + epsilon);
    parameters[k] = nonnegative ? Math.max(0, moved) : moved;
  }
}

export function groupRates(args: CpuArgs<'groupRates'>): void {
  const { batch, step, alpha, epsilon, squares, averages, rates } = args;
  for (let b = 0; b < batch; b++) {
    averages[b] = alpha * averages[b]! + (1 - alpha) * squares[b]!;
    rates[b] = 1 / (Math.sqrt(averages[b]! / (1 - alpha ** step)) + epsilon);
  }
}
