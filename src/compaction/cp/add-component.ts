// One component more than a model has: the rank-one tensor that fits best what the model leaves of the observations, then all
// components fitted together. How much the loss falls by it tells whether something is missing. The opposite is remove-components.ts.
import { predictSteps } from '../../analysis/predict.js';
import { defaultLoss, lossOf } from '../../losses/losses.js';
import { randomStream } from '../../random/stream.js';
import { checkStreams } from '../../random/streams.js';
import type { SampledParts } from '../../handles/handle.js';
import { sampledView } from '../../handles/views/sampled-view.js';
import type { SampledTarget } from '../../targets/hold-out.js';
import { joinComponents, type Kruskal } from '../../tensor/kruskal.js';
import { matrix } from '../../tensor/matrix.js';
import { absorbWeights } from '../../tensor/stacked.js';
import type { Work } from '../../yield.js';
import { polishedSampled, type PolishSampledOptions, type PolishSampledReport } from './polish-sampled.js';

/** Starts of the rank-one fit: the first has equal entries, as an offset or the mean of a mode has, the others random ones. */
const starts = 3;
const rough = { maxSteps: 15, tolerance: 1e-2 };

/** The polished model of one component more, from the best of several rank-one fits. The same seed gives the same model. */
export function* withOneMore(
  { target, view }: Pick<SampledParts, 'target' | 'view'>,
  model: Kruskal,
  fit: PolishSampledOptions,
  seed: number,
): Work<PolishSampledReport> {
  const { loss = defaultLoss, lossParameter = 0, nonnegative = false } = fit;
  const { derivative, curvature } = lossOf(loss);
  const predictions = yield* predictSteps(model, target);
  const slopes = target.values.map((value, e) => derivative(predictions[e]!, value, lossParameter));
  const curvatures = target.values.map((value, e) => curvature(predictions[e]!, value, lossParameter));
  // How the predictions should move; for squared errors what the model leaves of the values.
  const step = target.count / curvatures.reduce((sum, value) => sum + value, 0);
  const left = { ...target, values: slopes.map((slope) => -step * slope) };
  const fits: PolishSampledReport[] = [];
  for (let start = 0; start < starts; start++) {
    const begun = rankOneStart(left, seed, start);
    fits.push(yield* polishedSampled(sampledView(left), begun, { ...rough, nonnegative }));
  }
  const best = fits.reduce((a, b) => (b.loss < a.loss ? b : a));
  return yield* polishedSampled(view, joinComponents(absorbWeights(model), best.kruskal), fit);
}

/** As large as the values suggest the tensor to be. */
function rankOneStart({ shape, values, count }: SampledTarget, seed: number, start: number): Kruskal {
  const random = randomStream(seed, checkStreams + start);
  const rms = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / count);
  const factors = shape.map((rows) =>
    matrix(
      rows,
      1,
      Float64Array.from({ length: rows }, () => (start === 0 ? 1 + 0.1 * random.normal() : random.normal())),
    ),
  );
  return { weights: Float64Array.of(rms), factors };
}
