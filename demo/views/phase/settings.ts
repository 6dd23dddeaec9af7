// What a visitor of Phase diagram can choose: the problems, the rows (dimensions) and the columns (components), the runs a cell.
import { backendField, choice, integer, number, seed, type Form } from '../../shell/fields.js';

export interface Settings {
  readonly order: number;
  /** Hidden components. */
  readonly rank: number;
  readonly dimFrom: number;
  readonly dimTo: number;
  readonly widthFrom: number;
  readonly widthTo: number;
  /** Problems a cell. */
  readonly runs: number;
  readonly tolerance: number;
  readonly maxSteps: number;
  /** Of the first tensor and of the first start; the others count on from there. */
  readonly problemSeed: number;
  readonly seed: number;
  readonly backend: 'auto' | 'webgpu' | 'cpu';
}

export const form: Form<Settings> = {
  fields: {
    order: choice(
      'Order',
      [3, 4, 5].map((order) => [order, String(order)]),
    ),
    rank: integer('Hidden parts r', 1, 16),
    dimFrom: integer('Dimension d from', 2, 48),
    dimTo: integer('d to', 2, 48),
    widthFrom: integer('Components m from', 1, 96),
    widthTo: integer('m to', 1, 96),
    runs: integer('Runs a cell', 1, 64, { hint: 'one batch' }),
    tolerance: number('Success below', 1e-4, 0.5, { hint: 'relative error' }),
    maxSteps: integer('Step limit', 50, 20_000),
    problemSeed: seed('Seed of the tensors'),
    seed: seed('Seed of the starts'),
    backend: backendField(),
  },
  groups: [
    ['Problems', ['order', 'rank', 'problemSeed']],
    ['Diagram', ['dimFrom', 'dimTo', 'widthFrom', 'widthTo']],
    ['Search', ['runs', 'tolerance', 'maxSteps', 'seed']],
    ['Machine', ['backend']],
  ],
  defaults: {
    order: 3,
    rank: 4,
    dimFrom: 3,
    dimTo: 16,
    widthFrom: 2,
    widthTo: 16,
    runs: 8,
    tolerance: 0.01,
    maxSteps: 2000,
    problemSeed: 1,
    seed: 0,
    backend: 'auto',
  },
};

/** Rows and columns that the diagram has at most. */
const maxRows = 8;
const maxColumns = 10;

export const dims = ({ dimFrom, dimTo }: Settings): number[] => spread(dimFrom, dimTo, maxRows, []);

/** With r and 2r wherever they are in the range. */
export const widths = ({ widthFrom, widthTo, rank }: Settings): number[] =>
  spread(widthFrom, widthTo, maxColumns - 2, [rank, 2 * rank]);

/** All whole numbers from `from` to `to` where they fit, else some that are evenly spread in their logarithms; and those of `also` between. */
function spread(from: number, to: number, max: number, also: readonly number[]): number[] {
  const min = Math.min(from, to);
  const largest = Math.max(from, to);
  const all = largest - min < max;
  const chosen = Array.from({ length: all ? largest - min + 1 : max }, (_, k) =>
    all ? min + k : Math.round(min * (largest / min) ** (k / (max - 1))),
  );
  const inside = also.filter((value) => value >= min && value <= largest);
  return [...new Set([...chosen, ...inside])].sort((a, b) => a - b);
}
