// Stein variational gradient descent (Liu & Wang, NeurIPS 2016, arXiv 1608.04471): particles, one batch, move along
//   φ(x_p) = (1/P) Σ_q k(x_p, x_q) ∇ log p(x_q) + ∇_{x_q} k(x_p, x_q),   k = exp(−‖x_p − x_q‖² / h), h by the median distance,
// in steps that are scaled by the root mean square of φ. Precisions are the means of their conditionals. In many dimensions the
// particles fit less well than draws would, the noise is overestimated, and intervals come out too wide.
import { openPrecisions, type PrecisionsSetup } from './precisions.js';
import type { Draw, Sampler } from './sghmc.js';

export interface ParticlesSetup extends PrecisionsSetup {
  readonly maxSteps: number;
}

const precisionsEvery = 10;
const firstPrecisions = { noise: 1, component: 0.08 };
const rate = 0.02;
/** The last third of the steps is smaller. */
const lastRate = 0.004;

export function openSvgd(setup: ParticlesSetup): Sampler {
  const { scope, objective, batch, minibatches, maxSteps, nextMinibatch } = setup;
  const { parameters } = objective;
  const precisions = openPrecisions(setup, firstPrecisions);
  const products = scope.array('inner products of particles', parameters.length * batch * batch);
  const kernel = scope.array('kernel', batch * batch);
  const bandwidth = scope.array('bandwidth', 1);
  const directed = parameters.map((one) => ({
    ...one,
    direction: scope.array(`direction of ${one.label}`, one.array.length),
    first: scope.array(`last direction of ${one.label}`, one.array.length),
    second: scope.array(`mean squared direction of ${one.label}`, one.array.length),
  }));
  const draws: Draw[] = [];
  let steps = 0;

  const keep = async (): Promise<void> => {
    draws.push({ models: await objective.models(), noise: await scope.read(precisions.noise) });
  };

  return {
    draws,
    step: () => {
      steps++;
      objective.recordGradient(nextMinibatch());
      precisions.recordGradient();
      directed.forEach(({ array, length }, k) => {
        const rows = { vectorStride: length, entryStride: 1, outOffset: k * batch * batch };
        scope.gram({ batch: 1, count: batch, length, ...rows, values: array, gram: products });
      });
      scope.steinKernel({ parts: parameters.length, count: batch, products, kernel, bandwidth });
      directed.forEach(({ array, length, gradient, direction, first, second }) => {
        scope.steinDirection({ count: batch, length, kernel, bandwidth, parameters: array, gradient, direction });
        scope.descendAdam({
          batch,
          length,
          rate: steps > (2 * maxSteps) / 3 ? lastRate : rate,
          step: steps,
          beta1: 0,
          beta2: 0.9,
          epsilon: 1e-6,
          gradient: direction,
          first,
          second,
          parameters: array,
        });
      });
      if (steps % precisionsEvery === 0) {
        objective.recordGradient(minibatches);
        precisions.update(steps, 'mean');
      }
      return steps === maxSteps ? keep() : undefined;
    },
  };
}
