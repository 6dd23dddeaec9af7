// The components of a result, a row each: its weight, and for every mode its loadings with their labels, as bars where there are few
// and as a line where there are many. The last row is what the model leaves over.
import { componentColor, color } from '../../plots/theme.js';
import { h, svg } from '../../shell/elements.js';
import { formatNumber } from '../../shell/format.js';
import type { Matrix } from '../../../src/index.js';
import type { Mode } from '../../examples/unemployment.js';

const width = 230;
const lineHeight = 15;
const barHeight = 10;
const chartHeight = 110;
/** Labels take so much of the width for each of their letters. */
const letterWidth = 6.3;
const maxBars = 16;

export interface Drawn {
  readonly weights: ArrayLike<number>;
  readonly factors: readonly Matrix[];
  readonly modes: readonly Mode[];
  readonly leftOver: readonly (readonly number[])[];
}

export function componentRows({ weights, factors, modes, leftOver }: Drawn): HTMLElement[] {
  // One scale a mode, so that components can be compared.
  const reach = factors.map(({ data }) => data.reduce((max, value) => Math.max(max, Math.abs(value)), 1e-300));
  const components = Array.from({ length: weights.length }, (_, r) => {
    const charts = factors.map(({ rows, columns, data }, mode) => {
      const loadings = Array.from({ length: rows }, (_row, i) => data[i * columns + r]!);
      return chart(modes[mode]!, loadings, reach[mode]!, () => componentColor(r), `component ${r + 1}`);
    });
    return row(`Component ${r + 1}`, `weight ${formatNumber(weights[r]!)}`, charts, `component-${r + 1}`);
  });
  const max = Math.max(...leftOver.flat(), 1e-300);
  const rest = leftOver.map((shares, mode) => chart(modes[mode]!, shares, max, () => color('--line'), 'left over'));
  return [...components, row('Left over', 'share of the squares of each slice', rest, 'left-over')];
}

function row(title: string, note: string, charts: readonly HTMLElement[], name: string): HTMLElement {
  return h(
    'section',
    { class: 'component', 'data-component': name, 'aria-label': title },
    h('h2', {}, title, ' ', h('small', {}, note)),
    h('div', { class: 'charts' }, ...charts),
  );
}

/** `reach` is the value at the end of the scale; where loadings are negative the zero is in the middle. */
function chart(mode: Mode, values: readonly number[], reach: number, ink: () => string, whose: string): HTMLElement {
  const drawing = values.length <= maxBars ? bars(mode, values, reach, ink()) : line(mode, values, reach, ink());
  const text = inWords(mode, values);
  drawing.setAttribute('role', 'img');
  drawing.setAttribute('aria-label', `${whose}, ${mode.name}: ${text}`);
  return h('figure', {}, h('figcaption', {}, h('h3', {}, mode.name)), drawing, h('p', { class: 'caption' }, text));
}

function bars({ ticks }: Mode, values: readonly number[], reach: number, ink: string): SVGSVGElement {
  const names = values.map((_, i) => clipped(ticks[i] ?? ''));
  const labels = 12 + letterWidth * Math.max(...names.map(({ length }) => length));
  const signed = values.some((value) => value < -1e-3 * reach);
  const zero = signed ? (labels + width) / 2 : labels;
  const scale = (width - zero - 34) / reach;
  const height = values.length * lineHeight + 2;
  const nodes = values.flatMap((value, i) => {
    const length = Math.abs(value) * scale;
    const y = i * lineHeight;
    return [
      svg('text', { x: labels - 6, y: y + 11, 'text-anchor': 'end', class: 'label' }, names[i]!),
      svg(
        'rect',
        { x: value < 0 ? zero - length : zero, y: y + 2, width: Math.max(0.5, length), height: barHeight, fill: ink },
        svg('title', {}, `${ticks[i]}: ${formatNumber(value)}`),
      ),
      svg(
        'text',
        { x: value < 0 ? zero - length - 3 : zero + length + 3, y: y + 11, 'text-anchor': value < 0 ? 'end' : 'start' },
        short(value),
      ),
    ];
  });
  return svg('svg', { viewBox: `0 0 ${width} ${height}`, class: 'loadings' }, ...nodes);
}

function line({ ticks }: Mode, values: readonly number[], reach: number, ink: string): SVGSVGElement {
  const signed = values.some((value) => value < -1e-3 * reach);
  const left = 30;
  const bottom = chartHeight - 18;
  const y = (value: number): number =>
    (signed ? bottom / 2 : bottom) - (value / reach) * (signed ? bottom / 2 : bottom) * 0.94;
  const x = (i: number): number => left + (i / Math.max(1, values.length - 1)) * (width - left - 6);
  const points = values.map((value, i) => `${x(i).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
  const shown = [0, Math.floor((values.length - 1) / 2), values.length - 1];
  const anchors = ['start', 'middle', 'end'] as const;
  return svg(
    'svg',
    { viewBox: `0 0 ${width} ${chartHeight}`, class: 'loadings' },
    svg('line', { x1: left, x2: width - 6, y1: y(0), y2: y(0), class: 'baseline' }),
    svg('text', { x: left - 4, y: y(reach) + 8, 'text-anchor': 'end' }, short(reach)),
    svg('text', { x: left - 4, y: y(0) + 4, 'text-anchor': 'end' }, '0'),
    svg('polyline', { points, fill: 'none', stroke: ink, 'stroke-width': 2, 'stroke-linejoin': 'round' }),
    ...shown.map((i, k) =>
      svg('text', { x: x(i), y: chartHeight - 4, 'text-anchor': anchors[k]!, class: 'label' }, clipped(ticks[i] ?? '')),
    ),
  );
}

/** "most in March (0.44), least in June (0.13)" */
function inWords({ ticks }: Mode, values: readonly number[]): string {
  const max = values.reduce((best, value, i) => (value > values[best]! ? i : best), 0);
  const min = values.reduce((best, value, i) => (value < values[best]! ? i : best), 0);
  return `most in ${ticks[max]} (${short(values[max]!)}), least in ${ticks[min]} (${short(values[min]!)})`;
}

/** Two decimals, which suit loadings; two digits of what is smaller. */
const short = (value: number): string =>
  Math.abs(value) >= 0.01 || Math.abs(value) < 1e-6 ? value.toFixed(2) : value.toPrecision(2);

const maxLetters = 17;
const clipped = (label: string): string => (label.length > maxLetters ? `${label.slice(0, maxLetters - 1)}…` : label);
