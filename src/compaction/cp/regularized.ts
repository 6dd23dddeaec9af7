// Compaction with as much of a ridge as the data ask for. Exact data ask for none, and many observations a number need none. In
// between, rows of few entries leave directions open in which components grow without bound and cancel: the fit is good, the
// prediction is not. A ridge (PolishSampledOptions) keeps them small; its size is chosen by what was held out.
//   exact?  ─ yes ─► compact without a ridge
//   no  ─► compact at ρ = 0.01 ─► polish at falling ρ, take the largest whose held-out loss is near the least ─► compact with it
import { meanLoss } from '../../losses/deviance.js';
import { defaultLoss, defaultParameter } from '../../losses/losses.js';
import { predict } from '../../analysis/predict.js';
import type { SampledTarget } from '../../targets/hold-out.js';
import { rankOf, type Kruskal } from '../../tensor/kruskal.js';
import { arrange, normalize, selectComponents } from '../../tensor/normalize.js';
import { prune } from '../prune.js';
import { compactCp, type CompactCpOptions, type CpCompaction } from './compact-cp.js';
import { mergeCp } from './merge-cp.js';
import { polishedSampled } from './polish-sampled.js';

export interface RegularizedCompaction extends CpCompaction {
  /** ρ of PolishSampledOptions that the result was polished with. */
  readonly ridge: number;
}

/** Observations for each number of the model from which no ridge is needed. */
const plenty = 20;

/** What exact data are probed with: components that count, alike ones as one, and polish steps to a relative error. */
const [weak, sameDirection] = [1e-2, 0.95];
const probe = { maxSteps: 40, tolerance: 1e-2 };
const exactError = 1e-6;

/** ρ of the first compaction, and those tried after it. */
const firstRidge = 1e-2;
const ridges = [1e-1, 3e-2, 1e-2, 3e-3, 1e-3, 1e-4, 0];
const trial = { maxSteps: 40, tolerance: 1e-3 };

/** Held-out losses this much above the least are as good, by chance. Far above it, smaller ridges do not help. */
const alike = 1.03;
const hopeless = 1.5;

/** As compactCp; without observations held out there is no ridge. @throws InputError as compactCp. */
export function compactRegularized(
  target: SampledTarget,
  model: Kruskal,
  options: Omit<CompactCpOptions, 'ridge'> & { readonly held?: SampledTarget },
): RegularizedCompaction {
  const { held, rank = 'auto', loss = defaultLoss } = options;
  const parameter = options.lossParameter ?? defaultParameter(loss);
  const numbers = target.shape.reduce((sum, rows) => sum + rows, 0);
  const components = rank === 'auto' ? rankOf(model) : rank;
  const most = Math.max(1, Math.min(components, Math.floor(target.count / numbers)));
  if (!held || target.count > plenty * numbers * components || isExact()) {
    return { ...compactCp(target, model, options), ridge: 0 };
  }
  const first = compactCp(target, model, { ...options, ridge: firstRidge });
  // A model with room to spare shows what a smaller ridge is worth, where the first one has hidden weak components.
  const ridge = chooseRidge(held, rank === 'auto' ? strongest(model, 2 * first.rank + 2) : first.kruskal);
  if (ridge === firstRidge) return { ...first, ridge };
  return { ...compactCp(target, rank === 'auto' ? model : first.kruskal, { ...options, ridge }), ridge };

  function isExact(): boolean {
    const unit = normalize(model);
    const largest = unit.weights.reduce((size, weight) => Math.max(size, Math.abs(weight)), 0);
    const few = strongest(mergeCp(prune(unit, weak * largest), sameDirection), most);
    return polishedSampled(target, few, { ...options, ...probe }).relativeError <= exactError;
  }

  function chooseRidge(unseen: SampledTarget, start: Kruskal): number {
    let current = start;
    const tried: { rho: number; mean: number }[] = [];
    for (const rho of ridges) {
      current = polishedSampled(target, current, { ...options, ...trial, ridge: rho }).kruskal;
      const mean = meanLoss(loss, parameter, predict(current, unseen), unseen.values);
      tried.push({ rho, mean });
      if (mean > hopeless * leastOf(tried)) break;
    }
    return tried.find(({ mean }) => mean <= alike * leastOf(tried))?.rho ?? firstRidge;
  }
}

const leastOf = (tried: readonly { readonly mean: number }[]): number =>
  tried.reduce((least, { mean }) => Math.min(least, mean), Infinity);

/** The components of largest norm. */
export function strongest(model: Kruskal, most: number): Kruskal {
  const arranged = arrange(normalize(model));
  return selectComponents(
    arranged,
    Array.from({ length: Math.min(most, rankOf(arranged)) }, (_, r) => r),
  );
}
