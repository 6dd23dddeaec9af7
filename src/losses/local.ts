// Losses that variational inference has local Gaussians for (local-likelihoods.ts), known before their code is loaded.
import type { LossName } from './losses.js';

export const localLosses = [
  'huber',
  'studentT',
  'poisson',
  'poissonLog',
  'bernoulliLogit',
] as const satisfies readonly LossName[];

export type LocalLoss = (typeof localLosses)[number];

/** Those whose parameter may be given; the others have none, or learn it. */
export const parametricLosses: readonly LossName[] = ['huber'];
