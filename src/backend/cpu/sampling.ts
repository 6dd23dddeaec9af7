// Gradients of a posterior, steps of SGHMC, Gibbs draws of precisions, SVGD. Twin of shaders/sampling.wgsl.ts.
import { normalsOf, uniformOf } from '../../random/draws.js';
import { philox4x32 } from '../../random/philox.js';
import type { CpuArgs } from './arrays.js';

export function posteriorGradient(args: CpuArgs<'posteriorGradient'>): void {
  const { batch, rows, rank, scale, noisePrecisions, precisions, parameters, gradient } = args;
  for (let b = 0, at = 0; b < batch; b++) {
    const factor = scale * noisePrecisions[b]!;
    for (let i = 0; i < rows; i++) {
      for (let c = 0; c < rank; c++, at++) {
        gradient[at] = factor * gradient[at]! + precisions[b * rank + c]! * parameters[at]!;
      }
    }
  }
}

export function stepSghmc(args: CpuArgs<'stepSghmc'>): void {
  const { batch, length, base, slope, friction, drift, share, estimates } = args;
  const { seedLow, seedHigh, stream, step, gradient, curvatures, velocity, parameters, previous, variance } = args;
  const key = [seedLow, seedHigh] as const;
  let normals: readonly number[] = [];
  for (let at = 0; at < batch * length; at++) {
    if (at % 4 === 0) {
      const [first, second, third, fourth] = philox4x32([at >>> 2, step, stream, 0], key);
      normals = [...normalsOf(first, second), ...normalsOf(third, fourth)];
    }
    const rate = 1 / Math.sqrt(base + slope * curvatures[Math.floor(at / length)]!);
    const g = gradient[at]!;
    let noise = 2 * friction;
    if (estimates) {
      const change = g - previous[at]!;
      previous[at] = g;
      variance[at]! += share * (0.5 * change * change - variance[at]!);
      noise = Math.max(0, noise - rate * rate * variance[at]!);
    }
    const kick = Math.max(-10, Math.min(10, rate * g));
    velocity[at] = (1 - friction) * velocity[at]! - kick + Math.sqrt(noise) * normals[at % 4]!;
    parameters[at]! += drift * rate * velocity[at]!;
  }
}

export function drawPrecisions(args: CpuArgs<'drawPrecisions'>): void {
  const { batch, rank, parts, shape, rate, scale, by, seedLow, seedHigh, stream, step, squares, precisions } = args;
  for (let at = 0; at < batch * rank; at++) {
    let sum = 0;
    for (let p = 0; p < parts; p++) sum += squares[(p * batch * rank + at) * rank + (at % rank)]!;
    const gamma = by === 'mean' ? shape : drawGamma(shape, [seedLow, seedHigh], stream, 32 * at, step);
    precisions[at] = gamma / (rate + scale * sum);
  }
}

/** Marsaglia & Tsang (2000), from block `place` of the step on. */
function drawGamma(shape: number, key: readonly [number, number], stream: number, place: number, step: number): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  let cube = 1;
  for (let attempt = 0; attempt < 32; attempt++) {
    const [first, second, third] = philox4x32([place + attempt, step, stream, 0], key);
    const [x] = normalsOf(first, second);
    const root = 1 + c * x;
    if (root <= 0) continue;
    cube = root ** 3;
    const u = uniformOf(third);
    if (u < 1 - 0.0331 * x ** 4 || Math.log(u) < 0.5 * x * x + d * (1 - cube + Math.log(cube))) break;
  }
  return d * cube;
}

export function steinKernel({ parts, count, products, kernel, bandwidth }: CpuArgs<'steinKernel'>): void {
  const size = count * count;
  const distances: number[] = [];
  for (let p = 0; p < count; p++) {
    for (let q = 0; q < count; q++) {
      let square = 0;
      for (let part = 0; part < parts; part++) {
        const base = part * size;
        square +=
          products[base + p * (count + 1)]! + products[base + q * (count + 1)]! - 2 * products[base + p * count + q]!;
      }
      kernel[p * count + q] = Math.max(0, square);
      if (p < q) distances.push(kernel[p * count + q]!);
    }
  }
  distances.sort((a, b) => a - b);
  const median = distances[(distances.length - 1) >> 1];
  bandwidth[0] = median === undefined ? 1 : Math.max(median, 1e-30) / Math.log(count + 1);
  for (let at = 0; at < size; at++) kernel[at] = Math.exp(-kernel[at]! / bandwidth[0]);
}

export function steinDirection(args: CpuArgs<'steinDirection'>): void {
  const { count, length, kernel, bandwidth, parameters, gradient, direction } = args;
  const pull = 2 / bandwidth[0]!;
  for (let p = 0; p < count; p++) {
    for (let i = 0; i < length; i++) {
      let sum = 0;
      for (let q = 0; q < count; q++) {
        const at = q * length + i;
        sum += kernel[p * count + q]! * (gradient[at]! - pull * (parameters[p * length + i]! - parameters[at]!));
      }
      direction[p * length + i] = sum / count;
    }
  }
}
