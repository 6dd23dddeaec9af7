// How often 90 % intervals of a completion's posterior hold the cells that it has not seen: the noisy values there (variance of the
// entry plus that of the noise), and the truth (the variance of the entry alone). Only of runs that say they converged.
import { decompose, predict, predictWithDeviation } from '../../src/index.js';
import { hideCells, plantedObserved } from '../../src/problems/index.js';
import { seedsTo } from './reproduction.js';

export interface CoverageCell {
  readonly kind: 'coverage';
  readonly problem: string;
  /** Problems whose run converged, of all. */
  readonly count: number;
  readonly of: number;
  readonly heldOut: number;
  readonly truth: number;
  /** √(mean square error / mean variance), of entries. */
  readonly errorRatio: number;
}

const settings = [
  { shape: [12, 11, 10], rank: 2, ratio: 4 },
  { shape: [12, 11, 10], rank: 2, ratio: 8 },
  { shape: [20, 20, 20], rank: 3, ratio: 4 },
] as const;
const noises = [0.05, 0.2, 0.5];
const hiddenShare = 0.2;
const firstSeed = 8000;
/** Of a standard normal number, 90 % are within this. */
const ninety = 1.6449;

export async function measureCoverage(problems: number, log: (line: string) => void): Promise<CoverageCell[]> {
  const cells: CoverageCell[] = [];
  for (const { shape, rank, ratio } of settings) {
    const unknowns = rank * (shape.reduce((sum, size) => sum + size, 0) - shape.length + 1);
    const share = (ratio * unknowns) / (1 - hiddenShare) / shape.reduce((product, size) => product * size, 1);
    let visited = 0;
    let converged = 0;
    let values = 0;
    let truths = 0;
    let squares = 0;
    let variances = 0;
    for (const number of seedsTo(problems)) {
      const seed = firstSeed + number;
      const noise = noises[number % noises.length]!;
      const { target, truth } = plantedObserved({ shape: [...shape], rank, share, noise, seed });
      const { known, hidden } = hideCells(target, { share: hiddenShare, seed });
      const result = await decompose(known, { algorithm: 'variational', backend: 'cpu', seed: number });
      if (result.stop !== 'converged' || !result.posterior) continue;
      converged++;
      const { means, deviations } = predictWithDeviation(result, hidden);
      const right = predict(truth, hidden);
      const sigma = result.posterior.noise;
      means.forEach((mean, e) => {
        const deviation = deviations[e]!;
        const error = Math.abs(mean - right[e]!);
        visited++;
        if (Math.abs(mean - hidden.values[e]!) <= ninety * Math.hypot(deviation, sigma)) values++;
        if (error <= ninety * deviation) truths++;
        squares += (error / sigma) ** 2;
        variances += (deviation / sigma) ** 2;
      });
    }
    const cell: CoverageCell = {
      kind: 'coverage',
      problem: `${shape.join(' × ')}, rank ${rank}, ${ratio} values per unknown`,
      count: converged,
      of: problems,
      heldOut: values / visited,
      truth: truths / visited,
      errorRatio: Math.sqrt(squares / variances),
    };
    log(
      `${cell.problem}: ${(100 * cell.heldOut).toFixed(1)} % of values, ${(100 * cell.truth).toFixed(1)} % of truths`,
    );
    cells.push(cell);
  }
  return cells;
}
