// The figure of sample-complexity.ts: the share of problems solved against the number of values per unknown.
import type { FigureSpec } from './figure.js';
import type { SuccessCell } from './sample-complexity-cells.js';

export function successFigure(cells: readonly SuccessCell[]): FigureSpec {
  return {
    title: {
      text: 'Known entries that completion needs',
      subtitle: 'problems solved to 1e-6, without noise; all but the last are told the rank',
    },
    data: {
      values: cells.map(({ problem, ratio, method, solved, of }) => ({ problem, ratio, method, share: solved / of })),
    },
    facet: { column: { field: 'problem', title: null, sort: null } },
    spec: {
      width: 230,
      height: 220,
      mark: { type: 'line', point: true, strokeWidth: 1.8 },
      encoding: {
        x: { field: 'ratio', type: 'quantitative', title: 'values per unknown', scale: { zero: false } },
        y: { field: 'share', type: 'quantitative', title: 'solved', axis: { format: '%' } },
        color: { field: 'method', type: 'nominal', title: null, sort: null },
      },
    },
  };
}
