// The table of bench/peers/tensorly.ts.
import { markdownTable } from '../reproduce/reproduction.js';

export interface Measured {
  readonly family: string;
  readonly contestant: string;
  /** Of every seed, the score of the first answer, and whether it is right. */
  readonly answers: { readonly score: number; readonly isRight: boolean }[];
  /** CPU seconds of every seed and round. */
  readonly seconds: number[];
}

/** CPU seconds: the median over all instances and rounds, the fastest and the slowest. */
export const tensorlyTable = (measured: readonly Measured[]): string =>
  markdownTable([
    ['1 % noise where not said', '', 'right', 'worst score', 'CPU s', 'from', 'to'],
    ...measured.map(rowOf),
  ]);

export function rowOf({ family, contestant, answers, seconds }: Measured): string[] {
  const sorted = [...seconds].sort((a, b) => a - b);
  const shown = [sorted[sorted.length >> 1]!, sorted[0]!, sorted[sorted.length - 1]!];
  const right = answers.filter(({ isRight }) => isRight).length;
  return [
    family,
    contestant,
    `${right} of ${answers.length}`,
    Math.min(...answers.map(({ score }) => score)).toFixed(4),
    ...shown.map((time) => time.toPrecision(3)),
  ];
}
