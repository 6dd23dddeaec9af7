// What a loss is: an elementwise function φ(prediction, value), and everything that fits, compares and reports by it has to know.
// A target's loss is the mean of φ over its observed entries; there is no ½ in front of squares. Two families:
//   of differences   φ depends on prediction − value and grows by a power of c when prediction, value and parameter are multiplied by c
//   likelihoods      φ is a negative log-likelihood without the terms of the value alone, as in Hong, Kolda & Duersch,
//                    "Generalized canonical polyadic tensor decomposition", SIAM Review 62 (2020), table 1
// φ is finite in float32 for predictions up to 1e15 in size: where the formula would not be, φ continues along its tangent,
// convex and with a continuous slope.

/** `parameter` is ignored by losses that have none. */
export type Elementwise = (prediction: number, value: number, parameter: number) => number;

interface LossRecord {
  /** What the loss is for, for people who choose one. */
  readonly purpose: string;
  /** φ(prediction, value) */
  readonly value: Elementwise;
  /** ∂φ / ∂prediction; where φ has a kink, the middle of its subgradients. */
  readonly derivative: Elementwise;
  /**
   * w ≥ 0 of the quadratic φ + φ′·δ + ½ w δ² that stands for φ in a Gauss-Newton step: φ″ or the Fisher information of
   * likelihoods, and for robust losses φ′ / (prediction − value), the weight of iteratively reweighted least squares.
   */
  readonly curvature: Elementwise;
  /** Whether φ has a kink where prediction = value: then its slope does not fade near a solution. */
  readonly hasKink: boolean;
  /** The expected value, in units of the data, for which a prediction stands. */
  readonly mean: (prediction: number) => number;
  /** The prediction of the smallest loss for a value. */
  readonly saturated: (value: number) => number;
  readonly domain: LossDomain;
  readonly parameter: LossParameter | undefined;
  readonly wgsl: LossShader;
}

export interface DifferenceLoss extends LossRecord {
  readonly kind: 'difference';
  /** Whether a share of grossly wrong values does little harm to a fit. */
  readonly isRobust: boolean;
  /** Typical size of a residual where the mean loss is this, up to a constant factor. */
  readonly residualScale: (meanLoss: number, parameter: number) => number;
}

export interface LikelihoodLoss extends LossRecord {
  readonly kind: 'likelihood';
  /** The best constant prediction for values of this mean. */
  readonly constantFor: (mean: number) => number;
  /** Typical size of a prediction for values of this root mean square. */
  readonly predictionScale: (rootMeanSquare: number) => number;
}

export type Loss = DifferenceLoss | LikelihoodLoss;

export interface LossDomain {
  /** Whether an observed entry may have this value, and the same in words. */
  readonly holds: (value: number) => boolean;
  readonly values: string;
  /** Predictions below it stand for nothing. With 0, factors start and stay nonnegative. */
  readonly minPrediction: number;
}

/** A positive number in the units of the data. */
export interface LossParameter {
  readonly name: string;
  /** What it is, for the help of the command line. */
  readonly meaning: string;
  readonly default: number;
  /** The first choice in a fit of values with this root mean square. */
  readonly forValues: (rootMeanSquare: number) => number;
  /** The choice once a model is fitted, from the standard deviation of its residuals and the largest |value|. */
  readonly forResiduals: (deviation: number, largest: number) => number;
}

/** WGSL of φ and of ∂φ/∂prediction, as expressions of `prediction`, `value`, `parameter` and `residual` = prediction − value. */
export interface LossShader {
  readonly value: string;
  readonly derivative: string;
  /** WGSL functions that these call. */
  readonly functions?: string;
}

/** What all losses of differences have in common. */
export const differences = {
  kind: 'difference',
  mean: (prediction: number): number => prediction,
  saturated: (value: number): number => value,
  domain: { holds: Number.isFinite, values: 'finite numbers', minPrediction: -Infinity },
} as const;

const maxCount = 1e13;

/** Counts need not be whole: the loss is then, up to a constant, the Kullback-Leibler divergence. */
export const counts = {
  holds: (value: number): boolean => value >= 0 && value <= maxCount,
  values: `counts or other numbers from 0 to ${maxCount}`,
} as const;

/** Logits and logarithms of this size and sign tell 0 from 1, or a count from none, as surely as floats do. */
export const certain = 30;
