// The history of a run as plain columns for JSON, and as CSV: one row a report, one column a number. Times of arrival have a
// table of their own.
import { isList, isObject, requireForm } from '../tensor/require.js';
import type { Arrival, DeflationReport, Progress } from '../result.js';

/** One entry a report in every column. */
export interface HistoryJson {
  phase: string[];
  step: number[];
  seconds: number[];
  relativeError: number[];
  /** `[reports][width]` */
  componentNorms: number[][];
  /** Of deflation runs; units as in DeflationReport. */
  deflation?: DeflationColumns;
}

export interface DeflationColumns {
  time: number[];
  epoch: number[];
  evaluations: number[];
  loss: number[];
  /** `[reports][width]` */
  correlations: number[][];
  nearest: number[][];
  /** `[reports][hidden components]`; rows grow where they are discovered on the way. */
  shares: number[][];
  /** Of the whole run, in the order of time. */
  arrivals: Arrival[];
}

/**
 * The history of a run as plain columns, one entry per report, for JSON.stringify, which turns NaN and Infinity into null.
 *
 * @example
 * ```ts
 * import { decompose } from 'polyadic';
 * import { historyToJson } from 'polyadic/io';
 *
 * const { history } = await decompose({ shape: [2, 2, 2], data: [1, 0, 0, 0, 0, 0, 0, 1] });
 * console.log(historyToJson(history).relativeError);
 * ```
 */
export function historyToJson(history: readonly Progress[]): HistoryJson {
  return columnsOf('historyToJson', history);
}

function columnsOf(who: string, history: readonly Progress[]): HistoryJson {
  requireReports(
    who,
    history,
    'the history',
    ({ details, componentNorms }) => isObject(details) && isList(componentNorms),
  );
  const column = <T>(of: (report: Progress) => T): T[] => history.map(of);
  const reports = history.map(({ details }) => details.deflation).filter((report) => report !== undefined);
  return {
    phase: column(({ phase }) => phase),
    step: column(({ step }) => step),
    seconds: column(({ seconds }) => seconds),
    relativeError: column(({ relativeError }) => relativeError),
    componentNorms: column(({ componentNorms }) => componentNorms.slice()),
    ...(reports.length > 0 ? { deflation: deflationColumns(reports) } : {}),
  };
}

function deflationColumns(reports: readonly DeflationReport[]): DeflationColumns {
  const column = <T>(of: (report: DeflationReport) => T): T[] => reports.map(of);
  return {
    time: column(({ time }) => time),
    epoch: column(({ epoch }) => epoch),
    evaluations: column(({ evaluations }) => evaluations),
    loss: column(({ loss }) => loss),
    correlations: column(({ correlations }) => correlations.slice()),
    nearest: column(({ nearest }) => nearest.slice()),
    shares: column(({ shares }) => shares.slice()),
    arrivals: reports.at(-1)?.arrivals.map((arrival) => ({ ...arrival })) ?? [],
  };
}

/**
 * The history of a run as CSV text: a header, then one line per report; vectors have one column per entry (norm 0, norm 1, …), empty where
 * a report has fewer. RFC 4180 without quotes, lines end with \n; numbers read back exactly.
 *
 * @example
 * ```ts
 * import { decompose } from 'polyadic';
 * import { historyToCsv } from 'polyadic/io';
 *
 * const { history } = await decompose({ shape: [2, 2, 2], data: [1, 0, 0, 0, 0, 0, 0, 1] });
 * console.log(historyToCsv(history).split('\n')[0]); // phase,step,seconds,relativeError,norm 0,norm 1
 * ```
 */
export function historyToCsv(history: readonly Progress[]): string {
  const { deflation, componentNorms, ...scalars } = columnsOf('historyToCsv', history);
  const columns: (readonly [name: string, values: readonly (string | number | undefined)[]])[] = [
    ...Object.entries(scalars),
    ...spread('norm', componentNorms),
  ];
  if (deflation) {
    const { time, epoch, evaluations, loss, correlations, nearest, shares } = deflation;
    columns.push(
      ...Object.entries({ time, epoch, evaluations, loss }),
      ...spread('correlation', correlations),
      ...spread('nearest', nearest),
      ...spread('share', shares),
    );
  }
  return csv(columns);
}

/**
 * Arrivals as CSV text, one line each: component, time in units of 1/‖target‖.
 *
 * @example
 * ```ts
 * import { arrivalsToCsv } from 'polyadic/io';
 *
 * console.log(arrivalsToCsv([{ component: 0, time: 1.5 }]).split('\n')); // [ 'component,time', '0,1.5', '' ]
 * ```
 */
export function arrivalsToCsv(arrivals: readonly Arrival[]): string {
  requireReports('arrivalsToCsv', arrivals, 'the arrivals');
  return csv([
    ['component', arrivals.map(({ component }) => component)],
    ['time', arrivals.map(({ time }) => time)],
  ]);
}

function requireReports(
  who: string,
  given: unknown,
  name: string,
  isReport: (fields: Partial<Record<string, unknown>>) => boolean = () => true,
): void {
  const isRight = Array.isArray(given) && given.every((report) => isObject(report) && isReport(report));
  requireForm(who, given, isRight, { name, expected: 'an array of reports', remedy: 'Give that of a result' });
}

/** One column an entry of the vectors. */
function spread(name: string, rows: readonly (readonly number[])[]): (readonly [string, (number | undefined)[]])[] {
  const count = rows.reduce((most, row) => Math.max(most, row.length), 0);
  return Array.from({ length: count }, (_, i) => [`${name} ${i}`, rows.map((row) => row[i])]);
}

function csv(columns: readonly (readonly [string, readonly (string | number | undefined)[]])[]): string {
  const count = columns[0]?.[1].length ?? 0;
  const lines = Array.from({ length: count }, (_, row) => columns.map(([, values]) => values[row] ?? '').join(','));
  return [columns.map(([name]) => name).join(','), ...lines, ''].join('\n');
}
