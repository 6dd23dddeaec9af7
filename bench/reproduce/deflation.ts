// Deflation: gradient flow from tiny components fits an orthogonal tensor component by component, the largest first, and with
// re-initialization finds them all (Ge, Ren, Wang, Zhou, NeurIPS 2021, arXiv 2106.06573). Instances as in its experiments: order 4,
// d = 10, r = 5, weights 1, 1/1.2, 1/1.2² … scaled to ‖T*‖ = 1, m = 50, first norm 1e-15.
//   flows:       orders 3 to 5, equal weights, near-orthogonal and random directions: the first epoch, all epochs, and the order.
//   widths:      the same with m = 5 … 50.
//   integrators: deflation-integrators.ts
//   baseline:    power iteration with deflation on the same instances.
//   mixtures:    the fourth cumulant of mixtures of 4 to 8 sources, from 20,000 samples.
import {
  compact,
  decompose,
  factorMatchScore,
  type Backend,
  type Decomposition,
  type DeflationOptions,
  type DeflationReport,
  type SymmetricKruskal,
} from '../../src/index.js';
import { fittedShares, growClusters, sampleComponents } from '../../src/analysis/arrivals.js';
import { problemOf } from '../../src/handles/problem.js';
import { median } from '../figures.js';
import type { FlowCell, StaircaseCell } from './deflation-cells.js';
import { correlationFigure, staircaseFigure, widthsFigure } from './deflation-figures.js';
import { initScale, integratorClaims, integratorTable, measureIntegrators, reportOf } from './deflation-integrators.js';
import { deflationProblem, type DeflationProblem } from './deflation-problems.js';
import { directionScore, mixture } from './mixture.js';
import { markdownTable, seedsTo, type Circumstances, type Claim, type Reproduction } from './reproduction.js';

const rank = 5;
/** Success: within this, where components can be told apart; random directions only come near, and compaction finishes them. */
const orthogonalTolerance = 1e-6;
const obliqueTolerance = 1e-2;

const cases: readonly { name: string; problem: DeflationProblem }[] = [
  { name: 'order 4, orthogonal', problem: { order: 4 } },
  { name: 'order 3, orthogonal', problem: { order: 3 } },
  { name: 'order 5, orthogonal', problem: { order: 5 } },
  { name: 'order 4, equal weights', problem: { order: 4, ratio: 1 } },
  { name: 'order 4, noise 0.1', problem: { order: 4, noise: 0.1 } },
  { name: 'order 4, noise 0.3', problem: { order: 4, noise: 0.3 } },
  { name: 'order 3, random directions', problem: { order: 3, oblique: true } },
  { name: 'order 4, random directions', problem: { order: 4, oblique: true } },
  { name: 'order 5, random directions', problem: { order: 5, oblique: true } },
];
const widths = [5, 10, 15, 25, 50];

export async function reproduceDeflation(circumstances: Circumstances): Promise<Reproduction> {
  const { backend, quick, log } = circumstances;
  const flows: FlowCell[] = [];
  const measure = async (name: string, problem: DeflationProblem, width: number): Promise<FlowCell> => {
    const cell = await measureFlow(circumstances, name, problem, width);
    log(
      `${name}, m ${width}: ${cell.successes} of ${cell.seeds}, in order ${cell.ordered}, ${cell.seconds.toFixed(1)} s`,
    );
    return cell;
  };
  for (const { name, problem } of quick ? cases.slice(0, 2) : cases) flows.push(await measure(name, problem, 50));
  const byWidth: FlowCell[] = [];
  for (const width of quick ? [5, 25] : widths.slice(0, -1))
    byWidth.push(await measure('order 4, orthogonal', { order: 4 }, width));
  byWidth.push(flows[0]!);
  const integrators = await measureIntegrators(backend);
  log(`\n${integratorTable(integrators)}\n`);
  const baseline = await measureBaseline(circumstances);
  log(`\n${baselineTable(baseline)}\n`);
  const mixtures = [];
  for (const count of quick ? [4] : [4, 6, 8]) mixtures.push(await measureMixture(circumstances, count));
  const staircase = await traceStaircase(backend);
  return {
    claims: [
      ...flows.map(flowClaim),
      ...widthClaims(byWidth),
      ...integratorClaims(integrators),
      baselineClaim(baseline),
      ...mixtures.map(mixtureClaim),
    ],
    cells: [...flows, ...byWidth.slice(0, -1), integrators, baseline, ...mixtures, staircase],
    figures: {
      loss: staircaseFigure(staircase),
      correlation: correlationFigure(staircase),
      ...(byWidth.length > 1 ? { width: widthsFigure(byWidth) } : {}),
    },
  };
}

const isOrdered = ({ arrivals }: DeflationReport): boolean =>
  arrivals.length === rank && arrivals.every(({ component }, k) => component === k);

export async function measureFlow(
  { backend, seeds }: Circumstances,
  name: string,
  problem: DeflationProblem,
  width: number,
): Promise<FlowCell> {
  const begun = performance.now();
  const tolerance = problem.oblique ? obliqueTolerance : orthogonalTolerance;
  const failures: FlowCell['failures'][number][] = [];
  const halfTimes: number[][] = [];
  const errors: number[] = [];
  let firstEpoch = 0;
  let ordered = 0;
  let matched = 0;
  for (const seed of seedsTo(seeds)) {
    const { target, truth } = deflationProblem(problem, seed);
    const algorithm: DeflationOptions = { kind: 'deflation', initScale };
    const result = await decompose(target, { finish: 'none', algorithm, width, seed, backend, tolerance });
    const report = reportOf(result);
    const first = result.history.findLast(({ details }) => details.deflation?.epoch === 0)?.details.deflation;
    if (first?.shares.every((share) => share >= 0.5)) firstEpoch++;
    if (isOrdered(report)) ordered++;
    if (factorMatchScore(compact(target, result.kruskal).kruskal, truth) > 0.999) matched++;
    if (result.stop !== 'converged')
      failures.push({ seed, relativeError: result.relativeError, advice: result.advice });
    errors.push(result.relativeError);
    if (report.arrivals.length === rank) {
      halfTimes.push(report.arrivals.toSorted((a, b) => a.component - b.component).map(({ time }) => time));
    }
  }
  return {
    kind: 'flow',
    name,
    problem,
    width,
    seeds,
    firstEpoch,
    ordered,
    matched,
    failures,
    successes: seeds - failures.length,
    halfTimes: halfTimes.length > 0 ? seedsTo(rank).map((k) => median(halfTimes.map((times) => times[k] ?? NaN))) : [],
    relativeError: median(errors),
    seconds: (performance.now() - begun) / 1e3,
  };
}

/** Share of near-orthogonal instances in which the order has to be that of orthogonal ones, of which all have it. */
const mostlyOrdered = 0.9;

function flowClaim({ name, problem, width, seeds, successes, ordered, matched, halfTimes }: FlowCell): Claim {
  const orderly = problem.ratio !== 1 && !problem.oblique;
  const order = orderly
    ? `, ${ordered} the largest first`
    : problem.oblique
      ? `, ${ordered} in the order of their weights`
      : '';
  const least = orderly ? (problem.noise ? mostlyOrdered : 1) * seeds : 0;
  const times = halfTimes.map((time) => time.toFixed(1)).join(' ');
  return {
    claim: `${name}, m = ${width}: all five are found`,
    paper: problem.oblique || problem.noise ? 'orthogonal tensors only' : 'all of them, larger ones first',
    measured: `${successes} of ${seeds}${order}; half-times ${times}; compacted ${matched} of ${seeds}`,
    holds: successes === seeds && matched === seeds && ordered >= least,
  };
}

function widthClaims(cells: readonly FlowCell[]): Claim[] {
  const least = cells[0]!;
  const most = cells.at(-1) as FlowCell;
  const list = (of: (cell: FlowCell) => number): string =>
    cells.map((cell) => `${of(cell)} (m = ${cell.width})`).join(', ');
  return [
    {
      claim: `over-parameterization: instances solved of ${most.seeds}, by four epochs`,
      paper: 'over-parameterized, m > r',
      measured: `${list(({ successes }) => successes)}; first epoch ${list(({ firstEpoch }) => firstEpoch)}`,
      holds: most.successes === most.seeds && least.successes < least.seeds,
    },
    {
      claim: 'as many components as hidden ones fail, and say so',
      paper: 'over-parameterized, m > r',
      measured: `${least.failures.length} of ${least.seeds} stop with: ${least.failures[0]?.advice ?? 'nothing'}`,
      holds:
        least.failures.length > 0 &&
        least.failures.every(({ advice }) => advice.includes('hidden components are fitted')),
    },
  ];
}

interface BaselineRow {
  readonly name: string;
  readonly method: 'deflation' | 'powerDeflation';
  /** Instances whose components are found, to a match score of 0.999. */
  readonly found: number;
  /** Instances of which the largest came first, and so on. */
  readonly ordered: number;
  /** Medians. */
  readonly relativeError: number;
  readonly milliseconds: number;
}

interface BaselineCell {
  readonly kind: 'baseline';
  readonly seeds: number;
  readonly rows: readonly BaselineRow[];
}

/** Deflation as for solving, from 1e-3 and compacted in the end; and power iteration with deflation. */
async function measureBaseline({ backend, seeds, quick }: Circumstances): Promise<BaselineCell> {
  const rows: BaselineRow[] = [];
  for (const { name, problem } of quick ? cases.slice(0, 1) : cases) {
    for (const method of ['deflation', 'powerDeflation'] as const) {
      const errors: number[] = [];
      const times: number[] = [];
      let found = 0;
      let ordered = 0;
      for (const seed of seedsTo(seeds)) {
        const { target, truth } = deflationProblem(problem, seed);
        const begun = performance.now();
        const result = await decompose(target, { finish: 'none', algorithm: method, rank, seed, backend });
        const answer = method === 'deflation' ? compact(target, result.kruskal) : result;
        times.push(performance.now() - begun);
        errors.push(answer.relativeError);
        if (factorMatchScore(answer.kruskal, truth) > 0.999) found++;
        if (method === 'deflation' ? isOrdered(reportOf(result)) : takenInOrder(result)) ordered++;
      }
      rows.push({ name, method, found, ordered, relativeError: median(errors), milliseconds: median(times) });
    }
  }
  return { kind: 'baseline', seeds, rows };
}

/** Power iteration reports components in the order in which it took them off. */
function takenInOrder({ history }: Decomposition): boolean {
  const norms = history.at(-1)?.componentNorms ?? [];
  return norms.length === rank && norms.every((norm, k) => k === 0 || norm <= norms[k - 1]! * (1 + 1e-6));
}

const baselineTable = ({ rows, seeds }: BaselineCell): string =>
  markdownTable([
    ['instances', 'method', `found, of ${seeds}`, 'largest first', 'relative error, median', 'time, ms, median'],
    ...rows.map(({ name, method, found, ordered, relativeError, milliseconds }) => [
      ...[name, method, String(found), String(ordered)],
      ...[relativeError.toExponential(1), milliseconds.toFixed(1)],
    ]),
  ]);

function baselineClaim({ rows, seeds }: BaselineCell): Claim {
  const of = (wanted: string): BaselineRow[] => rows.filter(({ method }) => method === wanted);
  const total = (some: readonly BaselineRow[]): number => some.reduce((sum, { found }) => sum + found, 0);
  const flow = of('deflation');
  const power = of('powerDeflation');
  const isOblique = ({ name }: BaselineRow): boolean => /random|noise/.test(name);
  return {
    claim: 'the flow, compacted, finds what power iteration with deflation finds, and what it spoils',
    paper: 'the flow follows a tensor deflation',
    measured:
      `${total(flow)} against ${total(power)} of ${seeds * flow.length} instances; ` +
      `not orthogonal: ${total(flow.filter(isOblique))} against ${total(power.filter(isOblique))}`,
    holds: total(flow) === seeds * flow.length,
  };
}

interface MixtureCell {
  readonly kind: 'mixture';
  readonly sources: number;
  readonly samples: number;
  readonly scores: readonly number[];
  /** Clusters of directions that the flow ended with. */
  readonly clusters: readonly number[];
}

const samples = 20_000;

/** Two epochs from 1e-3; the mixing directions are those of the clusters, strongest first, as many as there are sources. */
async function measureMixture({ backend, seeds, log }: Circumstances, sources: number): Promise<MixtureCell> {
  const scores: number[] = [];
  const clusters: number[] = [];
  for (const seed of seedsTo(Math.min(seeds, 10))) {
    const { target, directions, mixingDirection } = mixture(sources, samples, seed);
    const algorithm: DeflationOptions = { kind: 'deflation', signs: 'free', epochs: 2 };
    const { kruskal } = await decompose(target, { finish: 'none', algorithm, rank: sources, seed, backend });
    const rows = strongestClusters(kruskal, 0.02 * problemOf(target).view.norm);
    scores.push(directionScore(rows.slice(0, sources).map(mixingDirection), directions));
    clusters.push(rows.length);
  }
  log(`mixture of ${sources}: score ${Math.min(...scores).toFixed(4)} and more`);
  return { kind: 'mixture', sources, samples, scores, clusters };
}

/** Directions that components have gathered at, by the sum of their weights; components of a smaller weight than `least` begin none. */
function strongestClusters({ weights, vectors }: SymmetricKruskal, least: number): Float64Array[] {
  const dim = vectors.columns;
  const none = { directions: { rows: 0, columns: dim, data: new Float64Array(0) }, weights: new Float64Array(0) };
  const clusters = growClusters(none, { weights, vectors: vectors.data, least, weightAlong: () => 1 });
  const { directions } = clusters;
  const sums = fittedShares(sampleComponents(0, weights, vectors.data, directions), clusters, 4).map(Math.abs);
  return seedsTo(directions.rows)
    .sort((a, b) => sums[b]! - sums[a]!)
    .map((k) => directions.data.slice(k * dim, (k + 1) * dim));
}

const mixtureClaim = ({ sources, scores, clusters }: MixtureCell): Claim => ({
  claim: `a mixture of ${sources} sources, from the fourth cumulant of ${samples} samples: mean cosine with the mixing directions above 0.99`,
  paper: 'no claim',
  measured: `${Math.min(...scores).toFixed(4)} to ${Math.max(...scores).toFixed(4)} in ${scores.length} mixtures, ${Math.min(...clusters)} to ${Math.max(...clusters)} clusters`,
  holds: scores.every((score) => score > 0.99),
});

/** One run with a step small enough to be the flow; a report every half unit of time. */
export async function traceStaircase(backend: Backend): Promise<StaircaseCell> {
  const { target, truth } = deflationProblem({ order: 4 }, 0);
  const algorithm: DeflationOptions = { kind: 'deflation', initScale, timeStep: 0.05, epochTime: 75, epochs: 1 };
  const result = await decompose(target, { finish: 'none', algorithm, width: 50, seed: 0, backend, tolerance: 0 });
  const reports = result.history.flatMap(({ details: { deflation } }) => {
    if (!deflation) return [];
    const { time, loss, shares, correlations, nearest } = deflation;
    const best = shares.map((_, k) =>
      correlations.reduce(
        (most, correlation, i) => (nearest[i] === k ? Math.max(most, Math.abs(correlation)) : most),
        0,
      ),
    );
    return [{ time, loss, shares, correlations: best }];
  });
  return { kind: 'staircase', truth: Array.from(truth.weights), arrivals: reportOf(result).arrivals, reports };
}
