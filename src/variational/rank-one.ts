// What a model leaves of the values, fitted by one component: where a new component of the model begins.
import { predictEntries } from '../analysis/predict.js';
import type { RandomStream } from '../random/stream.js';
import { isPauseDue, type Work } from '../yield.js';
import type { Entries } from './entries.js';
import { kruskalOf, type VariationalModel } from './model.js';

const rankOneStarts = 8;
const rankOneSweeps = 12;
/** Ridge of these fits, relative to the mean diagonal: at first, its fall per sweep, and at last. */
const ridge = { first: 0.1, fall: 0.8, last: 0.01 };

/** The best of a few rank-one fits of what the model leaves, by alternating least squares: [rows, 1] per mode. */
export function* rankOneOfResidual(
  entries: Entries,
  model: VariationalModel,
  random: RandomStream,
): Work<Float64Array[]> {
  const { shape, count, indices, values, modes } = entries;
  const order = shape.length;
  const predictions = predictEntries(kruskalOf(model), indices);
  const residual = values.map((value, e) => value - predictions[e]!);
  const size = Math.sqrt(residual.reduce((sum, value) => sum + value ** 2, 0) / count) ** (1 / order) || 1;
  let best: Float64Array[] = shape.map((rows) => new Float64Array(rows));
  let bestError = Infinity;
  for (let start = 0; start < rankOneStarts; start++) {
    const vectors = shape.map((rows) => random.fillNormal(new Float64Array(rows)).map((value) => size * value));
    let share = ridge.first;
    for (let step = 0; step < rankOneSweeps; step++) {
      for (let k = 0; k < order; k++) yield* fitVector(k, vectors, residual, share);
      equalize(vectors);
      share = Math.max(share * ridge.fall, ridge.last);
    }
    let error = 0;
    for (let e = 0; e < count; e++) error += (residual[e]! - productAt(vectors, e, -1)) ** 2;
    if (isPauseDue(count * (order + 2))) yield;
    if (error < bestError) {
      bestError = error;
      best = vectors;
    }
  }
  return best;

  function productAt(vectors: readonly Float64Array[], e: number, skipped: number): number {
    let product = 1;
    for (let n = 0; n < order; n++) if (n !== skipped) product *= vectors[n]![indices[e * order + n]!]!;
    return product;
  }

  function* fitVector(k: number, vectors: readonly Float64Array[], given: Float64Array, share: number): Work<void> {
    const vector = vectors[k]!;
    const squares = new Float64Array(vector.length);
    const { entries: sorted, starts } = modes[k]!;
    let total = 0;
    for (let i = 0; i < vector.length; i++) {
      let sum = 0;
      let square = 0;
      for (let n = starts[i]!; n < starts[i + 1]!; n++) {
        const e = sorted[n]!;
        const product = productAt(vectors, e, k);
        sum += product * given[e]!;
        square += product ** 2;
      }
      vector[i] = sum;
      squares[i] = square;
      total += square;
    }
    const damping = (share * total) / vector.length + Number.MIN_VALUE;
    for (let i = 0; i < vector.length; i++) vector[i]! /= squares[i]! + damping;
    if (isPauseDue(count * (order + 3))) yield;
  }
}

/** Vectors of equal root mean square, and the same product. */
function equalize(vectors: readonly Float64Array[]): void {
  const sizes = vectors.map((vector) => Math.sqrt(vector.reduce((sum, value) => sum + value ** 2, 0) / vector.length));
  if (!(Math.min(...sizes) > 0)) return;
  const goal = Math.exp(sizes.reduce((sum, size) => sum + Math.log(size), 0) / sizes.length);
  vectors.forEach((vector, k) => {
    for (let i = 0; i < vector.length; i++) vector[i]! *= goal / sizes[k]!;
  });
}
