// First-order rules that move all parameters along their gradients, recorded on a backend: one object that remembers what its rule
// remembers. g is the gradient, η the rate of the step.
//   gradientDescent  p ← p − η g
//   momentum         v ← 0.9 v + g,  p ← p − η v                                              (Polyak 1964)
//   adam             p ← p − η m̂ / (√v̂ + ε), by coordinate                                    (Kingma & Ba, ICLR 2015)
//   groupRmsprop     v ← α v + (1 − α) ‖g‖², one number for all parameters of a start: p ← p − η g / (√v̂ + ε). The path is
//                    that of gradient descent, at a speed that does not depend on the size of the gradient
//                    (Razin, Maman & Cohen, ICML 2021, arXiv 2102.09972, sec. 7).
import type { DeviceArray, Scope } from '../backend/backend.js';

export const descentRules = ['groupRmsprop', 'gradientDescent', 'momentum', 'adam'] as const;
export type DescentRule = (typeof descentRules)[number];

/** Parameters of all starts, `[batch, length]`, and the gradient in them. */
export interface Descended {
  readonly label: string;
  readonly length: number;
  readonly array: DeviceArray;
  readonly gradient: DeviceArray;
}

export interface Descent {
  /** Records one step at rate η, by the gradient arrays as they stand. */
  step(rate: number): void;
}

export interface DescentSetup {
  readonly scope: Scope;
  readonly batch: number;
  readonly parameters: readonly Descended[];
  /** Projects onto parameters ≥ 0 after every step. */
  readonly nonnegative: boolean;
  /** ε of adam and groupRmsprop. */
  readonly epsilon: number;
}

const momentum = 0.9;
const beta1 = 0.9;
const beta2 = 0.999;
const alpha = 0.99;

export function openDescent(rule: DescentRule, setup: DescentSetup): Descent {
  switch (rule) {
    case 'gradientDescent':
      return openMomentum(setup, 0);
    case 'momentum':
      return openMomentum(setup, momentum);
    case 'adam':
      return openAdam(setup);
    case 'groupRmsprop':
      return openGroupRmsprop(setup);
    default:
      return rule satisfies never;
  }
}

function openMomentum({ scope, batch, parameters, nonnegative }: DescentSetup, keep: number): Descent {
  const velocities = parameters.map(({ label, array }) =>
    keep > 0 ? { velocity: scope.array(`velocity of ${label}`, array.length) } : {},
  );
  return {
    step: (rate) => {
      parameters.forEach(({ length, array, gradient }, k) => {
        scope.descend({
          batch,
          length,
          rate,
          momentum: keep,
          gradient,
          parameters: array,
          nonnegative,
          ...velocities[k]!,
        });
      });
    },
  };
}

function openAdam({ scope, batch, parameters, nonnegative, epsilon }: DescentSetup): Descent {
  const moments = parameters.map(({ label, array }) => ({
    first: scope.array(`mean gradient of ${label}`, array.length),
    second: scope.array(`mean squared gradient of ${label}`, array.length),
  }));
  let step = 0;
  return {
    step: (rate) => {
      step++;
      parameters.forEach(({ length, array, gradient }, k) => {
        scope.descendAdam({
          batch,
          length,
          rate,
          step,
          beta1,
          beta2,
          epsilon,
          gradient,
          ...moments[k]!,
          parameters: array,
          nonnegative,
        });
      });
    },
  };
}

function openGroupRmsprop({ scope, batch, parameters, nonnegative, epsilon }: DescentSetup): Descent {
  const squares = scope.array('squared gradient', batch);
  const averages = scope.array('mean squared gradient', batch);
  const rates = scope.array('rates', batch);
  let step = 0;
  return {
    step: (rate) => {
      step++;
      parameters.forEach(({ length, gradient }, k) => {
        scope.sumOfSquares({ batch, length, values: gradient, out: squares, accumulate: k > 0 });
      });
      scope.groupRates({ batch, step, alpha, epsilon, squares, averages, rates });
      parameters.forEach(({ length, array, gradient }) => {
        scope.descend({ batch, length, rate, rates, momentum: 0, gradient, parameters: array, nonnegative });
      });
    },
  };
}
