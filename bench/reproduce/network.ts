// A classifier of one hidden layer, softmax(W₂ max(0, W₁ x + b₁) + b₂), whose two matrices are full or CP tensors (cpLinear), trained by
// Adam on minibatches of the cross-entropy; under the prior of componentPrecisions the ranks fall by themselves.
import { descendAdam } from '../../src/backend/cpu/descent.js';
import {
  componentPrecisions,
  cpLinear,
  cpLinearGradient,
  cpLinearOutput,
  keepComponents,
  transposedCpLinear,
  type CpLinear,
  type Matrix,
} from '../../src/index.js';
import { addProductSteps, columnsOf, rowsOf } from '../../src/linalg/matrix-product.js';
import { randomStream } from '../../src/random/stream.js';
import { sizeOf } from '../../src/tensor/shape.js';
import { finished } from '../../src/yield.js';

/** What a network is trained on and told: rows of inputs and classes. */
export interface Labeled {
  readonly inputs: Matrix;
  readonly classes: Uint8Array;
}

/** One linear map and its bias. `rank` undefined: a full matrix. */
export interface LayerPlan {
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  readonly rank: number | undefined;
}

export interface TrainingPlan {
  readonly layers: readonly [LayerPlan, LayerPlan];
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  /** Whether the gamma prior of the components' precisions is in the loss. */
  readonly prior: boolean;
  readonly seed: number;
}

interface Layer {
  output(inputs: Matrix): Matrix;
  /** Gradients of `parameters`, from that by the outputs. */
  gradient(inputs: Matrix, byOutputs: Matrix): Float64Array[];
  inputGradient(byOutputs: Matrix): Matrix;
  parameters(): Float64Array[];
  /** Components; undefined of a full matrix. */
  rank(): number | undefined;
  /** Adds the prior's gradient, in units of one of `count` examples. */
  addPrior(gradients: readonly Float64Array[], count: number): void;
  /** Takes out components that have shrunk to nothing, of the parameters and of what Adam remembers of them. */
  prune(moments: Moments[]): void;
}

/** What Adam remembers of a parameter array. */
interface Moments {
  first: Float64Array;
  second: Float64Array;
}

/** Norms of components below this share of the largest are nothing. */
const negligible = 1e-2;

function openLayer(plan: LayerPlan, seed: number): Layer {
  return plan.rank === undefined ? fullLayer(plan, seed) : tensorLayer(plan, plan.rank, seed);
}

function fullLayer({ inputShape, outputShape }: LayerPlan, seed: number): Layer {
  const inputs = sizeOf(inputShape);
  const outputs = sizeOf(outputShape);
  const random = randomStream(seed, 0);
  const deviation = Math.sqrt(2 / inputs);
  const weights = Float64Array.from({ length: outputs * inputs }, () => deviation * random.normal());
  return {
    output: (x) => product(rowsOf(x.data, x.rows, inputs), rowsOf(weights, outputs, inputs), x.rows, outputs),
    gradient: (x, g) => [
      product(columnsOf(g.data, g.rows, outputs), columnsOf(x.data, x.rows, inputs), outputs, inputs).data,
    ],
    inputGradient: (g) => product(rowsOf(g.data, g.rows, outputs), columnsOf(weights, outputs, inputs), g.rows, inputs),
    parameters: () => [weights],
    rank: () => undefined,
    addPrior: () => undefined,
    prune: () => undefined,
  };
}

function tensorLayer({ inputShape, outputShape }: LayerPlan, rank: number, seed: number): Layer {
  let layer: CpLinear = cpLinear(inputShape, outputShape, { rank, seed });
  return {
    output: (x) => cpLinearOutput(layer, x),
    gradient: (x, g) => cpLinearGradient(layer, x, g),
    inputGradient: (g) => cpLinearOutput(transposedCpLinear(layer), g),
    parameters: () => layer.factors.map(({ data }) => data),
    rank: () => layer.factors[0]?.columns,
    addPrior(gradients, count) {
      const precisions = componentPrecisions(layer.factors);
      layer.factors.forEach(({ data, columns }, n) => {
        const gradient = gradients[n]!;
        data.forEach((value, at) => (gradient[at]! += (precisions[at % columns]! * value) / count));
      });
    },
    prune(moments) {
      const norms = normsOf(layer);
      const largest = norms.reduce((most, norm) => Math.max(most, norm), 0);
      const kept = Array.from(norms.keys()).filter((r) => norms[r]! > negligible * largest);
      if (kept.length === norms.length) return;
      const keep = (arrays: readonly Float64Array[]): Float64Array[] =>
        keepComponents(
          { ...layer, factors: layer.factors.map((factor, n) => ({ ...factor, data: arrays[n]! })) },
          kept,
        ).factors.map(({ data }) => data);
      const first = keep(moments.map((one) => one.first));
      const second = keep(moments.map((one) => one.second));
      moments.forEach((one, n) => Object.assign(one, { first: first[n]!, second: second[n]! }));
      layer = keepComponents(layer, kept);
    },
  };
}

/** ‖⊗_n w_r^n‖ of every component. */
function normsOf({ factors }: CpLinear): Float64Array {
  const norms = new Float64Array(factors[0]?.columns ?? 0).fill(1);
  for (const { rows, columns, data } of factors) {
    norms.forEach((norm, r) => {
      let square = 0;
      for (let i = 0; i < rows; i++) square += data[i * columns + r]! ** 2;
      norms[r] = norm * Math.sqrt(square);
    });
  }
  return norms;
}

function product(a: ReturnType<typeof rowsOf>, b: ReturnType<typeof rowsOf>, rows: number, columns: number): Matrix {
  const data = new Float64Array(rows * columns);
  finished(addProductSteps(rowsOf(data, rows, columns), a, b));
  return { rows, columns, data };
}

export interface EpochReport {
  readonly epoch: number;
  readonly loss: number;
  readonly accuracy: number;
  /** Of both layers; empty for full matrices. */
  readonly ranks: readonly number[];
  readonly parameters: number;
}

export interface Trained {
  readonly history: readonly EpochReport[];
  readonly accuracy: number;
  /** Mean of −log p of the true class. */
  readonly loss: number;
  readonly calibrationError: number;
  readonly ranks: readonly number[];
  /** Numbers in the two layers and their biases. */
  readonly parameters: number;
  readonly cpuSeconds: number;
}

/** Trains on `train`, and tells how well it does on `test`. */
export function trainNetwork(plan: TrainingPlan, train: Labeled, test: Labeled): Trained {
  const begun = process.cpuUsage().user;
  const { epochs, batchSize, learningRate, prior, seed } = plan;
  const layers = plan.layers.map((layer, n) => openLayer(layer, 2 * seed + n));
  const [hidden, last] = layers as [Layer, Layer];
  const biases = plan.layers.map(({ outputShape }) => new Float64Array(sizeOf(outputShape)));
  const momentsOf = (arrays: readonly Float64Array[]): Moments[] =>
    arrays.map(({ length }) => ({ first: new Float64Array(length), second: new Float64Array(length) }));
  const moments = layers.map((layer) => momentsOf(layer.parameters()));
  const biasMoments = momentsOf(biases);
  const random = randomStream(seed, 5);
  const count = train.inputs.rows;
  const forward = (inputs: Matrix): { activity: Matrix; scores: Matrix } => {
    const activity = withBias(hidden.output(inputs), biases[0]!);
    activity.data.forEach((value, at) => (activity.data[at] = Math.max(0, value)));
    return { activity, scores: withBias(last.output(activity), biases[1]!) };
  };
  const size = (): number =>
    [...layers.flatMap((layer) => layer.parameters()), ...biases].reduce((sum, { length }) => sum + length, 0);
  const ranks = (): number[] => layers.flatMap((layer) => layer.rank() ?? []);
  const measured = () => measure(forward(test.inputs).scores, test.classes);
  const history: EpochReport[] = [];
  const batches = Math.ceil(count / batchSize);
  let step = 0;
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const order = shuffledIndices(count, random);
    for (let b = 0; b < batches; b++) {
      const { inputs, classes } = select(train, order.subarray(b * batchSize, (b + 1) * batchSize));
      const { activity, scores } = forward(inputs);
      const byScores = crossEntropyGradient(scores, classes);
      const ofLast = last.gradient(activity, byScores);
      const byActivity = last.inputGradient(byScores);
      activity.data.forEach((value, at) => {
        if (value === 0) byActivity.data[at] = 0;
      });
      const ofHidden = hidden.gradient(inputs, byActivity);
      const gradients = [ofHidden, ofLast];
      step++;
      const rate = learningRate * 0.5 * (1 + Math.cos((Math.PI * step) / (epochs * batches)));
      // The prior waits until the components are those of the data.
      if (prior && epoch > 1) layers.forEach((layer, n) => layer.addPrior(gradients[n]!, count));
      const descend = (parameters: Float64Array, gradient: Float64Array, { first, second }: Moments): void =>
        descendAdam({
          batch: 1,
          length: parameters.length,
          gradient,
          parameters,
          rate,
          step,
          beta1: 0.9,
          beta2: 0.999,
          epsilon: 1e-8,
          first,
          second,
        });
      layers.forEach((layer, n) =>
        layer.parameters().forEach((parameters, k) => descend(parameters, gradients[n]![k]!, moments[n]![k]!)),
      );
      biases.forEach((bias, n) => descend(bias, columnSums([byActivity, byScores][n]!), biasMoments[n]!));
    }
    if (prior) layers.forEach((layer, n) => layer.prune(moments[n]!));
    const { loss, accuracy } = measured();
    history.push({ epoch, loss, accuracy, ranks: ranks(), parameters: size() });
  }
  return {
    history,
    ...measured(),
    ranks: ranks(),
    parameters: size(),
    cpuSeconds: (process.cpuUsage().user - begun) / 1e6,
  };
}

function withBias(matrix: Matrix, bias: Float64Array): Matrix {
  const { data, columns } = matrix;
  data.forEach((value, at) => (data[at] = value + bias[at % columns]!));
  return matrix;
}

function columnSums({ columns, data }: Matrix): Float64Array {
  const sums = new Float64Array(columns);
  data.forEach((value, at) => (sums[at % columns]! += value));
  return sums;
}

/** Rows of probabilities. */
export function softmax({ rows, columns, data }: Matrix): Matrix {
  const out = new Float64Array(data.length);
  for (let b = 0; b < rows; b++) {
    const scores = data.subarray(b * columns, (b + 1) * columns);
    const largest = Math.max(...scores);
    const powers = scores.map((score) => Math.exp(score - largest));
    const sum = powers.reduce((total, power) => total + power, 0);
    out.set(
      powers.map((power) => power / sum),
      b * columns,
    );
  }
  return { rows, columns, data: out };
}

/** Of the mean over the examples. */
function crossEntropyGradient(scores: Matrix, classes: Uint8Array): Matrix {
  const gradient = softmax(scores);
  classes.forEach((own, b) => (gradient.data[b * gradient.columns + own]! -= 1));
  gradient.data.forEach((value, at) => (gradient.data[at] = value / gradient.rows));
  return gradient;
}

function measure(scores: Matrix, classes: Uint8Array) {
  const { columns, data } = softmax(scores);
  let loss = 0;
  const told = Array.from(classes, (own, b) => {
    const row = data.subarray(b * columns, (b + 1) * columns);
    loss -= Math.log(row[own]!) / classes.length;
    const confidence = Math.max(...row);
    return { confidence, isRight: row[own] === confidence };
  });
  const accuracy = told.filter(({ isRight }) => isRight).length / told.length;
  return { loss, accuracy, calibrationError: expectedCalibrationError(told) };
}

/**
 * Σ over bins of confidence of (share of examples in the bin) · |accuracy − mean confidence| (Guo et al., "On calibration of modern
 * neural networks", ICML 2017), with 15 bins of equal width.
 */
export function expectedCalibrationError(
  told: readonly { readonly confidence: number; readonly isRight: boolean }[],
): number {
  const bins = 15;
  const gaps = new Float64Array(bins);
  for (const { confidence, isRight } of told) {
    gaps[Math.min(bins - 1, Math.floor(confidence * bins))]! += (isRight ? 1 : 0) - confidence;
  }
  return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / told.length;
}

function shuffledIndices(count: number, random: { uniform(): number }): Uint32Array {
  const keys = Float64Array.from({ length: count }, () => random.uniform());
  return Uint32Array.from({ length: count }, (_, k) => k).sort((a, b) => keys[a]! - keys[b]!);
}

export function select({ inputs, classes }: Labeled, chosen: Uint32Array): Labeled {
  const { columns } = inputs;
  const data = new Float64Array(chosen.length * columns);
  chosen.forEach((from, to) => data.set(inputs.data.subarray(from * columns, (from + 1) * columns), to * columns));
  return { inputs: { rows: chosen.length, columns, data }, classes: Uint8Array.from(chosen, (from) => classes[from]!) };
}
