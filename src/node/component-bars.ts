// The components of a Kruskal tensor as bars in a terminal: one block a mode, one line an index, one column per component.
// A bar is what the component adds there, averaged over the other modes, in the unit of the data:
//   contribution[mode][i, r] = weights[r] · factors[mode][i, r] · Π_{k ≠ mode} mean_j factors[k][j, r]
import type { Kruskal, Matrix } from '../index.js';
import type { Terminal } from './terminal.js';

interface Mode {
  readonly name: string;
  /** One label an index. */
  readonly ticks: readonly string[];
}

const valueWidth = 7;
const longestBar = 24;
const colors = ['cyan', 'yellow'] as const;

/** [shape[mode], rank], for each mode. */
export function contributions({ weights, factors }: Kruskal): Matrix[] {
  const rank = weights.length;
  const means = factors.map(columnMeans);
  return factors.map((factor, mode) => ({
    ...factor,
    data: factor.data.map((loading, at) => {
      const r = at % rank;
      return means.reduce((product, mean, k) => (k === mode ? product : product * mean[r]!), loading * weights[r]!);
    }),
  }));
}

export function componentBars(model: Kruskal, modes: readonly Mode[], terminal: Terminal): string {
  const all = contributions(model);
  const rank = model.weights.length;
  const labelWidth = Math.min(
    Math.max(...modes.flatMap(({ ticks }) => ticks.map((tick) => tick.length))),
    Math.floor(terminal.columns / 3),
  );
  const room = Math.floor((terminal.columns - 2 - labelWidth) / rank) - valueWidth - 2;
  const bar = Math.max(1, Math.min(longestBar, room));
  const header = Array.from(model.weights, (_, r) => {
    const name = `component ${r}`;
    return name.padStart(bar < name.length ? 0 : valueWidth + 1 + name.length).padEnd(valueWidth + 1 + bar);
  }).join(' ');
  const blocks = modes.map(({ name, ticks }, mode) => {
    const { data } = all[mode]!;
    const largest = data.reduce((max, value) => Math.max(max, Math.abs(value)), Number.MIN_VALUE);
    const digits = largest < 1000 ? 2 : 0;
    const lines = ticks.map((tick, i) => {
      const cells = Array.from({ length: rank }, (_, r) => {
        const value = data[i * rank + r]!;
        const color = colors[r % colors.length]!;
        return `${value.toFixed(digits).padStart(valueWidth)} ${terminal.paint(color, barText(value / largest, bar, terminal.unicode))}`;
      });
      return `  ${fit(tick, labelWidth)}${cells.join(' ')}`.trimEnd();
    });
    return [
      terminal.paint('bold', name.padEnd(labelWidth + 2)) + terminal.paint('dim', header.trimEnd()),
      ...lines,
    ].join('\n');
  });
  return blocks.join('\n\n');
}

/** A bar of a fraction of the width, to an eighth of a character; negative values in another texture. */
function barText(fraction: number, width: number, unicode: boolean): string {
  const eighths = Math.round(Math.abs(fraction) * width * 8);
  const whole = Math.floor(eighths / 8);
  if (!unicode) return (fraction < 0 ? '-' : '#').repeat(Math.round(eighths / 8)).padEnd(width);
  const rest = eighths % 8;
  const text =
    fraction < 0 ? '░'.repeat(Math.round(eighths / 8)) : '█'.repeat(whole) + (rest > 0 ? ' ▏▎▍▌▋▊▉'[rest]! : '');
  return text.padEnd(width);
}

function fit(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}.` : text.padEnd(width);
}

function columnMeans({ rows, columns, data }: Matrix): Float64Array {
  const means = new Float64Array(columns);
  data.forEach((value, at) => (means[at % columns]! += value / rows));
  return means;
}

/** What the loadings of one component show, a line a mode: where it is largest, and by how much. */
export function inWords({ factors }: Kruskal, modes: readonly Mode[], r: number): string {
  const lines = modes.map(({ name, ticks }, mode) => {
    const { columns, data } = factors[mode]!;
    const entries = ticks.map((tick, i) => ({ tick, value: data[i * columns + r]! }));
    const [first, second, ...rest] = entries.sort((a, b) => b.value - a.value);
    const min = rest.at(-1);
    const ratio =
      first && min && min.value > 0 ? `; ${(first.value / min.value).toFixed(1)} times the least, ${min.tick}` : '';
    return `  ${name.padEnd(10)}most in ${first?.tick}, then ${second?.tick}${ratio}`;
  });
  return [`Component ${r}`, ...lines, ''].join('\n');
}
