// `polyadic match A B`: how well the components of two results agree, by the factor match score.
import { matchComponents, normalize, type AnyKruskal } from '../../index.js';
import { count, numberText } from '../../node/format.js';
import { terminalOf } from '../../node/terminal.js';
import { jsonOption, type Command } from '../command.js';
import { readResult } from '../input.js';

export const matchCommand: Command = {
  name: 'match',
  summary: 'factor match score of two results',
  operands: ['A', 'B'],
  options: { json: jsonOption },
  notes: `A and B are folders that decompose --out has written, or .json files with { weights, factors } or
{ order, dim, weights, vectors }. The score is the mean, over the best pairing, of the product of the cosines
of the factors times how close the weights are: 1 means the same components, whatever their order and signs.

  polyadic match result-1 result-2`,

  run(args) {
    const a = readResult(args.operands[0] ?? '');
    const b = readResult(args.operands[1] ?? '');
    const { score, permutation, perComponent } = matchComponents(a, b);
    const match = { score, permutation: Array.from(permutation), perComponent: Array.from(perComponent) };
    process.stdout.write(args.has('json') ? `${JSON.stringify(match)}\n` : report(match, a, b));
    return Promise.resolve(0);
  },
};

interface Match {
  readonly score: number;
  readonly permutation: readonly number[];
  readonly perComponent: readonly number[];
}

/** One line a component of A, then the components of B that are left. Components count from 0, as the columns in the files. */
function report({ score, permutation, perComponent }: Match, a: AnyKruskal, b: AnyKruskal): string {
  const left = weightsOf(a);
  const right = weightsOf(b);
  const terminal = terminalOf(process.stdout);
  const lines = permutation.map((j, i) => {
    return row(i, j < 0 ? 'none' : j, (perComponent[i] ?? 0).toFixed(6), left[i], right[j]);
  });
  const alone = right.flatMap((weight, j) => (permutation.includes(j) ? [] : [row('none', j, '0', undefined, weight)]));
  return [
    `factor match score ${terminal.paint('bold', score.toFixed(6))} (1 = the same components; ${count(left.length)} against ${count(right.length)})`,
    row('A', 'B', 'score', 'weight in A', 'weight in B'),
    ...lines,
    ...alone,
    '',
  ].join('\n');
}

function row(
  a: number | string,
  b: number | string,
  score: string,
  left?: number | string,
  right?: number | string,
): string {
  const cells: [number | string | undefined, number][] = [
    [a, 6],
    [b, 6],
    [score, 10],
    [left, 14],
    [right, 14],
  ];
  return cells
    .map(([cell, width]) => cellText(cell).padStart(width))
    .join('')
    .trimEnd();
}

const cellText = (cell: number | string | undefined): string =>
  typeof cell === 'number' ? numberText(cell) : (cell ?? '');

const weightsOf = (model: AnyKruskal): number[] => Array.from(normalize(model).weights);
