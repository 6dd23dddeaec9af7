// The report of `decompose` and `complete` for people, in the order GenTen has it: input, machine, method, outcome, components.
import { kebabCase } from '../names.js';
import { adapterText, count, errorText, numberText, secondsText, shapeText } from '../node/format.js';
import type { Terminal } from '../node/terminal.js';
import { stopReasons, type Decomposition, type RankChoice } from '../index.js';
import { withFlags } from './flags.js';
import { namesText, type Names } from './file-options.js';

/** Components listed; all of them are in the files. */
const maxListed = 20;

export interface Reported {
  readonly path: string;
  readonly shape: readonly number[];
  /** What was given, in words: dense 4 × 4 × 4, 64 entries. */
  readonly text: string;
  readonly norm: number;
  readonly names: Names;
  /** What is known of the cells, in words, where the target does not say it. */
  readonly cells?: string;
  readonly result: Decomposition;
  readonly files: readonly string[];
  /** What a careful reader would want to know of the file and the result, in words. */
  readonly notices: readonly string[];
  /** Labels and texts below the relative error. */
  readonly more?: readonly (readonly [string, string])[];
}

/** What is reported of the ranks of a tensor, without a model. */
export interface ReportedRanks extends Pick<Reported, 'path' | 'shape' | 'text' | 'norm' | 'names' | 'notices'> {
  readonly cells: string;
  readonly choice: RankChoice;
  readonly seconds: number;
}

export function ranksReport(
  { path, shape, text, norm, names, cells, choice, seconds, notices }: ReportedRanks,
  terminal: Terminal,
): string {
  const { core, kept } = choice.compression;
  const rows: (readonly [string, string])[] = [
    ['input', `${path}: ${text}`],
    ['modes', namesText(shape, names)],
    ['cells', cells],
    ['norm', numberText(norm)],
    ['core', `${shapeText(core)}, ${(100 * kept).toFixed(2)} % of the squared norm; ${secondsText(seconds)}`],
    ...choiceRows(choice),
    ...rankRows(choice),
    ...notices.map((notice, at) => [at === 0 ? 'notices' : '', notice] as const),
  ];
  return terminal.plain([...rows.map(row), ''].join('\n'));
}

export function report(
  { path, shape, text, norm, names, cells, result, files, notices, more = [] }: Reported,
  terminal: Terminal,
): string {
  const { relativeError, errorFloor, stop, advice, steps, seconds, algorithm, rank, width, seed, starts } = result;
  const { backend, adapter, backendReason, rankChoice, kktResidual } = result;
  const strong = (text: string): string => terminal.paint('bold', text);
  const good = stop === 'converged';
  const rows: (readonly [string, string])[] = [
    ['input', `${path}: ${text}`],
    ['modes', namesText(shape, names)],
    ...(cells === undefined ? [] : [['cells', cells] as const]),
    ['norm', numberText(norm)],
    ['backend', `${backend}, ${adapterText(adapter)}: ${backendReason}`],
    ['algorithm', `${kebabCase(algorithm)}, rank ${rank}${width === rank ? '' : ` from width ${width}`}, seed ${seed}`],
    ['starts', startsText(starts)],
    ['stop', `${terminal.paint(good ? 'green' : 'yellow', stop)} after ${count(steps)} steps, ${secondsText(seconds)}`],
    ...(rankChoice ? choiceRows(rankChoice) : []),
    ...(isSaid(result) ? [] : [['', withFlags(advice)] as const]),
    [
      'relative error',
      `${strong(errorText(relativeError))} (below ${errorText(errorFloor)} it could not be told from 0)`,
    ],
    ...(kktResidual === undefined ? [] : [['KKT residual', errorText(kktResidual)] as const]),
    ...more,
    ...(rankChoice ? rankRows(rankChoice) : []),
    ...notices.map((notice, at) => [at === 0 ? 'notices' : '', notice] as const),
    ['weights', ''],
  ];
  const weights = weightLines(result.kruskal.weights, terminal);
  const written = files.map((file, at): [string, string] => [at === 0 ? 'written' : '', file]);
  return terminal.plain([...rows.map(row), ...weights, ...written.map(row), ''].join('\n'));
}

/** Whether the advice is what the other lines say. */
const isSaid = ({ stop, advice, rankChoice }: Decomposition): boolean =>
  (stop === 'converged' && advice === stopReasons.converged) ||
  (rankChoice !== undefined && advice.startsWith(rankChoice.verdict));

/** The answer first, then why. */
function choiceRows({ verdict, confidence, reasons }: RankChoice): [string, string][] {
  return [['rank', `${verdict} (${confidence})`], ...reasons.map((reason): [string, string] => ['', reason])];
}

const rankColumns = ['rank', 'error', 'takes', 'x noise', 'core', 'starts'] as const;

/** The ranks that were looked at, one per line. */
function rankRows({ candidates, rank: chosen }: RankChoice): [string, string][] {
  const cells = candidates.map(({ rank, relativeError, share, noiseRatio, coreConsistency, starts, agreeing }) => [
    `${rank}${rank === chosen ? '*' : ''}`,
    errorText(relativeError),
    `${(100 * share).toFixed(share > 0.9995 ? 0 : 1)} %`,
    noiseRatio >= 1000 ? '> 1000' : noiseRatio.toPrecision(2),
    coreConsistency === undefined ? '-' : coreConsistency < 0 ? '< 0' : `${coreConsistency.toFixed(0)} %`,
    `${agreeing}/${starts}`,
  ]);
  const widths = rankColumns.map((head, k) => Math.max(head.length, ...cells.map((line) => line[k]!.length)));
  const lines = [rankColumns, ...cells].map((line, at) => {
    const refusals = at === 0 ? 'refused for' : candidates[at - 1]!.refusals.join(', ');
    return [...line.map((cell, k) => cell.padStart(widths[k]!)), refusals].join('  ').trimEnd();
  });
  return lines.map((line, at) => [at === 0 ? 'ranks' : '', line]);
}

const row = ([label, text]: readonly [string, string]): string => `${label.padEnd(16)}${text}`.trimEnd();

function startsText({ count: starts, agreeing, compared }: Decomposition['starts']): string {
  const answer = {
    models: 'came to the same components',
    predictions: 'predict the same unknown cells',
    errors: 'have errors within 1 % of the best',
  }[compared];
  if (starts === 1) return agreeing === 1 ? '1' : `1, which another way surpassed`;
  return `${count(agreeing)} of ${count(starts)} starts ${answer}`;
}

function weightLines(weights: Float64Array, { columns, unicode }: Terminal): string[] {
  const listed = Array.from(weights.subarray(0, maxListed));
  const largest = Math.max(...listed.map(Math.abs), Number.MIN_VALUE);
  const room = Math.max(0, Math.min(30, columns - 36));
  const lines = listed.map((weight, r) => {
    const bar = (unicode ? '█' : '#').repeat(Math.round((room * Math.abs(weight)) / largest));
    return `${String(r).padStart(8)}  ${numberText(weight).padStart(12)}  ${bar}`.trimEnd();
  });
  const rest = weights.length - listed.length;
  return rest > 0 ? [...lines, `${' '.repeat(10)}and ${count(rest)} smaller ones`] : lines;
}
