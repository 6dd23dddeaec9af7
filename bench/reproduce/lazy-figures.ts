// Figures of the lazy regime: the residual against the threshold, the threshold against the dimension, and descent leaving it.
import { lazyThreshold } from '../../src/analysis/tangent-space.js';
import { colors, orderedScheme, type Coloring, type FigureSpec, type Position } from './figure.js';
import type { DynamicsCell, SpaceCell } from './lazy-cells.js';

export function residualFigure(space: readonly SpaceCell[]): FigureSpec {
  const values = space.flatMap(({ order, dim, threshold, curve }) =>
    curve.map(({ width, residual }) => ({
      panel: `order ${order}`,
      dim: `${dim}`,
      share: width / threshold,
      residual,
    })),
  );
  const dims = [...new Set(space.map(({ dim }) => dim))].sort((a, b) => a - b).map(String);
  return {
    title: {
      text: 'A lazy model reaches a target only at the threshold',
      subtitle: 'Random rank-one targets; median of the seeds; threshold = ⌈C(d+l−1, l) / d⌉ directions',
    },
    data: { values },
    facet: { column: { field: 'panel', title: null } },
    spec: {
      width: 300,
      height: 230,
      layer: [
        {
          mark: { type: 'line', point: { size: 28 }, strokeWidth: 1.5 },
          encoding: {
            x: { field: 'share', type: 'quantitative', title: 'directions m / threshold' },
            y: {
              field: 'residual',
              type: 'quantitative',
              title: '‖target − projection‖ / ‖target‖',
              scale: { domain: [0, 1] },
            },
            color: {
              field: 'dim',
              type: 'ordinal',
              title: 'dimension d',
              sort: dims,
              scale: { domain: dims, scheme: orderedScheme },
            },
          },
        },
        {
          data: { values: [{ share: 1 }] },
          mark: { type: 'rule', strokeDash: [4, 3], color: colors.gray },
          encoding: { x: { field: 'share', type: 'quantitative' } },
        },
      ],
    },
  };
}

export function thresholdFigure(space: readonly SpaceCell[]): FigureSpec {
  const dots = space.flatMap(({ order, dim, first }) =>
    first.map((width) => ({ order: `order ${order}`, dim, width })),
  );
  const orders = [...new Set(space.map(({ order }) => order))];
  const dims = space.map(({ dim }) => dim);
  const lines = orders.flatMap((order) =>
    range(Math.min(...dims), Math.max(...dims)).map((dim) => ({
      order: `order ${order}`,
      dim,
      width: lazyThreshold(order, dim),
    })),
  );
  const most = Math.max(...space.map(({ threshold }) => threshold)) * 1.4;
  const shown = lines.filter(({ width }) => width <= most);
  const x: Position = {
    field: 'dim',
    type: 'quantitative',
    title: 'dimension d',
    scale: { zero: false, nice: false },
  };
  const y: Position = { field: 'width', type: 'quantitative', title: 'directions m' };
  const color: Coloring = {
    field: 'order',
    type: 'nominal',
    legend: null,
    scale: { domain: orders.map((order) => `order ${order}`), range: [colors.blue, colors.orange] },
  };
  return {
    title: {
      text: 'Directions that a lazy model needs',
      subtitle: 'Lines: ⌈C(d+l−1, l) / d⌉. Dots: first m with a projection residual below 1e-5, every seed',
    },
    width: 420,
    height: 260,
    layer: [
      { data: { values: shown }, mark: { type: 'line', strokeWidth: 1.5 }, encoding: { x, y, color } },
      { data: { values: dots }, mark: { type: 'point', filled: true, size: 40 }, encoding: { x, y, color } },
      {
        data: { values: orders.map((order) => shown.findLast((line) => line.order === `order ${order}`) ?? {}) },
        mark: { type: 'text', align: 'left', dx: 6, fontSize: 12 },
        encoding: { x, y, color, text: { field: 'order' } },
      },
    ],
  };
}

/** One seed of every α with the fewest pairs, and where its tangent space ends. */
export function descentFigure(cells: readonly DynamicsCell[]): FigureSpec {
  const shown = cells.filter(({ pairs }) => pairs === 5);
  const values = shown.flatMap(({ scale, runs: [run] }) =>
    (run?.history ?? []).map((report) => ({ ...report, scale: `α = ${scale}` })),
  );
  const scales = shown.map(({ scale }) => `α = ${scale}`);
  const last = scales.map((scale) => values.findLast((value) => value.scale === scale) ?? {});
  const residual = shown[0]?.runs[0]?.projectionResidual ?? NaN;
  const x: Position = { field: 'step', type: 'quantitative', title: 'steps' };
  const y: Position = {
    field: 'relativeError',
    type: 'quantitative',
    title: 'relative error',
    scale: { domain: [0, 1] },
  };
  const color: Coloring = {
    field: 'scale',
    type: 'nominal',
    legend: null,
    scale: { domain: scales, range: [colors.blue, colors.orange, colors.purple].slice(0, scales.length) },
  };
  return {
    title: {
      text: 'The larger the start, the longer descent stays lazy',
      subtitle: 'Order 3, d = 6, rank 2, five directions with weights ±α; step ∝ 1 / α²',
    },
    width: 420,
    height: 260,
    layer: [
      {
        data: { values: [{ relativeError: residual, label: 'projection on the tangent space' }] },
        layer: [
          { mark: { type: 'rule', strokeDash: [4, 3], color: colors.gray }, encoding: { y } },
          {
            mark: { type: 'text', align: 'right', dy: -8, fontSize: 11, color: colors.gray },
            encoding: { x: { value: 420 }, y, text: { field: 'label' } },
          },
        ],
      },
      { data: { values }, mark: { type: 'line', strokeWidth: 1.8 }, encoding: { x, y, color } },
      {
        data: { values: last },
        mark: { type: 'text', align: 'left', dx: 6, fontSize: 12 },
        encoding: { x, y, color, text: { field: 'scale' } },
      },
    ],
  };
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, k) => from + k);
