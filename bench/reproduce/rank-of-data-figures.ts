// Figure of the rank of data: squared errors by rank, of digits and of random data, with what the paper has.
import { dataKinds } from './digits.js';
import { colors, type Coloring, type FigureSpec, type Position } from './figure.js';
import { paperValues, type RankCell } from './rank-of-data-cells.js';

const panels = { train: 'train images', test: 'test images' } as const;

export function rankFigure(cells: readonly RankCell[]): FigureSpec {
  const rows = (['train', 'test'] as const).flatMap((of) => [
    ...cells.map((cell) => ({ panel: panels[of], set: cell.kind, rank: cell.rank, value: cell[of] })),
    ...cells.flatMap(({ kind, rank, runs }) =>
      runs.map((run) => ({ panel: panels[of], set: kind, rank, single: run[of] })),
    ),
    { panel: panels[of], variance: cells[0]?.variance },
  ]);
  const paper = paperValues.map(({ kind, of, rank, value }) => ({
    panel: panels[of],
    set: kind,
    rank,
    paper: value,
  }));
  const x = { field: 'rank', type: 'quantitative', title: 'rank', scale: { zero: false } } as const satisfies Position;
  const y = (field: string) =>
    ({ field, type: 'quantitative', title: 'mean squared error', scale: { zero: true } }) as const;
  const color = {
    field: 'set',
    type: 'nominal',
    title: null,
    sort: [...dataKinds],
    scale: { domain: [...dataKinds], range: [colors.blue, colors.orange, colors.purple] },
  } satisfies Coloring;
  return {
    title: {
      text: 'Rank 1 fits digits and predicts them; random data take more, and are not predicted',
      subtitle:
        'MNIST as a tensor of order 784, 6 against the rest; lines: means, dots: repeats, crosses: Razin et al.',
    },
    data: { values: [...rows, ...paper] },
    facet: { column: { field: 'panel', title: null, sort: Object.values(panels) } },
    spec: {
      width: 280,
      height: 240,
      layer: [
        {
          transform: [{ filter: 'isValid(datum.variance)' }],
          mark: { type: 'rule', strokeDash: [3, 3], color: colors.gray },
          encoding: { y: y('variance') },
        },
        {
          transform: [{ filter: 'isValid(datum.value)' }],
          mark: { type: 'line', strokeWidth: 1.8 },
          encoding: { x, y: y('value'), color },
        },
        {
          transform: [{ filter: 'isValid(datum.single)' }],
          mark: { type: 'circle', size: 18, opacity: 0.8 },
          encoding: { x, y: y('single'), color },
        },
        {
          transform: [{ filter: 'isValid(datum.paper)' }],
          mark: { type: 'point', shape: 'cross', filled: true, size: 70, opacity: 1 },
          encoding: { x, y: y('paper'), color },
        },
      ],
    },
  };
}
