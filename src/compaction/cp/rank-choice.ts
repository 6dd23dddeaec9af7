// Which of several fitted models of one data set, with more and with fewer components, the data pay for:
//   exact fits   the smallest, if it has fewer numbers than there are observations
//   with 30 observations held out, or more   the smallest that predicts them no worse than the best (held-out-losses.ts)
//   else   the one with the shortest description of the data (../description-length.ts)
import type { DevianceScale } from '../../losses/deviance.js';
import { lossOf, type LossName } from '../../losses/losses.js';
import { lengthOf, type Counts } from '../description-length.js';
import { isNoWorse, type HeldOutLosses } from './held-out-losses.js';

export interface Candidate {
  readonly components: number;
  /** Mean loss of the observations fitted. */
  readonly loss: number;
  readonly heldOut: HeldOutLosses | undefined;
}

export interface RankChoice {
  /** Whether the data speak against a where they have b. */
  readonly worse: (a: Candidate, b: Candidate) => boolean;
  /** One of the candidates, which must not be empty. */
  readonly choose: <C extends Candidate>(candidates: readonly C[]) => C;
  /** −2 log likelihood of the fit, up to a constant of the data, and the price of the model's numbers. */
  readonly length: (candidate: Pick<Candidate, 'components' | 'loss'>) => number;
}

/** Free numbers of a component: its vectors, but for the scales that its modes can pass to one another. */
export const numbersOf = (shape: readonly number[]): number =>
  shape.reduce((sum, size) => sum + size, 0) - shape.length + 1;

/** Relative error of an exact fit: what is left is rounding, and no component is needed to explain it. */
const exactError = 1e-7;

/** The largest mean loss of an exact fit. */
export const exactLoss = (loss: LossName, { best, simplest }: DevianceScale): number =>
  best + simplest * (lossOf(loss).hasKink ? exactError : exactError ** 2);

export function rankChoice(counts: Counts, loss: LossName, parameter: number, scale: DevianceScale): RankChoice {
  const record = lossOf(loss);
  const exact = exactLoss(loss, scale);

  /** Fewer numbers than observations: only then does an exact fit mean anything. */
  const isExact = ({ components, loss: mean }: Candidate): boolean =>
    mean <= exact && components * counts.numbers < counts.entries;

  /**
   * −2 log likelihood and the numbers' price. Losses of differences are log-likelihoods of a law whose scale σ is fitted too, such as
   * Gauss's for squares and Laplace's for absolute values: −2 log likelihood is then 2N ln σ, up to a constant.
   */
  function length({ components, loss: mean }: Pick<Candidate, 'components' | 'loss'>): number {
    if (record.kind === 'difference') {
      const deviance = Math.max(mean, exact) - scale.best;
      return lengthOf(counts, components, record.residualScale(deviance, parameter));
    }
    const { entries, numbers } = counts;
    return components * numbers < entries ? 2 * entries * mean + components * numbers * Math.log(entries) : Infinity;
  }

  function worse(a: Candidate, b: Candidate): boolean {
    if (isExact(a)) return false;
    if (isExact(b)) return true;
    return hasHeldOut(a) && hasHeldOut(b) ? !isNoWorse(a.heldOut, b.heldOut, loss) : length(a) > length(b);
  }

  function choose<C extends Candidate>(candidates: readonly C[]): C {
    const exactOnes = candidates.filter(isExact);
    if (exactOnes.length > 0) return smallest(exactOnes);
    const allHeldOut = candidates.every(hasHeldOut);
    const best = minBy(candidates, (one) => (hasHeldOut(one) ? one.heldOut.score : length(one)));
    return allHeldOut ? smallest(candidates.filter((one) => one === best || !worse(one, best))) : best;
  }

  return { worse, choose, length };
}

/** Held-out observations from which their mean has an error bar worth the name. */
const enoughHeld = 30;

const hasHeldOut = <C extends Candidate>(one: C): one is C & { readonly heldOut: HeldOutLosses } =>
  one.heldOut !== undefined && one.heldOut.losses.length >= enoughHeld;

const smallest = <C extends Candidate>(candidates: readonly C[]): C =>
  minBy(candidates, ({ components }) => components);

const minBy = <C>(all: readonly C[], measure: (one: C) => number): C =>
  all.reduce((smallest, one) => (measure(one) < measure(smallest) ? one : smallest));
