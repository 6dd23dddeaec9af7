// Figures beyond the lazy regime: components needed against the dimension, successes, and norms along a run.
import { lazyThreshold } from '../../src/analysis/tangent-space.js';
import { shareOf, type Need, type NormsCell, type SuccessCell } from './beyond-lazy-cells.js';
import { colors, type Coloring, type FigureSpec, type Position } from './figure.js';

export function widthFigure(found: readonly Need[]): FigureSpec {
  const orders = [...new Set(found.map(({ order }) => order))];
  const ranks = [...new Set(found.map(({ rank }) => rank))];
  const lazy = orders.flatMap((order) =>
    [10, 14, 20, 30, 50, 70, 100].map((dim) => ({
      name: `lazy, order ${order}`,
      dim,
      width: lazyThreshold(order, dim),
    })),
  );
  const flow = ranks.flatMap((rank) =>
    [...new Set(found.map(({ dim }) => dim))].flatMap((dim) => {
      const widths = found
        .filter((one) => one.restart && one.rank === rank && one.dim === dim)
        .map(({ width }) => width);
      const solved = widths.filter((width) => width !== undefined);
      const name = `beyond lazy, ${rank} hidden components`;
      return solved.length === widths.length ? [{ name, dim, width: Math.max(...solved) }] : [];
    }),
  );
  const names = [...new Set([...lazy, ...flow].map(({ name }) => name))];
  const ends = names.map(
    (name) => [...lazy, ...flow].filter((one) => one.name === name).sort((a, b) => b.dim - a.dim)[0] ?? {},
  );
  const x: Position = {
    field: 'dim',
    type: 'quantitative',
    title: 'dimension d',
    scale: { type: 'log', domain: [10, 100] },
    axis: { values: [10, 20, 50, 100] },
  };
  const y: Position = {
    field: 'width',
    type: 'quantitative',
    title: 'components needed, m',
    scale: { type: 'log', domain: [1, 100_000] },
    axis: { values: [1, 10, 100, 1000, 10_000, 100_000], format: ',d' },
  };
  const color: Coloring = {
    field: 'name',
    type: 'nominal',
    legend: null,
    scale: {
      domain: names,
      range: names.map((name) =>
        name.startsWith('lazy') ? colors.gray : name.includes(' 4 ') ? colors.blue : colors.orange,
      ),
    },
  };
  return {
    title: {
      text: 'Components needed to find all hidden ones',
      subtitle: 'Lazy: ⌈C(d+l−1, l) / d⌉. Beyond lazy: least m that solves 95 % of random instances of either order',
    },
    width: 420,
    height: 300,
    layer: [
      {
        data: { values: lazy },
        mark: { type: 'line', strokeWidth: 1.5, strokeDash: [5, 3] },
        encoding: { x, y, color },
      },
      {
        data: { values: flow },
        mark: { type: 'line', strokeWidth: 1.8, point: { filled: true, size: 55 } },
        encoding: { x, y, color },
      },
      {
        data: { values: ends },
        mark: { type: 'text', align: 'left', dx: 8, fontSize: 12 },
        encoding: { x, y, color, text: { field: 'name' } },
      },
    ],
  };
}

export function successFigure(cells: readonly SuccessCell[]): FigureSpec {
  const values = cells.map((cell) => ({
    panel: `order ${cell.order}, r = ${cell.rank}`,
    dim: `d = ${cell.dim}`,
    share: cell.width / cell.rank,
    success: 100 * shareOf(cell),
    restart: cell.restart ? 'with re-initialization' : 'without',
  }));
  return {
    title: { text: 'Instances solved against the number of components', subtitle: 'Every line is a dimension' },
    data: { values },
    facet: { field: 'panel', title: null },
    columns: 2,
    spec: {
      width: 240,
      height: 160,
      mark: { type: 'line', strokeWidth: 1.5, point: { filled: true, size: 36 } },
      encoding: {
        x: { field: 'share', type: 'quantitative', title: 'm / r', scale: { zero: false } },
        y: { field: 'success', type: 'quantitative', title: 'solved, %', scale: { domain: [0, 100] } },
        color: {
          field: 'restart',
          type: 'nominal',
          title: null,
          scale: { domain: ['with re-initialization', 'without'], range: [colors.blue, colors.orange] },
        },
        shape: { field: 'dim', type: 'nominal', title: null, sort: null },
        detail: { field: 'dim' },
      },
    },
  };
}

export function normsFigure({ order, dim, width, truth, reports }: NormsCell): FigureSpec {
  const last = reports.at(-1)?.norms ?? [];
  const grown = (at: number): string => ((last[at] ?? 0) > 0.05 ? 'grown' : 'small');
  const values = reports.flatMap(({ time, norms }) =>
    norms.map((norm, at) => ({ time, norm, component: at, fate: grown(at) })),
  );
  const x: Position = { field: 'time', type: 'quantitative', title: 'steps · κ' };
  const y: Position = {
    field: 'norm',
    type: 'quantitative',
    title: 'norm of a component',
    scale: { type: 'log' },
    axis: { values: [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1], format: '.0e' },
  };
  return {
    title: {
      text: `${width} tiny components, ${truth.length} hidden ones: they turn first, then grow`,
      subtitle: `Order ${order}, d = ${dim}. Dashed: norms of the hidden components`,
    },
    width: 440,
    height: 260,
    layer: [
      {
        data: { values: truth.map((norm) => ({ norm })) },
        mark: { type: 'rule', strokeDash: [4, 3], color: colors.gray },
        encoding: { y },
      },
      {
        data: { values },
        mark: { type: 'line', strokeWidth: 1.6 },
        encoding: {
          x,
          y,
          detail: { field: 'component' },
          color: {
            field: 'fate',
            type: 'nominal',
            title: 'at the end',
            scale: { domain: ['grown', 'small'], range: [colors.blue, colors.orange] },
          },
        },
      },
    ],
  };
}

export function gridFigure(cells: readonly SuccessCell[]): FigureSpec {
  const values = cells.map((cell) => ({
    panel: `order ${cell.order}, r = ${cell.rank}`,
    dim: cell.dim,
    success: 100 * shareOf(cell),
    what: cell.restart ? 'm = 2r' : 'm = r, no re-initialization',
  }));
  return {
    title: { text: 'Instances solved, by dimension' },
    data: { values },
    facet: { field: 'panel', title: null },
    columns: 2,
    spec: {
      width: 240,
      height: 150,
      mark: { type: 'line', strokeWidth: 1.6, point: { filled: true, size: 40 } },
      encoding: {
        x: {
          field: 'dim',
          type: 'quantitative',
          title: 'dimension d',
          scale: { type: 'log' },
          axis: { values: [10, 20, 50, 100] },
        },
        y: { field: 'success', type: 'quantitative', title: 'solved, %', scale: { domain: [0, 100] } },
        color: {
          field: 'what',
          type: 'nominal',
          title: null,
          scale: { domain: ['m = 2r', 'm = r, no re-initialization'], range: [colors.blue, colors.orange] },
        },
      },
    },
  };
}
