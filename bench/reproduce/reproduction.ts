// What a reproduction gives: claims of a paper beside what was measured, every cell behind them, and figures.
import type { Backend } from '../../src/index.js';
import type { FigureSpec } from './figure.js';

export interface Reproduction {
  readonly claims: readonly Claim[];
  /** Everything measured, one plain object per cell, with the seeds that failed. */
  readonly cells: readonly object[];
  /** By the end of their file names. */
  readonly figures: Readonly<Record<string, FigureSpec>>;
}

export interface Claim {
  readonly claim: string;
  /** What the paper says, in its own terms. */
  readonly paper: string;
  readonly measured: string;
  /** Whether the measurement supports the claim. */
  readonly holds: boolean;
}

export interface Circumstances {
  readonly backend: Backend;
  readonly quick: boolean;
  /** Instances a cell: seeds 0 … seeds − 1. */
  readonly seeds: number;
  readonly log: (line: string) => void;
}

/** The claims as a Markdown table, columns aligned. */
export function claimTable(claims: readonly Claim[]): string {
  const rows = [
    ['claim', 'paper', 'measured', 'holds'],
    ...claims.map(({ claim, paper, measured, holds }) => [claim, paper, measured, holds ? 'yes' : 'NO']),
  ];
  return markdownTable(rows);
}

/** The first row is the head. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const widths = head.map((_, column) => Math.max(3, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}

/** 0, 1, … count − 1 */
export const seedsTo = (count: number): number[] => Array.from({ length: count }, (_, seed) => seed);
