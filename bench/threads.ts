// What worker threads save: starts of als and a batch of problems, with one thread and with several in turn, on the package as it is built.
//   node src/node/bootstrap.mjs tsx bench/threads.ts [--threads N] [--rounds N]
// Exit code 1 where the bits differ. Wall times need free cores, so the load is told with them. By CPU times, T₁ of one thread and Tₙ of all
// n together, n free cores would be T₁ / (F + (Tₙ − F) / n) times as fast, F being the finish, which one thread does.
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { build } from 'vite';
import type * as Polyadic from '../src/index.js';
import { plantedCp, plantedSymmetric, type PlantedCpOptions } from '../src/problems/index.js';
import { root } from './bundle.js';
import { format, median } from './figures.js';
import { markdownTable } from './reproduce/reproduction.js';

const { values } = parseArgs({
  options: { threads: { type: 'string', default: '2' }, rounds: { type: 'string', default: '5' } },
});
const threads = Number(values.threads);
const rounds = Number(values.rounds);

interface Run {
  readonly answer: unknown;
  readonly wall: number;
  readonly cpu: number;
  /** Of it, the finish. */
  readonly finish: number;
}

type Program = (threads: number, onFinish: () => void) => Promise<unknown>;

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

async function timed(program: Program, count: number): Promise<Run> {
  const begun = performance.now();
  const before = cpuSeconds();
  let finishing: number | undefined;
  const answer = await program(count, () => (finishing ??= cpuSeconds()));
  const after = cpuSeconds();
  const wall = (performance.now() - begun) / 1e3;
  return { answer, wall, cpu: after - before, finish: after - (finishing ?? after) };
}

function programs({ decompose, decomposeBatch, dense, factored }: typeof Polyadic): Record<string, Program> {
  const als = (planted: Partial<PlantedCpOptions>, finish: 'compact' | 'none'): Program => {
    const { tensor } = plantedCp({ shape: [60, 60, 60], rank: 8, seed: 1, ...planted });
    const target = dense(tensor.shape, tensor.data);
    const options = { algorithm: 'als', rank: 8, starts: 8, seed: 1, backend: 'cpu', finish } as const;
    return async (count, onFinish) => {
      const onProgress = ({ phase }: Polyadic.Progress): void => {
        if (phase === 'polish') onFinish();
      };
      const result = await decompose(target, { ...options, threads: count, onProgress });
      return {
        ...result,
        seconds: 0,
        backendReason: '',
        history: result.history.map(({ startErrors }) => startErrors),
      };
    };
  };
  const targets = Array.from({ length: 64 }, (_, seed) =>
    factored({ ...plantedSymmetric({ order: 3, dim: 24, rank: 12, seed }).truth, dim: 24 }),
  );
  return {
    'als, 8 starts, 60³, rank 8': als({ noise: 0.05 }, 'compact'),
    'the same without finish': als({ noise: 0.05 }, 'none'),
    'the same, cosines of 0.9': als({ noise: 0.01, collinearity: 0.9 }, 'compact'),
    '64 problems, order 3, d 24, r 12': (count) => decomposeBatch(targets, { backend: 'cpu', threads: count }),
  };
}

async function race(
  program: Program,
): Promise<{ readonly isSame: boolean; readonly one: Run[]; readonly many: Run[] }> {
  const one: Run[] = [];
  const many: Run[] = [];
  // The first of each compiles.
  let isSame = isDeepStrictEqual(await program(1, () => undefined), await program(threads, () => undefined));
  for (let round = 0; round < rounds; round++) {
    for (const count of round % 2 === 0 ? [1, threads] : [threads, 1]) {
      (count === 1 ? one : many).push(await timed(program, count));
    }
    isSame &&= isDeepStrictEqual(one.at(-1)?.answer, many.at(-1)?.answer);
  }
  return { isSame, one, many };
}

const out = mkdtempSync(join(tmpdir(), 'polyadic-bench-'));
try {
  await build({ root, mode: 'production', logLevel: 'warn', build: { outDir: out, emptyOutDir: true } });
  const library = (await import(pathToFileURL(join(out, 'index.js')).href)) as typeof Polyadic;
  const rows: string[][] = [];
  for (const [name, program] of Object.entries(programs(library))) {
    const { isSame, one, many } = await race(program);
    if (!isSame) process.exitCode = 1;
    const ratios = one.map(({ wall }, round) => wall / many[round]!.wall);
    const least = (runs: readonly Run[]): number => Math.min(...runs.map(({ wall }) => wall));
    const cpu = one.map((own, round) => {
      const { cpu: all, finish } = many[round]!;
      return own.cpu / (finish + (all - finish) / threads);
    });
    const middle = (runs: readonly Run[], of: 'wall' | 'cpu'): string => format(median(runs.map((run) => run[of])));
    rows.push([
      name,
      isSame ? 'same' : 'DIFFERENT',
      `${middle(one, 'wall')}, ${middle(many, 'wall')}`,
      format(median(ratios)),
      format(least(one) / least(many)),
      `${middle(one, 'cpu')}, ${middle(many, 'cpu')}`,
      format(median(cpu)),
      loadavg()[0]!.toFixed(1),
    ]);
    process.stderr.write(`${rows.at(-1)?.join(' | ') ?? ''}\n`);
  }
  const head = ['1 thread', `${threads} threads`].join(', ');
  process.stdout.write(
    `${markdownTable([
      ['', 'bits', `wall s: ${head}`, '×, median', '×, best', `CPU s: ${head}`, '× by CPU time', 'load'],
      ...rows,
    ])}\n`,
  );
} finally {
  rmSync(out, { recursive: true, force: true });
}
