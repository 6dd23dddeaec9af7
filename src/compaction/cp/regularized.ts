// Compaction with a ridge penalty whose size is chosen by held-out observations. Exact data need none, nor do data with many observations
// per number of the model. In between, rows with few entries leave directions undetermined in which components grow without bound and
// cancel each other: the fit is good, the prediction is not. A ridge (PolishSampledOptions) keeps them small.
//   exact?  ─ yes ─► compact without a ridge
//   no  ─► compact at ρ = 0.01 ─► polish at falling ρ, take the largest whose held-out loss ties with the smallest ─► compact with it
import { meanLoss } from '../../losses/deviance.js';
import { defaultLoss, defaultParameter } from '../../losses/losses.js';
import { predictUnchecked } from '../../analysis/predict.js';
import { sampledView } from '../../handles/views/sampled-view.js';
import type { SampledTarget } from '../../targets/hold-out.js';
import { rankOf, type Kruskal } from '../../tensor/kruskal.js';
import { largestWeight, normalize, strongest } from '../../tensor/normalize.js';
import type { Work } from '../../yield.js';
import { prune } from '../prune.js';
import { compactCpSteps, type CompactCpOptions, type CpCompaction } from './compact-cp.js';
import { mergeCp } from './merge-cp.js';
import { polishedSampled } from './polish-sampled.js';

export interface RegularizedCompaction extends CpCompaction {
  /** ρ of PolishSampledOptions that the result was polished with. */
  readonly ridge: number;
}

/** Observations per number of the model from which no ridge is needed. */
const ridgelessDensity = 20;

/**
 * Whether data are exact is tested without components below this norm, relative to the largest, with those above this cosine merged,
 * and a few polish steps.
 */
const weak = 1e-2;
const sameDirection = 0.95;
const probe = { maxSteps: 40, tolerance: 1e-2 };
const exactError = 1e-6;

/** ρ of the first compaction, and those tried after it. */
const firstRidge = 1e-2;
const ridges = [1e-1, 3e-2, 1e-2, 3e-3, 1e-3, 1e-4, 0];
const trial = { maxSteps: 40, tolerance: 1e-3 };

/** Held-out losses up to this factor above the smallest are ties. Above the other one, smaller ridges do not help. */
const tieRatio = 1.03;
const giveUpRatio = 1.5;

/** As compactCp; without observations held out there is no ridge. @throws InputError as compactCp. */
export function* compactRegularized(
  target: SampledTarget,
  model: Kruskal,
  options: Omit<CompactCpOptions, 'ridge'> & { readonly held?: SampledTarget },
): Work<RegularizedCompaction> {
  const { held, rank = 'auto', loss = defaultLoss } = options;
  const parameter = options.lossParameter ?? defaultParameter(loss);
  const view = sampledView(target);
  const numbers = target.shape.reduce((sum, rows) => sum + rows, 0);
  const components = rank === 'auto' ? rankOf(model) : rank;
  const maxComponents = Math.max(1, Math.min(components, Math.floor(target.count / numbers)));
  if (!held || target.count > ridgelessDensity * numbers * components || (yield* isExact())) {
    return { ...(yield* compactCpSteps(target, model, options)), ridge: 0 };
  }
  const first = yield* compactCpSteps(target, model, { ...options, ridge: firstRidge });
  // A model with room to spare shows what a smaller ridge is worth, where the first one has hidden weak components.
  const ridge = yield* chooseRidge(held, rank === 'auto' ? strongest(model, 2 * first.rank + 2) : first.kruskal);
  if (ridge === firstRidge) return { ...first, ridge };
  const second = yield* compactCpSteps(target, rank === 'auto' ? model : first.kruskal, { ...options, ridge });
  return { ...second, ridge };

  function* isExact(): Work<boolean> {
    const unit = normalize(model);
    const largest = largestWeight(unit);
    const merged = strongest(mergeCp(prune(unit, weak * largest), sameDirection), maxComponents);
    return (yield* polishedSampled(view, merged, { ...options, ...probe })).relativeError <= exactError;
  }

  function* chooseRidge(unseen: SampledTarget, start: Kruskal): Work<number> {
    let current = start;
    const tried: { rho: number; mean: number }[] = [];
    for (const rho of ridges) {
      ({ kruskal: current } = yield* polishedSampled(view, current, { ...options, ...trial, ridge: rho }));
      const mean = meanLoss(loss, parameter, predictUnchecked(current, unseen), unseen.values);
      tried.push({ rho, mean });
      if (mean > giveUpRatio * minOf(tried)) break;
    }
    return tried.find(({ mean }) => mean <= tieRatio * minOf(tried))?.rho ?? firstRidge;
  }
}

const minOf = (tried: readonly { readonly mean: number }[]): number =>
  tried.reduce((min, { mean }) => Math.min(min, mean), Infinity);
