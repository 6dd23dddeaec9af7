// polyadic beside TensorLy on the same tensors, CPU time on one thread: `npx tsx bench/peers/tensorly.ts [--seeds N] [--rounds N] [--out FILE]`.
// Needs Python with TensorLy (`python3 -m pip install tensorly==0.9.0 scipy`; POLYADIC_PYTHON names another interpreter), and says so and
// ends where there is none. Every tensor is written once, as .npy, and read by both. The first answer of each is checked against the
// planted components (factor match score above 0.99, or where noise moves even the least-squares fit that starts at
// the truth further, within 0.01 of that one), and is the warm-up; then rounds follow in which all run one after the other, every
// second one in reverse, so that a slower minute of the machine falls on all of them: so many that two seconds of the
// fastest are measured, 40 at most and no more than half a minute of all together, but --rounds at least. Times without reading the file.
//   polyadic      decompose, which is not told the rank, and with `rank`
//   TensorLy      parafac(tensor, rank, init='svd'), its defaults (parafac_tensorly.py); where all factors are nonnegative,
//                 non_negative_parafac_hals beside `nonnegative: true`
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  decompose,
  dense,
  factorMatchScore,
  type AnyKruskal,
  type DenseTarget,
  type Kruskal,
} from '../../src/index.js';
import { npyToDense, readKruskal, readNpy, writeNpy } from '../../src/io/index.js';
import { plantedCp, type PlantedCpOptions } from '../../src/problems/index.js';
import { commit } from '../bundle.js';
import { neededScore } from '../reproduce/rank.js';
import { plantedNonnegative, type RankInstance } from '../reproduce/rank-cases.js';
import { rowOf, tensorlyTable, type Measured } from './tensorly-table.js';

interface Family {
  readonly rank: number;
  readonly draw: (seed: number) => RankInstance;
  /** Whether all factors are to be nonnegative. */
  readonly nonnegative?: boolean;
}

const planted = (problem: Omit<PlantedCpOptions, 'seed' | 'noise'>): Family => ({
  rank: problem.rank,
  draw: (seed) => plantedCp({ ...problem, seed, noise: 0.01 }),
});

/** Of a small tensor: what V8 has compiled by then is what counts. */
const measuredSeconds = 2;
const maxRounds = 40;
/** Of all together on one tensor. */
const maxSeconds = 30;
const families: Readonly<Record<string, Family>> = {
  '30×40×50, R 5': planted({ shape: [30, 40, 50], rank: 5 }),
  '100×100×100, R 10': planted({ shape: [100, 100, 100], rank: 10 }),
  '200×200×200, R 20': planted({ shape: [200, 200, 200], rank: 20 }),
  '10×12×14×16, R 4': planted({ shape: [10, 12, 14, 16], rank: 4 }),
  '20×20×20, R 5, cosine 0.9': planted({ shape: [20, 20, 20], rank: 5, collinearity: 0.9 }),
  '400×30×20, R 6': planted({ shape: [400, 30, 20], rank: 6 }),
  '60×60×60, R 8, nonnegative, 5 % noise': { rank: 8, draw: plantedNonnegative, nonnegative: true },
};

interface Answer {
  readonly seconds: number;
  readonly model: AnyKruskal | undefined;
}

/** Runs on a file that has been read; a model only where it is asked for. */
type Contestant = (instance: Instance, wantsModel: boolean) => Promise<Answer>;

interface Instance {
  readonly file: string;
  readonly target: DenseTarget;
  readonly truth: Kruskal;
}

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
    out: { type: 'string' },
  },
});
const python = process.env['POLYADIC_PYTHON'] ?? 'python3';
const probe = spawnSync(python, ['-c', 'import numpy, tensorly; print(numpy.__version__, tensorly.__version__)'], {
  encoding: 'utf8',
});
if (probe.status === 0) await main(probe.stdout.trim());
else {
  console.log(
    `${python} has no TensorLy: nothing to compare with. Install it by: python3 -m pip install tensorly==0.9.0 scipy`,
  );
}

async function main(versions: string): Promise<void> {
  const [numpy = '', tensorly = ''] = versions.split(' ');
  const folder = mkdtempSync(join(tmpdir(), 'polyadic-tensorly-'));
  const measured: Measured[] = [];
  const child = spawn(python, [fileURLToPath(new URL('./parafac_tensorly.py', import.meta.url))]);
  child.stderr.pipe(process.stderr);
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const peer: Peer = { ask: (request) => child.stdin.write(`${request}\n`), answers };
  try {
    for (const [name, family] of Object.entries(families)) {
      if (!name.includes(values.only)) continue;
      const contestants = contestantsFor(family, tensorlyRun(peer, join(folder, 'answer.json'), family));
      const own = Object.keys(contestants).map((contestant) => ({
        family: name,
        contestant,
        answers: [],
        seconds: [],
      }));
      measured.push(...own);
      for (let seed = 1; seed <= Number(values.seeds); seed++) {
        await measure(instanceOf(folder, family, seed), contestants, own);
      }
      for (const one of own) process.stderr.write(`${rowOf(one).join('  ')}\n`);
    }
  } finally {
    child.kill();
    rmSync(folder, { recursive: true });
  }
  console.log(tensorlyTable(measured));
  if (values.out === undefined) return;
  const system = { platform: `${process.platform} ${process.arch}`, cpu: cpus()[0]?.model ?? 'unknown' };
  const record = {
    date: new Date().toISOString(),
    commit: commit(),
    versions: { node: process.version, numpy, tensorly },
    system,
    measured,
  };
  writeFileSync(values.out, `${JSON.stringify(record, undefined, 1)}\n`);
}

function instanceOf(folder: string, family: Family, seed: number): Instance {
  const { tensor, truth } = family.draw(seed);
  const file = join(folder, 'tensor.npy');
  writeFileSync(file, writeNpy({ shape: tensor.shape, data: tensor.data }));
  const read = npyToDense(readNpy(readFileSync(file)), {});
  return { file, target: dense(read.shape, read.data), truth };
}

async function measure(
  instance: Instance,
  contestants: Readonly<Record<string, Contestant>>,
  measured: readonly Measured[],
): Promise<void> {
  let shortest = Infinity;
  let all = 0;
  for (const { contestant, answers } of measured) {
    const { model, seconds } = await contestants[contestant]!(instance, true);
    shortest = Math.min(shortest, seconds);
    all += seconds;
    const score = model ? factorMatchScore(model, instance.truth) : 0;
    answers.push({ score, isRight: score > neededScore({ tensor: instance.target, truth: instance.truth }, score) });
  }
  const wanted = Math.min(maxRounds, Math.ceil(measuredSeconds / shortest), Math.floor(maxSeconds / all));
  const rounds = Math.max(Number(values.rounds), wanted);
  for (let round = 0; round < rounds; round++) {
    const turn = round % 2 === 0 ? measured : [...measured].reverse();
    for (const { contestant, seconds } of turn) seconds.push((await contestants[contestant]!(instance, false)).seconds);
  }
}

function contestantsFor({ rank, nonnegative = false }: Family, peer: Contestant): Record<string, Contestant> {
  return {
    'polyadic, no rank': ({ target }) => timed(() => decompose(target, { nonnegative })),
    'polyadic, the rank': ({ target }) => timed(() => decompose(target, { rank, nonnegative })),
    'TensorLy, the rank': peer,
  };
}

async function timed(run: () => Promise<{ readonly kruskal: Kruskal }>): Promise<Answer> {
  const begun = process.cpuUsage();
  const { kruskal } = await run();
  const { user, system } = process.cpuUsage(begun);
  return { seconds: (user + system) / 1e6, model: kruskal };
}

/** The Python process, by lines of JSON. */
interface Peer {
  readonly ask: (request: string) => void;
  readonly answers: AsyncIterator<string, undefined>;
}

function tensorlyRun({ ask, answers }: Peer, out: string, { rank, nonnegative = false }: Family): Contestant {
  return async ({ file }, wantsModel) => {
    ask(JSON.stringify({ tensor: file, rank, nonnegative, out: wantsModel ? out : null }));
    const { value, done } = await answers.next();
    if (done) throw new Error('bench: TensorLy ended. See what it printed above.');
    const { seconds } = JSON.parse(value) as { seconds: number };
    return { seconds, model: wantsModel ? readKruskal(readFileSync(out)) : undefined };
  };
}
