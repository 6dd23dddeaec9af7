// Whether an answer is right: some of its rows against float64.
import type { Contestant } from './peers/contestant.js';

/** Some rows of the answer, in float64. */
export interface Sample {
  readonly rows: readonly number[];
  /** `[rows.length, width]` */
  readonly values: Float64Array;
}

/** Float32 kernels are at 1e-6; a wrong index is at 1. */
const tolerance = 1e-4;

/** Largest error of the sampled rows, relative to their largest entry. Refuses a wrong answer. */
export async function verified(
  contestant: Pick<Contestant, 'name' | 'answer'>,
  { rows, values }: Sample,
): Promise<number> {
  const answer = await contestant.answer();
  if (!answer) return 0;
  const width = values.length / rows.length;
  let error = 0;
  let largest = 0;
  rows.forEach((row, s) => {
    for (let k = 0; k < width; k++) {
      const value = values[s * width + k]!;
      const off = Math.abs((answer[row * width + k] ?? NaN) - value);
      error = off <= error ? error : off; // NaN stays
      largest = Math.max(largest, Math.abs(value));
    }
  });
  const relative = error / largest;
  if (!(relative <= tolerance)) {
    throw new Error(`${contestant.name}: expected the answer within ${tolerance} of float64, got ${relative}.`);
  }
  return relative;
}
