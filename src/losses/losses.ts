// Elementwise losses φ(prediction, value): one record a loss with everything about it. shaders/lib/losses.ts holds the same
// keys in WGSL. A target's loss is the mean of φ over its observed entries; there is no ½ in front of the squares.

export interface Loss {
  /** φ(prediction, value). `parameter` is β of Huber's loss and unused elsewhere. */
  readonly value: (prediction: number, value: number, parameter: number) => number;
  /** ∂φ / ∂prediction; where φ has a kink, the middle of its subgradients. */
  readonly derivative: (prediction: number, value: number, parameter: number) => number;
  readonly domain: LossDomain;
  /** `undefined` where the loss has none. */
  readonly parameter: LossParameter | undefined;
}

export interface LossDomain {
  /** Whether an observed entry may have this value, and the same in words. */
  readonly holds: (value: number) => boolean;
  readonly values: string;
  /** Predictions below it have no loss: −∞, or 0 for losses of rates and odds. */
  readonly leastPrediction: number;
}

export interface LossParameter {
  readonly name: string;
  /** Must be positive. */
  readonly default: number;
}

const anyNumber: LossDomain = { holds: Number.isFinite, values: 'finite numbers', leastPrediction: -Infinity };

export const losses = {
  /** Squared error, the loss of Gaussian noise. */
  l2: {
    value: (prediction, value) => (prediction - value) ** 2,
    derivative: (prediction, value) => 2 * (prediction - value),
    domain: anyNumber,
    parameter: undefined,
  },
  /** Absolute error, for values of which some are grossly wrong. Its gradient does not fade near the solution: let the step do so. */
  l1: {
    value: (prediction, value) => Math.abs(prediction - value),
    derivative: (prediction, value) => Math.sign(prediction - value),
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
    domain: anyNumber,
    parameter: { name: 'beta', default: 1 },
  },
} as const satisfies Record<string, Loss>;

export type LossName = keyof typeof losses;

/** The record of a loss, by its general type. */
export const lossOf = (name: LossName): Loss => losses[name];
