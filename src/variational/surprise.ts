// Whether a model predicts values that it has not seen as well as it expects to. Every fifth value in turn is left out, the model is
// refitted to the others, and the squared errors at what was left out are compared with the variance that the model expects there:
//   mean of (y − E x)² / (σ² + var x),   1 where the model is right, more where it has fitted noise or taken structure for noise.
// The refits begin at the model, so a wrong one keeps some of what it took from the values that are left out: it is a lower bound.
import type { Work } from '../yield.js';
import { entriesOf, type Entries } from './entries.js';
import { copyOf, type VariationalModel } from './model.js';
import { refit } from './refit.js';
import { cellMoments } from './sweep.js';

const folds = 5;
const sweeps = 40;

export function* surprise(entries: Entries, model: VariationalModel, minNoise: number): Work<number> {
  const { shape, count, indices, values } = entries;
  const order = shape.length;
  let total = 0;
  for (let fold = 0; fold < folds; fold++) {
    const kept = Array.from({ length: count }, (_, e) => e).filter((e) => e % folds !== fold);
    const train = entriesOf({
      kind: 'observed',
      shape,
      count: kept.length,
      indices: Uint32Array.from({ length: kept.length * order }, (_, at) => {
        const e = kept[Math.floor(at / order)]!;
        return indices[e * order + (at % order)]!;
      }),
      values: Float64Array.from(kept, (e) => values[e]!),
    });
    const { model: refitted } = yield* refit(train, copyOf(model), { sweeps, minNoise });
    const at = cellMoments(refitted);
    for (let e = fold; e < count; e += folds) {
      const { mean, variance } = at(indices, e * order);
      total += (values[e]! - mean) ** 2 / (refitted.noise + variance) / count;
    }
  }
  return total;
}
