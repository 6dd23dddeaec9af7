// Figures of deflation: the staircase of the loss, components turning to hidden ones and growing, and how many it takes.
import type { FlowCell, StaircaseCell } from './deflation-cells.js';
import { colors, orderedScheme, type Coloring, type FigureSpec, type Position } from './figure.js';

const time = {
  field: 'time',
  type: 'quantitative',
  title: 'flow time, in units of 1 / ‖target‖',
} as const satisfies Position;
const instance = 'Order 4, d = 10, five orthogonal components, m = 50, first norm 1e-15';

export function staircaseFigure({ truth, arrivals, reports }: StaircaseCell): FigureSpec {
  // What is left when the first k have arrived.
  const levels = truth.map((_, k) => ({
    level: truth.slice(k).reduce((sum, weight) => sum + 0.5 * weight ** 2, 0),
    label: k === 0 ? 'nothing fitted' : `${k} fitted`,
  }));
  const loss: Position = { field: 'loss', type: 'quantitative', title: 'loss, ½‖model − target‖²' };
  return {
    title: { text: 'The loss falls in steps, one per component', subtitle: instance },
    width: 480,
    height: 260,
    layer: [
      {
        data: { values: levels },
        layer: [
          {
            mark: { type: 'rule', strokeDash: [3, 3], color: colors.gray, opacity: 0.6 },
            encoding: { y: { ...loss, field: 'level' } },
          },
          {
            mark: { type: 'text', align: 'right', dy: -6, fontSize: 10, color: colors.gray },
            encoding: { x: { value: 480 }, y: { ...loss, field: 'level' }, text: { field: 'label' } },
          },
        ],
      },
      {
        data: { values: arrivals.map((arrival) => ({ time: arrival.time })) },
        mark: { type: 'rule', color: colors.orange, opacity: 0.5 },
        encoding: { x: time },
      },
      {
        data: { values: reports.map((report) => ({ time: report.time, loss: report.loss })) },
        mark: { type: 'line', strokeWidth: 2, color: colors.blue },
        encoding: { x: time, y: loss },
      },
    ],
  };
}

export function correlationFigure({ truth, reports }: StaircaseCell): FigureSpec {
  const names = truth.map((weight) => weight.toFixed(2));
  const rows = (panel: string, of: (report: StaircaseCell['reports'][number]) => readonly number[]): object[] =>
    reports.flatMap((report) =>
      of(report).map((value, k) => ({ panel, time: report.time, value, name: names[k] ?? '' })),
    );
  const color: Coloring = {
    field: 'name',
    type: 'ordinal',
    title: 'weight',
    sort: names,
    scale: { domain: names, scheme: orderedScheme },
  };
  return {
    title: { text: 'Components turn at once, and grow one after the other', subtitle: instance },
    data: {
      values: [
        ...rows('best correlation', ({ correlations }) => correlations),
        ...rows('fitted share', ({ shares }) => shares),
      ],
    },
    facet: { column: { field: 'panel', title: null } },
    spec: {
      width: 300,
      height: 220,
      mark: { type: 'line', strokeWidth: 1.8 },
      encoding: { x: time, y: { field: 'value', type: 'quantitative', title: null, scale: { domain: [0, 1] } }, color },
    },
  };
}

export function widthsFigure(cells: readonly FlowCell[]): FigureSpec {
  const values = cells.flatMap(({ width, seeds, firstEpoch, successes }) => [
    { width, share: firstEpoch / seeds, name: 'first epoch' },
    { width, share: successes / seeds, name: 'four epochs' },
  ]);
  const names = ['first epoch', 'four epochs'];
  const x: Position = { field: 'width', type: 'quantitative', title: 'components m' };
  const y: Position = {
    field: 'share',
    type: 'quantitative',
    title: 'instances solved',
    axis: { format: '.0%' },
    scale: { domain: [0, 1] },
  };
  const color: Coloring = {
    field: 'name',
    type: 'nominal',
    title: null,
    scale: { domain: names, range: [colors.gray, colors.blue] },
  };
  return {
    title: {
      text: 'More components than hidden ones find them all',
      subtitle: 'Order 4, d = 10, five orthogonal components, first norm 1e-15',
    },
    width: 420,
    height: 240,
    data: { values },
    mark: { type: 'line', strokeWidth: 1.8, point: { filled: true, size: 50 } },
    encoding: { x, y, color },
  };
}
