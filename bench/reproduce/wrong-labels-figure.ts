// Figure of wrong labels: what is fitted, what is told rightly and how far the model is from its start, over the steps of runs with
// more and more flipped labels.
import { colors, type FigureSpec, type Position } from './figure.js';
import type { LabelCell } from './wrong-labels-cells.js';

const curves = {
  test: 'test images told rightly',
  right: 'right labels fitted',
  wrong: 'flipped labels fitted',
} as const;

export function wrongLabelsFigure(cells: readonly LabelCell[]): FigureSpec {
  const order = cells[0]?.order;
  const shown = cells.filter((cell) => cell.order === order && cell.seed === 0);
  const panelOf = (flips: number): string => `${Math.round(100 * flips)} % flipped`;
  const panels = shown.map(({ flips }) => panelOf(flips));
  const shares = shown.flatMap(({ flips, history }) =>
    history.flatMap(({ step, ...state }) =>
      (['test', 'right', 'wrong'] as const)
        .filter((key) => flips > 0 || key !== 'wrong')
        .map((key) => ({ panel: panelOf(flips), curve: curves[key], step, share: state[key] })),
    ),
  );
  const distances = shown.flatMap(({ flips, history }) =>
    history.map(({ step, distance }) => ({ panel: panelOf(flips), step, distance })),
  );
  const stops = shown.map(({ flips, chosen }) => ({ panel: panelOf(flips), stop: chosen.step }));
  const x = { field: 'step', type: 'quantitative', title: 'step' } as const satisfies Position;
  const facet = { column: { field: 'panel', title: null, sort: panels } } as const;
  const rule = {
    transform: [{ filter: 'isValid(datum.stop)' }],
    mark: { type: 'rule' as const, strokeDash: [3, 3], color: colors.gray },
    encoding: { x: { field: 'stop', type: 'quantitative' as const } },
  };
  return {
    title: {
      text: 'The right labels are fitted first; the wrong ones take the model far from its start',
      subtitle: 'MNIST, 6 against the rest; dashed: where the share of held-out noisy labels told wrong is least',
    },
    vconcat: [
      {
        data: { values: [...shares, ...stops] },
        facet,
        spec: {
          width: 180,
          height: 170,
          layer: [
            rule,
            {
              transform: [{ filter: 'isValid(datum.share)' }],
              mark: { type: 'line', strokeWidth: 1.6 },
              encoding: {
                x,
                y: { field: 'share', type: 'quantitative', title: 'share' },
                color: {
                  field: 'curve',
                  type: 'nominal',
                  title: null,
                  scale: { domain: Object.values(curves), range: [colors.blue, colors.gray, colors.orange] },
                },
              },
            },
          ],
        },
      },
      {
        data: { values: [...distances, ...stops] },
        facet,
        spec: {
          width: 180,
          height: 110,
          layer: [
            rule,
            {
              transform: [{ filter: 'isValid(datum.distance)' }],
              mark: { type: 'line', strokeWidth: 1.6, color: colors.ink },
              encoding: { x, y: { field: 'distance', type: 'quantitative', title: 'distance from the start' } },
            },
          ],
        },
      },
    ],
  };
}
