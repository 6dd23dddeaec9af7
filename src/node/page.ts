// A result as one page for people: what was found and how sure it is, the components, the ranks that were looked at, every factor as
// a table, and how it was computed. No script, no other file.
import { explainedVariance, summary, type Decomposition, type Names } from '../index.js';
import { componentsSvg, escaped, withFactors } from './picture.js';
import { version } from './version.js';

export interface PageAbout {
  /** The file that was decomposed. */
  readonly path: string;
  readonly shape: readonly number[];
  readonly names: Names;
  /** The command that computes it again. */
  readonly command: string;
  readonly notices: readonly string[];
}

export function resultPage(result: Decomposition, { path, shape, names, command, notices }: PageAbout): string {
  const { rankChoice, relativeError, errorFloor, algorithm, seed, steps, seconds, backend, backendReason } = result;
  const { total } = explainedVariance(result);
  const sections = [
    `<pre>${escaped(summary(result))}</pre>`,
    list(rankChoice?.reasons ?? []),
    list(notices),
    `<h2>Components</h2>${componentsSvg(result, names)}`,
    rankTable(result),
    `<h2>Residual</h2><p>The model explains ${(100 * total).toFixed(3)} % of the squared entries; what is left has ${(100 * relativeError).toFixed(3)} % of the norm. Errors below ${errorFloor.toExponential(1)} cannot be told from 0.</p>`,
    `<h2>Factors</h2>${factorTables(result, names)}`,
    `<h2>How it was computed</h2>
<p>polyadic ${version}, algorithm ${escaped(algorithm)}, seed ${seed}, ${steps} steps, ${seconds.toFixed(2)} s on ${backend} (${escaped(backendReason)}).</p>
<pre>${escaped(command)}</pre>`,
  ];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>CP components of ${escaped(path)}</title>
<style>
body { font: 16px/1.5 sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
svg { max-width: 100%; height: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
td, th { padding: 0.1rem 0.6rem; text-align: right; border-bottom: 1px solid #ddd; }
pre { background: #f6f6f6; padding: 0.6rem; overflow-x: auto; }
</style>
<h1>CP (PARAFAC) components of ${escaped(path)}</h1>
<p>${shape.map((size, k) => `${escaped(names.modes?.[k] ?? `mode ${k}`)} (${size})`).join(' × ')}</p>
${sections.join('\n')}
</html>
`;
}

const list = (lines: readonly string[]): string =>
  lines.length === 0 ? '' : `<ul>${lines.map((line) => `<li>${escaped(line)}</li>`).join('')}</ul>`;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  `<table><tr>${head.map((cell) => `<th>${escaped(cell)}</th>`).join('')}</tr>${rows
    .map((row) => `<tr>${row.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`)
    .join('\n')}</table>`;

function rankTable({ rankChoice }: Decomposition): string {
  if (!rankChoice) return '';
  const rows = rankChoice.candidates.map(({ rank, relativeError, coreConsistency, agreeing, starts, refusals }) => [
    `${rank}${rank === rankChoice.rank ? ' ←' : ''}`,
    relativeError.toPrecision(3),
    coreConsistency === undefined ? '' : `${coreConsistency.toFixed(0)} %`,
    `${agreeing} of ${starts}`,
    refusals.join(', '),
  ]);
  return `<h2>Ranks</h2>${table(['rank', 'relative error', 'core consistency', 'starts that agree', 'refused for'], rows)}`;
}

function factorTables({ kruskal }: Decomposition, { modes = [], labels = [] }: Names): string {
  return withFactors(kruskal)
    .factors.map(({ rows, columns, data }, k) => {
      const head = [modes[k] ?? `mode ${k}`, ...Array.from({ length: columns }, (_, r) => `component ${r + 1}`)];
      const body = Array.from({ length: rows }, (_, i) => [
        labels[k]?.[i] ?? String(i),
        ...Array.from(data.subarray(i * columns, (i + 1) * columns), (value) => value.toPrecision(5)),
      ]);
      return `<details><summary>${escaped(head[0]!)}</summary>${table(head, body)}</details>`;
    })
    .join('\n');
}
