// What a completion descends on: the mean loss of a sampled target's observations, as a function of the factors of all starts at
// once. One file per way to compute it, all by the same few operations; objectives.ts chooses.
import type { DeviceArray, Scope } from '../../../backend/backend.js';
import type { LossName } from '../../../losses/losses.js';
import type { Kruskal } from '../../../tensor/kruskal.js';
import type { EntryRange } from '../../../tensor/coordinate.js';
import type { Descended } from '../../../optimizers/descent.js';

export interface Objective {
  /** Everything that is descended on, each `[batch, length]`. */
  readonly parameters: readonly Descended[];
  /** `[batch]`: mean loss of the minibatch that the gradient was last recorded of, at the parameters of then. */
  readonly mean: DeviceArray;
  /** Records mean loss and gradients of a minibatch. */
  recordGradient(minibatch: number): void;
  /** Models of all starts, weights 1. */
  models(): Promise<Kruskal[]>;
}

export interface ObjectiveSetup<T> {
  readonly scope: Scope;
  readonly target: T;
  /** One per start, weights 1. */
  readonly models: readonly Kruskal[];
  readonly rank: number;
  readonly loss: LossName;
  readonly parameter: number;
  /** The target's observations, cut: one range per minibatch. */
  readonly ranges: readonly EntryRange[];
}

/** What `lossObserved` is given, for up to so many predictions per start. */
export function lossArrays({ scope, models, loss, parameter }: ObjectiveSetup<unknown>, length: number) {
  const batch = models.length;
  return {
    batch,
    loss,
    parameter,
    prediction: scope.array('prediction', batch * length),
    derivative: scope.array('derivative', batch * length),
    mean: scope.array('mean loss', batch),
  };
}
