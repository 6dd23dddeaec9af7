// Timing in rounds. A round times ceilings, us, ceilings, and then every peer, each sample filled with as many runs as
// reach `sampleMilliseconds`. Shares and ratios are taken within a round, so that whatever else the machine does at that
// moment divides out; the medians and quartiles are over rounds.
import type { Bench } from './case.js';
import { format, median } from './figures.js';
import type { Contestant, Timing } from './peers/contestant.js';
import { verified, type Sample } from './sample.js';

export interface Measured {
  /** Seconds of one run of ours, a round each, by the wall clock and on the device (the wall where it does not tell). */
  readonly wall: number[];
  readonly device: number[];
  /** The ceilings in the same rounds, and our share of them on the device. */
  readonly ceiling: number[];
  readonly copy: number[];
  readonly shares: number[];
  readonly copyShares: number[];
  readonly others: { readonly name: string; readonly seconds: number[]; readonly ratios: number[] }[];
}

interface Entrant {
  readonly contestant: Contestant;
  readonly each: number;
  readonly rounds: number;
  readonly seconds: number[];
  readonly ratios: number[];
}

export async function measure(
  ours: Contestant,
  peers: readonly Contestant[],
  { flops, bytes }: { readonly flops: number; readonly bytes: number },
  expected: Sample,
  bench: Bench,
): Promise<Measured> {
  const { ceilings, rounds, sampleMilliseconds: milliseconds } = bench;
  const entrants = await enter(peers, expected, bench);
  const count = await sized(ours, milliseconds);
  const result: Measured = { wall: [], device: [], ceiling: [], copy: [], shares: [], copyShares: [], others: [] };
  for (let round = 0; round < rounds; round++) {
    const before = [await ceilings.copy(), await ceilings.multiplyAdd()] as const;
    const own = each(await ours.time(count), count);
    const after = [await ceilings.multiplyAdd(), await ceilings.copy()] as const;
    const ceiling = (before[1] + after[0]) / 2;
    const copy = (before[0] + after[1]) / 2;
    result.wall.push(own.wall);
    result.device.push(own.device);
    result.ceiling.push(ceiling);
    result.copy.push(copy);
    result.shares.push((100 * flops) / own.device / 1e9 / ceiling);
    result.copyShares.push((100 * bytes) / own.device / 1e9 / copy);
    for (const entrant of entrants) {
      if (round >= entrant.rounds) continue;
      const runs = runsFor(entrant.each, milliseconds);
      const { wall } = each(await entrant.contestant.time(runs), runs);
      entrant.seconds.push(wall);
      entrant.ratios.push(wall / own.wall);
    }
  }
  result.others.push(...entrants.map(({ contestant: { name }, seconds, ratios }) => ({ name, seconds, ratios })));
  bench.log(
    `  ${format(median(result.device) * 1e3)} ms, ${format(flops / median(result.device) / 1e9)} GFLOP/s, ` +
      `${format(median(result.shares))} % of ${format(median(result.ceiling))}` +
      result.others.map(({ name, ratios }) => `, ${format(median(ratios))} × ${name}`).join(''),
  );
  return result;
}

/** Verifies and sizes the peers; of several programs of one peer the fastest stays. Fastest first. */
async function enter(
  peers: readonly Contestant[],
  expected: Sample,
  { rounds, peerSeconds, log }: Bench,
): Promise<Entrant[]> {
  const best = new Map<string, Entrant>();
  for (const contestant of peers) {
    try {
      const cold = await contestant.time(1);
      await verified(contestant, expected);
      // Compiling is most of a short first run, and nothing of one that takes seconds.
      const { wall } = cold.wall > peerSeconds / 5 ? cold : await contestant.time(1);
      const affordable = Math.max(1, Math.min(rounds, Math.floor(peerSeconds / wall)));
      const entrant = { contestant, each: wall, rounds: affordable, seconds: [], ratios: [] };
      if (wall < (best.get(contestant.name)?.each ?? Infinity)) best.set(contestant.name, entrant);
    } catch (error) {
      log(`  one program of ${contestant.name} left out: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return [...best.values()].sort((a, b) => a.each - b.each);
}

const each = ({ wall, device = wall }: Timing, count: number) => ({ wall: wall / count, device: device / count });

const runsFor = (each: number, milliseconds: number): number =>
  Math.max(1, Math.min(1000, Math.ceil(milliseconds / 1e3 / Math.max(each, 1e-6))));

/** Runs that fill a sample. The first guess holds the cost of sending, so it is taken twice. */
export async function sized(contestant: Contestant, milliseconds: number): Promise<number> {
  await contestant.time(1);
  const guess = runsFor((await contestant.time(1)).wall, milliseconds);
  return guess === 1 ? 1 : runsFor((await contestant.time(guess)).wall / guess, milliseconds);
}
