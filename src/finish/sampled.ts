// The finish of a completion, in float64 on the CPU: from the start that predicts best, many components of which few matter, to those
// few. They are chosen by what was held out, then polished on all observations, the held-out ones too. The other starts, polished with as
// many components, tell how many of them predict the same unknown cells. What can be said for the result is in sampled-verdict.ts.
import { robustDeviation } from '../analysis/held-out.js';
import { predictSteps, predictionErrorSteps } from '../analysis/predict.js';
import { mergeCp } from '../compaction/cp/merge-cp.js';
import { compactRegularized } from '../compaction/cp/regularized.js';
import { polishedSampled, polishSampled } from '../compaction/cp/polish-sampled.js';
import { withoutDead } from '../compaction/prune.js';
import type { LossParameter } from '../losses/loss.js';
import type { FinishState, FinishWork, Found, SampledParts } from '../handles/handle.js';
import type { HeldOut, SampledTarget } from '../targets/hold-out.js';
import { rankOf, toKruskal, type Kruskal } from '../tensor/kruskal.js';
import { completionVerdict, unfinishedVerdict, type CompletionFit } from './sampled-verdict.js';
import { strongest } from '../tensor/normalize.js';
import type { Work } from '../yield.js';

/** A polish may stop here: further digits would be of the noise, or of rounding. */
const fallAStep = 1e-9;
const polishSteps = 200;

/** Polishes with a new parameter of the loss (Huber's β), each by the residuals that the last one left. */
const narrowings = 4;

/** Where the number of components is known, as many times that begin, the strongest; the weakest of them may not have grown yet. */
const startWith = 2;

/** Polish of what the other starts came to, to see whether it is the same. */
const comparison = { tolerance: 1e-4, maxSteps: 40 };

/** Components of a larger cosine are one, as in the compaction. */
const sameDirection = 0.95;

/** What a completion hands over: how it fitted, and what it did not see. */
export interface CompletionHandover {
  readonly fit: CompletionFit;
  /** Where the parameter of the loss is to follow the residuals that a polish leaves: how. */
  readonly narrows: LossParameter | undefined;
  /** Whether to compact and polish; else the search's model is the answer. */
  readonly compaction: boolean;
  readonly split: HeldOut<SampledTarget>;
}

export function* finishSampled(problem: SampledParts, found: Found<CompletionHandover>): FinishWork {
  const { rank, seed, maxSteps, others, end, kruskal: start } = found;
  const { fit, narrows, compaction, split } = found.handover;
  const { target, view } = problem;
  const { train, ...held } = split;
  const { loss, lossParameter, nonnegative } = fit;
  const model = toKruskal(start);
  if (!compaction) {
    const verdict = yield* unfinishedVerdict(problem, model, others.map(toKruskal), fit, split.held);
    const { agreement } = verdict;
    yield {
      step: 0,
      relativeError: yield* predictionErrorSteps(model, target, loss),
      kruskal: model,
      end: end.stop === 'stepLimit' && agreement ? { stop: end.stop, agreement } : verdict,
    };
    return;
  }
  const compact =
    rank === 'auto'
      ? yield* compactRegularized(train, model, { loss, lossParameter, nonnegative, rank, ...held })
      : yield* compactRegularized(train, strongest(model, startWith * rank), {
          loss,
          lossParameter,
          nonnegative,
          rank,
          ...held,
          dropBelow: 0,
        });
  const { ridge } = compact;
  const limits = { tolerance: fallAStep, maxSteps: Math.min(maxSteps, polishSteps) };
  let current = compact.kruskal;
  let beta = lossParameter;
  let before = 0;
  for (let round = narrows ? narrowings : 0; round >= 0; round--) {
    if (narrows) beta = Math.min(beta, yield* parameterFor(narrows, target, current));
    let polished = 0;
    const options = { ...fit, ...limits, lossParameter: beta, ridge };
    for (const report of polishSampled(view, current, options)) {
      if (!report) {
        yield;
        continue;
      }
      const { step, relativeError, kruskal, stop } = report;
      current = kruskal;
      polished = step;
      const state = { step: before + step, relativeError, kruskal };
      yield stop && round === 0 ? { ...state, ...(yield* ended(withoutDead(kruskal), stop)) } : state;
    }
    before += polished;
  }

  function* ended(kruskal: Kruskal, stop: 'converged' | 'stepLimit'): Work<Pick<FinishState, 'kruskal' | 'end'>> {
    const polishedOthers: Kruskal[] = [];
    for (const other of others) {
      polishedOthers.push(yield* polishedOther(toKruskal(other), Math.max(1, rankOf(kruskal))));
    }
    const verdict = yield* completionVerdict({
      problem,
      model: kruskal,
      rank,
      seed,
      others: polishedOthers,
      fit: { ...fit, lossParameter: beta, ridge },
      ...(split.held ? { trained: { model: compact.kruskal, train, held: split.held } } : {}),
    });
    const { agreement } = verdict;
    return { kruskal, end: stop === 'stepLimit' && agreement ? { stop, agreement } : verdict };
  }

  /** The other start's strongest components, as many as the result has, polished as the result was. */
  function* polishedOther(other: Kruskal, components: number): Work<Kruskal> {
    const begun = strongest(mergeCp(other, sameDirection), components);
    return (yield* polishedSampled(view, begun, { ...fit, ...comparison, lossParameter: beta, ridge })).kruskal;
  }
}

/** The loss's parameter for the residuals that a model leaves. */
function* parameterFor(parameter: LossParameter, target: SampledTarget, model: Kruskal): Work<number> {
  const deviation = robustDeviation(yield* predictSteps(model, target), target.values);
  const largest = target.values.reduce((max, value) => Math.max(max, Math.abs(value)), Number.MIN_VALUE);
  return parameter.forResiduals(deviation, largest);
}
