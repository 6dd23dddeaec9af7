// Losses other than squared errors in variational inference. At the distribution that the model has at an entry, N(m, v), the likelihood of
// the value y is replaced by that of a Gaussian: value z and weight w, as if z had been measured with noise of variance σ² / w. Sweeps take
// z and w for values, and after each sweep they are taken anew (src/losses/local-likelihoods.ts has the Gaussians).
import { inRanges, isPauseDue, type Work } from '../yield.js';
import type { Entries, Likelihood, LocalGaussians } from './entries.js';
import { likelihoodOf } from '../losses/local-likelihoods.js';
import type { LocalLoss } from '../losses/local.js';
import type { VariationalModel } from './model.js';
import { cellMoments } from './sweep.js';

/**
 * The entries under a loss. `parameter`: of the loss, where it is given; `knowsModel`: whether they are for the last fit of a model that
 * was found, which may take more for gross errors than a search should.
 */
export function withLoss(given: Entries, loss: LocalLoss, parameter: number | undefined, knowsModel = false): Entries {
  const { count, indices, values: observed, shape } = given;
  const order = shape.length;
  const likelihood = likelihoodOf(loss, observed, { parameter, knowsModel });
  const { mean, variance, at, learn, surprise } = likelihood;
  const values = observed.slice();
  const weights = new Float64Array(count).fill(1);
  const modes = given.modes.map((mode) => ({
    ...mode,
    values: mode.values.slice(),
    weights: new Float64Array(count).fill(1),
  }));

  function* spread(): Work<void> {
    for (const mode of modes) {
      yield* inRanges(count, 20, (from, end) => {
        for (let n = from; n < end; n++) {
          const e = mode.entries[n]!;
          mode.values[n] = values[e]!;
          mode.weights[n] = weights[e]!;
        }
      });
    }
  }

  function* reset(): Work<void> {
    likelihood.restart();
    yield* inRanges(count, 20, (from, end) => {
      for (let e = from; e < end; e++) {
        const { value, weight } = likelihood.atConstant(observed[e]!);
        values[e] = value;
        weights[e] = weight;
      }
    });
    yield* spread();
  }

  function* update(model: VariationalModel, minNoise?: number): Work<Likelihood> {
    const cell = cellMoments(model);
    const flops = order * model.rank * (model.rank + 3) + 100;
    let logLikelihood = 0;
    likelihood.begin();
    for (let e = 0; e < count; e++) {
      const moments = cell(indices, e * order);
      const local = at(observed[e]!, moments.mean, moments.variance, model.noise);
      values[e] = local.value;
      weights[e] = local.weight;
      logLikelihood += local.logLikelihood;
      if (isPauseDue(flops)) yield;
    }
    const { noise, squaredError, weightScale } = learn(model.noise, minNoise !== undefined);
    for (let e = 0; e < count; e++) weights[e]! *= weightScale;
    if (minNoise !== undefined) model.noise = Math.max(noise, minNoise);
    yield* spread();
    return { squaredError, logLikelihood };
  }

  const local: LocalGaussians = {
    isRobust: likelihood.isRobust,
    values,
    weights,
    of: (entries) => withLoss(entries, loss, parameter, knowsModel),
    forLastFit: () => withLoss(given, loss, parameter, true),
    reset,
    update,
    surpriseAt: surprise,
  };
  return { ...given, modes, mean, variance, local };
}
