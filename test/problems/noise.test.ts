// Noise of an exact relative norm; on symmetric tensors symmetric, and with a law that no rotation changes.
import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/errors.js';
import { addNoise, addSymmetricNoise, plantedSymmetric } from '../../src/problems/index.js';
import { denseNorm, denseTensor, subtract } from '../../src/tensor/dense.js';
import { packKruskal, symmetricTensor, unpackSymmetric } from '../../src/tensor/symmetric.js';
import { expectClose } from '../support/close.js';

const tensor = denseTensor(
  [4, 3, 5],
  Float64Array.from({ length: 60 }, (_, i) => Math.sin(i)),
);
const packed = packKruskal(plantedSymmetric({ order: 3, dim: 6, rank: 4, seed: 2 }).truth);

// Four norms over at most 216 entries, each off by (216/2 + 1)·2^-53 at most; an entry plus its noise is rounded once, and
// that rounding is (1 + 1/level)·2^-53 of the noise, in the tensor and in the difference.
const roundingOf = (level: number): number => (4 * (216 / 2 + 1) + 2 * (1 + 1 / level)) * 2 ** -53;

describe.each([1e-6, 0.1, 3])('level %f', (level) => {
  test('is the norm of the noise over that of the tensor', () => {
    const noisy = addNoise(tensor, { level, seed: 1 });
    expectClose(denseNorm(subtract(noisy, tensor)) / denseNorm(tensor), level, roundingOf(level));
    const dense = unpackSymmetric(packed);
    const noisySymmetric = unpackSymmetric(addSymmetricNoise(packed, { level, seed: 1 }));
    expectClose(denseNorm(subtract(noisySymmetric, dense)) / denseNorm(dense), level, roundingOf(level));
  });
});

test('no noise is the tensor itself, in an array of its own; the same seed is the same noise', () => {
  const none = addNoise(tensor, { level: 0, seed: 1 });
  expect(none).toEqual(tensor);
  expect(none.data).not.toBe(tensor.data);
  expect(addSymmetricNoise(packed, { level: 0, seed: 1 })).toEqual(packed);
  expect(addNoise(tensor, { level: 1, seed: 1 })).toEqual(addNoise(tensor, { level: 1, seed: 1 }));
  expect(addNoise(tensor, { level: 1, seed: 1 })).not.toEqual(addNoise(tensor, { level: 1, seed: 2 }));
});

test('symmetric noise has in every direction the same variance: N(u, u, u) of unit vectors u', () => {
  // Of 2,000 draws of ±c·N/‖N‖ each: the mean of x² is known to 1/√1000 of itself; 5 standard deviations are 0.16.
  const dim = 3;
  const origin = symmetricTensor(3, dim, [1, ...new Array<number>(9).fill(0)]); // norm 1
  const directions = [[1, 0, 0], [Math.SQRT1_2, Math.SQRT1_2, 0], [1, 1, 1].map((value) => value / Math.sqrt(3))];
  const count = 2000;
  const variances = directions.map(() => 0);
  for (let seed = 0; seed < count; seed++) {
    const noise = subtract(
      unpackSymmetric(addSymmetricNoise(origin, { level: 1, seed })),
      unpackSymmetric(origin),
    ).data;
    directions.forEach((u, k) => {
      let value = 0;
      noise.forEach((entry, at) => {
        value += entry * u[Math.floor(at / dim ** 2)]! * u[Math.floor(at / dim) % dim]! * u[at % dim]!;
      });
      variances[k]! += value ** 2 / count;
    });
  }
  // ‖N‖² is 1, spread evenly over the C(5, 3) = 10 dimensions of symmetric tensors.
  variances.forEach((variance) => expect(Math.abs(variance * 10 - 1)).toBeLessThan(0.16));
});

test.each([
  [() => addNoise(tensor, { level: -1, seed: 1 }), 'addNoise: expected level to be a finite number ≥ 0, got -1'],
  [() => addNoise(tensor, { level: NaN, seed: 1 }), 'got NaN'],
  [() => addSymmetricNoise(packed, { level: 0, seed: 0.5 }), 'seed to be an integer'],
  [() => addSymmetricNoise(packed, { level: 1, sed: 1 } as never), 'Did you mean seed?'],
  [
    () => addNoise(denseTensor([2], [1.7e308, 1.7e308]), { level: 1, seed: 1 }),
    'finite norms, got Infinity and level 1',
  ],
  [() => addNoise(tensor, { level: 1e308, seed: 1 }), 'and level 1e+308. Scale the tensor down'],
])('bad input %# is refused', (make, message) => {
  expect(make).toThrow(InputError);
  expect(make).toThrow(message);
});
