// The finish of a completion, in float64 on the CPU: from the start that predicts best, many components of which few matter, to those
// few. They are chosen by what was held out, then polished on all observations, the held-out ones too. The other starts, polished with as
// many components, tell how many of them predict the same unknown cells. What can be said for the result is in completion-verdict.ts.
import { robustDeviation } from '../analysis/held-out.js';
import { predict, predictionError } from '../analysis/predict.js';
import { mergeCp } from '../compaction/cp/merge-cp.js';
import { compactRegularized, strongest } from '../compaction/cp/regularized.js';
import { polishedSampled, polishSampled } from '../compaction/cp/polish-sampled.js';
import type { PolishReport } from '../compaction/polish-cp.js';
import { withoutDead } from '../compaction/prune.js';
import type { LossParameter } from '../losses/loss.js';
import { lossOf } from '../losses/losses.js';
import type { SampledTarget } from '../targets/hold-out.js';
import { rankOf, toKruskal, type AnyKruskal, type Kruskal } from '../tensor/kruskal.js';
import type { PolishSetup } from './algorithm.js';
import { completionPlan, completionSplit, type CompletionOptions } from './completion-plan.js';
import { completionVerdict, unfinishedVerdict } from './completion-verdict.js';

/** A polish may stop here: further digits would be of the noise, or of rounding. */
const fallAStep = 1e-9;
const mostSteps = 200;

/** Polishes with a new parameter of the loss (Huber's β), each by the residuals that the last one left. */
const narrowings = 4;

/** Where the number of components is known, as many times that begin, the strongest; the weakest of them may not have grown yet. */
const startWith = 2;

/** Polish of what the other starts came to, to see whether it is the same. */
const comparison = { tolerance: 1e-4, maxSteps: 40 };

/** Components of a larger cosine are one, as in the compaction. */
const sameDirection = 0.95;

export function* finishCompletion(
  target: SampledTarget,
  start: AnyKruskal,
  { options, rank, seed, maxSteps, others, searchStop }: PolishSetup<CompletionOptions>,
): Generator<PolishReport> {
  const { loss, parameter: lossParameter, nonnegative, compaction } = completionPlan(target, options, rankOf(start));
  const { train, ...held } = completionSplit(target, options, seed);
  const fit = { loss, lossParameter, nonnegative };
  const model = toKruskal(start);
  if (!compaction) {
    const judged = unfinishedVerdict(target, model, others.map(toKruskal), { ...fit, ridge: 0 }, held.held);
    const { agreeing } = judged;
    const ending = searchStop === 'stepLimit' ? { stop: searchStop, agreeing } : judged;
    yield { step: 0, relativeError: predictionError(model, target, loss), kruskal: model, ...ending };
    return;
  }
  const compact =
    rank === 'auto'
      ? compactRegularized(train, model, { ...fit, rank, ...held })
      : compactRegularized(train, strongest(model, startWith * rank), { ...fit, rank, ...held, dropBelow: 0 });
  const { ridge } = compact;
  const limits = { tolerance: fallAStep, maxSteps: Math.min(maxSteps, mostSteps) };
  const narrows = options.lossParameter === undefined ? lossOf(loss).parameter : undefined;
  let [current, beta, before] = [compact.kruskal, lossParameter, 0];
  for (let round = narrows ? narrowings : 0; round >= 0; round--) {
    if (narrows) beta = Math.min(beta, parameterFor(narrows, target, current));
    let polished = 0;
    for (const { step, relativeError, kruskal, stop } of polishSampled(target, current, {
      ...fit,
      ...limits,
      ...{ lossParameter: beta, ridge },
    })) {
      [current, polished] = [kruskal, step];
      const ending = stop && round === 0 ? ended(withoutDead(kruskal), stop) : { kruskal, stop: undefined };
      yield { step: before + step, relativeError, ...ending };
    }
    before += polished;
  }

  function ended(kruskal: Kruskal, stop: 'converged' | 'stepLimit'): Omit<PolishReport, 'step' | 'relativeError'> {
    const { held: unseen } = held;
    const judged = completionVerdict({
      ...{ target, model: kruskal, rank, seed },
      others: others.map((other) => polishedOther(toKruskal(other), Math.max(1, rankOf(kruskal)))),
      fit: { ...fit, lossParameter: beta, ridge },
      ...(unseen ? { trained: { model: compact.kruskal, train, held: unseen } } : {}),
    });
    return stop === 'stepLimit' ? { kruskal, stop, agreeing: judged.agreeing } : { kruskal, ...judged };
  }

  /** The other start's strongest components, as many as the result has, polished as the result was. */
  function polishedOther(other: Kruskal, components: number): Kruskal {
    const begun = strongest(mergeCp(other, sameDirection), components);
    return polishedSampled(target, begun, { ...fit, lossParameter: beta, ridge, ...comparison }).kruskal;
  }
}

/** The loss's parameter for the residuals that a model leaves. */
function parameterFor(parameter: LossParameter, target: SampledTarget, model: Kruskal): number {
  const deviation = robustDeviation(predict(model, target), target.values);
  const largest = target.values.reduce((max, value) => Math.max(max, Math.abs(value)), Number.MIN_VALUE);
  return parameter.forResiduals(deviation, largest);
}
