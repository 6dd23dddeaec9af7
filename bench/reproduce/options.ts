// What `npm run reproduce -- …` is told on the command line.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { BackendChoice } from '../../src/index.js';
import { root } from '../bundle.js';
import { halves, type Half } from './structured-cases.js';

export const papers = [
  'lazy',
  'beyond-lazy',
  'staged',
  'orthogonal',
  'deflation',
  'kernel-rich',
  'rank-of-data',
  'completion',
  'completion-grid',
  'completion-cost',
  'smooth',
  'sample-complexity',
  'corruption',
  'feedback-alignment',
  'wrong-labels',
  'tensorized-network',
  'calibration',
  'rank',
  'structured',
  'known-data',
  'bayesian',
] as const;
export type Paper = (typeof papers)[number];

export interface ReproduceOptions {
  /** What to reproduce; everything when none was named. */
  readonly names: readonly Paper[];
  /** Fewer cells and seeds: a look in half a minute. */
  readonly quick: boolean;
  /** The long grid of beyond-lazy instead of its diagram. */
  readonly grid: boolean;
  /** Instances a cell. */
  readonly seeds: number;
  readonly backend: BackendChoice;
  /** structured: the seeds and real tensors that the rule was developed with, the others, or further real tensors alone. */
  readonly half: Half;
  /** known-data, bayesian: where the tables are. */
  readonly data: string;
  /** calibration, rank, orthogonal, structured, known-data, bayesian, completion-grid: a part of the names of families or rows, with #SEED at its end one instance of each. Default: all. */
  readonly only: string;
  /** Where the records and figures go. */
  readonly folder: string;
}

export const usage = `npm run reproduce -- [lazy] [beyond-lazy] [staged] [orthogonal] [deflation] [kernel-rich] [rank-of-data] [completion] [completion-grid] [completion-cost] [smooth] [sample-complexity] [corruption] [feedback-alignment] [wrong-labels] [tensorized-network] [calibration] [rank] [structured] [known-data] [bayesian] [--quick] [--seeds N] [--backend cpu|webgpu|auto] [--out DIR]
npm run reproduce -- beyond-lazy --grid [--seeds N] [--backend …]   the grid d ∈ {10, 20, 50, 100}, m = 2r, 100 seeds
npm run reproduce -- calibration --only FAMILY[#SEED]             the families whose names contain FAMILY; one instance of each
npm run reproduce -- rank --only ROW[#SEED]                       the same for rows of the table of ranks
npm run reproduce -- completion-grid --only exact|noisy|none[#SEED]  a row of it, or one problem
npm run reproduce -- structured --half development|unseen|fresh    residuals that are no white noise; default: unseen. fresh: further real tables alone
npm run reproduce -- known-data [--data DIR] [--only PART]          tables of known rank, NAME.npy each; default: out/data
npm run reproduce -- bayesian [--data DIR] [--only planted|real|regression]  draws from posteriors; tables as known-data
npm run reproduce -- orthogonal --only ROW                        the rows whose names contain ROW
Default: --backend cpu, --seeds 20, --out out/reproduce.
`;

export function parseOptions(args: readonly string[]): ReproduceOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      grid: { type: 'boolean', default: false },
      seeds: { type: 'string' },
      backend: { type: 'string', default: 'cpu' },
      half: { type: 'string', default: 'unseen' },
      only: { type: 'string', default: '' },
      data: { type: 'string', default: join(root, 'out', 'data') },
      out: { type: 'string', default: join(root, 'out', 'reproduce') },
    },
  });
  const { quick, grid } = values;
  const names = positionals.map((name) => oneOf('a name', name, papers));
  return {
    names: names.length > 0 ? names : grid ? ['beyond-lazy'] : papers,
    quick,
    grid,
    seeds: seedsOf(values.seeds ?? String(quick ? 4 : grid ? 100 : 20)),
    backend: oneOf('--backend', values.backend, ['cpu', 'webgpu', 'auto'] as const),
    half: oneOf('--half', values.half, halves),
    only: values.only,
    data: values.data,
    folder: values.out,
  };
}

function oneOf<T extends string>(what: string, got: string, known: readonly T[]): T {
  const found = known.find((one) => one === got);
  if (found !== undefined) return found;
  throw new Error(`reproduce: expected ${what} of ${known.join(', ')}, got ${got}. Choose one of them.`);
}

function seedsOf(text: string): number {
  const seeds = Number(text);
  if (Number.isSafeInteger(seeds) && seeds >= 1) return seeds;
  throw new Error(`reproduce: expected --seeds to be an integer ≥ 1, got ${text}. Give a whole number.`);
}
