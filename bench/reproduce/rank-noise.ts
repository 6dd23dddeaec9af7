// Noise that is not white, on a planted tensor: clean + level · ‖clean‖ · N / ‖N‖. Heavy tails, slices of unequal variance, and
// a memory along one mode are what real residuals have.
import { denseNorm, type DenseTensor } from '../../src/index.js';
import { randomStream, type RandomStream } from '../../src/random/stream.js';
import { problemStreams } from '../../src/random/streams.js';
import { euclideanNorm } from '../../src/tensor/square-sum.js';

export type NoiseKind =
  /** Student's t: with 3 degrees of freedom it has a variance and no fourth moment, with 2 not even a variance. */
  | { readonly kind: 't'; readonly freedom: 2 | 3 }
  /** Standard deviations of the slices of the first mode, log-uniform from 0.4 to 2.5. */
  | { readonly kind: 'unequal' }
  /** Standard deviations of the cells, the same range. */
  | { readonly kind: 'unequalCells' }
  /** A standard deviation in every cell that is in proportion to its value. */
  | { readonly kind: 'proportional' }
  /** N_t = memory · N_{t−1} + noise along the last mode, stationary. */
  | { readonly kind: 'memory'; readonly memory: number };

const noiseStream = problemStreams + 2 ** 21;

export function addUnevenNoise(
  { shape, data }: DenseTensor,
  noise: NoiseKind,
  { level, seed }: { readonly level: number; readonly seed: number },
): DenseTensor {
  const random = randomStream(seed, noiseStream);
  const drawn = draw(noise, { shape, data }, random.fillNormal(new Float64Array(data.length)), random);
  const scale = (level * denseNorm({ shape, data })) / euclideanNorm(drawn);
  return { shape, data: drawn.map((value, at) => data[at]! + scale * value) };
}

function draw(
  noise: NoiseKind,
  { shape, data }: DenseTensor,
  normals: Float64Array,
  random: RandomStream,
): Float64Array {
  const deviation = (): number => 2.5 ** (2 * random.uniform() - 1);
  switch (noise.kind) {
    case 't': {
      // The mean of ν squares is a χ² of ν degrees of freedom over ν.
      const meanSquare = (): number => {
        let sum = 0;
        for (let k = 0; k < noise.freedom; k++) sum += random.normal() ** 2;
        return sum / noise.freedom;
      };
      return normals.map((value) => value / Math.sqrt(meanSquare()));
    }
    case 'unequal': {
      const perSlice = normals.length / shape[0]!;
      const deviations = Array.from({ length: shape[0]! }, deviation);
      return normals.map((value, at) => value * deviations[Math.floor(at / perSlice)]!);
    }
    case 'unequalCells':
      return normals.map((value) => value * deviation());
    case 'proportional':
      return normals.map((value, at) => value * data[at]!);
    case 'memory': {
      const length = shape[shape.length - 1]!;
      const fresh = Math.sqrt(1 - noise.memory ** 2);
      for (let at = 0; at < normals.length; at++) {
        if (at % length > 0) normals[at] = noise.memory * normals[at - 1]! + fresh * normals[at]!;
      }
      return normals;
    }
    default:
      return noise satisfies never;
  }
}
