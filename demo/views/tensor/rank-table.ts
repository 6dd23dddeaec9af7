// What every rank gave: a table, and the error over the ranks as a curve.
import { color } from '../../plots/theme.js';
import { button, h, svg } from '../../shell/elements.js';
import { formatNumber } from '../../shell/format.js';
import type { RankCandidate, RankChoice } from '../../../src/index.js';

export type RankFit = Pick<RankCandidate, 'rank' | 'relativeError' | 'coreConsistency' | 'starts' | 'agreeing'> & {
  readonly refusals?: RankCandidate['refusals'];
};

/** `show`: fits a rank that is clicked. */
export function rankTable(
  fits: readonly RankFit[],
  chosen: number | undefined,
  show: (rank: number) => void,
): Element[] {
  const head = ['Rank', 'Relative error', 'Core consistency', 'Starts that agree', 'Why not', ''];
  const rows = fits.map((fit) =>
    h(
      'tr',
      { 'data-rank': fit.rank, class: fit.rank === chosen ? 'chosen' : '' },
      h('th', { scope: 'row' }, String(fit.rank)),
      h('td', {}, h('data', { value: fit.relativeError }, fit.relativeError.toFixed(6))),
      h('td', {}, consistency(fit)),
      h('td', {}, `${fit.agreeing} of ${fit.starts}`),
      h('td', {}, (fit.refusals ?? []).join(', ')),
      h(
        'td',
        {},
        fit.rank === chosen ? 'shown' : button('show', { 'aria-label': `Show rank ${fit.rank}` }, () => show(fit.rank)),
      ),
    ),
  );
  const table = h(
    'table',
    { class: 'ranks' },
    h('caption', {}, 'What every rank gives'),
    h('thead', {}, h('tr', {}, ...head.map((label) => h('th', { scope: 'col' }, label)))),
    h('tbody', {}, ...rows),
  );
  return fits.length > 1 ? [table, curve(fits, chosen)] : [table];
}

/** The verdict, and why, in words. */
export const reasonsOf = ({ verdict, confidence, reasons }: RankChoice): (Element | string)[] => [
  h('strong', {}, `${verdict[0]?.toUpperCase() ?? ''}${verdict.slice(1)} (${confidence}).`),
  ` ${reasons.join(' ')}`,
];

/** Numbers far below zero say no more than that. */
function consistency({ coreConsistency: value }: RankFit): string {
  if (value === undefined) return '–';
  return value < -1000 ? 'below −1000 %' : `${value.toFixed(1).replace('-', '−')} %`;
}

function curve(fits: readonly RankFit[], chosen: number | undefined): SVGSVGElement {
  const width = 300;
  const height = 150;
  const left = 50;
  const bottom = 126;
  const max = Math.max(...fits.map(({ relativeError }) => relativeError), 1e-300);
  const last = Math.max(2, ...fits.map(({ rank }) => rank));
  const x = (rank: number): number => left + 12 + ((rank - 1) / (last - 1)) * (width - left - 30);
  const y = (error: number): number => bottom - (error / max) * (bottom - 14);
  const points = fits.map(({ rank, relativeError }) => `${x(rank)},${y(relativeError)}`).join(' ');
  const list = fits.map(({ rank, relativeError }) => `${rank}: ${formatNumber(relativeError)}`).join(', ');
  return svg(
    'svg',
    {
      viewBox: `0 0 ${width} ${height}`,
      class: 'rank-curve',
      role: 'img',
      'aria-label': `Relative error by rank. ${list}.`,
    },
    svg('line', { x1: left, x2: width, y1: bottom, y2: bottom, class: 'baseline' }),
    svg('text', { x: left - 4, y: y(max) + 4, 'text-anchor': 'end' }, formatNumber(max)),
    svg('text', { x: left - 4, y: bottom + 4, 'text-anchor': 'end' }, '0'),
    svg('polyline', { points, fill: 'none', stroke: color('--accent'), 'stroke-width': 2 }),
    ...fits.flatMap(({ rank, relativeError }) => [
      svg('circle', {
        cx: x(rank),
        cy: y(relativeError),
        r: rank === chosen ? 6 : 3.5,
        stroke: color('--accent'),
        'stroke-width': 2,
        fill: rank === chosen ? color('--accent') : color('--background'),
      }),
      svg('text', { x: x(rank), y: bottom + 16, 'text-anchor': 'middle' }, String(rank)),
    ]),
  );
}
