// Noise that is not white, on a planted tensor: clean + level · ‖clean‖ · N / ‖N‖. Heavy tails, slices of unequal variance, and
// a memory along one mode are what real residuals have.
import { denseNorm, type DenseTensor } from '../../src/index.js';
import { randomStream, type RandomStream } from '../../src/random/stream.js';
import { problemStreams } from '../../src/random/streams.js';
import { euclideanNorm } from '../../src/tensor/square-sum.js';

export type NoiseKind =
  /** Student's t with 3 degrees of freedom: a variance, and no fourth moment. */
  | { readonly kind: 't3' }
  /** Standard deviations of the slices of the first mode, log-uniform from 0.4 to 2.5. */
  | { readonly kind: 'unequal' }
  /** N_t = memory · N_{t−1} + noise along the last mode, stationary. */
  | { readonly kind: 'memory'; readonly memory: number };

const noiseStream = problemStreams + 2 ** 21;

export function addUnevenNoise(
  { shape, data }: DenseTensor,
  noise: NoiseKind,
  { level, seed }: { readonly level: number; readonly seed: number },
): DenseTensor {
  const random = randomStream(seed, noiseStream);
  const drawn = draw(noise, shape, random.fillNormal(new Float64Array(data.length)), random);
  const scale = (level * denseNorm({ shape, data })) / euclideanNorm(drawn);
  return { shape, data: drawn.map((value, at) => data[at]! + scale * value) };
}

function draw(noise: NoiseKind, shape: readonly number[], normals: Float64Array, random: RandomStream): Float64Array {
  switch (noise.kind) {
    case 't3': {
      // The mean of three squares is a χ² of 3 degrees of freedom over 3.
      const square = (): number => random.normal() ** 2;
      return normals.map((value) => value / Math.sqrt((square() + square() + square()) / 3));
    }
    case 'unequal': {
      const perSlice = normals.length / shape[0]!;
      const deviations = Array.from({ length: shape[0]! }, () => 2.5 ** (2 * random.uniform() - 1));
      return normals.map((value, at) => value * deviations[Math.floor(at / perSlice)]!);
    }
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
