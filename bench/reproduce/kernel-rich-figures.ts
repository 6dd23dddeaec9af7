// Figures of kernel against rich: what a diagonal network and a CP completion end at, by the scale they start from.
import { colors, orderedScheme, type Coloring, type FigureSpec, type Position } from './figure.js';
import type { CompletionCell, NetworkCell } from './kernel-rich-cells.js';

const logarithmic = { type: 'log', nice: false } as const;

export function networkFigure(cells: readonly NetworkCell[]): FigureSpec {
  const values = cells.flatMap((cell) =>
    [
      { panel: 'error, ‖w − w*‖ / ‖w*‖', ...cell.error },
      { panel: 'ℓ1 norm / that of w*', ...cell.l1 },
    ].map(({ panel, value, quartiles: [low, high] }) => ({
      panel,
      depth: `depth ${cell.depth}`,
      scale: cell.scale,
      value,
      low,
      high,
    })),
  );
  const x = {
    field: 'scale',
    type: 'quantitative',
    title: 'scale α of the start',
    scale: logarithmic,
  } as const satisfies Position;
  const y = (field: string) => ({ field, type: 'quantitative', title: null, scale: logarithmic }) as const;
  const color: Coloring = {
    field: 'depth',
    type: 'nominal',
    title: null,
    legend: { symbolOpacity: 1 },
    scale: { domain: ['depth 2', 'depth 3'], range: [colors.blue, colors.orange] },
  };
  return {
    title: {
      text: 'A large start ends at the least-squares fit, a small one at the sparse one',
      subtitle: 'w = u^D − v^D, 40 Gaussian rows, 100 weights, 5 of them ±1; medians and quartiles over designs',
    },
    data: { values },
    facet: { column: { field: 'panel', title: null } },
    resolve: { scale: { y: 'independent' } },
    spec: {
      width: 300,
      height: 240,
      layer: [
        { mark: { type: 'area', opacity: 0.15 }, encoding: { x, y: y('low'), y2: { field: 'high' }, color } },
        {
          mark: { type: 'line', strokeWidth: 1.8, point: { filled: true, size: 40 } },
          encoding: { x, y: y('value'), color },
        },
      ],
    },
  };
}

export function completionFigure(cells: readonly CompletionCell[]): FigureSpec {
  const values = cells.map(({ scale, reconstruction, components }) => {
    const [low, high] = reconstruction.quartiles;
    return { scale, value: reconstruction.value, low, high, components: components.value };
  });
  const x = {
    field: 'scale',
    type: 'quantitative',
    title: 'standard deviation of the first factor entries',
    scale: logarithmic,
  } as const satisfies Position;
  const y = (field: string) => ({ field, type: 'quantitative', title: '‖W − W*‖ / ‖W*‖', scale: logarithmic }) as const;
  return {
    title: {
      text: 'A small start completes a tensor, a large one only fits its known entries',
      subtitle:
        '8 × 8 × 8, rank 2, 200 of 512 entries known, 64 components, those above 1 % colored; medians, quartiles',
    },
    width: 480,
    height: 260,
    layer: [
      {
        data: { values: cells.slice(0, 1).map(({ zeroFill }) => ({ value: zeroFill.value, label: 'zeros' })) },
        layer: [
          { mark: { type: 'rule', strokeDash: [3, 3], color: colors.gray }, encoding: { y: y('value') } },
          {
            mark: { type: 'text', align: 'left', dy: 12, fontSize: 10, color: colors.gray },
            encoding: { x: { value: 4 }, y: y('value'), text: { field: 'label' } },
          },
        ],
      },
      {
        data: { values },
        layer: [
          {
            mark: { type: 'area', opacity: 0.15, color: colors.blue },
            encoding: { x, y: y('low'), y2: { field: 'high' } },
          },
          { mark: { type: 'line', strokeWidth: 1.8, color: colors.blue }, encoding: { x, y: y('value') } },
          {
            mark: { type: 'point', filled: true, size: 60, opacity: 1 },
            encoding: {
              x,
              y: y('value'),
              color: {
                field: 'components',
                type: 'quantitative',
                title: 'components',
                scale: { type: 'log', scheme: orderedScheme },
              },
            },
          },
        ],
      },
    ],
  };
}
