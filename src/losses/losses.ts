// Elementwise losses φ(prediction, value): one record a loss with everything about it. shaders/lib/losses.ts holds the same
// keys in WGSL. A target's loss is the mean of φ over its observed entries; there is no ½ in front of the squares.
// Losses of counts and binaries are negative log-likelihoods without the terms of the value alone, as in Hong, Kolda & Duersch,
// "Generalized canonical polyadic tensor decomposition", SIAM Review 62 (2020), table 1. They are finite in float32
// for predictions up to 1e15 in size: where they would not be, φ goes on along its tangent, convex and with a continuous slope.

export interface Loss {
  /** φ(prediction, value). `parameter` is β of Huber's loss and unused elsewhere. */
  readonly value: (prediction: number, value: number, parameter: number) => number;
  /** ∂φ / ∂prediction; where φ has a kink, the middle of its subgradients. */
  readonly derivative: (prediction: number, value: number, parameter: number) => number;
  /**
   * w ≥ 0 of the quadratic φ + φ′·δ + ½ w δ² that stands for φ in a Gauss-Newton step: φ″ where it serves, the Fisher information
   * of counts and binaries, and for l1 and huber φ′ / (prediction − value), the weight of iteratively reweighted least squares.
   */
  readonly curvature: (prediction: number, value: number, parameter: number) => number;
  /** The expected value, in units of the data, for which a prediction stands. */
  readonly mean: (prediction: number) => number;
  readonly domain: LossDomain;
  /** `undefined` where the loss has none. */
  readonly parameter: LossParameter | undefined;
}

export interface LossDomain {
  /** Whether an observed entry may have this value, and the same in words. */
  readonly holds: (value: number) => boolean;
  readonly values: string;
  /** Predictions below it stand for nothing: −∞, or 0 for rates. */
  readonly leastPrediction: number;
}

export interface LossParameter {
  readonly name: string;
  /** Must be positive. */
  readonly default: number;
}

/** ε of the Poisson loss: keeps the logarithm of a rate of 0 finite. The value of Hong, Kolda & Duersch. */
export const leastRate = 1e-10;

/** Log-rates above it go on along the tangent: e³⁰ ≈ 1e13, so that sums of squared slopes stay far from float32's 3e38. */
export const largestLogRate = 30;

const anyNumber: LossDomain = { holds: Number.isFinite, values: 'finite numbers', leastPrediction: -Infinity };

const largestCount = 1e13;

/** Counts need not be whole: the loss is then, up to a constant, the Kullback-Leibler divergence. */
const counts: LossDomain = {
  holds: (value) => value >= 0 && value <= largestCount,
  values: `counts or other numbers from 0 to ${largestCount}`,
  leastPrediction: -Infinity,
};

const binaries: LossDomain = {
  holds: (value) => value === 0 || value === 1,
  values: 'zeros and ones',
  leastPrediction: -Infinity,
};

const itself = (prediction: number): number => prediction;

/** Below this part of prediction and value, and below `leastResidual`, a residual of l1 weighs no more. */
const leastRelativeResidual = 1e-6;
const leastResidual = 1e-12;

export const losses = {
  /** Squared error, the loss of Gaussian noise. */
  l2: {
    value: (prediction, value) => (prediction - value) ** 2,
    derivative: (prediction, value) => 2 * (prediction - value),
    curvature: () => 2,
    mean: itself,
    domain: anyNumber,
    parameter: undefined,
  },
  /** Absolute error, for values of which some are grossly wrong. Its gradient does not fade near the solution: let the step do so. */
  l1: {
    value: (prediction, value) => Math.abs(prediction - value),
    derivative: (prediction, value) => Math.sign(prediction - value),
    /** 1 / |x|, with |x| no less than a millionth of |prediction| + |value|: one entry met exactly must not rule the others. */
    curvature: (prediction, value) => {
      const least = leastRelativeResidual * (Math.abs(prediction) + Math.abs(value));
      return 1 / Math.max(Math.abs(prediction - value), least, leastResidual);
    },
    mean: itself,
    domain: anyNumber,
    parameter: undefined,
  },
  /** ½x²/β up to |x| = β, |x| − ½β beyond (smooth L1): squares for small residuals x, as robust as L1 against large ones. */
  huber: {
    value: (prediction, value, beta) => {
      const size = Math.abs(prediction - value);
      return size < beta ? (0.5 * size * size) / beta : size - 0.5 * beta;
    },
    derivative: (prediction, value, beta) => Math.max(-1, Math.min(1, (prediction - value) / beta)),
    /** 1 / β inside, 1 / |x| outside. */
    curvature: (prediction, value, beta) => 1 / Math.max(Math.abs(prediction - value), beta),
    mean: itself,
    domain: anyNumber,
    parameter: { name: 'beta', default: 1 },
  },
  /**
   * λ − y log(λ + ε): counts y with the rate λ itself as prediction, for factors that are not negative. Below λ = 0, where there
   * is no rate, the tangent at 0.
   */
  poisson: {
    value: (rate, count) => rate - count * (Math.log(Math.max(rate, 0) + leastRate) + Math.min(rate, 0) / leastRate),
    derivative: (rate, count) => 1 - count / (Math.max(rate, 0) + leastRate),
    /** The Fisher information 1 / λ: its step goes from any λ to y. φ″ = y / λ² would hardly move a rate that is far too small, and is 0 for y = 0. */
    curvature: (rate) => 1 / (Math.max(rate, 0) + leastRate),
    mean: (rate) => Math.max(rate, 0),
    domain: { ...counts, leastPrediction: 0 },
    parameter: undefined,
  },
  /** e^m − y m: counts y with the logarithm m of their rate as prediction, of any sign. Above `largestLogRate` the tangent there. */
  poissonLog: {
    value: (logRate, count) =>
      Math.exp(Math.min(logRate, largestLogRate)) * (1 + Math.max(logRate - largestLogRate, 0)) - count * logRate,
    derivative: (logRate, count) => Math.exp(Math.min(logRate, largestLogRate)) - count,
    curvature: (logRate) => Math.exp(Math.min(logRate, largestLogRate)),
    mean: (logRate) => Math.exp(Math.min(logRate, largestLogRate)),
    domain: counts,
    parameter: undefined,
  },
  /**
   * log(1 + e^m) − y m: zeros and ones y with the logit m = log(p / (1 − p)) of their probability as prediction. Computed as
   * (1 − y) max(m, 0) + y max(−m, 0) + log(1 + e^{−|m|}), of which no part cancels another.
   */
  bernoulliLogit: {
    value: (logit, one) =>
      (1 - one) * Math.max(logit, 0) + one * Math.max(-logit, 0) + Math.log1p(Math.exp(-Math.abs(logit))),
    derivative: (logit, one) => (1 - one) * sigmoid(logit) - one * sigmoid(-logit),
    curvature: (logit) => sigmoid(logit) * sigmoid(-logit),
    mean: (logit) => sigmoid(logit),
    domain: binaries,
    parameter: undefined,
  },
} as const satisfies Record<string, Loss>;

export type LossName = keyof typeof losses;

export const lossNames = Object.keys(losses) as LossName[];

/** The record of a loss, by its general type. */
export const lossOf = (name: LossName): Loss => losses[name];

/** 1 / (1 + e^{−m}), to full relative precision on both sides. */
function sigmoid(logit: number): number {
  const small = Math.exp(-Math.abs(logit));
  return (logit < 0 ? small : 1) / (1 + small);
}
