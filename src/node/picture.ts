// The components of a model as an SVG picture: a row per component, a column per mode, all components of a mode on one scale.
// Few indices are drawn as bars with their labels, many as a line.
import {
  explainedVariance,
  symmetricToKruskal,
  type AnyKruskal,
  type Decomposition,
  type Kruskal,
  type Names,
} from '../index.js';

const cell = { width: 220, height: 90, gap: 24, left: 150, top: 40 };
/** Indices up to which bars and labels can be told apart. */
const maxBars = 16;

export function componentsSvg(result: Decomposition, { modes = [], labels = [] }: Names = {}): string {
  const { weights, factors } = withFactors(result.kruskal);
  const { components } = explainedVariance(result);
  const width = cell.left + factors.length * (cell.width + cell.gap);
  const height = cell.top + weights.length * (cell.height + cell.gap) + cell.gap;
  const parts = factors.flatMap((factor, k) => {
    const x = cell.left + k * (cell.width + cell.gap);
    const scale = scaleOf(factor.data);
    const title = text(x + cell.width / 2, 22, modes[k] ?? `mode ${k}`, 'middle');
    const charts = Array.from(weights, (_, r) => {
      const values = Array.from({ length: factor.rows }, (_, i) => factor.data[i * factor.columns + r]!);
      const y = cell.top + r * (cell.height + cell.gap);
      return chart(x, y, values, scale, labels[k]);
    });
    return [title, ...charts];
  });
  const names = Array.from(weights, (weight, r) => {
    const y = cell.top + r * (cell.height + cell.gap) + cell.height / 2;
    const share = `${(100 * components[r]!).toFixed(1)} % explained`;
    return (
      text(8, y - 6, `component ${r + 1}`) + text(8, y + 10, `weight ${weight.toPrecision(4)}`) + text(8, y + 26, share)
    );
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
${[...names, ...parts].join('\n')}
</svg>
`;
}

/** A symmetric model with its vectors as the factor of every mode. */
export const withFactors = (model: AnyKruskal): Kruskal => ('vectors' in model ? symmetricToKruskal(model) : model);

interface Scale {
  readonly low: number;
  readonly high: number;
}

/** From 0 to the largest entry, or around 0; entries of a thousandth of the largest do not turn a positive mode into a signed one. */
function scaleOf(data: Float64Array): Scale {
  let low = 0;
  let high = 0;
  for (const value of data) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const largest = Math.max(-low, high) || 1;
  return { low: -low < largest / 100 ? 0 : low, high: high < largest / 100 ? 0 : high };
}

function chart(
  x: number,
  y: number,
  values: readonly number[],
  { low, high }: Scale,
  labels?: readonly string[],
): string {
  const at = (value: number): number =>
    y + cell.height * (1 - (Math.min(high, Math.max(low, value)) - low) / (high - low || 1));
  const step = cell.width / values.length;
  const axis = `<line x1="${x}" x2="${x + cell.width}" y1="${round(at(0))}" y2="${round(at(0))}" stroke="#999"/>`;
  const frame = `<rect x="${x}" y="${y}" width="${cell.width}" height="${cell.height}" fill="none" stroke="#ddd"/>`;
  if (values.length > maxBars) {
    const points = values.map((value, i) => `${round(x + (i + 0.5) * step)},${round(at(value))}`).join(' ');
    return `${frame}${axis}<polyline points="${points}" fill="none" stroke="#1f6feb" stroke-width="1.5"/>`;
  }
  const bars = values.map((value, i) => {
    const top = Math.min(at(value), at(0));
    const tall = Math.abs(at(value) - at(0));
    const title = `<title>${escaped(labels?.[i] ?? String(i))}: ${value.toPrecision(4)}</title>`;
    return `<rect x="${round(x + i * step + 1)}" y="${round(top)}" width="${round(Math.max(1, step - 2))}" height="${round(tall)}" fill="#1f6feb">${title}</rect>`;
  });
  return frame + axis + bars.join('');
}

const round = (value: number): string => value.toFixed(2);

const text = (x: number, y: number, content: string, anchor = 'start'): string =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}">${escaped(content)}</text>`;

export const escaped = (content: string): string =>
  content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
