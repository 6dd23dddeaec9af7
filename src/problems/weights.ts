// Weights of planted components: uniform in a range, or a geometric sequence, with or without random signs.
import { InputError } from '../errors.js';
import type { RandomStream } from '../random/stream.js';
import { requireList } from '../tensor/require.js';
import { requireBetween } from './options.js';

export interface WeightOptions {
  weightRange?: readonly [number, number];
  ratio?: number;
  mixedSigns: boolean;
}

/** [rank]. Draws one uniform and one sign a component, whichever of them is used. */
export function plantedWeights(who: string, random: RandomStream, rank: number, options: WeightOptions): Float64Array {
  const { weightRange = [0.5, 1.5], ratio, mixedSigns } = options;
  requireList(who, 'weightRange', weightRange);
  const [least, most] = weightRange;
  if (!(least > 0 && most >= least && Number.isFinite(most))) {
    throw new InputError(
      `${who}: expected weightRange to be [least, most] with 0 < least ≤ most, got [${weightRange.join(', ')}]. Give positive magnitudes; mixedSigns adds signs.`,
    );
  }
  if (ratio !== undefined) requireBetween(who, 'ratio', ratio, 1, Number.MAX_VALUE);
  return Float64Array.from({ length: rank }, (_, r) => {
    const uniform = random.uniform();
    const sign = random.sign();
    const magnitude = ratio === undefined ? least + (most - least) * uniform : ratio ** -r;
    return mixedSigns ? sign * magnitude : magnitude;
  });
}
