// How far the factors of a result are known: standard deviations over draws from the posterior, every draw aligned to the result first. Draws of
// a CP model have their components in any order, signs that cancel, and norms that wander between the modes.
import { InputError } from '../errors.js';
import type { Matrix } from '../tensor/matrix.js';
import { normalize } from '../tensor/normalize.js';
import { matchComponents } from './match.js';
import { requiredPosterior, type WithPosterior } from './posterior.js';
import { runningMoments } from './running-moments.js';

export interface FactorSpread {
  /** Standard deviations of the weights, `[rank]`. */
  readonly weights: Float64Array;
  /** Of the entries of unit columns, one matrix per mode, `[shape[mode], rank]`. */
  readonly factors: readonly Matrix[];
  /** Share of the draws that have such a component, with a product of cosines above 0.5, `[rank]`: the deviations are over these. */
  readonly shares: Float64Array;
}

const minCosine = 0.5;

/**
 * Standard deviations of weights and factor entries of a result of bayesian. O(draws · rank² · Σ shape)
 *
 * @example
 * ```ts
 * import { decompose, factorSpread } from 'polyadic';
 * import { plantedObserved } from 'polyadic/problems';
 *
 * const { target } = plantedObserved({ shape: [5, 4, 3], rank: 1, share: 0.9, noise: 0.1, seed: 1 });
 * const result = await decompose(target, { algorithm: { kind: 'bayesian', sampler: 'svgd' }, maxSteps: 100 });
 * console.log(factorSpread(result).factors.length); // 3
 * ```
 * @throws InputError for a result without draws.
 */
export function factorSpread(result: WithPosterior): FactorSpread {
  const posterior = requiredPosterior('factorSpread', result);
  if (!('draws' in posterior)) {
    throw new InputError('factorSpread: expected a result with draws, got one without. Only bayesian gives one.');
  }
  const { kruskal } = result;
  const { weights, factors } = kruskal;
  const counts = new Float64Array(weights.length);
  const ofWeights = runningMoments(weights.length);
  const ofFactors = factors.map(({ data }) => runningMoments(data.length));
  for (const draw of posterior.draws) {
    const unit = normalize(draw);
    const { permutation, perComponent } = matchComponents(kruskal, unit, { weightPenalty: false });
    permutation.forEach((c, r) => {
      if (!(perComponent[r]! > minCosine)) return;
      counts[r]!++;
      const signs = factors.map((factor, mode) => Math.sign(columnProduct(factor, r, unit.factors[mode]!, c)));
      const sign = signs.reduce((product, one) => product * one, 1);
      ofWeights.add(r, sign * unit.weights[c]!);
      factors.forEach(({ rows, columns }, mode) => {
        const { data, columns: width } = unit.factors[mode]!;
        for (let i = 0; i < rows; i++) ofFactors[mode]!.add(i * columns + r, signs[mode]! * data[i * width + c]!);
      });
    });
  }
  return {
    weights: ofWeights.deviations(),
    factors: factors.map(({ rows, columns }, mode) => ({ rows, columns, data: ofFactors[mode]!.deviations() })),
    shares: counts.map((count) => count / posterior.draws.length),
  };
}

function columnProduct(a: Matrix, p: number, b: Matrix, q: number): number {
  let sum = 0;
  for (let i = 0; i < a.rows; i++) sum += a.data[i * a.columns + p]! * b.data[i * b.columns + q]!;
  return sum;
}
