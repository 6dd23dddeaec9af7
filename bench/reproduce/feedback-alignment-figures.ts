// Figures of feedback alignment: the error against the number of components, and how Z turns to the feedback matrix.
import { shortNames as names, type AlignmentCell, type FeedbackCell } from './feedback-alignment-cells.js';
import { colors, type Coloring, type FigureSpec, type Position } from './figure.js';

const color = {
  field: 'update',
  type: 'nominal',
  title: null,
  sort: Object.values(names),
  scale: { domain: Object.values(names), range: [colors.blue, colors.orange, colors.purple] },
} satisfies Coloring;

/** The same without the gradient, which has no feedback matrix. */
const feedbackColor = {
  ...color,
  sort: [names.feedback, names.feedbackStar],
  scale: { domain: [names.feedback, names.feedbackStar], range: [colors.orange, colors.purple] },
} satisfies Coloring;

/** Errors below this are drawn here. */
const floor = 1e-9;

/** Twice, as below the rank the errors differ by shares and above it by orders of magnitude. */
export function errorFigure(cells: readonly FeedbackCell[]): FigureSpec {
  const shown = (error: number): number => Math.max(floor, error);
  const medians = cells.map(({ update, width, error }) => ({
    update: names[update],
    width,
    error: shown(error.value),
  }));
  const singles = cells.flatMap(({ update, width, errors }) =>
    errors.map((error) => ({ update: names[update], width, error: shown(error) })),
  );
  const x = {
    field: 'width',
    type: 'quantitative',
    title: 'components r; the matrix has rank 8',
    axis: { values: [...new Set(cells.map(({ width }) => width))] },
  } as const satisfies Position;
  const panel = (title: string, type: 'linear' | 'log') => {
    const y = {
      field: 'error',
      type: 'quantitative',
      title,
      scale: { type },
      axis: { format: type === 'log' ? '.0e' : '.1f', tickCount: 6 },
    } as const satisfies Position;
    return {
      width: 280,
      height: 260,
      layer: [
        { data: { values: medians }, mark: { type: 'line' as const, strokeWidth: 1.8 }, encoding: { x, y, color } },
        {
          data: { values: singles },
          mark: { type: 'circle' as const, size: 22, opacity: 0.7 },
          encoding: { x, y, color },
        },
      ],
    };
  };
  return {
    title: {
      text: 'Random feedback finds the matrix where r is its rank or more, and is far off below',
      subtitle: 'lines: medians; dots: matrices of 30 × 25, one each',
    },
    hconcat: [panel('‖ZW − Y‖ / ‖Y‖', 'linear'), panel('the same, 1e-9 and below at 1e-9', 'log')],
  };
}

export function alignmentFigure(cells: readonly AlignmentCell[]): FigureSpec {
  const values = cells.flatMap(({ update, seed, history }) =>
    history.map(({ time, alignment }) => ({ update: names[update], seed, time: time + 1, alignment })),
  );
  const x = {
    field: 'time',
    type: 'quantitative',
    title: '1 + steps × step size, in units of 1 / σ₁',
    scale: { type: 'log', nice: false },
  } as const satisfies Position;
  const y = { field: 'alignment', type: 'quantitative', title: 'cosine of Z and the feedback matrix' } as const;
  return {
    title: {
      text: 'The forward matrix Z turns to the feedback matrix while it learns',
      subtitle: 'r = 8, the rank of the matrix; one line per matrix and start',
    },
    width: 480,
    height: 280,
    layer: [
      {
        data: { values },
        mark: { type: 'line', strokeWidth: 1.4, opacity: 0.8 },
        encoding: { x, y, color: feedbackColor, detail: { field: 'seed' } },
      },
    ],
  };
}
