// Steps of gradient descent, momentum and Adam, and the step size of group RMSprop. Twin of shaders/descent.wgsl.ts.
import type { Descend, DescendAdam, GroupRates } from '../operations/descent.js';
import { numbers } from './arrays.js';

export function descend({ batch, length, rate, momentum, nonnegative = false, ...arrays }: Descend): void {
  const [gradient, parameters] = [numbers(arrays.gradient), numbers(arrays.parameters)];
  const velocity = arrays.velocity && numbers(arrays.velocity);
  const rates = arrays.rates && numbers(arrays.rates);
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

export function descendAdam({ batch, length, rate, step, nonnegative = false, ...args }: DescendAdam): void {
  const { beta1, beta2, epsilon } = args;
  const [gradient, parameters] = [numbers(args.gradient), numbers(args.parameters)];
  const [first, second] = [numbers(args.first), numbers(args.second)];
  const [firstShare, secondShare] = [1 - beta1 ** step, 1 - beta2 ** step];
  for (let k = 0; k < batch * length; k++) {
    const slope = gradient[k]!;
    first[k] = beta1 * first[k]! + (1 - beta1) * slope;
    second[k] = beta2 * second[k]! + (1 - beta2) * slope * slope;
    const moved = parameters[k]! - (rate * (first[k]! / firstShare)) / (Math.sqrt(second[k]! / secondShare) + epsilon);
    parameters[k] = nonnegative ? Math.max(0, moved) : moved;
  }
}

export function groupRates({ batch, step, alpha, epsilon, ...arrays }: GroupRates): void {
  const [squares, averages, rates] = [numbers(arrays.squares), numbers(arrays.averages), numbers(arrays.rates)];
  for (let b = 0; b < batch; b++) {
    averages[b] = alpha * averages[b]! + (1 - alpha) * squares[b]!;
    rates[b] = 1 / (Math.sqrt(averages[b]! / (1 - alpha ** step)) + epsilon);
  }
}
