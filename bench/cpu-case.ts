// A case of the cpu backend, float64: an operation in WebAssembly SIMD beside the plain loops that take its place where there is none,
// and beside peers, in rounds in which all run one after the other. Its answer is first checked against the plain loops.
import { openCpu } from '../src/backend/cpu/index.js';
import { dispose } from '../src/dispose.js';
import { allowWasm } from '../src/linalg/product-core.js';
import type { Bench, Case } from './case.js';
import { format, median, spread } from './figures.js';
import type { Inputs } from './inputs.js';
import type { KernelCase } from './kernel-case.js';
import { sized } from './measure.js';
import type { Contestant } from './peers/contestant.js';
import type { PeerPrograms } from './peers/peer.js';
import { verified, type Sample } from './sample.js';

export interface CpuCase {
  readonly name: string;
  /** Of one run, by the formula: what any implementation has to do. */
  readonly flops: number;
  inputs(): Inputs;
  open(inputs: Inputs): CpuWork;
  /** Rows of the answer. */
  expected(inputs: Inputs): Promise<Sample>;
  readonly peers: PeerPrograms;
}

export interface CpuWork {
  run(): Promise<void>;
  answer(): Promise<Float64Array>;
  free(): void;
}

/** An operation of the backend. */
export const operationOnCpu = (kernel: KernelCase, numpy: PeerPrograms['numpy']): Case =>
  cpuCase({
    name: kernel.name,
    flops: kernel.flops,
    inputs: () => kernel.inputs(),
    expected: (inputs) => kernel.expected(inputs),
    peers: { ...(kernel.peers?.jax && { jax: kernel.peers.jax }), ...(numpy && { numpy }) },
    open(inputs) {
      const backend = openCpu();
      const scope = backend.scope(kernel.name);
      const { record, answer } = kernel.ours(scope, inputs);
      return {
        run() {
          record();
          return scope.flush();
        },
        answer: () => scope.read(answer),
        free() {
          scope[dispose]();
          backend[dispose]();
        },
      };
    },
  });

export const cpuCase = (one: CpuCase): Case => ({ name: one.name, run: (bench) => run(one, bench) });

async function run(one: CpuCase, bench: Bench): Promise<void> {
  const inputs = one.inputs();
  const work = one.open(inputs);
  try {
    allowWasm(false);
    const expected = await one.expected(inputs);
    const ours = contestantOf('polyadic', work, true);
    bench.figure('error', '', await checked(ours, expected));
    const plain = contestantOf('plain loops', work, false);
    await checked(plain, expected);
    const others = [plain, ...(await fastestPeers(one, bench, inputs, expected))];
    await measureAll(one.flops, ours, others, bench);
    for (const other of others) other.free();
  } finally {
    allowWasm(true);
    work.free();
  }
}

async function checked(contestant: Contestant, expected: Sample): Promise<number> {
  await contestant.time(1);
  return verified(contestant, expected);
}

const contestantOf = (name: string, work: CpuWork, isWasm: boolean): Contestant => ({
  name,
  async time(count) {
    allowWasm(isWasm);
    await work.run();
    const begun = performance.now();
    for (let k = 0; k < count; k++) await work.run();
    return { wall: (performance.now() - begun) / 1e3 };
  },
  answer: () => work.answer(),
  free: () => undefined,
});

/** On the CPU; of several programs of one peer the one that is faster in a second run. */
async function fastestPeers(
  one: CpuCase,
  { peers, log }: Bench,
  inputs: Inputs,
  expected: Sample,
): Promise<Contestant[]> {
  const best = new Map<string, { readonly contestant: Contestant; readonly wall: number }>();
  for (const contestant of await peers(one.peers, inputs)) {
    if (contestant.name.endsWith('webgpu')) {
      contestant.free();
      continue;
    }
    await contestant.time(1);
    const { wall } = await contestant.time(1);
    log(`  ${contestant.name}: error ${format(await verified(contestant, expected))}`);
    const before = best.get(contestant.name);
    if (before && before.wall <= wall) contestant.free();
    else {
      before?.contestant.free();
      best.set(contestant.name, { contestant, wall });
    }
  }
  return [...best.values()].map(({ contestant }) => contestant);
}

interface Entrant {
  readonly contestant: Contestant;
  readonly seconds: number[];
}

async function measureAll(flops: number, ours: Contestant, others: readonly Contestant[], bench: Bench): Promise<void> {
  const { rounds, sampleMilliseconds, figure, log } = bench;
  const entrants: Entrant[] = [ours, ...others].map((contestant) => ({ contestant, seconds: [] }));
  const counts = new Map<Contestant, number>();
  for (const { contestant } of entrants) counts.set(contestant, await sized(contestant, sampleMilliseconds));
  for (let round = 0; round < rounds; round++) {
    for (const { contestant, seconds } of round % 2 === 0 ? entrants : entrants.toReversed()) {
      const count = counts.get(contestant) ?? 1;
      seconds.push((await contestant.time(count)).wall / count);
    }
  }
  const own = entrants[0]!.seconds;
  figure('time', 'ms', spread(own.map((seconds) => seconds * 1e3)));
  figure('rate', 'GFLOP/s', spread(own.map((seconds) => flops / seconds / 1e9)));
  for (const { contestant, seconds } of entrants.slice(1)) {
    figure(`time of ${contestant.name}`, 'ms', spread(seconds.map((one) => one * 1e3)));
    figure(`speed against ${contestant.name}`, '×', spread(seconds.map((one, round) => one / own[round]!)));
  }
  log(
    `  ${format(median(own) * 1e3)} ms, ${format(flops / median(own) / 1e9)} GFLOP/s` +
      entrants
        .slice(1)
        .map(({ contestant, seconds }) => {
          const ratios = seconds.map((one, round) => one / own[round]!);
          return `, ${format(median(ratios))} × ${contestant.name}`;
        })
        .join(''),
  );
}
