// Whether what a model leaves of a tensor is white noise, by the largest singular value of every unfolding [I, J] of the residual: of
// noise with variance σ² its square is about σ² (√I + √J)², with a spread of the order (√I + √J)(1/√I + 1/√J)^{1/3} (Johnstone, "On
// the distribution of the largest eigenvalue in principal components analysis", Ann. Stat. 29, 2001). Smooth or uneven residuals,
// as those of measured data, have much larger ones, although no single component may stand out from them.
import { randomStream } from '../random/stream.js';
import { growthStream } from '../random/streams.js';
import type { DenseTensor } from '../tensor/dense.js';
import { sizeOf } from '../tensor/shape.js';
import { isPauseDue, type Work } from '../yield.js';

/** Iterations of the power method: it stays below the truth, by a few percent at most. */
const iterations = 30;
/** Units of the spread: 99 % of noise stays below. */
const spreads = 2;

/** The first mode whose unfolding is no white noise of this variance; undefined where all may be. 120 · order · size flops. */
export function* coloredMode(residual: DenseTensor, variance: number): Work<number | undefined> {
  for (const [mode, rows] of residual.shape.entries()) {
    const columns = residual.data.length / rows;
    const a = Math.sqrt(rows);
    const b = Math.sqrt(columns);
    const edge = (a + b) ** 2 + spreads * (a + b) * (1 / a + 1 / b) ** (1 / 3);
    if ((yield* largestSquare(residual, mode)) > variance * edge) return mode;
  }
  return undefined;
}

/** Square of the largest singular value of an unfolding. */
function* largestSquare({ shape, data }: DenseTensor, mode: number): Work<number> {
  const rows = shape[mode]!;
  const inner = sizeOf(shape.slice(mode + 1));
  const outer = data.length / (rows * inner);
  let x = randomStream(0, growthStream).fillNormal(new Float64Array(rows));
  let value = 0;
  for (let k = 0; k < iterations; k++) {
    const length = Math.hypot(...x);
    if (length === 0) return 0;
    const next = new Float64Array(rows);
    for (let o = 0; o < outer; o++) {
      const combined = new Float64Array(inner);
      for (let i = 0; i < rows; i++) {
        const at = (o * rows + i) * inner;
        const scale = x[i]! / length;
        for (let j = 0; j < inner; j++) combined[j]! += scale * data[at + j]!;
      }
      for (let i = 0; i < rows; i++) {
        const at = (o * rows + i) * inner;
        for (let j = 0; j < inner; j++) next[i]! += data[at + j]! * combined[j]!;
      }
      if (isPauseDue(4 * rows * inner)) yield;
    }
    value = Math.hypot(...next);
    x = next;
  }
  return value;
}
