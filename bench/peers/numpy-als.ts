// Completion of ratings-sized data beside plain ALS in NumPy on one thread, which is told the rank: `npx tsx bench/peers/numpy-als.ts`.
// 943 × 1682 with 81,000 values of rank 5 and 30 % noise. Prints the error on unknown cells and the CPU seconds of each, round by round;
// NumPy makes three starts of 40 sweeps. Without Python and NumPy only polyadic is measured.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { decompose, predictEntries, type Kruskal } from '../../src/index.js';
import { plantedObserved, type PlantedObserved } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';

const shape = [943, 1682];
const rank = 5;
const noise = 0.3;
const share = 81_000 / (943 * 1682);
const testCells = 20_000;
const rounds = Number(process.argv[2] ?? 3);

interface Outcome {
  readonly predictions: ArrayLike<number>;
  readonly cpuSeconds: number;
}

const cells = Uint32Array.from({ length: testCells * shape.length }, cellNumbers());

for (let seed = 1; seed <= rounds; seed++) {
  const problem = plantedObserved({ shape, rank, noise, share, seed });
  const told = await measure(problem, rank);
  const untold = await measure(problem, 'auto');
  const peer = numpyAls(problem);
  const line = [
    `round ${seed}:`,
    `told the rank ${text(problem, told)},`,
    `not told ${text(problem, untold)} (rank ${untold.rank}, ${untold.stop}),`,
    peer ? `NumPy ALS ${text(problem, peer)};` : 'NumPy ALS: no Python with NumPy here.',
    peer
      ? `CPU times ${(told.cpuSeconds / peer.cpuSeconds).toFixed(1)} and ${(untold.cpuSeconds / peer.cpuSeconds).toFixed(1)} of NumPy's.`
      : '',
  ];
  process.stdout.write(`${line.join(' ')}\n`);
}

async function measure({ target }: PlantedObserved, given: number | 'auto') {
  const begun = process.cpuUsage();
  const {
    kruskal,
    rank: found,
    stop,
  } = await decompose(target, { algorithm: 'variational', rank: given, backend: 'cpu' });
  const { user, system } = process.cpuUsage(begun);
  return { predictions: predictEntries(kruskal, cells), cpuSeconds: (user + system) / 1e6, rank: found, stop };
}

function numpyAls({ target: { indices, values, count } }: PlantedObserved): Outcome | undefined {
  const request = {
    shape,
    rank,
    starts: 3,
    sweeps: 40,
    values: Array.from(values),
    indices: multiIndices(indices, count),
    test: multiIndices(cells, testCells),
  };
  const { status, stdout } = spawnSync('python3', [fileURLToPath(new URL('numpy_als.py', import.meta.url))], {
    input: JSON.stringify(request),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' },
  });
  return status === 0 ? (JSON.parse(stdout) as Outcome) : undefined;
}

function multiIndices(indices: Uint32Array, count: number): number[][] {
  const order = shape.length;
  return Array.from({ length: count }, (_, e) => Array.from(indices.subarray(e * order, (e + 1) * order)));
}

/** ‖predictions − truth‖ / ‖truth‖ on the test cells, and seconds. */
function text({ truth }: { readonly truth: Kruskal }, { predictions, cpuSeconds }: Outcome): string {
  const right = predictEntries(truth, cells);
  let missed = 0;
  let size = 0;
  right.forEach((value, e) => {
    missed += (predictions[e]! - value) ** 2;
    size += value ** 2;
  });
  return `${Math.sqrt(missed / size).toFixed(4)} in ${cpuSeconds.toFixed(1)} s`;
}

function cellNumbers(): (_: unknown, at: number) => number {
  const random = randomStream(0, 1);
  return (_, at) => Math.floor(random.uniform() * shape[at % shape.length]!);
}
