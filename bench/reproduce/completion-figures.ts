// Figures of completion: how the error falls with the scale of the start, and how components arrive one at a time.
import { typicalRun, type ScaleCell } from './completion-cells.js';
import { colors, orderedScheme, type FigureSpec, type Position } from './figure.js';

export function errorsFigure(cells: readonly ScaleCell[]): FigureSpec {
  const medians = cells.map(({ setting, scale, reconstruction }) => ({ setting, scale, error: reconstruction.value }));
  const runs = cells.flatMap(({ setting, scale, runs }) =>
    runs.map(({ reconstruction }) => ({ setting, scale, error: reconstruction })),
  );
  const zeros = cells.map(({ setting, zeroFill }) => ({ setting, error: zeroFill }));
  const x = {
    field: 'scale',
    type: 'quantitative',
    title: 'standard deviation of the first factor entries',
    scale: { type: 'log', nice: false, padding: 16 },
    axis: { values: [...new Set(cells.map(({ scale }) => scale))] },
  } as const satisfies Position;
  const y = {
    field: 'error',
    type: 'quantitative',
    title: '‖W − W*‖ / ‖W*‖',
    scale: { type: 'log' },
    axis: { format: '~g', tickCount: 6 },
  } as const satisfies Position;
  return {
    title: {
      text: 'The smaller the start, the closer the completion',
      subtitle: 'one dot an init, lines through their medians; dashed: zeros in the unknown cells',
    },
    data: {
      values: [
        ...runs.map((run) => ({ ...run, part: 'run' })),
        ...medians.map((median) => ({ ...median, part: 'median' })),
        ...zeros.map((zero) => ({ ...zero, part: 'zeros' })),
      ],
    },
    facet: { column: { field: 'setting', title: null, sort: null } },
    spec: {
      width: 210,
      height: 240,
      layer: [
        {
          transform: [{ filter: "datum.part === 'zeros'" }],
          mark: { type: 'rule', strokeDash: [3, 3], color: colors.gray },
          encoding: { y },
        },
        {
          transform: [{ filter: "datum.part === 'median'" }],
          mark: { type: 'line', strokeWidth: 1.8, color: colors.blue },
          encoding: { x, y },
        },
        {
          transform: [{ filter: "datum.part === 'run'" }],
          mark: { type: 'point', filled: true, size: 36, opacity: 0.7, color: colors.blue },
          encoding: { x, y },
        },
      ],
    },
  };
}

/** Of the first setting, at every scale the run of the median error. */
export function normsFigure(cells: readonly ScaleCell[]): FigureSpec {
  const own = cells.filter(({ setting }) => setting === cells[0]?.setting);
  const values = own.flatMap((cell) =>
    (typicalRun(cell)?.history ?? []).flatMap(({ step, norms }) =>
      norms.map((norm, at) => ({ panel: `std ${cell.scale}`, step, norm, component: at + 1 })),
    ),
  );
  return {
    title: {
      text: 'Components arrive one at a time',
      subtitle: `${own[0]?.setting ?? ''}: the eight largest component norms along the run of median error`,
    },
    data: { values },
    facet: { row: { field: 'panel', title: null, sort: null } },
    resolve: { scale: { x: 'independent' } },
    spec: {
      width: 480,
      height: 130,
      mark: { type: 'line', strokeWidth: 1.6 },
      encoding: {
        x: { field: 'step', type: 'quantitative', title: 'step' },
        y: { field: 'norm', type: 'quantitative', title: 'component norm' },
        color: {
          field: 'component',
          type: 'ordinal',
          title: 'largest, second …',
          scale: { scheme: orderedScheme },
        },
      },
    },
  };
}
