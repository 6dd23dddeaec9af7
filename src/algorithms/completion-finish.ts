// The finish of a completion, in float64 on the CPU: from the start that predicts best, many components of which few matter, to those
// few. They are chosen by what was held out, then polished on all observations, the held-out ones too. The other starts, compacted to
// as many components, tell how many of them came to the same tensor.
import { agreeingModels } from '../analysis/agreement.js';
import { medianError } from '../analysis/held-out.js';
import { predict } from '../analysis/predict.js';
import { compactCp } from '../compaction/cp/compact-cp.js';
import { compactRegularized, strongest } from '../compaction/cp/regularized.js';
import { polishSampled } from '../compaction/cp/polish-sampled.js';
import type { PolishReport } from '../compaction/polish-cp.js';
import type { SampledTarget } from '../targets/hold-out.js';
import { rankOf, toKruskal, type AnyKruskal, type Kruskal } from '../tensor/kruskal.js';
import type { PolishSetup } from './algorithm.js';
import { completionPlan, completionSplit, type CompletionOptions } from './completion-plan.js';

/** A polish may stop here: further digits would be of the noise, or of rounding. */
const fallAStep = 1e-9;
const mostSteps = 200;

/** Polishes with a new β, each by the residuals that the last one left. */
const narrowings = 4;

/** Where the number of components is known, as many times that begin, the strongest; the weakest of them may not have grown yet. */
const startWith = 2;

/** Polish steps of the other starts, to see where they go. */
const fewSteps = 20;

export function* finishCompletion(
  target: SampledTarget,
  start: AnyKruskal,
  { options, rank, seed, maxSteps, others }: PolishSetup<CompletionOptions>,
): Generator<PolishReport> {
  const { loss, parameter: lossParameter, nonnegative } = completionPlan(target, options, rankOf(start));
  const { train, ...held } = completionSplit(target, options, seed);
  const fit = { loss, lossParameter, nonnegative };
  const model = toKruskal(start);
  const compact =
    rank === 'auto'
      ? compactRegularized(train, model, { ...fit, rank, ...held })
      : compactRegularized(train, strongest(model, startWith * rank), { ...fit, rank, ...held, dropBelow: 0 });
  const { ridge } = compact;
  const limits = { tolerance: fallAStep, maxSteps: Math.min(maxSteps, mostSteps) };
  const narrows = loss === 'huber' && options.lossParameter === undefined;
  let [current, beta, before] = [compact.kruskal, lossParameter, 0];
  for (let round = narrows ? narrowings : 0; round >= 0; round--) {
    if (narrows) beta = Math.min(beta, betaOfResiduals(target, current));
    let polished = 0;
    for (const { step, relativeError, kruskal, stop } of polishSampled(target, current, {
      ...fit,
      ...limits,
      ...{ lossParameter: beta, ridge },
    })) {
      [current, polished] = [kruskal, step];
      const ending = stop && round === 0 ? { stop, agreeing: 1 + countAgreeing(kruskal) } : { stop: undefined };
      yield { step: before + step, relativeError, kruskal, ...ending };
    }
    before += polished;
  }

  function countAgreeing(result: Kruskal): number {
    // A result without components is compared with what single ones come to.
    const rank = Math.max(1, rankOf(result));
    const most = startWith * rank;
    const compacted = others.map((other) => {
      const strong = strongest(toKruskal(other), most);
      return compactCp(train, strong, { ...fit, rank, ridge, tolerance: 1e-3, maxSteps: fewSteps }).kruskal;
    });
    return agreeingModels([result, ...compacted], 0) - 1;
  }
}

/**
 * Huber's β for the residuals that there are, 1.345 standard deviations of the better part of them, by their median: where most
 * entries are exact it falls to 0, and gross errors lose all weight (Huber, "Robust Statistics", 1981, sec. 6.7; Holland & Welsch 1977).
 */
function betaOfResiduals(target: SampledTarget, model: Kruskal): number {
  const deviation = 1.4826 * medianError(predict(model, target), target.values);
  const largest = target.values.reduce((most, value) => Math.max(most, Math.abs(value)), Number.MIN_VALUE);
  return Math.max(1.345 * deviation, 1e-9 * largest);
}
