// The finish of a completion, in float64 on the CPU: from the start that predicts best, many components of which few matter, to those
// few. They are chosen by what was held out, then polished on all observations, the held-out ones too. The other starts, compacted to
// as many components, tell how many of them came to the same tensor.
import { agreeingModels } from '../analysis/agreement.js';
import { compactCp } from '../compaction/cp/compact-cp.js';
import { polishSampled } from '../compaction/cp/polish-sampled.js';
import type { PolishReport } from '../compaction/polish-cp.js';
import type { SampledTarget } from '../targets/hold-out.js';
import { rankOf, toKruskal, type AnyKruskal, type Kruskal } from '../tensor/kruskal.js';
import { arrange, normalize, selectComponents } from '../tensor/normalize.js';
import type { PolishSetup } from './algorithm.js';
import { completionPlan, completionSplit, type CompletionOptions } from './completion-plan.js';

/** A polish may stop here: further digits would be of the noise, or of rounding. */
const fallAStep = 1e-9;
const mostSteps = 200;

/** Of the other starts, to see where they go: components to begin with, as a multiple of the result's, and steps of a polish. */
const startWith = 2;
const fewSteps = 20;

export function* finishCompletion(
  target: SampledTarget,
  start: AnyKruskal,
  { options, rank, seed, maxSteps, others }: PolishSetup<CompletionOptions>,
): Generator<PolishReport> {
  const { loss, parameter: lossParameter, nonnegative } = completionPlan(target, options, rankOf(start));
  const { train, held } = completionSplit(target, options, seed);
  const fit = { loss, lossParameter, nonnegative };
  const compact = compactCp(train, toKruskal(start), { ...fit, rank, ...(held ? { held } : {}) });
  const limits = { tolerance: fallAStep, maxSteps: Math.min(maxSteps, mostSteps) };
  for (const { step, relativeError, kruskal, stop } of polishSampled(target, compact.kruskal, { ...fit, ...limits })) {
    const report = { step, relativeError, kruskal, stop };
    yield stop ? { ...report, agreeing: 1 + countAgreeing(kruskal) } : report;
  }

  function countAgreeing(result: Kruskal): number {
    const most = startWith * rankOf(result);
    const compacted = others.map((other) => {
      const strong = strongest(toKruskal(other), most);
      return compactCp(train, strong, { ...fit, rank: rankOf(result), tolerance: 1e-3, maxSteps: fewSteps }).kruskal;
    });
    return agreeingModels([result, ...compacted], 0) - 1;
  }
}

function strongest(model: Kruskal, most: number): Kruskal {
  const arranged = arrange(normalize(model));
  return selectComponents(
    arranged,
    Array.from({ length: Math.min(most, rankOf(arranged)) }, (_, r) => r),
  );
}
