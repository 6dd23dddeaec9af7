// The weights W of a Gauss-Newton step: the curvature of every observation's loss (losses/loss.ts). Where the loss has a kink the
// curvature grows without bound as a residual goes to 0, and so does the information of a count of 0 as its rate does; it is limited: one
// observation met exactly would hold all others back.
import { lossOf, type LossName } from '../../losses/losses.js';

/** Times the median weight. */
const maxOfMedian = 100;

/** out = w, `[count]` */
export function stepWeights(
  loss: LossName,
  parameter: number,
  predictions: Float64Array,
  values: Float64Array,
  out: Float64Array,
): void {
  const { curvature, hasKink, domain } = lossOf(loss);
  for (let e = 0; e < out.length; e++) out[e] = curvature(predictions[e]!, values[e]!, parameter);
  const hasRates = domain.minPrediction === 0;
  if (!hasKink && !hasRates) return;
  const limit = maxOfMedian * out.slice().sort()[out.length >> 1]!;
  for (let e = 0; e < out.length; e++) if (hasKink || values[e] === 0) out[e] = Math.min(out[e]!, limit);
}
