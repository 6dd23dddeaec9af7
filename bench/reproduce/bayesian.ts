// Draws from the posterior of CP models beside other ways to complete the same tensors: after the abstract of "Bayesian tensorized neural
// networks with automatic rank selection" (low-rank priors whose rank is told by the data, by SGHMC and by SVGD).
//   planted     10 × 10 × 10 of rank 3, normal factors, 400 entries, signal-to-noise ratio 20, width 10
//   real        tables with 30 % of the known cells hidden
//   regression  300 measurements of 8 × 8 × 8 of rank 2 by normal tensors, 10 % noise, 300 new ones predicted
// Errors are of the means, over the standard deviation of the truth; coverage is of noisy values that no run has seen, by 90 % intervals.
import {
  decompose,
  observed,
  predict,
  predictIntervals,
  predictWithDeviation,
  sensing,
  toDense,
  meanTensor,
  type BayesianOptions,
  type Decomposition,
  type Kruskal,
  type ObservedTarget,
  type SampledTarget,
} from '../../src/index.js';
import { polishedSampled } from '../../src/compaction/cp/polish-sampled.js';
import { observedView } from '../../src/handles/views/observed-view.js';
import { plantedCp } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import { matrix } from '../../src/tensor/matrix.js';
import { indexAt } from '../../src/tensor/dense.js';
import { finished } from '../../src/yield.js';
import type { BayesianCell } from './bayesian-cells.js';
import { posteriorFigure } from './bayesian-figure.js';
import { targetOf } from './known-data.js';
import { seedsTo, type Circumstances, type Claim, type Reproduction } from './reproduction.js';

const width = 10;
const samplers = ['sghmc', 'svgd'] as const;
/** Seeds from 0 on were looked at when the priors and the descent were chosen. */
const firstSeed = 1000;

export async function reproduceBayesian(
  { backend, seeds, quick, log }: Circumstances,
  { only, folder }: { readonly only: string; readonly folder: string },
): Promise<Reproduction> {
  const cells: BayesianCell[] = [];
  const count = Math.min(seeds, quick ? 2 : 10);
  const add = (cell: BayesianCell): void => {
    cells.push(cell);
    const { problem, method, seed, error, coverage, rank, rHat, seconds } = cell;
    const share = coverage === undefined ? '' : `, coverage ${coverage.toFixed(3)}`;
    const mixed = rHat === undefined ? '' : `, split R̂ ${rHat.toFixed(3)}`;
    log(
      `${problem}, ${method}, seed ${seed}: error ${error.toFixed(3)}${share}, rank ${rank}${mixed}, ${seconds.toFixed(1)} s`,
    );
  };
  const isAsked = (part: string): boolean => part.includes(only);
  if (isAsked('planted')) {
    for (const seed of seedsTo(count)) for (const cell of await plantedCells(backend, firstSeed + seed)) add(cell);
  }
  if (isAsked('real')) for await (const cell of realCells(folder, backend, log)) add(cell);
  if (isAsked('regression'))
    for (const seed of seedsTo(Math.min(count, 5))) add(await regressionCell(backend, firstSeed + seed));
  const isPlanted = cells.some(({ part }) => part === 'planted');
  return { claims: claimsOf(cells), cells, figures: isPlanted ? { posteriors: posteriorFigure(cells) } : {} };
}

type Opened = Circumstances['backend'];

async function plantedCells(backend: Opened, seed: number): Promise<BayesianCell[]> {
  const { known, hidden, truth } = normalProblem(seed);
  const problem = '10 × 10 × 10, rank 3, 400 entries';
  const cells: BayesianCell[] = [];
  const common = { part: 'planted', problem, seed } as const;
  for (const sampler of samplers) {
    const options = { algorithm: { kind: 'bayesian', sampler }, width, seed, backend } as const;
    const { result, seconds } = await timed(() => decompose(known, options));
    cells.push({ ...common, method: sampler, ...measured(result, hidden, truth), seconds });
  }
  const { result, seconds } = await timed(() => decompose(known, { algorithm: 'variational', seed, backend: 'cpu' }));
  cells.push({ ...common, method: 'variational', ...measured(result, hidden, truth), seconds });
  const fit = await timed(() => Promise.resolve(leastSquares(known, seed)));
  const error = errorOf(predict(fit.result, hidden), truth);
  cells.push({ ...common, method: 'least squares', error, rank: width, seconds: fit.seconds });
  return cells;
}

/** Normal factors, entries of unit standard deviation. */
function normalProblem(seed: number): { known: ObservedTarget; hidden: ObservedTarget; truth: Float64Array } {
  const shape = [10, 10, 10];
  const rank = 3;
  const random = randomStream(seed, 77);
  const factors = shape.map((rows) => matrix(rows, rank, random.fillNormal(new Float64Array(rows * rank))));
  const { data } = toDense({ weights: new Float64Array(rank).fill(1), factors });
  const cells = Array.from(data.keys(), (cell) => ({ cell, key: random.uniform() })).sort((a, b) => a.key - b.key);
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  const deviation = Math.sqrt(data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length);
  const truth = Float64Array.from(cells, ({ cell }) => data[cell]! / deviation);
  const values = truth.map((value) => value + random.normal() / Math.sqrt(20));
  const indices = cells.map(({ cell }) => indexAt(cell, shape));
  const some = (from: number, end?: number): ObservedTarget =>
    observed(shape, indices.slice(from, end).flat(), values.slice(from, end));
  return { known: some(0, 400), hidden: some(400), truth: truth.slice(400) };
}

/** A fit of the same width without priors, by damped Gauss-Newton. */
function leastSquares(known: ObservedTarget, seed: number): Kruskal {
  const random = randomStream(seed, 78);
  const factors = known.shape.map((rows) =>
    matrix(
      rows,
      width,
      random.fillNormal(new Float64Array(rows * width)).map((value) => 0.3 * value),
    ),
  );
  const start = { weights: new Float64Array(width).fill(1), factors };
  return finished(polishedSampled(observedView(known), start, { ridge: 1e-3, maxSteps: 200, tolerance: 1e-5 })).kruskal;
}

const hiddenShare = 0.3;

interface Table {
  readonly table: string;
  readonly width: number;
  readonly starts: number;
  readonly options?: Omit<BayesianOptions, 'kind'>;
  readonly maxSteps?: number;
}

const tables: readonly Table[] = [
  { table: 'unemployment_rate', width: 8, starts: 4 },
  // Values are so many and the noise so weak that few draws say all there is.
  {
    table: 'kinetic_fluorescence',
    width: 4,
    starts: 2,
    options: { warmUp: 1200, burnIn: 500, batchSize: 1e6 },
    maxSteps: 2200,
  },
];

async function* realCells(folder: string, backend: Opened, log: (line: string) => void): AsyncGenerator<BayesianCell> {
  for (const { table, width: components, starts, options, maxSteps } of tables) {
    const target = targetOf(folder, table);
    if (!target) {
      log(`${table}: not in ${folder}.`);
      continue;
    }
    const { shape, data, known: marks } = target;
    const random = randomStream(1, 1);
    const shown: number[] = [];
    const hidden: number[] = [];
    data.forEach((_, at) => {
      const list = random.uniform() < hiddenShare ? hidden : shown;
      if (marks?.[at] !== 0) list.push(at);
    });
    const some = (cells: readonly number[]): ObservedTarget =>
      observed(
        shape,
        cells.flatMap((cell) => indexAt(cell, shape)),
        cells.map((cell) => data[cell]!),
      );
    const algorithm = { kind: 'bayesian', ...options } as const;
    const settings = { algorithm, width: components, starts, backend, ...(maxSteps ? { maxSteps } : {}) };
    const { result, seconds } = await timed(() => decompose(some(shown), settings));
    const test = some(hidden);
    yield {
      part: 'real',
      problem: `${table}, 30 % hidden`,
      method: 'sghmc',
      seed: 0,
      ...measured(result, test, test.values),
      seconds,
    };
  }
}

async function regressionCell(backend: Opened, seed: number): Promise<BayesianCell> {
  const shape = [8, 8, 8];
  const { truth } = plantedCp({ shape, rank: 2, seed });
  const random = randomStream(seed, 79);
  const count = 300;
  const draw = (): { target: ReturnType<typeof sensing>; clean: Float64Array } => {
    const measurements = random.fillNormal(new Float64Array(count * 512));
    const clean = predict(truth, sensing(shape, measurements, new Float64Array(count).fill(1)));
    const size = Math.sqrt(clean.reduce((sum, value) => sum + value ** 2, 0) / count);
    const values = clean.map((value) => value + 0.1 * size * random.normal());
    return { target: sensing(shape, measurements, values), clean };
  };
  const train = draw();
  const test = draw();
  const options = { algorithm: 'bayesian', width: 6, seed, backend } as const;
  const { result, seconds } = await timed(() => decompose(train.target, options));
  const mean = { shape, data: meanTensor(result) };
  return {
    part: 'regression',
    problem: '300 measurements of 8 × 8 × 8, rank 2',
    method: 'sghmc',
    seed,
    ...measured(result, test.target, test.clean),
    error: relativeErrorOf(mean.data, truth),
    seconds,
  };
}

function relativeErrorOf(mean: Float64Array, truth: Kruskal): number {
  const right = toDense(truth).data;
  const square = (values: Float64Array): number => values.reduce((sum, value) => sum + value ** 2, 0);
  return Math.sqrt(square(mean.map((value, at) => value - right[at]!)) / square(right));
}

function measured(
  result: Decomposition<Kruskal>,
  hidden: SampledTarget,
  truth: Float64Array,
): Pick<BayesianCell, 'error' | 'coverage' | 'rank' | 'rHat' | 'effectiveDraws' | 'stop'> {
  const { posterior, stop } = result;
  const { means } = predictWithDeviation(result, hidden);
  const { lower, upper } = predictIntervals(result, hidden);
  const inside = hidden.values.filter((value, e) => value >= lower[e]! && value <= upper[e]!).length;
  const draws = posterior && 'draws' in posterior ? posterior : undefined;
  return {
    error: errorOf(means, truth),
    coverage: inside / hidden.count,
    rank: draws ? medianRank(draws.rankShares) : result.rank,
    stop,
    ...(draws?.mixing ? { rHat: draws.mixing.rHat, effectiveDraws: draws.mixing.effectiveDraws } : {}),
  };
}

/** The smallest rank that half of the draws do not exceed. */
function medianRank(shares: Float64Array): number {
  let sum = 0;
  return shares.findIndex((share) => (sum += share) >= 0.5);
}

/** Root mean square error over the standard deviation of the truth. */
function errorOf(means: Float64Array, truth: Float64Array): number {
  const mean = truth.reduce((sum, value) => sum + value, 0) / truth.length;
  const error = means.reduce((sum, value, e) => sum + (value - truth[e]!) ** 2, 0);
  return Math.sqrt(error / truth.reduce((sum, value) => sum + (value - mean) ** 2, 0));
}

async function timed<T>(run: () => Promise<T>): Promise<{ result: T; seconds: number }> {
  const begun = process.cpuUsage();
  const result = await run();
  const { user, system } = process.cpuUsage(begun);
  return { result, seconds: (user + system) / 1e6 };
}

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

function claimsOf(cells: readonly BayesianCell[]): Claim[] {
  const planted = (method: string): BayesianCell[] =>
    cells.filter((cell) => cell.part === 'planted' && cell.method === method);
  const claims: Claim[] = [];
  const chains = planted('sghmc');
  if (chains.length > 0) {
    const errors = (method: string): number => median(planted(method).map(({ error }) => error));
    const coverages = (method: string): number => median(planted(method).flatMap(({ coverage }) => coverage ?? []));
    const ranked = chains.filter(({ rank }) => rank === 3 || rank === 4).length;
    const perDraw = median(chains.map(({ seconds, effectiveDraws = NaN }) => seconds / effectiveDraws));
    const largest = Math.max(...chains.map(({ rHat = Infinity }) => rHat));
    claims.push(
      {
        claim: 'SGHMC: rank 3 or 4 by the median of the draws, from width 10',
        paper: 'the prior selects the rank; 9 of 10',
        measured: `${ranked} of ${chains.length}`,
        holds: ranked >= 0.9 * chains.length,
      },
      {
        claim: 'SGHMC: error of hidden entries, median',
        paper: '0.14 at most; least squares of width 10 at least 0.26',
        measured: `${errors('sghmc').toFixed(3)}; ${errors('least squares').toFixed(3)}`,
        holds: errors('sghmc') <= 0.14 && errors('least squares') >= 0.26,
      },
      {
        claim: 'SGHMC: 90 % intervals hold noisy hidden entries, median',
        paper: '0.87 to 0.94',
        measured: coverages('sghmc').toFixed(3),
        holds: coverages('sghmc') >= 0.87 && coverages('sghmc') <= 0.94,
      },
      {
        claim: 'SGHMC: the largest split R̂ of all seeds',
        paper: 'below 1.1',
        measured: largest.toFixed(3),
        holds: largest < 1.1,
      },
      {
        claim: 'SVGD: error, and coverage',
        paper: '0.36 at most; over-wide, above 0.9',
        measured: `${errors('svgd').toFixed(3)}; ${coverages('svgd').toFixed(3)}`,
        holds: errors('svgd') <= 0.36 && coverages('svgd') > 0.9,
      },
      {
        claim: 'variational on the same problems: error; coverage; rank 3 or 4; seconds',
        paper: '(for comparison)',
        measured: `${errors('variational').toFixed(3)}; ${coverages('variational').toFixed(3)}; ${planted('variational').filter(({ rank }) => rank === 3 || rank === 4).length} of ${chains.length}; ${median(planted('variational').map(({ seconds }) => seconds)).toFixed(1)}`,
        holds: true,
      },
      {
        claim: 'CPU seconds per effective draw of SGHMC; of SVGD per particle',
        paper: '(for comparison)',
        measured: `${perDraw.toPrecision(2)}; ${(median(planted('svgd').map(({ seconds }) => seconds)) / 20).toPrecision(2)}`,
        holds: true,
      },
    );
  }
  for (const { problem, coverage = 0, error, rank, stop } of cells.filter(({ part }) => part === 'real')) {
    claims.push({
      claim: `${problem}: 90 % intervals hold hidden values`,
      paper: '0.85 to 0.95',
      measured: `${coverage.toFixed(3)}; error ${error.toFixed(3)}, rank ${rank}, ${stop}`,
      holds: coverage >= 0.85 && coverage <= 0.95,
    });
  }
  const regression = cells.filter(({ part }) => part === 'regression');
  if (regression.length > 0) {
    const error = median(regression.map((cell) => cell.error));
    const coverage = median(regression.flatMap((cell) => cell.coverage ?? []));
    claims.push({
      claim: 'regression: relative error of W; 90 % intervals of new measurements, medians',
      paper: '0.15 at most; 0.85 to 0.95',
      measured: `${error.toFixed(3)}; ${coverage.toFixed(3)}`,
      holds: error <= 0.15 && coverage >= 0.85 && coverage <= 0.95,
    });
  }
  return claims;
}
