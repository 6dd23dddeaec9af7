// The precisions of the model and the gradient that they make, on a backend, for all chains (particles) at once:
//   y_e | W ~ N(prediction_e, 1/β)     w_k[i, r] ~ N(0, 1/λ_r)     λ_r ~ Gamma(1, rate b)     β ~ Gamma(1, rate 0.01)
// for values of unit size, b = 0.005 (with 0.05 superfluous components of 5 to 20 % of the largest stay). Their conditionals are gamma distributions, one λ for a component in all modes, so that a component that the values
// do not speak for is shut as a whole:
//   λ_r | W ~ Gamma(1 + ½ Σ shape, b + ½ Σ_k ‖w_k[:, r]‖²)     β | W ~ Gamma(1 + ½ n, 0.01 + ½ Σ_e (prediction_e − y_e)²)
import type { DeviceArray, OperationArgs, Scope } from '../../backend/backend.js';
import { seedWords } from '../../random/philox.js';
import { gibbsStreams } from '../../random/streams.js';
import type { Objective } from '../completion/objectives/objective.js';

/** Of all gamma priors, and the rate of that of the noise. */
export const priorShape = 1;
const noiseRate = 0.01;

/** β and λ to begin with. */
export interface FirstPrecisions {
  readonly noise: number;
  readonly component: number;
}

export interface PrecisionsSetup {
  readonly scope: Scope;
  readonly objective: Objective;
  readonly batch: number;
  readonly rank: number;
  /** Observations of the target. */
  readonly count: number;
  readonly seed: number;
  /** b of the precisions of components. */
  readonly priorRate: number;
  /** Minibatches, the objective's first ranges; its last one has all observations. 0: every step takes all. */
  readonly minibatches: number;
  readonly nextMinibatch: () => number;
}

export interface Precisions {
  /** β, `[batch]` */
  readonly noise: DeviceArray;
  /** Records the gradient of −log posterior in place of that of the mean squared error, which was recorded last. */
  recordGradient(): void;
  /** Records Gibbs draws of all precisions, or their conditional means, given the mean squared error of all observations that was recorded last. */
  update(step: number, by: 'draw' | 'mean'): void;
  /** The conditional mean of β alone. */
  updateNoise(): void;
}

type Randomness = Pick<OperationArgs<'drawPrecisions'>, 'seedLow' | 'seedHigh' | 'step' | 'by'>;

export function openPrecisions(
  { scope, objective, batch, rank, count, seed, priorRate }: PrecisionsSetup,
  first: FirstPrecisions,
): Precisions {
  const { parameters, mean } = objective;
  const noise = scope.array('noise precisions', new Float64Array(batch).fill(first.noise));
  const precisions = scope.array('precisions', new Float64Array(batch * rank).fill(first.component));
  const grams = scope.array('inner products', parameters.length * batch * rank * rank);
  const rows = parameters.map(({ length }) => length / rank);
  const unknowns = rows.reduce((sum, some) => sum + some, 0);
  const [seedLow, seedHigh] = seedWords(seed);
  const drawNoise = (random: Randomness): void => {
    scope.drawPrecisions({
      batch,
      rank: 1,
      parts: 1,
      shape: priorShape + count / 2,
      rate: noiseRate,
      scale: count / 2,
      ...random,
      stream: gibbsStreams + 1,
      squares: mean,
      precisions: noise,
    });
  };
  return {
    noise,
    recordGradient: () => {
      parameters.forEach(({ array, gradient }, k) => {
        scope.posteriorGradient({
          batch,
          rows: rows[k]!,
          rank,
          scale: count / 2,
          noisePrecisions: noise,
          precisions,
          parameters: array,
          gradient,
        });
      });
    },
    update: (step, by) => {
      parameters.forEach(({ array }, k) => {
        const outOffset = k * batch * rank * rank;
        const columns = { vectorStride: 1, entryStride: rank, outOffset };
        scope.gram({ batch, count: rank, length: rows[k]!, ...columns, values: array, gram: grams });
      });
      scope.drawPrecisions({
        batch,
        rank,
        parts: parameters.length,
        shape: priorShape + unknowns / 2,
        rate: priorRate,
        scale: 0.5,
        seedLow,
        seedHigh,
        step,
        by,
        stream: gibbsStreams,
        squares: grams,
        precisions,
      });
      drawNoise({ seedLow, seedHigh, step, by });
    },
    updateNoise: () => drawNoise({ seedLow, seedHigh, step: 0, by: 'mean' }),
  };
}
