// Whether chains of a sampler draw from the same distribution, and how many independent draws they are worth: Vehtari, Gelman,
// Simpson, Carpenter & Bürkner, "Rank-normalization, folding, and localization: an improved R̂", Bayesian Analysis 16 (2021). Both split
// every chain in two halves and replace draws by normal scores of their ranks, so that neither heavy tails nor units matter.
import { InputError } from '../errors.js';
import { shown } from '../names.js';
import { requireList } from '../tensor/require.js';
import { normalQuantile } from './normal-quantile.js';

/** Draws of one number: a list per chain, all of one length. */
export type Chains = readonly ArrayLike<number>[];

/**
 * Split R̂, the larger of that of the ranks and that of the folded ranks (distances from the median): √((n − 1)/n + B/(n W)) of normal
 * scores, W the variance within half-chains of n draws, B/n that of their means. 1 where they agree; from 1.1 they do not (Vehtari et al.
 * ask for less than 1.01). 1 for constants, Infinity for chains that are stuck at different numbers. O(draws · log draws)
 *
 * @example
 * ```ts
 * import { splitRHat } from 'polyadic';
 *
 * const chain = Array.from({ length: 100 }, (_, t) => Math.sin(t * t));
 * const far = chain.map((draw) => draw + 3);
 * console.log(splitRHat([chain, chain]) < 1.1, splitRHat([chain, far]) < 1.1); // true false
 * ```
 * @throws InputError for chains of fewer than 4 draws, of different lengths, or with draws that are not finite.
 */
export function splitRHat(chains: Chains): number {
  const halves = halvesOf('splitRHat', chains);
  const all = halves.flatMap((half) => Array.from(half)).sort((a, b) => a - b);
  const median = all[all.length >> 1]!;
  const folded = halves.map((half) => half.map((draw) => Math.abs(draw - median)));
  return Math.max(ratioOf(normalScores(halves)), ratioOf(normalScores(folded)));
}

/**
 * Draws that independent ones would have to be for the same error of the mean (bulk effective sample size): total / (1 + 2 Σ ρ_t),
 * the autocorrelations ρ_t over all half-chains, summed in pairs while these are positive and falling (Geyer 1992). At most
 * total · log₁₀ total. Constants give the total. O(draws · lags)
 *
 * @example
 * ```ts
 * import { effectiveSampleSize } from 'polyadic';
 *
 * const chain = Array.from({ length: 100 }, (_, t) => Math.sin(t * t));
 * console.log(effectiveSampleSize([chain]) > 50); // true
 * ```
 * @throws InputError for chains of fewer than 4 draws, of different lengths, or with draws that are not finite.
 */
export function effectiveSampleSize(chains: Chains): number {
  const halves = normalScores(halvesOf('effectiveSampleSize', chains));
  const n = halves[0]!.length;
  const total = n * halves.length;
  const { within, overall } = variancesOf(halves);
  if (overall === 0) return total;
  const centered = halves.map((half) => {
    const mean = meanOf(half);
    return half.map((draw) => draw - mean);
  });
  const correlation = (lag: number): number => {
    let sum = 0;
    for (const half of centered) for (let t = lag; t < n; t++) sum += half[t]! * half[t - lag]!;
    return 1 - (within - sum / (halves.length * (n - 1))) / overall;
  };
  let sum = 0;
  let before = Infinity;
  for (let lag = 0; lag + 1 < n; lag += 2) {
    const pair = Math.min(before, (lag === 0 ? 1 : correlation(lag)) + correlation(lag + 1));
    if (pair <= 0) break;
    sum += pair;
    before = pair;
  }
  return Math.min(total / Math.max(2 * sum - 1, Number.MIN_VALUE), total * Math.log10(total));
}

function halvesOf(who: string, chains: Chains): Float64Array[] {
  requireList(who, 'chains', chains);
  for (const chain of chains) requireList(who, 'chain', chain);
  const length = chains[0]?.length ?? 0;
  if (length < 4 || chains.some((chain) => chain.length !== length)) {
    throw new InputError(
      `${who}: expected chains of one length of at least 4 draws, got lengths ${chains.map((chain) => chain.length).join(', ')}. Give longer chains.`,
    );
  }
  const half = length >> 1;
  return chains.flatMap((chain, c) => {
    const draws = Float64Array.from(chain);
    const wrong = draws.findIndex((draw) => !Number.isFinite(draw));
    if (wrong >= 0) {
      throw new InputError(
        `${who}: expected finite draws, got ${shown(chain[wrong])} as draw ${wrong} of chain ${c}. Leave such chains out.`,
      );
    }
    return [draws.slice(0, half), draws.slice(length - half)];
  });
}

/** Φ⁻¹((rank − 3/8) / (count + 1/4)) of every draw, equal ones with their mean rank. */
function normalScores(chains: readonly Float64Array[]): Float64Array[] {
  const n = chains[0]!.length;
  const draws = chains.flatMap((chain) => Array.from(chain));
  const order = Array.from(draws.keys()).sort((a, b) => draws[a]! - draws[b]!);
  const scores = new Float64Array(draws.length);
  for (let from = 0, end = 0; from < order.length; from = end) {
    while (end < order.length && draws[order[end]!] === draws[order[from]!]) end++;
    const rank = (from + 1 + end) / 2;
    for (let at = from; at < end; at++) scores[order[at]!] = normalQuantile((rank - 3 / 8) / (draws.length + 1 / 4));
  }
  return chains.map((_, c) => scores.slice(c * n, (c + 1) * n));
}

/** Mean variance W of the chains, and (n − 1)/n W + B/n, with B/n the variance of their means. */
function variancesOf(chains: readonly Float64Array[]): { readonly within: number; readonly overall: number } {
  const n = chains[0]!.length;
  const within = meanOf(chains.map(varianceOf));
  return { within, overall: ((n - 1) / n) * within + varianceOf(chains.map(meanOf)) };
}

function ratioOf(chains: readonly Float64Array[]): number {
  const { within, overall } = variancesOf(chains);
  if (within === 0) return overall === 0 ? 1 : Infinity;
  return Math.sqrt(overall / within);
}

const meanOf = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
};

const varianceOf = (values: ArrayLike<number>): number => {
  const mean = meanOf(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i]! - mean) ** 2;
  return values.length > 1 ? sum / (values.length - 1) : 0;
};
