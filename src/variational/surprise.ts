// Whether a model predicts values that it has not seen as well as it expects to. A random fifth of the values in turn is left out, the
// model is refitted to the others, and the squared errors at what was left out are compared with the variance that the model expects there:
//   mean of (y − E x)² / (σ² + var x),   1 where the model is right, more where it has fitted noise or taken structure for noise.
// Other losses have squares of their own, whose mean is likewise known (losses/local-likelihoods.ts).
// The refits begin at the model, so a wrong one keeps some of what it took from the values that are left out: it is a lower bound.
import type { RandomStream } from '../random/stream.js';
import { inRanges, isPauseDue, type Work } from '../yield.js';
import { partOf, type Entries } from './entries.js';
import { copyOf, type VariationalModel } from './model.js';
import { refit } from './refit.js';
import { cellMoments } from './sweep.js';

const folds = 5;
/**
 * Of 40 planted problems with noise and 3.5 to 15 values per unknown none was above 1.17; of models that were wrong, where values were
 * fewer than 2 per unknown, three of four were above this.
 */
export const maxSurprise = 1.2;

/** Values that suffice: their mean square is known to a hundredth. Of more than five times as many not every fold is left out in turn. */
const enoughValues = 1e4;
const sweeps = 40;

export function* surprise(
  entries: Entries,
  model: VariationalModel,
  { random, minNoise }: { readonly random: RandomStream; readonly minNoise: number },
): Work<number> {
  const { shape, count, indices, values, local } = entries;
  const order = shape.length;
  const foldOf = new Uint8Array(count);
  yield* inRanges(count, 50, (from, end) => {
    for (let e = from; e < end; e++) foldOf[e] = Math.floor(folds * random.uniform());
  });
  let total = 0;
  let expected = 0;
  let visited = 0;
  for (let fold = 0; fold < folds && visited < enoughValues; fold++) {
    const { model: refitted } = yield* refit(yield* partOf(entries, (e) => foldOf[e] !== fold), copyOf(model), {
      sweeps,
      minNoise,
    });
    const at = cellMoments(refitted);
    for (let e = 0; e < count; e++) {
      if (foldOf[e] !== fold) continue;
      const { mean, variance } = at(indices, e * order);
      if (local) {
        const [square, itsMean] = local.surpriseAt(values[e]!, mean, variance, refitted.noise);
        total += square;
        expected += itsMean;
      } else {
        total += (values[e]! - mean) ** 2 / (refitted.noise + variance);
        expected++;
      }
      visited++;
      if (isPauseDue(order * (model.rank + 1) * (model.rank + 3))) yield;
    }
  }
  return total / expected;
}
