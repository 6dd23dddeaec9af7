// Philox4x32-10: counter-based random words, a pure function of (seed, stream, index), drawn in any order on CPU and GPU.
// Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011; constants of Random123.
// Layout, the same in WGSL:  word w of stream s under seed k  =  lane (w mod 4) of the block with
//   counter = [⌊w/4⌋ mod 2³², ⌊w/4⌋ div 2³², s, 0]     key = [k mod 2³², k div 2³²]
// 32-bit products are built from 16-bit halves, as WGSL has no 64-bit integers either. Used by src/random/stream.ts.
import { InputError } from '../errors.js';

const multiplier0 = 0xd2511f53;
const multiplier1 = 0xcd9e8d57;
const weyl0 = 0x9e3779b9;
const weyl1 = 0xbb67ae85;
const rounds = 10;

/** Four words. */
export type Block = readonly [number, number, number, number];

/** The bijection itself: counter and key words are unsigned 32-bit integers. */
export function philox4x32(counter: Block, key: readonly [number, number]): [number, number, number, number] {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < rounds; round++) {
    const high0 = multiplyHigh(multiplier0, c0);
    const low0 = Math.imul(multiplier0, c0);
    const high1 = multiplyHigh(multiplier1, c2);
    const low1 = Math.imul(multiplier1, c2);
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1 >>> 0;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0 >>> 0;
    k0 = (k0 + weyl0) >>> 0;
    k1 = (k1 + weyl1) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** Block number `block` of a stream: words 4·block … 4·block + 3. */
export function randomBlock(seed: number, stream: number, block: number): [number, number, number, number] {
  return philox4x32([block >>> 0, Math.floor(block / 2 ** 32), stream, 0], seedWords(seed));
}

/** Word number `index` of a stream, an unsigned 32-bit integer. */
export function randomWord(seed: number, stream: number, index: number): number {
  return randomBlock(seed, stream, Math.floor(index / 4))[index % 4]!;
}

/** The two key words of a seed. */
export function seedWords(seed: number): [number, number] {
  return [seed >>> 0, Math.floor(seed / 2 ** 32)];
}

/** Throws unless seed is an integer from 0 to 2⁵³ − 1 and stream one from 0 to 2³² − 1. */
export function checkSeed(who: string, seed: number, stream = 0): void {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new InputError(
      `${who}: expected seed to be an integer from 0 to 2^53 − 1, got ${seed}. Give a whole number.`,
    );
  }
  if (!Number.isSafeInteger(stream) || stream < 0 || stream >= 2 ** 32) {
    throw new InputError(
      `${who}: expected stream to be an integer from 0 to 2^32 − 1, got ${stream}. Give a whole number.`,
    );
  }
}

/** High 32 bits of the 64-bit product of two unsigned 32-bit integers. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = aLow * bHigh + (middle & 0xffff);
  return aHigh * bHigh + (middle >>> 16) + (carry >>> 16);
}
