// Gross errors: a share of the values is wrong by several times their spread, as when a sensor fails or a digit is misread.
//   wrong = value ± s · σ,   s uniform from 2.5 to 5, signs at random, σ = standard deviation of the values
import { randomStream } from '../random/stream.js';
import { problemStreams } from '../random/streams.js';
import { requireFloat64 } from '../tensor/require.js';
import { euclideanNorm } from '../tensor/square-sum.js';
import { chooseSome } from './choose-some.js';
import { requireBetween, requireOptions } from './options.js';

export interface GrossErrorOptions {
  /** Of the values, from 0 to 1; the number of wrong ones is share · count, rounded. */
  share: number;
  seed: number;
}

const known = ['share', 'seed'];
const minError = 2.5;
const largestError = 5;
const choiceStream = problemStreams + 2 ** 16 + 2;
const errorStream = problemStreams + 2 ** 16 + 3;

/**
 * A copy of the values with gross errors, value ± s · σ, s uniform from 2.5 to 5, σ the standard deviation of the values; and the numbers
 * of the wrong ones, rising. The same seed gives the same errors. O(count).
 *
 * @example
 * ```ts
 * import { addGrossErrors } from 'polyadic/problems';
 *
 * const { values, wrong } = addGrossErrors(Float64Array.of(1, 2, 3, 4), { share: 0.25, seed: 1 });
 * console.log(values.length, wrong.length); // 4 1
 * ```
 * @throws InputError for a share that is not from 0 to 1.
 */
export function addGrossErrors(
  values: Float64Array,
  options: GrossErrorOptions,
): { readonly values: Float64Array; readonly wrong: Uint32Array } {
  const who = 'addGrossErrors';
  requireOptions(who, options, known);
  requireFloat64(who, 'values', values);
  const { share, seed } = options;
  requireBetween(who, 'share', share, 0, 1);
  const wrong = Uint32Array.from(
    chooseSome(randomStream(seed, choiceStream), Math.round(share * values.length), values.length),
  );
  const random = randomStream(seed, errorStream);
  const spread = deviation(values);
  const out = values.slice();
  for (const at of wrong) {
    const size = minError + (largestError - minError) * random.uniform();
    out[at]! += random.sign() * size * spread;
  }
  return { values: out, wrong };
}

function deviation(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return euclideanNorm(values.map((value) => value - mean)) / Math.sqrt(values.length);
}
