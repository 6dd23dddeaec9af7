// A tensor with many missing cells, filled so that it can be compressed: a missing cell becomes what a model predicts, found by variational
// inference (src/variational), and a random number as large as the error of the model at cells that it was not fitted to. So what is filled
// in has the noise of the known cells, and of the prediction: without noise the components of the model would look certain. (A draw from
// the predictive distribution: Rubin, "Multiple imputation for nonresponse in surveys", 1987.)
// It is loaded where it is needed (fill-missing.ts): tensors without gaps do not need variational inference.
import { predictEntriesUnchecked } from '../analysis/predict.js';
import { randomStream } from '../random/stream.js';
import { fillStream } from '../random/streams.js';
import { advance } from '../tensor/coordinate.js';
import { freeNumbers } from '../tensor/free-numbers.js';
import { knownEntries } from '../targets/known-entries.js';
import type { DenseTensor } from '../tensor/dense.js';
import type { PartlyKnownTensor } from '../tensor/partly-known.js';
import { entriesOf, partOf, rowsWithValues, type Entries } from '../variational/entries.js';
import { constantModel, kruskalOf, wideModel, type VariationalModel } from '../variational/model.js';
import { refit, withNewComponent } from '../variational/refit.js';
import { cellMoments } from '../variational/sweep.js';
import { isPauseDue, type Work } from '../yield.js';

/** Components of the model that fills. */
const maxComponents = 16;
/** Values per unknown of one component that the model is looked for with, and part of the values at most; as many others test it. */
const valuesPerUnknown = 40;
const maxTraining = 0.9;
/** Free numbers of the model, relative to the values that it is looked for with. */
const maxNumbers = 0.5;
/** A component must take this part of the squared error at the other values, and more than so many standard errors. */
const minShareOfError = 0.05;
const minErrors = 1;
const attempts = 2;
const attemptsWhereMuchIsLeft = 4;
/** Part of the variance. */
const muchLeft = 0.5;
/** Of a fit: what is filled in need not be more precise than the values are many. */
const sweeps = 30;
/** Over all values, from the fit to some of them. */
const lastSweeps = 5;
/** Of the variance of the values: below it, σ² is rounding. */
const noiseFloor = 1e-20;

export interface Filled {
  readonly tensor: DenseTensor;
  /** Whether what is filled in is exact but for rounding. */
  readonly isExact: boolean;
}

/** The tensor with all cells. */
export function* fillMany(target: PartlyKnownTensor, seed: number): Work<Filled> {
  const { shape, known } = target;
  const entries = yield* entriesOf(yield* knownEntries(target));
  const { model, squaredError } = yield* predictingModel(entries, seed);
  const random = randomStream(seed, fillStream);
  const data = Float64Array.from(target.data);
  const momentsAt = cellMoments(model);
  const deviation = Math.sqrt(squaredError);
  const index = new Uint32Array(shape.length);
  const flops = shape.length * model.rank * (model.rank + 3) + 100;
  for (let at = 0; at < data.length; at++) {
    if (known?.[at] === 0) {
      data[at] = momentsAt(index, 0).mean + deviation * random.normal();
      if (isPauseDue(flops)) yield;
    }
    advance(index, shape);
  }
  return { tensor: { shape, data }, isExact: squaredError <= minNoiseOf(entries) };
}

/** Squared errors up to this are rounding. */
const minNoiseOf = ({ variance, mean }: Entries): number => noiseFloor * (variance || mean ** 2 || 1);

/** A model, and the mean of its squared error at values that it was not fitted to. */
interface Tested {
  readonly model: VariationalModel;
  readonly squaredError: number;
}

/** Components are added one by one while each of them predicts better, and the last model is fitted to all values. */
function* predictingModel(entries: Entries, seed: number): Work<Tested> {
  const random = randomStream(seed, fillStream + 1);
  const rows = rowsWithValues(entries);
  const share = Math.min(maxTraining, (valuesPerUnknown * freeNumbers(rows, 1)) / entries.count);
  // Of numbers in (0, 1) those below `share`, and as many at the other end, as far as they do not overlap.
  const places = Float64Array.from({ length: entries.count }, () => random.uniform());
  const training = yield* partOf(entries, (entry) => places[entry]! < share);
  const others = yield* partOf(entries, (entry) => places[entry]! >= Math.max(share, 1 - share));
  const minNoise = minNoiseOf(entries);
  // Nothing can be tested: the mean, with the variance about it.
  if (training.count === 0 || others.count === 0)
    return { model: constantModel(entries), squaredError: entries.variance };
  const squaresOf = (model: VariationalModel): Float64Array => {
    const predictions = predictEntriesUnchecked(kruskalOf(model), others.indices);
    return others.values.map((value, e) => (value - predictions[e]!) ** 2);
  };
  let { model } = yield* refit(training, constantModel(training), { sweeps, minNoise });
  let squares = squaresOf(model);
  const isMuchLeft = (): boolean => meanOf(squares) > muchLeft * entries.variance;
  for (let attempt = 0; attempt < (isMuchLeft() ? attemptsWhereMuchIsLeft : attempts);) {
    if (model.rank >= maxComponents || freeNumbers(rows, model.rank + 1) > maxNumbers * training.count) break;
    if (meanOf(squares) <= minNoise) break;
    // Where one component more does not predict better, and much is left, several together may.
    const start =
      attempt === 0 || !isMuchLeft()
        ? yield* withNewComponent(training, model, random)
        : yield* wideModel(training, widthBeside(model.rank), random, constantModel(training));
    const next = yield* refit(training, start, { sweeps, minNoise });
    const left = squaresOf(next.model);
    const isBetter = isLess(left, squares);
    attempt = isBetter ? 0 : attempt + 1;
    if (!isBetter) continue;
    model = next.model;
    squares = left;
  }
  const fitted = yield* refit(entries, model, { sweeps: lastSweeps, minNoise });
  return { model: fitted.model, squaredError: meanOf(squares) };
}

const widthBeside = (rank: number): number => 2 * rank + 3;

/** Whether squared errors are less than others at the same values, by more than chance. */
function isLess(squares: Float64Array, before: Float64Array): boolean {
  const gains = before.map((square, e) => square - squares[e]!);
  const gain = meanOf(gains);
  const deviation = Math.sqrt(meanOf(gains.map((one) => (one - gain) ** 2)) / gains.length);
  return gain > minShareOfError * meanOf(before) && gain > minErrors * deviation;
}

const meanOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
