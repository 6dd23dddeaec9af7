// How many known entries completion needs without noise: the share of planted problems that a method solves, against the number of
// values per free number of the truth, R (Σ I − N + 1). A problem is solved where ‖W − W*‖ / ‖W*‖ < 1e-6. All methods but the last are
// told the rank:
//   least squares        damped Gauss-Newton from random factors, the best of 1 and of 20
//   width alone          the same with twice the components, cut to the rank
//   variances alone      variational sweeps from as many components as the rank, the best of 5
//   many tiny components the algorithm `completion` (Razin, Maman & Cohen, ICML 2021), its defaults
//   variational          more components than needed, each with learned variances; with and without the rank
// Beside it, how often 90 % intervals of the posterior hold what they should where values are noisy.
import { decompose, relativeError, type Kruskal, type ObservedTarget } from '../../src/index.js';
import { polishedSampled } from '../../src/compaction/cp/polish-sampled.js';
import { problemOf } from '../../src/handles/problem.js';
import { observedView } from '../../src/handles/views/observed-view.js';
import { plantedObserved } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import { matrix } from '../../src/tensor/matrix.js';
import { withoutComponents } from '../../src/tensor/normalize.js';
import { entriesOf } from '../../src/variational/entries.js';
import { constantModel, kruskalOf, wideModel } from '../../src/variational/model.js';
import { refit } from '../../src/variational/refit.js';
import { weakest } from '../../src/variational/weakest.js';
import { finished } from '../../src/yield.js';
import { measureCoverage, type CoverageCell } from './interval-coverage.js';
import { seedsTo, type Circumstances, type Claim, type Reproduction } from './reproduction.js';
import type { SuccessCell } from './sample-complexity-cells.js';
import { successFigure } from './sample-complexity-figure.js';

interface Case {
  readonly shape: readonly number[];
  readonly rank: number;
  readonly ratios: readonly number[];
}

const cases: readonly Case[] = [
  { shape: [10, 10, 10], rank: 3, ratios: [1.5, 2, 2.5, 4] },
  { shape: [20, 20, 20], rank: 3, ratios: [2, 2.5, 4] },
  { shape: [10, 10, 10, 10], rank: 3, ratios: [2.5, 4, 6] },
];
const quickCases: readonly Case[] = [{ shape: [10, 10, 10], rank: 3, ratios: [2, 4] }];

interface Problem {
  readonly target: ObservedTarget;
  readonly rank: number;
  readonly seed: number;
}

const methods = {
  'least squares, 1': (problem) => leastSquares(problem, 1, 1),
  'least squares, best of 20': (problem) => leastSquares(problem, 20, 1),
  'width alone': (problem) => leastSquares(problem, 5, 2),
  'variances alone': variancesAlone,
  'many tiny components': async ({ target, rank, seed }) =>
    (await decompose(target, { algorithm: 'completion', rank, seed, backend: 'cpu' })).kruskal,
  'variational, rank told': async ({ target, rank, seed }) =>
    (await decompose(target, { algorithm: 'variational', rank, seed, backend: 'cpu' })).kruskal,
  'variational, no rank': async ({ target, seed }) =>
    (await decompose(target, { algorithm: 'variational', seed, backend: 'cpu' })).kruskal,
} as const satisfies Record<string, (problem: Problem) => Kruskal | Promise<Kruskal>>;
type Method = keyof typeof methods;

const solvedBelow = 1e-6;
/** Problem s is planted with seed 7000 + s: none that constants of the search were chosen by. */
const firstSeed = 7000;

export async function reproduceSampleComplexity({ quick, seeds, log }: Circumstances): Promise<Reproduction> {
  const cells: (SuccessCell | CoverageCell)[] = [];
  const count = Math.min(seeds, quick ? 3 : 12);
  for (const { shape, rank, ratios } of quick ? quickCases : cases) {
    for (const ratio of ratios) {
      for (const method of Object.keys(methods) as Method[]) {
        const cell = await measure(shape, rank, ratio, method, count);
        log(`${cell.problem}, ${ratio} values per unknown, ${method}: ${cell.solved} of ${cell.of}, ${cell.seconds} s`);
        cells.push(cell);
      }
    }
  }
  const coverage = await measureCoverage(quick ? 4 : 34, log);
  const success = cells.filter((cell) => cell.kind === 'success');
  return {
    claims: [...claimsOf(success), ...coverage.map(coverageClaim)],
    cells: [...cells, ...coverage],
    figures: { success: successFigure(success) },
  };
}

async function measure(
  shape: readonly number[],
  rank: number,
  ratio: number,
  method: Method,
  count: number,
): Promise<SuccessCell> {
  const unknowns = rank * (shape.reduce((sum, size) => sum + size, 0) - shape.length + 1);
  const share = (ratio * unknowns) / shape.reduce((product, size) => product * size, 1);
  const failed: number[] = [];
  const begun = process.cpuUsage();
  for (const seed of seedsTo(count)) {
    const { target, truth } = plantedObserved({ shape: [...shape], rank, share, seed: firstSeed + seed });
    const model = await methods[method]({ target, rank, seed });
    if (!(relativeError(model, truth) < solvedBelow)) failed.push(firstSeed + seed);
  }
  const { user, system } = process.cpuUsage(begun);
  return {
    kind: 'success',
    problem: `${shape.join(' × ')}, rank ${rank}`,
    ratio,
    method,
    solved: count - failed.length,
    of: count,
    failed,
    seconds: Number(((user + system) / 1e6 / count).toPrecision(2)),
  };
}

/** The best fit of several random starts; wider ones are cut to the rank, the weakest component first. */
function leastSquares({ target, rank, seed }: Problem, starts: number, times: number): Kruskal {
  const view = observedView(target);
  const entries = finished(entriesOf(target));
  const random = randomStream(seed, 1);
  const width = times * rank;
  const size = Math.sqrt(entries.squareSum / entries.count / width) ** (1 / target.shape.length);
  let best: { readonly loss: number; readonly kruskal: Kruskal } | undefined;
  for (let start = 0; start < starts && !(best && best.loss < 1e-20 * entries.variance); start++) {
    let kruskal: Kruskal = {
      weights: new Float64Array(width).fill(1),
      factors: target.shape.map((rows) =>
        matrix(
          rows,
          width,
          random.fillNormal(new Float64Array(rows * width)).map((value) => size * value),
        ),
      ),
    };
    while (kruskal.weights.length > rank) {
      kruskal = finished(polishedSampled(view, kruskal, { ridge: 1e-3, maxSteps: 60 })).kruskal;
      kruskal = withoutComponents(kruskal, finished(weakest(entries, kruskal, 1)));
    }
    const { loss, kruskal: found } = finished(polishedSampled(view, kruskal, { maxSteps: 200, tolerance: 1e-5 }));
    if (!best || loss < best.loss) best = { loss, kruskal: found };
  }
  return best?.kruskal ?? problemEmpty(target);
}

const problemEmpty = (target: ObservedTarget): Kruskal => problemOf(target).empty as Kruskal;

function variancesAlone({ target, rank, seed }: Problem): Kruskal {
  const entries = finished(entriesOf(target));
  const view = observedView(target);
  const random = randomStream(seed, 2);
  let best: { readonly loss: number; readonly kruskal: Kruskal } | undefined;
  for (let start = 0; start < 5; start++) {
    const { model } = finished(
      refit(entries, finished(wideModel(entries, rank, random, constantModel(entries))), {
        sweeps: 150,
        minNoise: 1e-28 * entries.variance,
      }),
    );
    if (model.rank === 0) continue;
    const fit = finished(polishedSampled(view, kruskalOf(model), { maxSteps: 80, tolerance: 3e-3 }));
    if (!best || fit.loss < best.loss) best = fit;
  }
  return best?.kruskal ?? problemEmpty(target);
}

const solvedAt = (cells: readonly SuccessCell[], method: Method): readonly SuccessCell[] =>
  cells.filter((cell) => cell.method === method);

function claimsOf(cells: readonly SuccessCell[]): Claim[] {
  const told = solvedAt(cells, 'variational, rank told');
  const total = (method: Method): number => solvedAt(cells, method).reduce((sum, { solved }) => sum + solved, 0);
  const rivals = Object.keys(methods).filter((method) => !method.startsWith('variational'));
  return [
    ...told.map((cell): Claim => {
      const others = cells.filter(
        ({ problem, ratio, method }) => problem === cell.problem && ratio === cell.ratio && rivals.includes(method),
      );
      const most = others.reduce((max, other) => (other.solved > max.solved ? other : max));
      return {
        claim: `${cell.problem}, ${cell.ratio} values per unknown: problems solved`,
        paper: `(beyond it) the others at most ${most.solved} of ${most.of} (${most.method})`,
        measured: `${cell.solved} of ${cell.of} in ${cell.seconds} s each`,
        holds: cell.solved >= most.solved - 1,
      };
    }),
    {
      claim: 'all of them, without being told the rank',
      paper: `(beyond it) told: ${total('variational, rank told')}`,
      measured: `${total('variational, no rank')}; best of 20 least squares ${total('least squares, best of 20')}`,
      holds: total('variational, no rank') >= total('least squares, best of 20'),
    },
  ];
}

const coverageClaim = ({ problem, heldOut, truth, count }: CoverageCell): Claim => ({
  claim: `${problem}: 90 % intervals hold held-out values (and the truth)`,
  paper: '(beyond it) 85 to 95 %',
  measured: `${percent(heldOut)} (${percent(truth)}) over ${count} problems`,
  holds: heldOut >= 0.85 && heldOut <= 0.95,
});

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
