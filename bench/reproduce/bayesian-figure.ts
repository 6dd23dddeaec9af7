// The three posteriors on the same planted problems: error, coverage and time, a dot per problem.
import type { BayesianCell } from './bayesian-cells.js';
import { colors, type Coloring, type FigureSpec, type Position } from './figure.js';

const names = { sghmc: 'SGHMC', svgd: 'SVGD', variational: 'variational' } as const;
type Method = keyof typeof names;
const isMethod = (method: string): method is Method => method in names;

export function posteriorFigure(cells: readonly BayesianCell[]): FigureSpec {
  const values = cells.flatMap(({ part, method, error, coverage, seconds }) =>
    part === 'planted' && isMethod(method) ? [{ method: names[method], error, coverage, seconds }] : [],
  );
  const order = Object.values(names);
  const x = { field: 'method', type: 'nominal', title: null, sort: order, axis: { labelAngle: 0 } } satisfies Position;
  const color = {
    field: 'method',
    type: 'nominal',
    legend: null,
    scale: { domain: order, range: [colors.blue, colors.orange, colors.purple] },
  } satisfies Coloring;
  const panel = (field: string, title: string, scale: { readonly type?: 'log'; readonly zero?: boolean } = {}) => {
    const y = { field, type: 'quantitative', title, scale } as const satisfies Position;
    const mark = { type: 'circle' as const, size: 36, opacity: 0.7 };
    return { width: 210, height: 240, layer: [{ data: { values }, mark, encoding: { x, y, color } }] };
  };
  return {
    title: {
      text: 'Chains and variational inference know as much; particles less, variational inference is the quickest',
      subtitle: '10 × 10 × 10 of rank 3, 400 noisy entries; dots: problems, one each',
    },
    hconcat: [
      panel('error', 'error / standard deviation of the truth'),
      panel('coverage', 'share of hidden values in 90 % intervals', { zero: false }),
      panel('seconds', 'CPU seconds', { type: 'log' }),
    ],
  };
}
