// The weights W of a Gauss-Newton step: the curvature of every observation's loss (losses/losses.ts). That of l1, 1/|residual|, is cut
// off where residuals are small among their like: an observation that happens to be met exactly would hold all others back.
import { lossOf, type LossName } from '../../losses/losses.js';

/** Times the median weight. */
const mostOfMedian = 100;

/** out = w, `[count]` */
export function stepWeights(
  loss: LossName,
  parameter: number,
  predictions: Float64Array,
  values: Float64Array,
  out: Float64Array,
): void {
  const { curvature } = lossOf(loss);
  for (let e = 0; e < out.length; e++) out[e] = curvature(predictions[e]!, values[e]!, parameter);
  if (loss !== 'l1') return;
  const most = mostOfMedian * out.slice().sort()[out.length >> 1]!;
  for (let e = 0; e < out.length; e++) out[e] = Math.min(out[e]!, most);
}
