// Sums over the entries of a row on a backend against those of the CPU's own loops (src/variational/row-sums.ts), mode after mode, with
// moments that change in between as those of a sweep do. Bounds as in ../support/parity.ts.
import { describe, expect, test } from 'vitest';
import { openRowSums } from '../../src/algorithms/row-sums-on-device.js';
import { openCpu } from '../../src/backend/cpu/index.js';
import { observed } from '../../src/index.js';
import { randomStream } from '../../src/random/stream.js';
import { entriesOf, type EntriesOfMode } from '../../src/variational/entries.js';
import { pairsOf } from '../../src/variational/packed.js';
import { adderOf, areWorthADevice } from '../../src/variational/row-sums.js';
import { atLeisure, finished } from '../../src/yield.js';
import { normals, webgpu } from '../support/parity.js';
import { expectSame, searchOn, targetOf } from '../support/search-on-device.js';

const problems = [
  { shape: [1, 1], count: 1, rank: 1 },
  // Most rows of the second mode are empty.
  { shape: [5, 70], count: 40, rank: 3 },
  { shape: [7, 4, 9], count: 64, rank: 5 },
  { shape: [3, 40, 6], count: 997, rank: 13 },
  { shape: [6, 5, 4, 7], count: 257, rank: 8 },
  { shape: [3, 2, 4, 2, 5], count: 63, rank: 20 },
  { shape: [2, 3, 2, 3, 2, 3], count: 200, rank: 6 },
  // One row has all entries: six parts.
  { shape: [4, 30, 20], count: 700, rank: 2, isOneRow: true },
];

const rounded = (length: number, seed: number): Float64Array => normals(length, seed).map(Math.fround);

function entriesFor({ shape, count, isOneRow = false }: (typeof problems)[number]) {
  const random = randomStream(3);
  const cell = (): number[] => shape.map((rows, k) => (isOneRow && k === 0 ? 2 : Math.floor(random.uniform() * rows)));
  return finished(entriesOf(observed(shape, Array.from({ length: count }, cell).flat(), rounded(count, 4))));
}

/** [rows, rank + pairs] */
function sumsOnCpu(ofMode: EntriesOfMode, others: readonly Float64Array[], rank: number): Float64Array {
  const add = adderOf(ofMode, others, rank);
  const { starts } = ofMode;
  const length = rank + pairsOf(rank);
  const sums = new Float64Array((starts.length - 1) * length);
  for (let i = 0; i + 1 < starts.length; i++)
    add(starts[i]!, starts[i + 1]!, sums.subarray(i * length, (i + 1) * length));
  return sums;
}

const magnitudes = (ofMode: EntriesOfMode): EntriesOfMode => ({ ...ofMode, values: ofMode.values.map(Math.abs) });

describe.each(['webgpu', 'cpu'])('%s', (kind) => {
  test.each(problems)('$shape, $count entries, $rank components', async (problem) => {
    const { shape, count, rank } = problem;
    const length = rank + pairsOf(rank);
    const backend = kind === 'cpu' ? openCpu() : await webgpu();
    using device = openRowSums(backend, () => true);
    const entries = entriesFor(problem);
    const moments = shape.map((rows, k) => rounded(rows * length, 10 + k));
    for (const sweep of [1, 2]) {
      for (const [k, rows] of shape.entries()) {
        const found = await atLeisure(device.sums(entries, { rank, noise: 1 }, moments, k));
        const others = moments.filter((_, n) => n !== k);
        const expected = sumsOnCpu(entries.modes[k]!, others, rank);
        const absolute = others.map((array) => array.map(Math.abs));
        const scale = sumsOnCpu(magnitudes(entries.modes[k]!), absolute, rank);
        const allowed = 6 * Math.sqrt(count + shape.length) * backend.roundoff;
        for (let i = 0; i < rows; i++) {
          for (let n = 0; n < length; n++) {
            const sum =
              n < rank ? found?.ofMeans[i * rank + n] : found?.ofSecondMoments[i * (length - rank) + n - rank];
            const error = Math.abs((sum ?? NaN) - expected[i * length + n]!);
            if (!(error <= allowed * scale[i * length + n]! + 1e-37))
              expect.fail(
                `mode ${k}, row ${i}, number ${n}: ${sum}, expected ${expected[i * length + n]}, off by ${error}`,
              );
          }
        }
        moments[k] = rounded(rows * length, 100 * sweep + k);
      }
    }
    expect(device.whyNot).toBeUndefined();
  });

  test('other entries and other numbers of components in turn, the same bits again, nothing left behind', async () => {
    const backend = kind === 'cpu' ? openCpu() : await webgpu();
    const first = problems[2]!;
    const second = problems[7]!;
    const before = backend.liveBuffers;
    {
      using device = openRowSums(backend, () => true);
      const sumsOf = async (problem: (typeof problems)[number], rank: number) => {
        const moments = problem.shape.map((rows, k) => rounded(rows * (rank + pairsOf(rank)), k));
        return atLeisure(device.sums(entriesFor(problem), { rank, noise: 1 }, moments, 0));
      };
      const found = await sumsOf(first, 4);
      expect(found?.ofMeans.some((sum) => sum !== 0)).toBe(true);
      await sumsOf(first, 5);
      await sumsOf(second, 5);
      expect(await sumsOf(first, 4)).toEqual(found);
    }
    expect(backend.liveBuffers).toBe(before);
  });
});

describe('what is left to the CPU', () => {
  const problem = problems[2]!;
  const rank = 2;
  const moments = problem.shape.map((rows) => rounded(rows * (rank + pairsOf(rank)), 1));
  const entries = entriesFor(problem);
  const meanSquare = entries.squareSum / entries.count;
  /** Why a sweep is, with that much noise. */
  const whyNot = (open: Parameters<typeof openRowSums>, noise: number): string | undefined => {
    using device = openRowSums(...open);
    const first = device.sums(entries, { rank, noise }, moments, 0).next();
    if (first.done) expect(first.value).toBeUndefined();
    return device.whyNot;
  };
  const float32 = { ...openCpu(), roundoff: 2 ** -24 };

  test('noise that the rounding of float32 hides', () => {
    const always = () => true;
    expect(whyNot([float32, always], 90 * 2 ** -24 * meanSquare)).toBe('there is less noise than float32 can tell');
    expect(whyNot([float32, always], 110 * 2 ** -24 * meanSquare)).toBeUndefined();
  });

  test('arrays that are too large', () => {
    expect(whyNot([{ ...float32, maxLength: 100 }, () => true], 1)).toBe(
      'the entries do not fit into one array of the GPU',
    );
  });

  test('sweeps that take the CPU no longer than the way there and back', () => {
    expect(whyNot([float32], 1)).toBe('sweeps are too short to benefit from a GPU');
    // 6 ms for all modes, and twice as long for the sums of 44 numbers of 60,000 entries: 2 · 3 · 6e4 · 44 ns = 16 ms.
    expect(areWorthADevice({ shape: [100, 100, 100], count: 60_000 }, 8)).toBe(true);
    expect(areWorthADevice({ shape: [100, 100, 100], count: 45_000 }, 8)).toBe(false);
    // 943 people and 1682 films with 81,000 ratings: never, and with ten times as many the sums of a few components.
    const ratings = { shape: [943, 1682], count: 81_000 };
    expect([8, 24, 100].map((rank) => areWorthADevice(ratings, rank))).toEqual([false, false, false]);
    expect(areWorthADevice({ ...ratings, count: 810_000 }, 8)).toBe(true);
    // So few entries per row pay for no row, whatever the rank.
    expect(areWorthADevice({ shape: [1e6, 1e6, 1e3], count: 1e5 }, 30)).toBe(false);
  });
});

test('a completion with row sums on the device: the answer of the CPU', async () => {
  const problem = { shape: [10, 10, 10], rank: 1, share: 0.3, noise: 0.1, offset: 0, seed: 1 };
  const target = targetOf(problem);
  const found = await searchOn(target, await webgpu());
  expectSame(found, await searchOn(target), problem);
  expect(found.onDevice).toBeGreaterThan(100);
});
