import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { philox4x32, randomBlock, randomWord } from '../../src/random/philox.js';
import { randomStream, unitInterval } from '../../src/random/stream.js';
import { frobenius } from '../support/brute.js';
import { expectClose } from '../support/close.js';

const words = (text: string): number[] => text.split(' ').map((word) => parseInt(word, 16));

describe('philox4x32', () => {
  // tests/kat_vectors of Random123 (DEShawResearch): counter, key, result of "philox4x32 10".
  it.each([
    ['00000000 00000000 00000000 00000000', '00000000 00000000', '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    ['ffffffff ffffffff ffffffff ffffffff', 'ffffffff ffffffff', '408f276d 41c83b0e a20bc7c6 6d5451fd'],
    ['243f6a88 85a308d3 13198a2e 03707344', 'a4093822 299f31d0', 'd16cfe09 94fdcceb 5001e420 24126ea1'],
  ])('known answer for counter %s', (counter, key, expected) => {
    const [c0 = NaN, c1 = NaN, c2 = NaN, c3 = NaN] = words(counter);
    const [k0 = NaN, k1 = NaN] = words(key);
    expect(philox4x32([c0, c1, c2, c3], [k0, k1])).toEqual(words(expected));
  });
  it('agrees with 64-bit integer arithmetic at any counter and key', () => {
    const word = fc.integer({ min: 0, max: 0xffffffff });
    fc.assert(
      fc.property(fc.tuple(word, word, word, word), fc.tuple(word, word), (counter, key) => {
        let [c0, c1, c2, c3] = counter.map(BigInt) as [bigint, bigint, bigint, bigint];
        let [k0, k1] = key.map(BigInt) as [bigint, bigint];
        const mask = 0xffffffffn;
        for (let round = 0; round < 10; round++) {
          const p0 = 0xd2511f53n * c0;
          const p1 = 0xcd9e8d57n * c2;
          c0 = (p1 >> 32n) ^ c1 ^ k0;
          c1 = p1 & mask;
          c2 = (p0 >> 32n) ^ c3 ^ k1;
          c3 = p0 & mask;
          k0 = (k0 + 0x9e3779b9n) & mask;
          k1 = (k1 + 0xbb67ae85n) & mask;
        }
        expect(philox4x32(counter, key)).toEqual([c0, c1, c2, c3].map(Number));
      }),
    );
  });
  it('layout: counter = block low, block high, stream, 0; key = seed low, seed high', () => {
    const seed = 2 ** 40 + 7;
    const stream = 11;
    const block = 2 ** 33 + 5;
    expect(randomBlock(seed, stream, block)).toEqual(philox4x32([5, 2, 11, 0], [7, 256]));
    expect([0, 1, 2, 3].map((lane) => randomWord(seed, stream, 4 * block + lane))).toEqual(
      randomBlock(seed, stream, block),
    );
  });
});

describe('randomStream', () => {
  it('gives the same numbers for the same seed and stream, others for another', () => {
    const draw = (seed: number, stream: number): number[] =>
      Array.from(randomStream(seed, stream).fillNormal(new Float64Array(9)));
    expect(draw(1, 2)).toEqual(draw(1, 2));
    for (const [seed, stream] of [
      [2, 2],
      [1, 3],
      [2 ** 32 + 1, 2],
    ] as const)
      expect(draw(seed, stream)).not.toEqual(draw(1, 2));
  });
  it('uniform i and normal i are functions of words 2i, 2i+1 (and of their block)', () => {
    const uniforms = randomStream(3, 1);
    const normals = randomStream(3, 1);
    for (let p = 0; p < 10; p++) {
      const [w0, w1, w2, w3] = randomBlock(3, 1, p);
      const u = unitInterval(w0, w1);
      const v = unitInterval(w2, w3);
      expect([uniforms.uniform(), uniforms.uniform()]).toEqual([u, v]);
      expectClose(normals.normal() ** 2 + normals.normal() ** 2, -2 * Math.log(u), 1e-13);
    }
  });
  it('uniforms never reach 0 or 1', () => {
    expect(unitInterval(0, 0)).toBeGreaterThan(0);
    expect(unitInterval(0xffffffff, 0xffffffff)).toBeLessThan(1);
    expect(unitInterval(0xffffffff, 0xffffffff)).toBe(1 - unitInterval(0, 0));
  });
  it('does not reuse a block where uniforms and normals alternate', () => {
    const random = randomStream(8);
    const n = 20_000;
    let correlation = 0;
    for (let i = 0; i < n; i++) correlation += (random.uniform() - 0.5) * random.normal() * Math.sqrt(12);
    expect(Math.abs(correlation / n)).toBeLessThan(5 / Math.sqrt(n));
  });
  it('has the moments of its distributions within five standard errors', () => {
    const n = 100_000;
    const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, value) => sum + value, 0) / n;
    const random = randomStream(12345, 6);
    const uniforms = Float64Array.from({ length: n }, () => random.uniform());
    expect(Math.abs(mean(uniforms) - 1 / 2)).toBeLessThan(5 * Math.sqrt(1 / 12 / n));
    expect(Math.abs(mean(uniforms.map((u) => u * u)) - 1 / 3)).toBeLessThan(5 * Math.sqrt(4 / 45 / n));
    const normals = random.fillNormal(new Float64Array(n));
    [0, 1, 0, 3].forEach((moment, k) => {
      const variance = [1, 2, 15, 96][k] ?? NaN;
      expect(Math.abs(mean(normals.map((z) => z ** (k + 1))) - moment)).toBeLessThan(5 * Math.sqrt(variance / n));
    });
    const signs = Float64Array.from({ length: n }, () => random.sign());
    expect(Math.abs(mean(signs))).toBeLessThan(5 / Math.sqrt(n));
    expect(new Set(signs)).toEqual(new Set([-1, 1]));
  });
  it('signs in an array are fair, independent of their neighbors at every distance up to 64, and 32 take one uniform', () => {
    const n = 100_000;
    const signs = randomStream(7, 3).fillSigns(new Float64Array(n));
    expect(signs.every((sign) => Math.abs(sign) === 1)).toBe(true);
    for (let distance = 0; distance <= 64; distance++) {
      let sum = 0;
      for (let i = distance; i < n; i++) sum += signs[i]! * (distance ? signs[i - distance]! : 1);
      expect(Math.abs(sum), `distance ${distance}`).toBeLessThan(5 * Math.sqrt(n));
    }
    const used = randomStream(7, 3);
    used.fillSigns(new Float64Array(33));
    const fresh = randomStream(7, 3);
    fresh.uniform();
    fresh.uniform();
    expect(used.uniform()).toBe(fresh.uniform());
  });
  it('directions are unit and point everywhere alike', () => {
    const { rows, columns, data } = randomStream(2).unitVectors(5000, 3);
    const mean = [0, 0, 0];
    for (let row = 0; row < rows; row++) {
      const vector = data.subarray(row * columns, (row + 1) * columns);
      expectClose(frobenius(vector), 1, 1e-14);
      vector.forEach((value, i) => (mean[i] = (mean[i] ?? NaN) + value / rows));
    }
    expect(frobenius(mean)).toBeLessThan(5 / Math.sqrt(rows));
  });
  it('refuses seeds and streams that are not whole numbers in range', () => {
    for (const seed of [-1, 0.5, NaN, 2 ** 53]) expect(() => randomStream(seed)).toThrow(InputError);
    for (const stream of [-1, 0.5, 2 ** 32]) expect(() => randomStream(1, stream)).toThrow(InputError);
  });
});
