// Beyond the lazy regime: tiny 2-homogeneous components that are re-initialized find all r hidden ones, and how many it takes
// hardly depends on the dimension (Wang et al., NeurIPS 2020, arXiv 2010.11356: m = O*(r^{2.5 l} log d), against Ω(d^{l−1}) lazy).
//   diagram:      successes against m / r, for several d, with re-initialization and without.
//   trajectories: component norms of one run, with a step small enough to see them.
//   grid:         m = 2r at d = 10 … 100, and m = r without re-initialization beside it.
// Instances are random targets (unit directions, weights ±[0.5, 1.5]), each with its own seed, a cell in one batch. Success
// is a relative error of 1e-2, from where compaction finds the exact components.
import { lazyThreshold } from '../../src/analysis/tangent-space.js';
import { decompose, decomposeBatch, factored, type Backend } from '../../src/index.js';
import { plantedSymmetric } from '../../src/problems/index.js';
import { spread } from '../figures.js';
import { shareOf, type SuccessCell, type Need, type NormsCell } from './beyond-lazy-cells.js';
import { gridFigure, normsFigure, successFigure, widthFigure } from './beyond-lazy-figures.js';
import { markdownTable, seedsTo, type Circumstances, type Reproduction } from './reproduction.js';

interface CellInput {
  readonly order: number;
  readonly dim: number;
  readonly rank: number;
  readonly width: number;
  readonly restart: boolean;
}

const tolerance = 1e-2;
/** 20 epochs. */
const maxSteps = 4000;
/** A cell counts as solved when this share of its instances is. */
const reliable = 0.95;

export async function measureSuccess(backend: Backend, input: CellInput, seeds: number): Promise<SuccessCell> {
  const { order, dim, rank, width, restart } = input;
  const begun = performance.now();
  const targets = seedsTo(seeds).map((seed) =>
    factored({ ...plantedSymmetric({ order, dim, rank, seed }).truth, dim }),
  );
  const options = restart ? {} : { restart: { rule: 'none' as const } };
  const outcomes = await decomposeBatch(targets, { ...options, width, backend, tolerance, maxSteps });
  const steps = outcomes.filter(({ converged }) => converged).map((outcome) => outcome.steps);
  const failures = outcomes.flatMap(({ converged, relativeError }, seed) =>
    converged ? [] : [{ seed, relativeError }],
  );
  return {
    kind: 'success',
    order,
    dim,
    rank,
    width,
    restart,
    seeds,
    successes: steps.length,
    failures,
    steps: steps.length > 0 ? { median: spread(steps).value, most: Math.max(...steps) } : undefined,
    seconds: (performance.now() - begun) / 1e3,
  };
}

async function measureAll(
  inputs: readonly CellInput[],
  { backend, seeds, log }: Circumstances,
): Promise<SuccessCell[]> {
  const cells: SuccessCell[] = [];
  for (const input of inputs) {
    const cell = await measureSuccess(backend, input, seeds);
    log(
      `order ${cell.order}, d ${cell.dim}, r ${cell.rank}, m ${cell.width}${cell.restart ? '' : ', no re-initialization'}: ` +
        `${cell.successes} of ${cell.seeds}, ${cell.seconds.toFixed(1)} s`,
    );
    cells.push(cell);
  }
  return cells;
}

export async function reproduceBeyondLazy(circumstances: Circumstances): Promise<Reproduction> {
  const { quick } = circumstances;
  const orders = quick ? [3] : [3, 4];
  const ranks = quick ? [4] : [4, 8];
  const dims = quick ? [10, 20] : [10, 20, 50, 100];
  const shares = quick ? [1, 2] : [1, 1.5, 2, 3, 4];
  const inputs = orders.flatMap((order) =>
    ranks.flatMap((rank) =>
      dims.flatMap((dim) =>
        shares.flatMap((share) =>
          [true, false].map((restart) => ({ order, dim, rank, width: Math.round(share * rank), restart })),
        ),
      ),
    ),
  );
  const cells = await measureAll(inputs, circumstances);
  const norms = await traceNorms(circumstances.backend);
  return {
    claims: diagramClaims(cells),
    cells: [...cells, norms],
    figures: {
      width: widthFigure(needs(cells)),
      success: successFigure(cells),
      norms: normsFigure(norms),
    },
  };
}

/** d ∈ {10, 20, 50, 100}, r ∈ {4, 8}, l ∈ {3, 4}: m = 2r, and m = r without re-initialization. */
export async function reproduceGrid(circumstances: Circumstances): Promise<Reproduction> {
  const dims = circumstances.quick ? [10, 20] : [10, 20, 50, 100];
  const inputs = [3, 4].flatMap((order) =>
    [4, 8].flatMap((rank) =>
      dims.flatMap((dim) => [
        { order, dim, rank, width: 2 * rank, restart: true },
        { order, dim, rank, width: rank, restart: false },
      ]),
    ),
  );
  const cells = await measureAll(inputs, circumstances);
  circumstances.log(`\n${gridTable(cells)}\n`);
  const over = cells.filter(({ restart }) => restart);
  const exact = cells.filter(({ restart }) => !restart);
  return {
    claims: [
      {
        claim: `m = 2r finds all components, d = ${dims[0]} … ${dims.at(-1)}, orders 3 and 4`,
        paper: 'm = O*(r^{2.5 l} log d)',
        measured: `${totals(over)}; worst cell ${percent(Math.min(...over.map(shareOf)))}`,
        holds: over.every((cell) => shareOf(cell) >= reliable),
      },
      {
        claim: 'm = r without re-initialization does so less often',
        paper: 'm > r avoids bad local optima',
        measured: `${totals(exact)}; best cell ${percent(Math.max(...exact.map(shareOf)))}`,
        holds: meanShare(exact) < Math.min(reliable, meanShare(over)),
      },
    ],
    cells,
    figures: { successes: gridFigure(cells) },
  };
}

export function gridTable(cells: readonly SuccessCell[]): string {
  const over = cells.filter(({ restart }) => restart);
  return markdownTable([
    ['order', 'd', 'r', 'm = 2r', 'failed seeds', 'steps, median (most)', 'm = r, no re-initialization'],
    ...over.map((cell) => {
      const beside = cells.find(
        (one) => !one.restart && one.order === cell.order && one.dim === cell.dim && one.rank === cell.rank,
      );
      return [
        String(cell.order),
        String(cell.dim),
        String(cell.rank),
        `${cell.successes} of ${cell.seeds}`,
        cell.failures.map(({ seed }) => seed).join(', ') || 'none',
        cell.steps ? `${cell.steps.median} (${cell.steps.most})` : '',
        beside ? `${beside.successes} of ${beside.seeds}` : '',
      ];
    }),
  ]);
}
const percent = (share: number): string => `${Math.round(100 * share)} %`;

function totals(cells: readonly SuccessCell[]): string {
  const sum = (of: (cell: SuccessCell) => number): number => cells.reduce((total, cell) => total + of(cell), 0);
  return `${sum(({ successes }) => successes)} of ${sum(({ seeds }) => seeds)}`;
}

/** What m a family of cells needs, for every order, rank, dim and rule. */
export function needs(cells: readonly SuccessCell[]): Need[] {
  const keyOf = ({ order, rank, dim, restart }: SuccessCell): string => [order, rank, dim, restart].join(' ');
  return [...new Set(cells.map(keyOf))].map((key) => {
    const family = cells.filter((cell) => keyOf(cell) === key).sort((a, b) => b.width - a.width);
    const failing = family.findIndex((cell) => shareOf(cell) < reliable);
    const width = failing === 0 ? undefined : family.at(failing < 0 ? -1 : failing - 1)?.width;
    const { order, rank, dim, restart } = family[0]!;
    return { order, rank, dim, restart, width };
  });
}

function diagramClaims(cells: readonly SuccessCell[]) {
  const found = needs(cells);
  const groups = [...new Set(found.map(({ order, rank }) => `${order} ${rank}`))];
  const perGroup = groups.map((group) => {
    const own = found.filter(({ order, rank, restart }) => restart && `${order} ${rank}` === group);
    const { order, rank } = own[0]!;
    const widths = own.map(({ width }) => width ?? Infinity);
    const most = Math.max(...widths);
    return {
      claim: `order ${order}, r = ${rank}: m for ${percent(reliable)} of the instances, d = ${own.map(({ dim }) => dim).join(', ')}`,
      paper: `O*(r^{2.5 l} log d); lazy ${own.map(({ dim }) => lazyThreshold(order, dim)).join(', ')}`,
      measured: widths.join(', '),
      holds: most <= 2 * rank,
    };
  });
  const tight = cells.filter(({ width, rank }) => width < 2 * rank);
  const anew = tight.filter(({ restart }) => restart);
  const never = tight.filter(({ restart }) => !restart);
  return [
    ...perGroup,
    {
      claim: 'm < 2r: with re-initialization, and without',
      paper: 'part of the algorithm',
      measured: `${totals(anew)}, and ${totals(never)}`,
      holds: meanShare(anew) >= meanShare(never),
    },
  ];
}

const meanShare = (cells: readonly SuccessCell[]): number =>
  cells.reduce((sum, cell) => sum + shareOf(cell), 0) / cells.length;

/** One run with a fiftieth of the usual step and epochs fifty times as long: the same path, fifty times as finely reported. */
async function traceNorms(backend: Backend): Promise<NormsCell> {
  const order = 4;
  const dim = 20;
  const rank = 4;
  const width = 8;
  const stepFactor = 0.01;
  const { truth } = plantedSymmetric({ order, dim, rank, seed: 1 });
  const { history } = await decompose(factored({ ...truth, dim }), {
    finish: 'none',
    algorithm: { kind: 'beyondLazy', stepFactor, epochLength: 10_000 },
    width,
    seed: 1,
    backend,
    tolerance,
    maxSteps: 50 * maxSteps,
  });
  return {
    kind: 'norms',
    order,
    dim,
    width,
    truth: Array.from(truth.weights, Math.abs),
    // At step 0 the weights are still 0.
    reports: history.slice(1).map(({ step, componentNorms }) => ({ time: step * stepFactor, norms: componentNorms })),
  };
}
