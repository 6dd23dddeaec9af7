// The choice among models of a tensor with noise that were fitted with more and with fewer components (fit-noisy.ts): the one with the most
// evidence, unless noise alone could explain what a smaller one lacks.
import { isRival, mayBeNoise, plainEvidence, strongEvidence, type FitSize, type Sizes } from './evidence.js';

export interface FittedModel extends FitSize {
  /** In nats. */
  readonly evidence: number;
}

export interface Choice<M> {
  readonly chosen: M;
  /** Whether the entries plainly speak for it. */
  readonly plain: boolean;
}

export const bestSupported = <M extends FittedModel>(models: readonly M[]): M =>
  models.reduce((a, b) => (b.evidence > a.evidence ? b : a));

/** Of one model or more. */
export function chooseByEvidence<M extends FittedModel>(sizes: Sizes, models: readonly M[]): Choice<M> {
  const best = bestSupported(models);
  let chosen = best;
  const smallerOnes = models.filter(({ components }) => components < best.components);
  for (const smaller of smallerOnes.sort((a, b) => b.components - a.components)) {
    if (mayBeNoise(sizes, chosen, smaller)) chosen = smaller;
  }
  const isClose = (other: M): boolean =>
    other.components > chosen.components && other.evidence > chosen.evidence - strongEvidence;
  const hasRival = models.some((other) => isClose(other) || isRival(sizes, other, chosen));
  return { chosen, plain: chosen === best && best.evidence >= plainEvidence && !hasRival };
}
