// A problem and a run with the same seed must not share a random number: the start would contain the answer.
import { expect, test } from 'vitest';
import { decomposeSteps, factored, type Progress } from '../../src/index.js';
import { plantedSymmetric } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import { problemStreams, startStreams } from '../../src/random/streams.js';

test('streams of starts and of problems are different ones', () => {
  const start = randomStream(7, startStreams);
  const problem = randomStream(7, problemStreams);
  expect(Array.from({ length: 8 }, () => start.uniform())).not.toEqual(
    Array.from({ length: 8 }, () => problem.uniform()),
  );
});

test('with equal seeds no starting vector is a true one', async () => {
  const { truth } = plantedSymmetric({ order: 3, dim: 6, rank: 3, seed: 5 });
  const steps = decomposeSteps(factored({ ...truth, dim: 6 }), {
    finish: 'none',
    width: 3,
    seed: 5,
    backend: 'cpu',
    algorithm: { kind: 'vanilla', initScale: 1 },
  });
  const first = (await steps.next()).value as Progress;
  await steps.return(undefined as never);
  // With the true vectors and weights of unit scale the error would be below 1 as often as not; by chance it is not small.
  expect(first.relativeError).toBeGreaterThan(0.9);
});
