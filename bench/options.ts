// What `npm run bench -- …` and the Node bundle are told on the command line.
import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** Families (file stems of bench/cases) or parts of case names; everything when empty. */
  readonly names: readonly string[];
  readonly quick: boolean;
  readonly rounds: number;
  /** The record on stdout instead of the table. */
  readonly json: boolean;
  /** Dawn in Node instead of Chromium; no peers there. */
  readonly node: boolean;
  /** Only write dist/bench.mjs, which runs on a machine with Node and the package `webgpu` alone. */
  readonly bundle: boolean;
  /** End with an error on a software adapter. */
  readonly requireHardware: boolean;
  /** Put the table between the markers in docs/performance.md. */
  readonly readme: boolean;
  /** Records (JSON files) to be reported instead of measuring. */
  readonly report: boolean;
}

export const usage = `npm run bench -- [NAME…] [--quick] [--rounds N] [--node] [--require-hardware] [--json] [--readme]
npm run bench -- --bundle
npm run bench -- --report RECORD.json [PEER.json…] [--readme]
NAME is a family (a file of bench/cases) or part of a case's name; bench/run.ts explains the rest.
`;

export function parseOptions(args: readonly string[]): BenchOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      json: { type: 'boolean', default: false },
      node: { type: 'boolean', default: false },
      bundle: { type: 'boolean', default: false },
      'require-hardware': { type: 'boolean', default: false },
      readme: { type: 'boolean', default: false },
      report: { type: 'boolean', default: false },
    },
  });
  const rounds = values.rounds === undefined ? (values.quick ? 3 : 5) : Number(values.rounds);
  if (!Number.isSafeInteger(rounds) || rounds < 1) {
    throw new Error(`bench: expected --rounds to be an integer ≥ 1, got ${values.rounds ?? ''}. Give a whole number.`);
  }
  const { 'require-hardware': requireHardware, ...rest } = values;
  return { ...rest, requireHardware, rounds, names: positionals };
}
