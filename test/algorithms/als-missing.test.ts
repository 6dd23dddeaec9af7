// ALS and its float64 finish with missing cells: exact recovery from the known ones, whatever stands in the others; the loss of
// the known cells never rises; ones in known changes no bit.
import { describe, expect, test } from 'vitest';
import { polishCp, type PolishReport } from '../../src/compaction/polish-cp.js';
import {
  decompose,
  dense,
  factorMatchScore,
  relativeError,
  type BackendKind,
  type DenseTarget,
} from '../../src/index.js';
import { plantedCp } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import type { PartlyKnownTensor } from '../../src/tensor/partly-known.js';
import { reportsOf } from '../support/pauses.js';

/** 1 for a known cell; a share of them is missing, seeded. */
function someMissing(size: number, share: number, seed: number): Uint8Array {
  const random = randomStream(seed);
  return Uint8Array.from({ length: size }, () => (random.uniform() < share ? 0 : 1));
}

function spoiled(data: ArrayLike<number>, known: Uint8Array): Float64Array {
  return Float64Array.from(data, (value, at) => (known[at] ? value : NaN));
}

const { tensor, truth } = plantedCp({ shape: [12, 11, 10], rank: 3, seed: 4 });
const known = someMissing(tensor.data.length, 0.3, 9);
const partly = dense(tensor.shape, spoiled(tensor.data, known), { missing: 'nan' });
const allKnown = (target: DenseTarget): DenseTarget => ({
  ...target,
  known: new Uint8Array(target.data.length).fill(1),
});

describe.each<BackendKind>(['cpu', 'webgpu'])('%s', (backend) => {
  test('a planted tensor of rank 3 is recovered exactly from 70 % of its cells, the missing ones included', async () => {
    const result = await decompose(partly, { rank: 3, seed: 1, backend });
    expect(result.stop).toBe('converged');
    expect(result.relativeError).toBeLessThan(1e-10);
    expect(factorMatchScore(result.kruskal, truth)).toBeGreaterThan(1 - 1e-8);
    expect(relativeError(result.kruskal, tensor)).toBeLessThan(1e-8);
  });

  test('the error of the known cells never rises beyond rounding', async () => {
    const { tensor: noisy } = plantedCp({ shape: [10, 9, 8], rank: 4, seed: 8, noise: 0.2 });
    const target = dense(noisy.shape, noisy.data, { known: someMissing(720, 0.4, 2) });
    const { history, relativeError: final } = await decompose(target, { rank: 3, seed: 2, backend, starts: 1 });
    const errors = history.map((report) => report.relativeError);
    errors.slice(1).forEach((error, index) => expect(error).toBeLessThanOrEqual(errors[index]! * (1 + 1e-5)));
    expect(final).toBeCloseTo(errors[errors.length - 1]!, 10);
  });

  test('ones in known changes no bit of the search', async () => {
    const target = dense(tensor.shape, tensor.data);
    const options = { rank: 3, seed: 1, backend, maxSteps: 10 };
    const searched = async (given: DenseTarget): Promise<unknown> =>
      (await decompose(given, options)).history
        .filter(({ phase }) => phase === 'search')
        .map(({ step, startErrors, componentNorms }) => ({ step, startErrors, componentNorms }));
    expect(await searched(allKnown(target))).toEqual(await searched(target));
  });
});

describe('the float64 finish', () => {
  const start = plantedCp({ shape: [12, 11, 10], rank: 3, seed: 5 }).truth;

  const finished = (target: PartlyKnownTensor, tolerance: number, maxSteps: number): PolishReport => {
    const reports = [...reportsOf(polishCp(target, start, { tolerance, maxSteps }))];
    return reports[reports.length - 1]!;
  };

  test('converges in about as many steps with missing cells as with all', () => {
    const whole = finished(tensor, 1e-12, 100);
    const known = finished(partly, 1e-12, 100);
    expect(whole.relativeError).toBeLessThan(1e-12);
    expect(known.relativeError).toBeLessThan(1e-12);
    expect(known.step).toBeLessThan(1.5 * whole.step + 5);
  });

  test('ones in known gives the step of the structured normal equations', () => {
    const plain = finished(tensor, 0, 1);
    const ones = finished(allKnown(dense(tensor.shape, tensor.data)), 0, 1);
    expect(ones.relativeError).toBeCloseTo(plain.relativeError, 4);
    expect(factorMatchScore(ones.kruskal, plain.kruskal)).toBeGreaterThan(1 - 1e-6);
  });
});
