// The integrators of deflation on its first instance: evaluations to T = 110 and errors of half-times, against a tight reference.
import {
  decompose,
  type Backend,
  type Decomposition,
  type DeflationOptions,
  type DeflationReport,
} from '../../src/index.js';
import { deflationProblem } from './deflation-problems.js';
import { markdownTable, type Claim } from './reproduction.js';

/** Of the paper's experiments: norms so small that the components arrive one by one. */
export const initScale = 1e-15;

/** What the run knew of its components in the end. */
export const reportOf = ({ history }: Decomposition): DeflationReport => {
  const report = history.at(-1)?.details.deflation;
  if (!report) throw new Error('deflation: expected a report, got none.');
  return report;
};

interface IntegratorRow {
  readonly method: string;
  /** To T = 110. */
  readonly evaluations: number;
  /** Largest of the five. */
  readonly halfTimeError: number;
}

export interface IntegratorsCell {
  readonly kind: 'integrators';
  readonly rows: readonly IntegratorRow[];
}

const horizon = 110;

export async function measureIntegrators(backend: Backend): Promise<IntegratorsCell> {
  const { target } = deflationProblem({ order: 4 }, 0);
  const run = async (options: Partial<DeflationOptions>): Promise<DeflationReport> => {
    const algorithm: DeflationOptions = { kind: 'deflation', initScale, epochTime: horizon, epochs: 1, ...options };
    return reportOf(await decompose(target, { finish: 'none', algorithm, width: 50, seed: 0, backend, tolerance: 0 }));
  };
  const reference = await run({ integrator: 'rk23', integratorTolerance: 1e-7 });
  const settings: [string, Partial<DeflationOptions>][] = [
    ...[0.01, 0.1, 0.3, 0.6].map((timeStep): [string, Partial<DeflationOptions>] => [
      `euler, h = ${timeStep}`,
      { timeStep },
    ]),
    ['euler, κ = 0.5', {}],
    ...(['heun', 'rk23'] as const).flatMap((integrator) =>
      [1e-2, 1e-3, 1e-4].map((integratorTolerance): [string, Partial<DeflationOptions>] => [
        `${integrator}, ${integratorTolerance}`,
        { integrator, integratorTolerance },
      ]),
    ),
  ];
  const rows: IntegratorRow[] = [];
  for (const [method, options] of settings) {
    const { arrivals, evaluations, time } = await run(options);
    const errors = arrivals.map(({ time: half }, k) => Math.abs(half - (reference.arrivals[k]?.time ?? NaN)));
    // Fixed steps end before the horizon where nothing is left.
    rows.push({ method, evaluations: Math.round((evaluations * horizon) / time), halfTimeError: Math.max(...errors) });
  }
  return { kind: 'integrators', rows };
}

export const integratorTable = ({ rows }: IntegratorsCell): string =>
  markdownTable([
    ['method', `evaluations to T = ${horizon}`, 'largest error of a half-time'],
    ...rows.map(({ method, evaluations, halfTimeError }) => [method, String(evaluations), halfTimeError.toFixed(4)]),
  ]);

export function integratorClaims({ rows }: IntegratorsCell): Claim[] {
  const of = (name: string): IntegratorRow => {
    const row = rows.find(({ method }) => method === name);
    if (!row) throw new Error(`deflation: expected a row ${name}, got none.`);
    return row;
  };
  const text = ({ evaluations, halfTimeError }: IntegratorRow): string =>
    `${evaluations} evaluations, half-times within ${halfTimeError.toFixed(3)}`;
  const adaptive = of('rk23, 0.001');
  const fixed = of('euler, κ = 0.5');
  const fine = of('euler, h = 0.01');
  return [
    {
      claim: 'rk23 at 1e-3: at most 450 evaluations, half-times within 0.03',
      paper: 'no claim',
      measured: text(adaptive),
      holds: adaptive.evaluations <= 450 && adaptive.halfTimeError <= 0.03,
    },
    {
      claim: 'a good fixed step takes about as many; h = 0.01 takes 11,000',
      paper: 'no claim',
      measured: `κ = 0.5: ${text(fixed)}; h = 0.01: ${text(fine)}`,
      holds: fixed.evaluations <= 2 * adaptive.evaluations && Math.abs(fine.evaluations - 11_000) <= 10,
    },
  ];
}
