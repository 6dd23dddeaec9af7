// Random numbers drawn one after the other from one Philox stream: uniform, normal, sign, directions.
// Everything random in the library takes a seed and a stream number and comes from here; there is no global state.
// Number i (uniform or normal) uses words 2i and 2i+1, so a stream of one kind can be drawn at any index:
//   uniform i = (26 high bits of word 2i · 2²⁶ + 26 high bits of word 2i+1 + ½) / 2⁵²
//   normal 2p, 2p+1 = √(−2·ln u)·cos(2πv), √(−2·ln u)·sin(2πv)   with u, v = uniforms 2p, 2p+1   (Box & Muller 1958)
import { checkSeed, randomBlock } from './philox.js';
import type { Matrix } from '../tensor/matrix.js';

export interface RandomStream {
  /** In (0, 1), ends excluded, symmetric about ½; 52 random bits. */
  uniform(): number;
  /** Standard normal. Where uniforms and normals alternate, a pair of normals starts at a fresh block. */
  normal(): number;
  /** −1 or 1; takes one uniform. */
  sign(): -1 | 1;
  /** Fills the array with −1 and 1 and returns it; takes one uniform per 32 of them. */
  fillSigns(array: Float64Array): Float64Array;
  /** Fills the array with standard normals and returns it. */
  fillNormal<T extends Float64Array | Float32Array>(array: T): T;
  /** Directions uniform on the unit sphere, one per row, [count, dim]: normalized Gaussian rows. */
  unitVectors(count: number, dim: number): Matrix;
}

/** Streams with different seeds or stream numbers are independent. seed: 0 … 2⁵³ − 1; stream: 0 … 2³² − 1. */
export function randomStream(seed: number, stream = 0): RandomStream {
  checkSeed('randomStream', seed, stream);
  let next = 0; // number of the next uniform
  let block = randomBlock(seed, stream, 0);
  let spare: number | undefined;

  function uniform(): number {
    if (next % 2 === 0) block = randomBlock(seed, stream, next / 2);
    const value = next % 2 === 0 ? unitInterval(block[0], block[1]) : unitInterval(block[2], block[3]);
    next++;
    return value;
  }

  function normal(): number {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    if (next % 2 === 1) next++;
    const radius = Math.sqrt(-2 * Math.log(uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  function fillNormal<T extends Float64Array | Float32Array>(array: T): T {
    for (let i = 0; i < array.length; i++) array[i] = normal();
    return array;
  }

  function fillSigns(array: Float64Array): Float64Array {
    for (let from = 0; from < array.length; from += 32) {
      const bits = Math.floor(uniform() * 2 ** 32);
      const end = Math.min(array.length, from + 32);
      for (let i = from; i < end; i++) array[i] = (bits >>> (i - from)) & 1 ? 1 : -1;
    }
    return array;
  }

  return {
    uniform,
    normal,
    fillNormal,
    fillSigns,
    sign: () => (uniform() < 0.5 ? -1 : 1),
    unitVectors: (count, dim) => {
      const data = fillNormal(new Float64Array(count * dim));
      for (let row = 0; row < count; row++) toUnit(data.subarray(row * dim, (row + 1) * dim));
      return { rows: count, columns: dim, data };
    },
  };
}

/**
 * (m + ½)/2⁵² for a 52-bit integer m: every value is exact in float64, none is 0 or 1. With 53 bits the largest would
 * round to 1, whose logarithm then gives a normal of radius 0, and 1 − u an infinite one.
 */
export function unitInterval(high: number, low: number): number {
  return ((high >>> 6) * 2 ** 26 + (low >>> 6) + 0.5) / 2 ** 52;
}

function toUnit(row: Float64Array): void {
  let sum = 0;
  for (const value of row) sum += value * value;
  const norm = Math.sqrt(sum);
  for (let i = 0; i < row.length; i++) row[i] = row[i]! / norm;
}
