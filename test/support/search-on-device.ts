// Searches of variational completion with their row sums on a device, whatever their size, against those on the CPU.
import { expect } from 'vitest';
import { openRowSums } from '../../src/algorithms/row-sums-on-device.js';
import type { Backend } from '../../src/backend/backend.js';
import { observedProblem } from '../../src/handles/observed.js';
import { relativeError, type ObservedTarget } from '../../src/index.js';
import { plantedObserved } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import { rankOf } from '../../src/tensor/kruskal.js';
import { entriesOf, type RowSumsOnDevice } from '../../src/variational/entries.js';
import type { FoundModel } from '../../src/variational/search-steps.js';
import { search } from '../../src/variational/search.js';
import { atLeisure, yieldIfDue } from '../../src/yield.js';

export interface CompletionProblem {
  readonly shape: readonly number[];
  readonly rank: number;
  readonly share: number;
  /** In units of the root mean square of the values. */
  readonly noise: number;
  readonly offset: number;
  readonly seed: number;
}

export function targetOf({ noise, offset, ...problem }: CompletionProblem): ObservedTarget {
  const { target } = plantedObserved(problem);
  const random = randomStream(problem.seed);
  const size = Math.sqrt(target.values.reduce((sum, value) => sum + value ** 2, 0) / target.count);
  return { ...target, values: target.values.map((value) => value + size * (offset + noise * random.normal())) };
}

/** A search, and how many of the sums it asked for were computed on the device. */
export async function searchOn(target: ObservedTarget, backend?: Backend) {
  using device = backend && openRowSums(backend, () => true);
  let onDevice = 0;
  let onCpu = 0;
  const counted: RowSumsOnDevice | undefined = device && {
    roundoff: device.roundoff,
    *sums(...sweepAndMode) {
      const sums = yield* device.sums(...sweepAndMode);
      if (sums) onDevice++;
      else onCpu++;
      return sums;
    },
  };
  const entries = await atLeisure(entriesOf(target, counted));
  const work = search(entries, observedProblem(target), { rank: 'auto', seed: 1, starts: 2, sweeps: 150 });
  let found: FoundModel | undefined;
  while (!found) {
    const { done, value } = work.next();
    if (done) found = value;
    else await yieldIfDue();
  }
  return { ...found, onDevice, onCpu, whyNot: device?.whyNot };
}

type Found = Awaited<ReturnType<typeof searchOn>>;

/**
 * The model of the CPU. Both end where three sweeps change the evidence by less than 1e-5 nats per entry. Where a sweep leaves 0.98 of
 * what there is to gain, 5e-4 nats per entry are left then, which is a mean square distance of 1e-3 σ² from where the sweeps lead.
 */
export function expectSame(found: Found, expected: Found, { noise }: Pick<CompletionProblem, 'noise'>): void {
  const { kruskal, isExact, isSettled, starts, agreeing } = expected;
  expect([rankOf(found.kruskal), found.isExact, found.isSettled]).toEqual([rankOf(kruskal), isExact, isSettled]);
  if (isExact) expect([found.starts, found.agreeing]).toEqual([starts, agreeing]);
  else expect(found.agreeing).toBeGreaterThanOrEqual(2);
  expect(relativeError(found.kruskal, kruskal)).toBeLessThan(isExact ? 1e-9 : 2 * Math.sqrt(1e-3) * noise);
}
