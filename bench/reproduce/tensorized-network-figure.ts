// Figure of tensorized networks: the ranks under the prior and the test accuracy of all networks, epoch by epoch.
import { colors, orderedScheme, type FigureSpec, type Position } from './figure.js';
import { priorName, type NetworkRun } from './tensorized-network-cells.js';

export function networkRankFigure(cells: readonly NetworkRun[]): FigureSpec {
  const ranks = cells
    .filter(({ network }) => network === priorName)
    .flatMap(({ seed, history }) =>
      history.flatMap((report) =>
        report.ranks.map((rank, layer) => ({
          seed,
          epoch: report.epoch,
          rank,
          layer: layer === 0 ? '784 × 512' : '512 × 10',
        })),
      ),
    );
  const accuracies = cells.flatMap(({ network, seed, history }) =>
    history.map(({ epoch, accuracy }) => ({ network, seed, epoch, accuracy })),
  );
  const x = { field: 'epoch', type: 'quantitative', title: 'epoch' } as const satisfies Position;
  return {
    title: {
      text: 'Under the prior the ranks fall by themselves, and the accuracy does not',
      subtitle: 'digits, one hidden layer of 512; one line per seed',
    },
    hconcat: [
      {
        data: { values: ranks },
        width: 240,
        height: 240,
        mark: { type: 'line', strokeWidth: 1.6 },
        encoding: {
          x,
          y: { field: 'rank', type: 'quantitative', title: 'components', scale: { type: 'log' } },
          detail: { field: 'seed' },
          color: { field: 'layer', type: 'nominal', title: 'matrix', scale: { range: [colors.blue, colors.orange] } },
        },
      },
      {
        data: { values: accuracies },
        width: 300,
        height: 240,
        mark: { type: 'line', strokeWidth: 1.4 },
        encoding: {
          x,
          y: { field: 'accuracy', type: 'quantitative', title: 'test accuracy', scale: { zero: false } },
          detail: { field: 'seed' },
          color: {
            field: 'network',
            type: 'nominal',
            title: 'network',
            sort: [...new Set(cells.map(({ network }) => network))],
            scale: { scheme: orderedScheme },
          },
        },
      },
    ],
    resolve: { scale: { color: 'independent' } },
  };
}
