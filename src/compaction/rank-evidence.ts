// How many components a tensor speaks for, by what each of them takes off the squared error. With N cells of which the model
// fits n numbers, squared errors relative to ‖T‖²:
//   noise       σ² = RSS / (N − n); the strongest rank-one part of white noise has about norm σ Σ √I_k, three σ above it 1 % of the time:
//               a component counts when it takes more than σ² (Σ √I_k + 3)²
//   evidence    N · KL(q ‖ x), q = n / N, x the share of ‖T‖² that the model explains, 0 for x ≤ q: the description length that the
//               model saves (gMDL, Hansen & Yu, "Model selection and the principle of minimum description length", JASA 96, 2001)
// The second guards where few degrees of freedom are left and σ² means nothing.
import { freeNumbers } from '../tensor/free-numbers.js';

/** A model of some rank: what its components leave of the target. */
export interface RankFit {
  readonly rank: number;
  readonly relativeError: number;
}

/** The sizes that the evidence depends on. */
export interface Cells {
  readonly shape: readonly number[];
  /** Known cells. */
  readonly count: number;
}

/** N · KL(q ‖ x) of a fit, in nats. */
export function evidence({ shape, count }: Cells, { rank, relativeError }: RankFit): number {
  const q = freeNumbers(shape, rank) / count;
  const left = relativeError ** 2;
  if (q >= 1 || 1 - left <= q) return 0;
  return count * ((q > 0 ? q * Math.log(q / (1 - left)) : 0) + (1 - q) * Math.log((1 - q) / left));
}

/** Above its mean, in units of σ, the strongest rank-one part of noise comes 1 % of the time. */
const rare = 3;

/** Squared norm, relative to ‖T‖², of the strongest rank-one part that white noise like the residual of `fit` has, so far above its mean. */
export function noiseBound({ shape, count }: Cells, { rank, relativeError }: RankFit, deviations = rare): number {
  const spare = count - freeNumbers(shape, rank);
  if (spare <= 0) return Infinity;
  return (relativeError ** 2 / spare) * (shape.reduce((sum, size) => sum + Math.sqrt(size), 0) + deviations) ** 2;
}

/** What the last component of `fit` takes off the squared error of `before`, over that bound. */
export function noiseRatio(cells: Cells, before: RankFit, fit: RankFit, deviations = rare): number {
  const gain = before.relativeError ** 2 - fit.relativeError ** 2;
  return gain > 0 ? gain / noiseBound(cells, fit, deviations) : 0;
}

/** Whether the last component of `fit` is more than noise: it stands out, and its numbers are worth it. */
export const standsOut = (cells: Cells, before: RankFit, fit: RankFit): boolean =>
  noiseRatio(cells, before, fit) > 1 && evidence(cells, fit) > evidence(cells, before);
