// What tensorized-network.ts measures, for its claims and its figure.
import type { Trained } from './network.js';

export const fullName = 'full matrices';
export const priorName = 'ranks by the prior';

export interface NetworkRun extends Trained {
  readonly kind: 'network';
  readonly network: string;
  readonly seed: number;
}
