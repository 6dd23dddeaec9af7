// Dense instances of the calibration: every family once with the rank given and once with rank 'auto', where both make sense.
import { dense, denseNorm, relativeError, toDense, type DenseTensor, type Kruskal } from '../../src/index.js';
import { addNoise } from '../../src/problems/index.js';
import { rankOf } from '../../src/tensor/kruskal.js';
import { sizeOf } from '../../src/tensor/shape.js';
import { familyOf, type Draw, type Family } from './calibration-draw.js';
import {
  describePlanted,
  deviation,
  fitTo,
  plainSizes,
  plantedTruth,
  polishedCp,
  sizes,
  withOffset,
  withSpread,
  type Planted,
  type PlantedKind,
} from './calibration-planted.js';
import { clearRanks, componentBound, poorAbove } from './calibration-rank.js';
import type { Instance, Truth } from './calibration-verdict.js';

/** At least as large as the rank in every mode. */
const plain = plainSizes({ 3: [6, 10], 4: [4, 6] }, [2, 4]);

const kinds: readonly PlantedKind[] = [
  { name: 'weights equal', planted: plain },
  { name: 'weights equal, noise 0.01', planted: plain, noise: 0.01 },
  { name: 'weights equal, noise 0.1', planted: plain, noise: 0.1 },
  { name: 'orthogonal', planted: (draw) => ({ ...plain(draw), cosine: 0 }) },
  { name: 'weights 1 to 1e-4', planted: withSpread(plain, 1e-4) },
  { name: 'weights 1 to 1e-4, noise 0.01', planted: withSpread(plain, 1e-4), noise: 0.01 },
  { name: 'weights 1, 0.1, 0.01 …', planted: geometricWeights },
  { name: 'weights 1, 0.1, 0.01 …, noise 0.01', planted: geometricWeights, noise: 0.01 },
  { name: 'offset', planted: withOffset(plain) },
  { name: 'offset, noise 0.01', planted: withOffset(plain), noise: 0.01 },
  { name: 'cosine 0.9', planted: (draw) => ({ ...plain(draw), cosine: 0.9 }) },
  { name: 'cosine 0.9, noise 0.01', planted: (draw) => ({ ...plain(draw), cosine: 0.9 }), noise: 0.01 },
  { name: 'nonnegative', planted: (draw) => ({ ...plain(draw), nonnegative: true }) },
  { name: 'modes of size 1', planted: sizesWithOnes },
  { name: 'matrix', planted: matrixSizes },
  { name: 'matrix, noise 0.01', planted: matrixSizes, noise: 0.01 },
  { name: 'overcomplete', planted: overcomplete },
  { name: 'tiny', planted: tiny },
];

const family = familyOf('dense', 0.75);

export const denseFamilies: readonly Family[] = [
  ...kinds.flatMap(({ name, planted, noise = 0 }): Family[] => [
    family(`rank given/${name}`, (draw) => {
      const { truth, ...instance } = denseInstance(draw, planted(draw), noise);
      // A component below the noise may be asked for: then as many as asked for are right, too.
      const max = truth.planted;
      return { ...instance, options: { rank: max }, truth: withMax(truth.expected, max) };
    }),
    family(`rank auto/${name}`, (draw) => {
      const { truth, ...instance } = denseInstance(draw, planted(draw), noise);
      return { ...instance, options: {}, truth: truth.expected };
    }),
  ]),
  family('rank auto/noise alone', noiseAlone),
  family('rank given/2, of a tensor of border rank 2', (draw) => ({ ...borderRank(draw, 2), options: { rank: 2 } })),
  family('rank given/3, of a tensor of border rank 2', (draw) => ({ ...borderRank(draw, 3), options: { rank: 3 } })),
  family('rank auto/border rank 2', (draw) => borderRank(draw, 3)),
  family('rank given/2, of any 2 × 2 × 2', anySmallest),
];

const withMax = (truth: Truth, max: number): Truth =>
  truth.kind === 'noisy' ? { ...truth, ranks: [truth.ranks[0], max] } : truth;

function geometricWeights(draw: Draw): Planted {
  const { shape, rank } = plain(draw);
  return { shape, rank, weights: Array.from({ length: rank }, (_, r) => 10 ** -r) };
}

function sizesWithOnes(draw: Draw): Planted {
  const shape = sizes(draw, draw.integer(2, 3), 5, 12);
  for (let ones = draw.integer(1, 2); ones > 0; ones--) shape.splice(draw.integer(0, shape.length), 0, 1);
  return { shape, rank: draw.integer(1, 3) };
}

function matrixSizes(draw: Draw): Planted {
  return { shape: [draw.integer(6, 20), draw.integer(6, 20)], rank: draw.integer(1, 4) };
}

/** More components than the longest mode, and fewer than any tensor of that shape has. */
function overcomplete(draw: Draw): Planted {
  const [shape, rank] = draw.oneOf<readonly [number[], number]>([
    [[3, 3, 3], 4],
    [[4, 4, 4], 5],
    [[5, 5, 5], draw.integer(6, 7)],
    [[3, 3, 3, 3], draw.integer(4, 6)],
  ]);
  return { shape, rank };
}

function tiny(draw: Draw): Planted {
  const shape = draw.oneOf([
    [2, 2, 2],
    [2, 2, 3],
    [2, 3, 3],
    [2, 2, 2, 2],
  ]);
  return { shape, rank: draw.integer(1, 3) };
}

interface PlantedInstance extends Pick<Instance, 'target' | 'about' | 'errorOf'> {
  readonly truth: { readonly expected: Truth; readonly planted: number };
}

function denseInstance({ seed }: Draw, planted: Planted, noise: number): PlantedInstance {
  const model = plantedTruth(seed, planted);
  const clean = toDense(model);
  const level = (noise * deviation(model) * Math.sqrt(clean.data.length)) / denseNorm(clean);
  const tensor = addNoise(clean, { level, seed });
  return {
    target: dense(tensor.shape, tensor.data),
    about: describePlanted(planted, noise),
    errorOf: (found) => relativeError(found, tensor),
    truth: {
      expected: noise > 0 ? noisyTruth(model, clean, tensor, level) : exactTruth(model),
      planted: rankOf(model),
    },
  };
}

const exactTruth = (model: Kruskal): Truth => ({ kind: 'exact', rank: rankOf(model) });

function noisyTruth(model: Kruskal, clean: DenseTensor, tensor: DenseTensor, level: number): Truth {
  const best = polishedCp(tensor, model).error;
  const bound = componentBound(clean.shape, (level * denseNorm(clean)) ** 2 / clean.data.length);
  const clear = clearRanks(model, bound, fitTo(clean));
  return { kind: 'noisy', best, ranks: clear.ranks, poorAbove: poorAbove(best, bound, clear, denseNorm(tensor)) };
}

function noiseAlone(draw: Draw): Instance {
  const shape = draw.oneOf<number[]>([sizes(draw, 3, 7, 10), sizes(draw, 4, 5, 6)]);
  const data = draw.fillNormal(new Float64Array(sizeOf(shape)));
  return {
    ...ofTensor({ shape, data }),
    about: `${shape.join('×')}, noise alone`,
    truth: { kind: 'noise' },
  };
}

function ofTensor(tensor: DenseTensor): Pick<Instance, 'target' | 'options' | 'errorOf'> {
  return {
    target: dense(tensor.shape, tensor.data),
    options: {},
    errorOf: (model) => relativeError(model, tensor),
  };
}

/** a∘b∘f + a∘e∘c + d∘b∘c: rank 3, and the limit of tensors of rank 2 whose components cancel, so that no best one exists. */
function borderRank(draw: Draw, rank: number): Instance {
  const shape = sizes(draw, 3, 2, 5);
  const factors = shape.map((rows, mode) => {
    const data = new Float64Array(rows * 3);
    const own = draw.fillNormal(new Float64Array(rows));
    const other = draw.fillNormal(new Float64Array(rows));
    for (let i = 0; i < rows; i++) for (let r = 0; r < 3; r++) data[i * 3 + r] = (r === mode ? other : own)[i]!;
    return { rows, columns: 3, data };
  });
  return {
    ...ofTensor(toDense({ weights: new Float64Array(3).fill(1), factors })),
    about: `${shape.join('×')}, border rank 2`,
    truth: { kind: 'exact', rank },
  };
}

/**
 * Normal entries. Where the discriminant is negative the tensor has rank 3, and no best approximation of rank 2 exists (de Silva & Lim, SIAM J.
 * Matrix Anal. Appl. 30 (2008), theorem 8.1); else it has rank 2. Either way only an exact answer can be called converged.
 */
function anySmallest(draw: Draw): Instance {
  const shape = [2, 2, 2];
  const data = draw.fillNormal(new Float64Array(8));
  return {
    ...ofTensor({ shape, data }),
    options: { rank: 2 },
    about: `2×2×2, ${discriminant(data) < 0 ? 'rank 3' : 'rank 2'}`,
    truth: { kind: 'exact', rank: 2 },
  };
}

/** Of det(X_0 + t X_1), X_0 and X_1 the two slices: negative where its roots are complex. */
function discriminant(data: Float64Array): number {
  const [a, b, c, d, e, f, g, h] = Array.from(data) as [number, number, number, number, number, number, number, number];
  return (a * h + e * d - b * g - f * c) ** 2 - 4 * (a * d - b * c) * (e * h - f * g);
}
