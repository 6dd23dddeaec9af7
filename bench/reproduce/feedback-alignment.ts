// Random feedback in place of the gradient, for min ‖Z W − Y‖ (Garg & Vempala, "How and when random feedback works: a case study of
// low-rank matrix factorization", AISTATS 2022, arXiv 2111.08706): FA, FA* and the gradient on matrices of rank 8, with r components.
// FA finds the matrix where r ≥ 8, is far from the best approximation where r < 8, and Z turns to the feedback matrix while it runs.
// The setting (30 × 25, steps of 0.2 / σ₁, 20,000 of them) is that of a NumPy simulation, whose medians stand beside ours.
import { decompose, dense, type Backend, type DenseTarget } from '../../src/index.js';
import { multiply } from '../../src/linalg/algebra.js';
import { svd } from '../../src/linalg/svd.js';
import { randomStream } from '../../src/random/stream.js';
import type { Matrix } from '../../src/tensor/matrix.js';
import { euclideanNorm } from '../../src/tensor/square-sum.js';
import { format, spread } from '../figures.js';
import { shortNames, updates, type AlignmentCell, type FeedbackCell, type Update } from './feedback-alignment-cells.js';
import { alignmentFigure, errorFigure } from './feedback-alignment-figures.js';
import { markdownTable, seedsTo, type Circumstances, type Claim, type Reproduction } from './reproduction.js';

export interface FeedbackPlan {
  readonly widths: readonly number[];
  readonly seeds: number;
  readonly steps: number;
}

const plan: FeedbackPlan = { widths: [3, 5, 8, 12, 20], seeds: 10, steps: 20_000 };
const quickPlan: FeedbackPlan = { widths: [3, 8, 12], seeds: 3, steps: 3000 };

const rows = 30;
const columns = 25;
export const rank = 8;

/** Medians of the simulation over ten matrices of its own. */
export const simulated: Readonly<Record<'gradient' | 'feedback', Readonly<Record<number, number>>>> = {
  gradient: { 3: 0.57, 5: 0.348, 8: 0, 12: 6e-5, 20: 9e-5 },
  feedback: { 3: 0.707, 5: 0.513, 8: 0, 12: 1.3e-4, 20: 1.2e-4 },
};

export async function reproduceFeedbackAlignment({
  backend,
  quick,
  seeds,
  log,
}: Circumstances): Promise<Reproduction & { readonly cells: readonly (FeedbackCell | AlignmentCell)[] }> {
  const chosen = quick ? quickPlan : plan;
  return measureFeedback(backend, { ...chosen, seeds: Math.min(seeds, chosen.seeds) }, log);
}

export async function measureFeedback(
  backend: Backend,
  { widths, seeds, steps }: FeedbackPlan,
  log: (line: string) => void,
): Promise<Reproduction & { readonly cells: readonly (FeedbackCell | AlignmentCell)[] }> {
  const cells: FeedbackCell[] = [];
  for (const width of widths) {
    for (const update of updates) {
      const cell = await measureError(backend, { update, width, seeds, steps });
      log(`${update}, r = ${width}: ${format(cell.error.value)}, ${cell.seconds.toFixed(0)} s`);
      cells.push(cell);
    }
  }
  const alignments: AlignmentCell[] = [];
  for (const update of ['feedback', 'feedbackStar'] as const) {
    for (const seed of seedsTo(seeds)) alignments.push(await measureAlignment(backend, update, { seed, steps }));
  }
  log(`\n${errorTable(cells)}\n`);
  return {
    claims: feedbackClaims(cells, alignments),
    cells: [...cells, ...alignments],
    figures: { errors: errorFigure(cells), alignment: alignmentFigure(alignments) },
  };
}

/** Y of rank 8 with entries of about unit variance. */
export function planted(seed: number): { readonly matrix: Matrix; readonly target: DenseTarget } {
  const random = randomStream(seed, 1);
  const normals = (r: number, c: number): Matrix => ({
    rows: r,
    columns: c,
    data: random.fillNormal(new Float64Array(r * c)),
  });
  const product = multiply(normals(rows, rank), normals(rank, columns));
  const data = product.data.map((value) => value / Math.sqrt(rank));
  return { matrix: { ...product, data }, target: dense([rows, columns], data) };
}

export function bestApproximation(matrix: Matrix, width: number): number {
  const { values } = svd(matrix);
  return euclideanNorm(values.slice(width)) / euclideanNorm(values);
}

interface ErrorInput extends Pick<FeedbackPlan, 'seeds' | 'steps'> {
  readonly update: Update;
  readonly width: number;
}

async function measureError(backend: Backend, { update, width, seeds, steps }: ErrorInput): Promise<FeedbackCell> {
  const runs = [];
  for (const seed of seedsTo(seeds)) {
    const { matrix, target } = planted(seed);
    const result = await decompose(target, {
      algorithm: { kind: 'feedbackAlignment', update },
      rank: width,
      seed,
      tolerance: 1e-9,
      maxSteps: steps,
      backend,
    });
    const alignment = result.history.at(-1)?.details.feedbackAlignment?.alignment[0];
    runs.push({ ...result, alignment, best: bestApproximation(matrix, width) });
  }
  const errors = runs.map(({ relativeError }) => relativeError);
  const alignments = runs.flatMap(({ alignment }) => alignment ?? []);
  return {
    kind: 'error',
    update,
    width,
    errors,
    best: runs.map(({ best }) => best),
    error: spread(errors),
    stops: runs.map(({ stop }) => stop),
    ...(alignments.length > 0 ? { alignment: spread(alignments) } : {}),
    seconds: runs.reduce((sum, { seconds }) => sum + seconds, 0),
  };
}

async function measureAlignment(
  backend: Backend,
  update: Update,
  { seed, steps }: { readonly seed: number; readonly steps: number },
): Promise<AlignmentCell> {
  const learningRate = 0.02;
  const { history } = await decompose(planted(seed).target, {
    algorithm: { kind: 'feedbackAlignment', update, learningRate },
    rank,
    seed,
    tolerance: 1e-9,
    maxSteps: Math.min(5000, steps),
    backend,
  });
  return {
    kind: 'alignment',
    update,
    seed,
    history: history.map(({ step, relativeError, details }) => ({
      time: step * learningRate,
      relativeError,
      alignment: details.feedbackAlignment?.alignment[0] ?? NaN,
    })),
  };
}

/** The share by which a median may differ from the simulation's: other random matrices. */
const agreement = 0.15;

export function feedbackClaims(cells: readonly FeedbackCell[], alignments: readonly AlignmentCell[]): Claim[] {
  const below = cells.filter(({ width }) => width < rank);
  const enough = cells.filter(({ width }) => width >= rank);
  const of = (some: readonly FeedbackCell[], ...names: readonly Update[]): FeedbackCell[] =>
    some.filter(({ update }) => names.includes(update));
  const told = (some: readonly FeedbackCell[]): string =>
    some.map(({ update, width, error }) => `${shortNames[update]} r = ${width}: ${format(error.value)}`).join(', ');
  const starts = alignments.map(({ history }) => history[0]?.alignment ?? NaN);
  const ends = alignments.map(({ history }) => history.at(-1)?.alignment ?? NaN);
  return [
    {
      claim: `gradient, r < ${rank}: the best approximation`,
      paper: 'optimal',
      measured: told(of(below, 'gradient')),
      holds: of(below, 'gradient').every(({ errors, best }) => errors.every((error, at) => error < 1.001 * best[at]!)),
    },
    {
      claim: `FA and FA*, r < ${rank}: far from it`,
      paper: `far from optimal (simulation: FA ${below
        .filter(({ update }) => update === 'feedback')
        .map(({ width }) => simulated.feedback[width] ?? '?')
        .join(', ')})`,
      measured: told(of(below, 'feedback', 'feedbackStar')),
      holds: of(below, 'feedback', 'feedbackStar').every(({ width, error, best }) => {
        const expected = simulated.feedback[width];
        const agrees = expected === undefined || Math.abs(error.value / expected - 1) < agreement;
        return agrees && error.value > 1.1 * spread(best).value;
      }),
    },
    {
      claim: `FA and FA*, r ≥ ${rank}: the matrix itself, in the median`,
      paper: 'optimal (simulation: 0 to 1.3e-4)',
      measured: told(of(enough, 'feedback', 'feedbackStar')),
      holds: of(enough, 'feedback', 'feedbackStar').every(({ error }) => error.value < 1e-3),
    },
    {
      claim: 'Z turns to the feedback matrix: cosine at the start and at the end',
      paper: 'closer while it runs',
      measured: `${format(spread(starts).value)} → ${format(spread(ends).value)}, grown in ${ends.filter((end, at) => end > starts[at]!).length} of ${ends.length} runs`,
      holds: ends.every((end, at) => end > starts[at]! + 0.1),
    },
    {
      claim: 'no run says converged above its tolerance',
      paper: '(beyond it)',
      measured: `${cells.flatMap(({ stops }) => stops).filter((stop) => stop === 'converged').length} converged, ${cells.flatMap(({ stops }) => stops).filter((stop) => stop === 'stepLimit').length} at the step limit`,
      holds: cells.every(({ stops, errors }) =>
        stops.every((stop, at) => (stop === 'converged') === errors[at]! <= 1e-9),
      ),
    },
  ];
}

function errorTable(cells: readonly FeedbackCell[]): string {
  const widths = [...new Set(cells.map(({ width }) => width))];
  const cellOf = (update: Update, width: number): FeedbackCell | undefined =>
    cells.find((cell) => cell.update === update && cell.width === width);
  const row = (name: string, value: (width: number) => string): string[] => [name, ...widths.map(value)];
  return markdownTable([
    row('median error', (width) => `r = ${width}`),
    row('best', (width) => format(spread(cellOf('gradient', width)?.best ?? [NaN]).value)),
    ...updates.map((update) =>
      row(shortNames[update], (width) => {
        const { errors = [NaN] } = cellOf(update, width) ?? {};
        return `${format(spread(errors).value)} (${format(Math.min(...errors))}–${format(Math.max(...errors))})`;
      }),
    ),
  ]);
}
