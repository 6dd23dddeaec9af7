// A tensor with missing cells, filled so that it can be compressed. Few of them: with the mean and the main effects of every mode, then a
// few times with what a small model of the filled tensor has there. Many: fill-many.ts. It is a start, not an answer: the model is fitted
// to the known cells alone afterwards, as a fill that is repeated until nothing changes (expectation maximization) takes hundreds of passes.
import { polishedCp } from '../compaction/polish-cp.js';
import { compress } from '../compression/compress.js';
import { randomStream } from '../random/stream.js';
import { growthStream } from '../random/streams.js';
import type { DenseTensor } from '../tensor/dense.js';
import { rankOf, type Kruskal } from '../tensor/kruskal.js';
import { hasManyMissing, knownCells, missingCells, type PartlyKnownTensor } from '../tensor/partly-known.js';
import { absorbWeights } from '../tensor/stacked.js';
import { inRanges, isPauseDue, waitFor, type Work } from '../yield.js';
import { expand, restrict } from './expand.js';
import type { Filled } from './fill-many.js';
import { alternate, singularVectorStart } from './starts.js';

const refills = 4;
/** Components of the model that fills: enough for where the cells lie, not for what is to be found. */
const fillRank = 3;
/** The first fit, and those that go on from it. */
const fit = { tolerance: 5e-5, maxSteps: 20, precision: { iterations: 30, cgTolerance: 1e-4 } };
const refit = { ...fit, maxSteps: 5 };

/** The tensor with all cells; without missing ones, itself. */
export function* fillMissing(target: PartlyKnownTensor, seed: number): Work<Filled> {
  const { shape, known } = target;
  if (!known) return { tensor: target, isExact: true };
  if (hasManyMissing(target)) {
    const { fillMany } = yield* waitFor(import('./fill-many.js'));
    return yield* fillMany(target, seed);
  }
  const random = randomStream(seed, growthStream);
  let data = yield* mainEffects(target, known);
  let model: Kruskal | undefined;
  for (let k = 0; k < refills; k++) {
    const compression = yield* compress({ shape, data }, { seeksNoise: false });
    const { core } = compression;
    const start = model
      ? restrict(compression, model)
      : yield* alternate(core, yield* singularVectorStart(core, fillRank, random), { sweeps: 20, tolerance: 1e-5 });
    const { kruskal } = yield* polishedCp(core, start, model ? refit : fit);
    model = expand(compression, kruskal);
    ({ data } = yield* filledBy(target, model));
    yield;
  }
  return { tensor: { shape, data }, isExact: false };
}

/** The tensor with what a model has at the missing cells. */
export function* filledBy(
  { shape, data: given, known }: PartlyKnownTensor,
  model: Kruskal,
): Work<DenseTensor & { readonly data: Float64Array }> {
  const { factors } = absorbWeights(model);
  const rank = rankOf(model);
  const data = new Float64Array(given);
  const missing = known ? missingCells(known) : new Uint32Array();
  const values = new Float64Array(rank);
  yield* inRanges(missing.length, 2 * shape.length * rank, (from, end) => {
    for (let m = from; m < end; m++) {
      let rest = missing[m]!;
      values.fill(1);
      for (let mode = shape.length - 1; mode >= 0; mode--) {
        const size = shape[mode]!;
        const row = (rest % size) * rank;
        rest = Math.floor(rest / size);
        const factor = factors[mode]!.data;
        for (let c = 0; c < rank; c++) values[c]! *= factor[row + c]!;
      }
      let sum = 0;
      for (let c = 0; c < rank; c++) sum += values[c]!;
      data[missing[m]!] = sum;
    }
  });
  return { shape, data };
}

/** Missing cells as the mean of the known ones plus, per mode, what the known cells of the same index are above it. */
function* mainEffects({ shape, data }: PartlyKnownTensor, known: Uint8Array): Work<Float64Array> {
  const out = new Float64Array(data);
  // A missing cell holds 0.
  let sum = 0;
  for (let at = 0; at < data.length; at++) sum += data[at]!;
  const mean = sum / Math.max(1, knownCells({ shape, data, known }));
  const missing = missingCells(known);
  for (const at of missing) out[at] = mean;
  if (isPauseDue(4 * data.length)) yield;
  let stride = data.length;
  for (const size of shape) {
    stride /= size;
    const sums = new Float64Array(size);
    const counts = new Float64Array(size);
    for (let at = 0; at < data.length;) {
      const index = Math.floor(at / stride) % size;
      for (const end = at + stride; at < end; at++) {
        sums[index]! += known[at]! * (data[at]! - mean);
        counts[index]! += known[at]!;
      }
      if (isPauseDue(4 * stride + 10)) yield;
    }
    for (const at of missing) {
      const index = Math.floor(at / stride) % size;
      out[at]! += sums[index]! / Math.max(1, counts[index]!);
    }
    if (isPauseDue(10 * missing.length)) yield;
  }
  return out;
}
