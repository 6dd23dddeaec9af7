// Sampling from a posterior: its gradient, steps of SGHMC, Gibbs draws of precisions, and the two halves of a step of SVGD. Random
// numbers by Philox (lib/random.ts), a function of seed, stream, step and place alone.
import { defineKernel, read, readWrite, wgsl } from './kernel.js';
import { randomFunctions } from './lib/random.js';

/** The random numbers of a dispatch: block `step` · 2³² + place of a stream. */
const randomness = { seedLow: 'u32', seedHigh: 'u32', stream: 'u32', step: 'u32' } as const;
const blockAt = (place: string): string =>
  `randomBlock(vec2u(params.seedLow, params.seedHigh), params.stream, ${place}, params.step)`;

/**
 * gradient ← scale · noisePrecisions[b] · gradient + precisions[b, c] · parameters: of −log of the posterior of Gaussian factors,
 * from the gradient of the mean squared error, with scale = observations / 2.
 */
export const posteriorGradient = defineKernel({
  name: 'posteriorGradient',
  bindings: {
    noisePrecisions: read('[batch]'),
    precisions: read('[batch, rank]'),
    parameters: read('[batch, rows, rank]'),
    gradient: readWrite('[batch, rows, rank]'),
  },
  params: { batch: 'u32', rows: 'u32', rank: 'u32', scale: 'f32' },
  invocations: ['batch', 'rows', 'rank'],
  body: () => wgsl`
  let item = index / (params.rows * params.rank);
  let pull = precisions[item * params.rank + index % params.rank] * parameters[index];
  gradient[index] = params.scale * noisePrecisions[item] * gradient[index] + pull;`,
});

export interface StepSghmcVariant {
  /** Whether the variance of the gradient is estimated and taken off the noise: for minibatches. */
  readonly estimates: boolean;
}

/**
 * A step of stochastic gradient Hamiltonian Monte Carlo (Chen, Fox & Guestrin, ICML 2014) of unit masses, at
 * ε_b = 1 / √(base + slope · curvatures[b]):  v ← (1 − f) v − ε g + √(2 f − ε² V) ξ,  x ← x + drift · ε v.
 * V is the variance of the gradient, ½ (g − previous g)² averaged with weight `share`, or 0. With drift 1 the gradient is taken at
 * points x whose x − ½ ε v have exactly the right variance where the density is normal (BAOAB: Leimkuhler & Matthews 2013): end with
 * drift ½ where a sample is wanted, and go on with another ½ (zero gradient, friction 0). ε g is cut off at ±10, standard deviations of v:
 * where the density is steeper than ε is made for, steps are then too long, but do not blow up.
 */
export const stepSghmc = defineKernel({
  name: 'stepSghmc',
  bindings: {
    gradient: read('[batch, length]'),
    curvatures: read('[batch]'),
    velocity: readWrite('[batch, length]'),
    parameters: readWrite('[batch, length]'),
    previous: readWrite('[batch, length], where it estimates'),
    variance: readWrite('[batch, length], where it estimates'),
  },
  params: {
    batch: 'u32',
    length: 'u32',
    base: 'f32',
    slope: 'f32',
    friction: 'f32',
    drift: 'f32',
    share: 'f32',
    ...randomness,
  },
  variants: () => [false, true].map((estimates) => ({ estimates })),
  invocations: ['batch', 'length'],
  work: ({ batch, length }) => 256 * batch * length,
  declarations: () => randomFunctions,
  body: ({ estimates }: StepSghmcVariant) => wgsl`
  let rate = 1f / sqrt(params.base + params.slope * curvatures[index / params.length]);
  let slope = gradient[index];
  var noise = 2f * params.friction;
#if ${estimates}
  let change = slope - previous[index];
  previous[index] = slope;
  let estimate = variance[index] + params.share * (0.5f * change * change - variance[index]);
  variance[index] = estimate;
  noise = max(0f, noise - rate * rate * estimate);
#endif
  let words = ${blockAt('index >> 2u')};
  let pair = select(words.xy, words.zw, (index & 2u) != 0u);
  let normals = normalsOf(pair.x, pair.y);
  let next = (1f - params.friction) * velocity[index] - clamp(rate * slope, -10f, 10f)
    + sqrt(noise) * select(normals.x, normals.y, (index & 1u) != 0u);
  velocity[index] = next;
  parameters[index] += params.drift * rate * next;`,
});

export interface DrawPrecisionsVariant {
  /** A draw, or the mean. */
  readonly by: 'draw' | 'mean';
}

/**
 * precisions[b, c] from Gamma(shape, rate + scale · Σ_p squares[p, b, c, c]): the conditional of a precision with a gamma prior, given
 * normal numbers whose squares stand on the diagonals of Gram matrices. Marsaglia & Tsang, ACM Trans. Math. Softw. 26 (2000), shape ≥ 1.
 */
export const drawPrecisions = defineKernel({
  name: 'drawPrecisions',
  bindings: {
    squares: read('[parts, batch, rank, rank]'),
    precisions: readWrite('[batch, rank]'),
  },
  params: { batch: 'u32', rank: 'u32', parts: 'u32', shape: 'f32', rate: 'f32', scale: 'f32', ...randomness },
  variants: () => (['draw', 'mean'] as const).map((by) => ({ by })),
  invocations: ['batch', 'rank'],
  work: ({ batch, rank }) => 1024 * batch * rank,
  declarations: () => randomFunctions,
  body: ({ by }: DrawPrecisionsVariant) => wgsl`
  var sum = 0f;
  for (var p = 0u; p < params.parts; p++) {
    sum += squares[(p * params.batch * params.rank + index) * params.rank + index % params.rank];
  }
  let rate = params.rate + params.scale * sum;
#if ${by === 'mean'}
  precisions[index] = params.shape / rate;
#else
  let d = params.shape - ${1 / 3}f;
  let c = 1f / sqrt(9f * d);
  var cube = 1f;
  // An attempt fails once in twenty; 32 of them never do.
  for (var attempt = 0u; attempt < 32u; attempt++) {
    let words = ${blockAt('32u * index + attempt')};
    let x = normalsOf(words.x, words.y).x;
    let root = 1f + c * x;
    if (root <= 0f) { continue; }
    cube = root * root * root;
    let u = uniformOf(words.z);
    if (u < 1f - 0.0331f * x * x * x * x) { break; }
    if (log(u) < 0.5f * x * x + d * (1f - cube + log(cube))) { break; }
  }
  precisions[index] = d * cube / rate;
#endif`,
});

/**
 * The kernel of SVGD: kernel[p, q] = exp(−‖x_p − x_q‖² / h), h = bandwidth[0] = median over pairs of ‖x_p − x_q‖² / ln(count + 1), from
 * inner products of the particles, the sum of `parts` matrices. One workgroup: distances, their median by ranks, the kernel.
 */
export const steinKernel = defineKernel({
  name: 'steinKernel',
  bindings: {
    products: read('[parts, count, count]'),
    kernel: readWrite('[count, count]'),
    bandwidth: readWrite('[1]'),
  },
  params: { parts: 'u32', count: 'u32' },
  workgroupSize: () => 256,
  workgroups: () => 1,
  work: ({ count }) => count ** 4,
  body: () => wgsl`
  if (group > 0u) { return; }
  let count = params.count;
  let size = count * count;
  let pairs = count * (count - 1u) / 2u;
  for (var at = lane; at < size; at += workgroupSize) {
    let p = at / count;
    let q = at % count;
    var square = 0f;
    for (var part = 0u; part < params.parts; part++) {
      let base = part * size;
      square += products[base + p * count + p] + products[base + q * count + q] - 2f * products[base + at];
    }
    kernel[at] = max(square, 0f);
  }
  if (lane == 0u && pairs == 0u) { bandwidth[0] = 1f; }
  storageBarrier();
  for (var at = lane; at < size; at += workgroupSize) {
    if (at / count >= at % count) { continue; }
    let own = kernel[at];
    var before = 0u;
    for (var other = 0u; other < size; other++) {
      if (other / count >= other % count) { continue; }
      let square = kernel[other];
      if (square < own || (square == own && other < at)) { before++; }
    }
    if (before == (pairs - 1u) / 2u) { bandwidth[0] = max(own, 1e-30f) / log(f32(count) + 1f); }
  }
  storageBarrier();
  for (var at = lane; at < size; at += workgroupSize) { kernel[at] = exp(-kernel[at] / bandwidth[0]); }`,
});

/**
 * Where SVGD moves the particles from (Liu & Wang, NeurIPS 2016), to descend along:
 * direction[p] = (1/count) Σ_q kernel[p, q] (gradient[q] − (2/h) (x_p − x_q)), the gradient that of −log of the density.
 */
export const steinDirection = defineKernel({
  name: 'steinDirection',
  bindings: {
    kernel: read('[count, count]'),
    bandwidth: read('[1]'),
    parameters: read('[count, length]'),
    gradient: read('[count, length]'),
    direction: readWrite('[count, length]'),
  },
  params: { count: 'u32', length: 'u32' },
  invocations: ['count', 'length'],
  work: ({ count, length }) => 8 * count * count * length,
  body: () => wgsl`
  let p = index / params.length;
  let i = index % params.length;
  let own = parameters[index];
  var sum = 0f;
  for (var q = 0u; q < params.count; q++) {
    let at = q * params.length + i;
    sum += kernel[p * params.count + q] * (gradient[at] - 2f / bandwidth[0] * (own - parameters[at]));
  }
  direction[index] = sum / f32(params.count);`,
});
