// `npx tsx bench/stretches.ts [PART OF A NAME] [--aborts N] [--seconds N]`: how long the event loop has to wait for work in this thread.
//   longest    CPU time between two turns of the event loop, the largest of a run and its 99th percentile. CPU time and not a clock's, so
//              that a busy machine does not matter; it is of the process, so garbage collection beside the thread counts too.
//   to abort   the same from the moment that a signal is aborted until the result is there, at moments spread over all turns of the run
// Sizes are those at which a step takes long; those of "millions" are made when they are asked for by name. With --seconds a run is aborted
// after so much CPU time. Wanted: stretches of 50 ms and less, aborts within 100 ms.
import {
  decompose,
  dense,
  denseSymmetric,
  moments,
  observed,
  ranks,
  sensing,
  type DecomposeOptions,
  type DenseTarget,
  type Target,
} from '../src/index.js';
import { plantedCp, plantedObserved, plantedSymmetric } from '../src/problems/index.js';
import { randomStream } from '../src/random/stream.js';
import { indexAt } from '../src/tensor/dense.js';
import { euclideanNorm } from '../src/tensor/square-sum.js';
import { packKruskal } from '../src/tensor/symmetric.js';
import { markdownTable } from './reproduce/reproduction.js';

interface Case {
  readonly name: string;
  readonly run: (signal: AbortSignal) => Promise<unknown>;
  /** Makes what `run` works on, where that takes long. */
  readonly prepare?: () => unknown;
}

/** Of millions of numbers, made when they are needed. */
function millions(name: string, make: () => Target, options: DecomposeOptions = {}): Case {
  let target: Target | undefined;
  const prepare = (): Target => (target ??= make());
  return {
    name: `millions: ${name}`,
    prepare,
    run: (signal) => decompose(prepare(), { backend: 'cpu', ...options, signal }),
  };
}

const deciding = (name: string, target: Target, options: DecomposeOptions = {}): Case => ({
  name,
  run: (signal) => decompose(target, { backend: 'cpu', ...options, signal }),
});

function cases(): Case[] {
  const large = planted([150, 150, 150], 10, 0.01);
  const structured = planted([40, 40, 40], 4, 0.02);
  const drifting = dense(
    structured.shape,
    structured.data.map((value) => Math.tanh(40 * value)),
  );
  const overcomplete = planted([7, 8, 9], 14, 0.01);
  const many = planted([128, 128, 128], 40, 0.01);
  const holes = (target: DenseTarget, share: number) => {
    const random = randomStream(7);
    const data = target.data.map((value) => (random.uniform() < share ? NaN : value));
    return dense(target.shape, data, { missing: 'nan' });
  };
  const spectra = dense(
    structured.shape,
    structured.data.map((value) => Math.max(0, value)),
  );
  const sparse = plantedObserved({ shape: [200, 200, 100], rank: 3, share: 0.01, seed: 1, noise: 0.1 }).target;
  const wide = scattered([10_000, 10_000, 1000], 100_000);
  const symmetric = plantedSymmetric({ order: 3, dim: 50, rank: 40, seed: 1 }).truth;
  const packed = packKruskal(symmetric);
  const noisy = noisyEntries(packKruskal(plantedSymmetric({ order: 3, dim: 24, rank: 10, seed: 2 }).truth), 0.01);
  return [
    deciding('compressed, 150³, 1 % noise', large),
    deciding('compressed, 128³, rank 40', many),
    deciding('compressed, structured residual, 40³', drifting),
    deciding('compressed, 7×8×9, rank 14', overcomplete, { rank: 14 }),
    deciding('compressed, 5 % missing, 40³', holes(structured, 0.05)),
    deciding('compressed, 30 % missing, 40³', holes(structured, 0.3)),
    deciding('als, 30 % missing, 40³, rank 4', holes(structured, 0.3), { rank: 4, algorithm: 'als' }),
    deciding('als, 40³, rank 4', structured, { rank: 4, algorithm: 'als' }),
    deciding('nonnegative, 40³', spectra, { nonnegative: true }),
    { name: 'ranks, 40³', run: (signal) => ranks(drifting, { signal }) },
    deciding('variational, 45,000 of 40³ with structure', listed(holes(drifting, 0.3))),
    deciding('variational, 40,000 of 200×200×100', sparse),
    deciding('variational, 100,000 of 10⁴×10⁴×10³', wide),
    deciding('completion, 40,000 of 200×200×100', sparse, { algorithm: 'completion', maxSteps: 200 }),
    deciding('staged, order 3, dim 50, rank 40, entries', denseSymmetric(packed)),
    deciding('staged by its flow, dim 24, rank 10, 1 % noise', denseSymmetric(noisy), {
      algorithm: { kind: 'staged', compress: false },
    }),
    deciding('beyondLazy, dim 24, 1 % noise', denseSymmetric(noisy), { algorithm: 'beyondLazy', maxSteps: 500 }),
    deciding('staged, moments of 20,000 samples, dim 24', sampledMoments(20_000, 24)),
    ...(['variational', 'completion', 'bayesian'] as const).flatMap((algorithm) => [
      millions(`${algorithm}, dense 200×200×100`, () => planted([200, 200, 100], 3, 0.1), { algorithm }),
      millions(`${algorithm}, 2,000,000 of 200³`, () => scattered([200, 200, 200], 2_000_000), { algorithm }),
    ]),
    millions('nonnegative completion, 2,000,000 of 200³', () => scattered([200, 200, 200], 2_000_000), {
      algorithm: 'completion',
      nonnegative: true,
    }),
    millions('compressed, 200³', () => planted([200, 200, 200], 5, 0.01)),
    millions('als, 200³', () => planted([200, 200, 200], 5, 0.01), { algorithm: 'als', rank: 5 }),
    millions('nonnegative, 200³', () => planted([200, 200, 200], 5, 0.01), { nonnegative: true }),
    millions('completion, 500 dense measurements of 20³', () => measured([20, 20, 20], 500), { rank: 2 }),
    millions('staged, order 3, dim 200, entries', () =>
      denseSymmetric(packKruskal(plantedSymmetric({ order: 3, dim: 200, rank: 10, seed: 1 }).truth)),
    ),
    millions('staged, moments of 1,000,000 samples, dim 10', () => sampledMoments(1_000_000, 10)),
  ];
}

function planted(shape: readonly number[], rank: number, noise: number) {
  const { tensor } = plantedCp({ shape, rank, noise, seed: 1 });
  return dense(tensor.shape, tensor.data);
}

/** Its known cells, one by one. */
function listed({ shape, data, known }: DenseTarget) {
  const cells = Array.from(data.keys()).filter((at) => known?.[at] !== 0);
  return observed(
    shape,
    cells.flatMap((at) => indexAt(at, shape)),
    cells.map((at) => data[at]!),
  );
}

/** Values without structure at places drawn at random. */
function scattered(shape: readonly number[], count: number) {
  const random = randomStream(3);
  const indices = Uint32Array.from({ length: count * shape.length }, (_, at) =>
    Math.floor(random.uniform() * shape[at % shape.length]!),
  );
  return observed(shape, indices, random.fillNormal(new Float64Array(count)));
}

/** Dense measurements of a planted tensor. */
function measured(shape: readonly number[], count: number) {
  const { data } = planted(shape, 2, 0);
  const by = randomStream(6).fillNormal(new Float64Array(count * data.length));
  const values = new Float64Array(count);
  for (let at = 0; at < by.length; at++) values[Math.floor(at / data.length)]! += by[at]! * data[at % data.length]!;
  return sensing(shape, by, values);
}

function noisyEntries(tensor: ReturnType<typeof packKruskal>, level: number) {
  const noise = randomStream(5).fillNormal(new Float64Array(tensor.data.length));
  const size = euclideanNorm(tensor.data) / Math.sqrt(tensor.data.length);
  return { ...tensor, data: Float64Array.from(tensor.data, (value, at) => value + level * size * noise[at]!) };
}

function sampledMoments(count: number, dim: number) {
  const samples = randomStream(4).fillNormal(new Float64Array(count * dim));
  for (let at = 0; at < samples.length; at++) samples[at] = Math.sign(samples[at]!) * samples[at]! ** 2;
  return moments({ order: 3, samples: { rows: count, columns: dim, data: samples } });
}

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** The run, with a look at every turn of the event loop. */
async function watched({ run, prepare }: Case, abortAtTurn = Infinity, maxMs = Infinity) {
  prepare?.();
  const controller = new AbortController();
  const stretches: number[] = [];
  let isDone = false;
  let abortedAt: number | undefined;
  const result = run(controller.signal).finally(() => (isDone = true));
  // Not a loop's fault: a rejection is the run's, and is told below.
  result.catch(() => undefined);
  const begun = cpuMs();
  for (let last = begun; !isDone;) {
    await new Promise(setImmediate);
    const now = cpuMs();
    stretches.push(now - last);
    last = now;
    if (stretches.length === abortAtTurn || (abortedAt === undefined && now - begun > maxMs)) {
      abortedAt = now;
      controller.abort();
    }
  }
  await result.catch((error: unknown) => {
    if (!controller.signal.aborted) throw error;
  });
  return { stretches, toAbort: abortedAt === undefined ? undefined : cpuMs() - abortedAt };
}

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;

const [part = ''] = process.argv.slice(2).filter((word) => !/^(--aborts|--seconds|\d+)$/.test(word));
const numberAfter = (option: string): number => {
  const at = process.argv.indexOf(option);
  return at < 0 ? 0 : Number(process.argv[at + 1]);
};
const aborts = numberAfter('--aborts');
const maxMs = 1000 * numberAfter('--seconds') || Infinity;
const rows: string[][] = [];
for (const one of cases().filter(({ name, prepare }) => (part === '' ? !prepare : name.includes(part)))) {
  const { stretches, toAbort: ended } = await watched(one, Infinity, maxMs);
  const sorted = [...stretches].sort((a, b) => a - b);
  const times: number[] = ended === undefined ? [] : [ended];
  for (let k = 0; k < aborts; k++) {
    const { toAbort } = await watched(one, Math.max(1, Math.floor(((k + 0.5) / aborts) * stretches.length)));
    if (toAbort !== undefined) times.push(toAbort);
  }
  const row = [
    one.name,
    (stretches.reduce((sum, time) => sum + time, 0) / 1000).toFixed(1),
    String(stretches.length),
    quantile(sorted, 0.99).toFixed(0),
    quantile(sorted, 1).toFixed(0),
    ...(times.length > 0 ? [Math.max(...times).toFixed(0)] : []),
  ];
  process.stderr.write(`${row.join('  ')}\n`);
  rows.push(row);
}
const head = [
  'run',
  'CPU s',
  'turns',
  '99 % within, ms',
  'longest, ms',
  ...(aborts > 0 || maxMs < Infinity ? ['aborts within, ms'] : []),
];
process.stdout.write(markdownTable([head, ...rows]));
