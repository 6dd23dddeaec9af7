// Kernel against rich regime by the scale of the start: descent from a large one ends at the nearest fit, from a small one at a
// simple fit (Woodworth, Gunasekar, Lee, Moroshko, Savarese, Golan, Soudry, Srebro, "Kernel and Rich Regimes in Overparametrized
// Models", COLT 2020, arXiv 2002.09277).
//   network:    diagonal-network.ts, depths 2 and 3, 40 rows, 100 weights of which 5 are ±1: error, ℓ1 norm, and distance to
//               the least-squares fit, over seeds; and on three fixed designs beside a NumPy simulation of its own.
//   completion: CP with many components on 200 entries of a tensor of rank 2, from starts of several scales. Like u^D − v^D,
//               components come in pairs that cancel at the start, so that a large one does not fill the unknown cells by itself.
import { readFileSync } from 'node:fs';
import { decompose, observed, type Backend } from '../../src/index.js';
import { numericalRank } from '../../src/analysis/effective-rank.js';
import { relativeError as modelError } from '../../src/analysis/relative-error.js';
import { readNpy } from '../../src/io/index.js';
import { plantedCp } from '../../src/problems/index.js';
import { shuffled } from '../../src/targets/hold-out.js';
import { denseNorm } from '../../src/tensor/dense.js';
import type { Kruskal } from '../../src/tensor/kruskal.js';
import { matrix } from '../../src/tensor/matrix.js';
import { randomStream } from '../../src/random/stream.js';
import { spread, type Spread } from '../figures.js';
import {
  absoluteSum,
  distance,
  fitDiagonal,
  leastSquaresFit,
  offRowSpace,
  regressionOf,
  sparseRegression,
  type DiagonalOptions,
  type SparseRegression,
} from './diagonal-network.js';
import type { CompletionCell, NetworkCell, Reference } from './kernel-rich-cells.js';
import { completionFigure, networkFigure } from './kernel-rich-figures.js';
import { markdownTable, seedsTo, type Circumstances, type Claim, type Reproduction } from './reproduction.js';

const scales: readonly (readonly [depth: number, scale: number, numpy: Reference])[] = [
  [2, 3, { error: 0.77, l1: 2.11 }],
  [2, 1, { error: 0.768, l1: 2.11 }],
  [2, 0.3, { error: 0.669, l1: 1.91 }],
  [2, 0.1, { error: 0.341, l1: 1.39 }],
  [2, 0.03, { error: 0.111, l1: 1.11 }],
  [2, 0.01, { error: 0.038, l1: 1.03 }],
  [2, 0.003, { error: 0.013, l1: 1.01 }],
  [3, 3, { error: 0.77 }],
  [3, 1, { error: 0.766 }],
  [3, 0.3, { error: 0.343 }],
  [3, 0.1, { error: 0.028 }],
  [3, 0.03, { error: 0.0045 }],
  [3, 0.01, { error: 0.0021, l1: 1 }],
];
const maxSteps = 60_000;
/** Of `scales`, enough for every claim. */
const quickCells = new Set([0, 3, 5, 7, 10, 11]);

export async function reproduceKernelRich({ backend, quick, seeds, log }: Circumstances): Promise<Reproduction> {
  const network = scales
    .filter((_, at) => !quick || quickCells.has(at))
    .map(([depth, scale, numpy]) => {
      const options = { depth, scale, maxSteps };
      const cell = { ...measureNetwork(options, seeds), fixed: { ...measureFixed(options), numpy } };
      log(`depth ${depth}, α ${scale}: error ${short(cell.error.value)}, ${cell.seconds.toFixed(1)} s`);
      return cell;
    });
  log(`\n${networkTable(network)}\n`);
  const completion: CompletionCell[] = [];
  for (const scale of quick ? [0.5, 0.02] : completionScales) {
    const cell = await measureCompletion(backend, scale, Math.min(seeds, 10));
    log(`CP, std ${scale}: error ${short(cell.reconstruction.value)}, components ${cell.components.value}`);
    completion.push(cell);
  }
  return {
    claims: kernelRichClaims(network, completion),
    cells: [...network, ...completion],
    figures: { network: networkFigure(network), completion: completionFigure(completion) },
  };
}

export function kernelRichClaims(network: readonly NetworkCell[], completion: readonly CompletionCell[]): Claim[] {
  return [
    ...[2, 3].flatMap((depth) => regimeClaims(network.filter((cell) => cell.depth === depth))),
    depthClaim(network),
    limitClaim(network),
    fixedClaim('error', network),
    fixedClaim('l1', network),
    spreadClaim(network),
    ...completionClaims(completion),
  ];
}

export function measureNetwork(options: DiagonalOptions, seeds: number): NetworkCell {
  const begun = performance.now();
  const runs = seedsTo(seeds).map((seed) => runNetwork(sparseRegression(seed), options));
  const over = (key: keyof (typeof runs)[number]): Spread => spread(runs.map((run) => run[key]));
  return {
    kind: 'network',
    depth: options.depth,
    scale: options.scale,
    seeds,
    error: over('error'),
    l1: over('l1'),
    fromLeastSquares: over('fromLeastSquares'),
    offRowSpace: over('offRowSpace'),
    steps: over('steps'),
    seconds: (performance.now() - begun) / 1e3,
  };
}

function runNetwork(problem: SparseRegression, options: DiagonalOptions) {
  const { weights, integral, steps } = fitDiagonal(problem, options);
  const nearest = leastSquaresFit(problem);
  const zero = new Float64Array(weights.length);
  return {
    error: distance(weights, problem.truth) / distance(problem.truth, zero),
    l1: absoluteSum(weights) / absoluteSum(problem.truth),
    fromLeastSquares: distance(weights, nearest) / distance(nearest, zero),
    offRowSpace: offRowSpace(problem, integral),
    steps,
  };
}

/** Designs that NumPy drew (default_rng(0), (1), (2): standard_normal((40, 100)), then the signs), kept for comparison. */
function fixedDesigns(): SparseRegression[] {
  const { shape, data } = readNpy(readFileSync(new URL('reference/diagonal-designs.npy', import.meta.url)));
  const [, rows = 0, columns = 0] = shape;
  const numbers = Float64Array.from(data, Number);
  return [
    [1, 1, 1, 1, -1],
    [-1, -1, -1, 1, -1],
    [1, -1, 1, 1, 1],
  ].map((signs, at) => {
    const design = matrix(rows, columns, numbers.slice(at * rows * columns, (at + 1) * rows * columns));
    return regressionOf(
      design,
      Float64Array.from({ length: columns }, (_, i) => signs[i] ?? 0),
    );
  });
}

/** Means over the fixed designs. */
export function measureFixed(options: DiagonalOptions): { error: number; l1: number } {
  const runs = fixedDesigns().map((problem) => runNetwork(problem, options));
  const mean = (key: 'error' | 'l1'): number => runs.reduce((sum, run) => sum + run[key], 0) / runs.length;
  return { error: mean('error'), l1: mean('l1') };
}

// Order 3, 8 × 8 × 8, rank 2, norm 1, 200 of 512 entries known, 64 components: as many as any tensor of the shape needs.
const completionProblem = { shape: [8, 8, 8], rank: 2, known: 200, width: 64 } as const;
const completionScales = [0.5, 0.3, 0.2, 0.1, 0.05, 0.03, 0.02];

export async function measureCompletion(backend: Backend, scale: number, seeds: number): Promise<CompletionCell> {
  const runs: Awaited<ReturnType<typeof runCompletion>>[] = [];
  for (const seed of seedsTo(seeds)) runs.push(await runCompletion(backend, scale, seed));
  const over = (key: keyof (typeof runs)[number]): Spread => spread(runs.map((run) => run[key]));
  return {
    kind: 'completion',
    scale,
    seeds,
    reconstruction: over('reconstruction'),
    zeroFill: over('zeroFill'),
    trainError: over('trainError'),
    components: over('components'),
    steps: over('steps'),
  };
}

async function runCompletion(backend: Backend, scale: number, seed: number) {
  const { shape, rank, known, width } = completionProblem;
  const { tensor, truth } = plantedCp({ shape, rank, seed });
  const norm = denseNorm(tensor);
  const cells = Array.from(shuffled(tensor.data.length, seed).subarray(0, known));
  const target = observed(
    shape,
    cells.flatMap((cell) => [cell >> 6, (cell >> 3) & 7, cell & 7]),
    cells.map((cell) => tensor.data[cell]! / norm),
  );
  const { kruskal, relativeError, steps, history } = await decompose(target, {
    algorithm: { kind: 'completion', schedule: 'cosine', validation: 0, compaction: false },
    init: cancelingPairs(shape, width / 2, scale, seed),
    seed,
    tolerance: 1e-3,
    maxSteps: 6000,
    backend,
  });
  return {
    reconstruction: modelError(kruskal, { ...truth, weights: truth.weights.map((weight) => weight / norm) }),
    zeroFill: Math.sqrt(1 - target.values.reduce((sum, x) => sum + x * x, 0)),
    trainError: relativeError,
    components: numericalRank(history.at(-1)?.componentNorms ?? []),
    steps,
  };
}

/** a ⊗ b ⊗ c − a ⊗ b ⊗ c of normal numbers: zero together, and free to move apart. */
function cancelingPairs(shape: readonly number[], pairs: number, scale: number, seed: number): Kruskal {
  const random = randomStream(seed);
  const factors = shape.map((rows, mode) => {
    const half = random.fillNormal(new Float64Array(rows * pairs));
    const data = new Float64Array(2 * rows * pairs);
    half.forEach((normal, at) => {
      const row = Math.floor(at / pairs);
      const pair = at % pairs;
      data[row * 2 * pairs + pair] = scale * normal;
      data[row * 2 * pairs + pairs + pair] = (mode === 0 ? -scale : scale) * normal;
    });
    return matrix(rows, 2 * pairs, data);
  });
  return { weights: new Float64Array(2 * pairs).fill(1), factors };
}

/** Of one depth, α falling. */
function regimeClaims(cells: readonly NetworkCell[]): Claim[] {
  const first = cells[0];
  const last = cells.at(-1);
  if (!first || !last || first === last) return [];
  const falls = (of: (cell: NetworkCell) => number): boolean =>
    cells.every((cell, at) => at === 0 || of(cell) <= 1.001 * of(cells[at - 1]!));
  const name = `depth ${first.depth}`;
  return [
    {
      claim: `${name}, α = ${first.scale}: the kernel regime`,
      paper: 'the fit of least ℓ2 norm',
      measured: `${short(first.fromLeastSquares.value)} from it, error ${short(first.error.value)}`,
      holds: first.fromLeastSquares.value < 0.01,
    },
    {
      claim: `${name}, α = ${last.scale}: the rich regime`,
      paper: 'the fit of least ℓ1 norm, here the sparse one',
      measured: `ℓ1 norm ${last.l1.value.toFixed(3)} of it, error ${short(last.error.value)}`,
      holds: last.l1.value < 1.05 && last.error.value < 0.1,
    },
    {
      claim: `${name}: α between ${first.scale} and ${last.scale}`,
      paper: 'from one to the other, gradually',
      measured: `error ${cells.map(({ error }) => short(error.value)).join(', ')}`,
      holds: falls(({ error }) => error.value) && falls(({ l1 }) => l1.value),
    },
  ];
}

function depthClaim(cells: readonly NetworkCell[]): Claim {
  const errorAt = (depth: number, scale: number): number | undefined =>
    cells.find((cell) => cell.depth === depth && cell.scale === scale)?.error.value;
  const small = [...new Set(cells.map(({ scale }) => scale))].filter((scale) => scale <= 0.1);
  const pairs = small.flatMap((scale) => {
    const two = errorAt(2, scale);
    const three = errorAt(3, scale);
    return two === undefined || three === undefined ? [] : [{ scale, two, three }];
  });
  return {
    claim: 'the deeper network is rich from larger α on',
    paper: 'the transition sharpens with depth',
    measured: pairs.map(({ scale, two, three }) => `α ${scale}: ${short(two)} → ${short(three)}`).join('; '),
    holds: pairs.length > 0 && pairs.every(({ two, three }) => three < two / 3),
  };
}

function limitClaim(cells: readonly NetworkCell[]): Claim {
  const most = Math.max(...cells.map((cell) => cell.offRowSpace.value));
  return {
    claim: 'the limit is the fit with the least Q_α',
    paper: '∇Q_α lies in the row space',
    measured: `${short(most)} of it outside, at most; steps are finite`,
    holds: most < 0.1,
  };
}

function fixedClaim(key: 'error' | 'l1', cells: readonly NetworkCell[]): Claim {
  const gaps = cells.flatMap(({ fixed }) => {
    const expected = fixed?.numpy[key];
    return fixed && expected !== undefined ? [Math.abs(fixed[key] / expected - 1)] : [];
  });
  return {
    claim: `${key === 'l1' ? 'ℓ1 norms' : 'errors'} on three fixed designs, ${gaps.length} cells`,
    paper: 'a NumPy simulation, within 10 %',
    measured: `within ${(100 * Math.max(...gaps)).toFixed(1)} %`,
    holds: Math.max(...gaps) < 0.1,
  };
}

/** Where instances differ more than that, medians cannot agree better. */
function spreadClaim(cells: readonly NetworkCell[]): Claim {
  const outside = cells.filter(({ error, fixed }) => {
    const expected = fixed?.numpy.error ?? NaN;
    const [low, high] = error.quartiles;
    return Math.abs(error.value / expected - 1) > 0.1 && !(expected >= low && expected <= high);
  });
  const near = cells.filter(({ error, fixed }) => Math.abs(error.value / (fixed?.numpy.error ?? NaN) - 1) <= 0.1);
  return {
    claim: `errors over ${cells[0]?.seeds ?? 0} other designs, ${cells.length} cells`,
    paper: 'the same means, within 10 % or the quartiles',
    measured: `${near.length} medians within 10 %, of the others ${outside.length} outside`,
    holds: outside.length === 0,
  };
}

function completionClaims(cells: readonly CompletionCell[]): Claim[] {
  const first = cells[0];
  const last = cells.at(-1);
  if (!first || !last) return [];
  const fitted = Math.max(...cells.map(({ trainError }) => trainError.value));
  const told = ({ reconstruction, components }: CompletionCell): string =>
    `${short(reconstruction.value)}, ${components.value} components, ${short(fitted)} on the known entries`;
  return [
    {
      claim: `CP, 64 components, std ${first.scale}: the whole tensor`,
      paper: 'kernel regime: nothing learned of unknown cells',
      measured: `error ${told(first)}`,
      holds: first.reconstruction.value > 0.95 * first.zeroFill.value && fitted < 2e-3,
    },
    {
      claim: `CP, 64 components, std ${last.scale}: the whole tensor`,
      paper: 'rich regime: low rank completes it',
      measured: `error ${told(last)}`,
      holds: last.reconstruction.value < 0.05 && fitted < 2e-3,
    },
  ];
}

function networkTable(cells: readonly NetworkCell[]): string {
  const rows = cells.map((cell) => [
    ...[`${cell.depth}`, `${cell.scale}`, within(cell.error), within(cell.l1), short(cell.fromLeastSquares.value)],
    ...[cell.steps.value.toFixed(0), cell.fixed ? short(cell.fixed.error) : '', short(cell.fixed?.numpy.error ?? NaN)],
  ]);
  const head = ['depth', 'α', 'error', 'ℓ1 / sparse', 'from least squares', 'steps', 'fixed designs', 'NumPy there'];
  return markdownTable([head, ...rows]);
}

const within = ({ value, quartiles: [low, high] }: Spread): string => `${short(value)} (${short(low)}–${short(high)})`;

const short = (value: number): string => (value < 1e-3 ? value.toExponential(1) : value.toPrecision(2));
