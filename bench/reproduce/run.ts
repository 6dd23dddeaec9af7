// Reproduces the claims of the papers: `npm run reproduce -- [NAME…] [--quick] …` (options.ts).
// Prints claim, paper and measurement; writes DIR/NAME.json with every cell and every seed that failed, and DIR/NAME-*.svg.
// Exit code 1 when a measurement does not support a claim.
//   lazy.ts         the tangent space and its threshold        beyond-lazy.ts   few components in any dimension
//   staged.ts       the exact rank of hard instances           deflation.ts     components one by one, the largest first
//   kernel-rich.ts  what the scale of the start decides        rank-of-data.ts tensor rank as a complexity of data
//   completion.ts   low rank from tiny starts                  corruption.ts   and from entries that are partly wrong
//   feedback-alignment.ts  random feedback in place of the gradient, for matrices
//   wrong-labels.ts  wrong labels are learned last          digits.ts        the digits of these
//   tensorized-network.ts  a network of CP tensors whose ranks fall by themselves  network.ts  the networks
//   completion-cost.ts  what a sweep of completion costs, against its sizes
//   completion-grid.ts  completion without a rank, on problems that people have
//   smooth.ts       completion of pictures, and where neighbors are alike
//   sample-complexity.ts  how many entries completion needs, and whether its intervals hold
//   orthogonal.ts   the case after whitening, and sources
//   calibration.ts  how often an answer is wrong although it says that it can be trusted
//   rank.ts         the rank of dense tensors, without being told it
//   known-data.ts   the rank of tables that others have decomposed
//   bayesian.ts     draws from posteriors: rank, errors, intervals
//   structured.ts   the same beside residuals that are no white noise
//   reproduction.ts what one of them gives, and the table      figure.ts        Vega-Lite → SVG
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { openBackend, type OpenedBackend } from '../../src/index.js';
import { commit, versionsOf } from '../bundle.js';
import { reproduceBayesian } from './bayesian.js';
import { reproduceBeyondLazy, reproduceGrid } from './beyond-lazy.js';
import { reproduceCalibration } from './calibration.js';
import { reproduceCompletion } from './completion.js';
import { reproduceCompletionCost } from './completion-cost.js';
import { reproduceCompletionGrid } from './completion-grid.js';
import { reproduceCorruption } from './corruption.js';
import { reproduceDeflation } from './deflation.js';
import { reproduceFeedbackAlignment } from './feedback-alignment.js';
import { drawSvg } from './figure.js';
import { reproduceKernelRich } from './kernel-rich.js';
import { reproduceKnownData } from './known-data.js';
import { reproduceLazy } from './lazy.js';
import { parseOptions, usage, type Paper, type ReproduceOptions } from './options.js';
import { claimTable, type Reproduction } from './reproduction.js';
import { reproduceSampleComplexity } from './sample-complexity.js';
import { reproduceOrthogonal } from './orthogonal.js';
import { reproduceRank } from './rank.js';
import { reproduceRankOfData } from './rank-of-data.js';
import { reproduceSmooth } from './smooth.js';
import { reproduceStaged } from './staged.js';
import { reproduceStructured } from './structured.js';
import { reproduceTensorizedNetwork } from './tensorized-network.js';
import { reproduceWrongLabels } from './wrong-labels.js';

const log = (line: string): void => void process.stderr.write(`${line}\n`);

try {
  process.exitCode = await main(parseOptions(process.argv.slice(2)));
} catch (error) {
  log(error instanceof Error ? error.message : String(error));
  log(usage);
  process.exitCode = 2;
}

async function main(options: ReproduceOptions): Promise<number> {
  using backend = await openBackend(options.backend);
  log(`${backend.kind}: ${backend.reason}`);
  // Of the code that runs, whatever is committed meanwhile.
  const measured = commit();
  let holding = true;
  for (const name of options.names) {
    const title = titleOf(name, options);
    const begun = performance.now();
    const result = await reproduce(name, options, backend);
    const seconds = (performance.now() - begun) / 1e3;
    process.stdout.write(`\n${title}, ${seconds.toFixed(0)} s on ${backend.kind}\n\n${claimTable(result.claims)}\n`);
    await write(title, result, { options, backend, seconds, measured });
    holding &&= result.claims.every(({ holds }) => holds);
  }
  return holding ? 0 : 1;
}

/** Of the record's file. */
function titleOf(name: Paper, { grid, half }: ReproduceOptions): string {
  if (grid && name === 'beyond-lazy') return `${name}-grid`;
  return name === 'structured' && half !== 'unseen' ? `${name}-${half}` : name;
}

function reproduce(
  name: Paper,
  { quick, seeds, grid, half, only, data }: ReproduceOptions,
  backend: OpenedBackend,
): Promise<Reproduction> {
  const circumstances = { backend, quick, seeds, log };
  switch (name) {
    case 'lazy':
      return reproduceLazy(circumstances);
    case 'beyond-lazy':
      return grid ? reproduceGrid(circumstances) : reproduceBeyondLazy(circumstances);
    case 'staged':
      return reproduceStaged(circumstances);
    case 'orthogonal':
      return reproduceOrthogonal(circumstances, only);
    case 'deflation':
      return reproduceDeflation(circumstances);
    case 'kernel-rich':
      return reproduceKernelRich(circumstances);
    case 'rank-of-data':
      return reproduceRankOfData(circumstances);
    case 'completion':
      return reproduceCompletion(circumstances);
    case 'completion-grid':
      return reproduceCompletionGrid(circumstances, only);
    case 'completion-cost':
      return reproduceCompletionCost(circumstances);
    case 'smooth':
      return reproduceSmooth(circumstances);
    case 'sample-complexity':
      return reproduceSampleComplexity(circumstances);
    case 'corruption':
      return reproduceCorruption(circumstances);
    case 'feedback-alignment':
      return reproduceFeedbackAlignment(circumstances);
    case 'wrong-labels':
      return reproduceWrongLabels(circumstances);
    case 'tensorized-network':
      return reproduceTensorizedNetwork(circumstances);
    case 'calibration':
      return reproduceCalibration(circumstances, only);
    case 'rank':
      return reproduceRank(circumstances, only);
    case 'structured':
      return reproduceStructured(circumstances, { half, only });
    case 'known-data':
      return reproduceKnownData(circumstances, { only, folder: data });
    case 'bayesian':
      return reproduceBayesian(circumstances, { only, folder: data });
    default:
      return name satisfies never;
  }
}

interface Origin {
  readonly options: ReproduceOptions;
  readonly backend: OpenedBackend;
  readonly seconds: number;
  readonly measured: string;
}

async function write(
  name: string,
  result: Reproduction,
  { options, backend, seconds, measured }: Origin,
): Promise<void> {
  const { folder, quick, seeds } = options;
  mkdirSync(folder, { recursive: true });
  const record = {
    name,
    date: new Date().toISOString(),
    commit: measured,
    quick,
    seeds,
    seconds,
    backend: backend.kind,
    adapter: backend.adapter,
    versions: { node: process.version, ...versionsOf(['webgpu', 'vega', 'vega-lite']) },
    system: {
      platform: `${process.platform} ${process.arch}`,
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
    },
    claims: result.claims,
    cells: result.cells,
  };
  const save = (file: string, text: string): void => {
    writeFileSync(join(folder, file), text);
    log(join(folder, file));
  };
  save(`${name}.json`, `${JSON.stringify(record, rounded, 1)}\n`);
  for (const [end, spec] of Object.entries(result.figures)) save(`${name}-${end}.svg`, await drawSvg(spec));
}

/** Six digits: a measurement has no more. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
}
