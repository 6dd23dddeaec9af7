// Instances of the calibration of which not every cell is known: observed entries, dense tensors with missing cells, measurements.
// Their error is that on the cells that are not known (of measurements: on all), against the tensor without noise, relative to its
// deviation there.
import { polishedSampled } from '../../src/compaction/cp/polish-sampled.js';
import { problemOf } from '../../src/handles/problem.js';
import { dense, observed, predict, predictEntries, sensing, toDense } from '../../src/index.js';
import type { AnyKruskal, Kruskal, SampledTarget, Target } from '../../src/index.js';
import { symmetricEigen } from '../../src/linalg/eigen.js';
import { plantedObserved } from '../../src/problems/index.js';
import { rankOf } from '../../src/tensor/kruskal.js';
import { sizeOf } from '../../src/tensor/shape.js';
import { familyOf, type Draw, type Family } from './calibration-draw.js';
import {
  describePlanted,
  deviation,
  fitTo,
  plainSizes,
  plantedTruth,
  sizes,
  withOffset,
  withSpread,
  type Planted,
  type PlantedKind,
} from './calibration-planted.js';
import { clearRanks, componentBound } from './calibration-rank.js';
import type { Instance, Truth } from './calibration-verdict.js';
import { finished } from '../../src/yield.js';

interface Kind extends PlantedKind {
  /** Observations for every free number of the planted model, from and to. */
  readonly density: readonly [number, number];
  /** Fewer observations than free numbers: the unknown cells cannot be known. Default: false. */
  readonly undetermined?: boolean;
}

const lowDensity = [2.5, 4] as const;
const highDensity = [5, 8] as const;

const plain = plainSizes({ 3: [7, 10], 4: [5, 6] }, [1, 3]);

const kinds: readonly Kind[] = [
  { name: 'many', planted: plain, density: highDensity },
  { name: 'few', planted: plain, density: lowDensity },
  { name: 'offset', planted: withOffset(plain), density: highDensity },
  { name: 'weights 1 to 0.03', planted: withSpread(plain, 0.03), density: highDensity },
  { name: 'weights 1 to 1e-4', planted: withSpread(plain, 1e-4), density: highDensity },
  { name: 'noise 0.01', planted: plain, density: highDensity, noise: 0.01 },
  { name: 'noise 0.05', planted: plain, density: highDensity, noise: 0.05 },
  { name: 'lowDensity, noise 0.01', planted: plain, density: lowDensity, noise: 0.01 },
  { name: 'too few', planted: plain, density: [0.5, 0.9], undetermined: true },
];

/** A completion takes seconds. */
const family = familyOf('sampled', 0.25);

export const sampledFamilies: readonly Family[] = [
  ...kinds.flatMap((kind): Family[] => [
    family(`rank given/${kind.name}`, (draw) => given(observedInstance(draw, kind))),
    family(`rank auto/${kind.name}`, (draw) => observedInstance(draw, kind)),
  ]),
  { ...family('missing cells/rank given', (draw) => given(missingCells(draw, 0))), share: 1 },
  { ...family('missing cells/rank given, noise 0.01', (draw) => given(missingCells(draw, 0.01))), share: 1 },
  family('measurements/rank given', (draw) => given(measured(draw))),
  family('measurements/rank auto', measured),
];

/** Of what is planted, offset included. */
function given(instance: PlantedInstance): Instance {
  return { ...instance, options: { rank: instance.planted } };
}

interface PlantedInstance extends Instance {
  readonly planted: number;
}

/** Three quarters of the cells at most are known. */
const maxKnown = 0.75;

function observedInstance(draw: Draw, { planted, density, noise = 0, undetermined = false }: Kind): PlantedInstance {
  const problem = planted(draw);
  const truth = plantedTruth(draw.seed, problem);
  const wanted = draw.between(...density) * freeNumbers(truth);
  const indices = cellsOf(draw, problem, truth, wanted, undetermined);
  const target = observed(problem.shape, indices, noisyValues(draw, truth, indices, noise));
  return {
    ...ofSamples({ target, sampled: target, truth, noise, known: knownCells(problem.shape, indices) }),
    about: `${describePlanted(problem, noise)}, ${target.count} cells known for ${freeNumbers(truth)} free numbers`,
  };
}

/** R (Σ I_k − N + 1): a component's columns, less the scales that cancel. */
function freeNumbers({ weights, factors }: Kruskal): number {
  return weights.length * (factors.reduce((sum, { rows }) => sum + rows, 0) - factors.length + 1);
}

/** Multi-indices of random cells, drawn again until they determine the truth (to first order), where they are meant to. */
function cellsOf(
  draw: Draw,
  { shape, rank }: Planted,
  truth: Kruskal,
  wanted: number,
  undetermined: boolean,
): Uint32Array {
  const cells = sizeOf(shape);
  const known = Math.min(maxKnown, wanted / cells);
  for (let again = 0; again < maxDraws; again++) {
    const { target } = plantedObserved({ shape, rank, share: known, seed: draw.seed + again * 2 ** 20 });
    if (undetermined || determines(target.indices, truth)) return target.indices;
  }
  throw new Error(`calibration: expected cells that determine the truth, got none in ${maxDraws} draws.`);
}

const maxDraws = 100;

/** Whether the derivative of the cells by all factor entries has full rank, but for the scales that cancel in every component. */
function determines(indices: Uint32Array, { factors }: Kruskal): boolean {
  const order = factors.length;
  const rank = factors[0]?.columns ?? 0;
  const offsets = factors.map((_, k) => factors.slice(0, k).reduce((sum, { data }) => sum + data.length, 0));
  const unknowns = factors.reduce((sum, { data }) => sum + data.length, 0);
  const square = new Float64Array(unknowns * unknowns);
  for (let e = 0; e < indices.length; e += order) {
    const entries = factors.flatMap((_, k) =>
      Array.from({ length: rank }, (_, r) => {
        const at = indices[e + k]! * rank + r;
        const others = factors.reduce(
          (product, factor, m) => (m === k ? product : product * factor.data[indices[e + m]! * rank + r]!),
          1,
        );
        return { at: offsets[k]! + at, slope: others };
      }),
    );
    for (const a of entries) for (const b of entries) square[a.at * unknowns + b.at]! += a.slope * b.slope;
  }
  const { values } = symmetricEigen({ rows: unknowns, columns: unknowns, data: square });
  const full = unknowns - rank * (order - 1);
  return values.filter((value) => value > independent * values[0]!).length === full;
}

/** Squares of singular values: 1e-4 of the largest one still counts, so that the truth can be found to many digits. */
const independent = 1e-8;

function noisyValues(draw: Draw, truth: Kruskal, indices: Uint32Array, noise: number): Float64Array {
  const values = predictEntries(truth, indices);
  const normals = draw.fillNormal(new Float64Array(values.length));
  const size = noise * deviation(truth);
  return values.map((value, e) => value + size * normals[e]!);
}

function knownCells(shape: readonly number[], indices: Uint32Array): Uint8Array {
  const known = new Uint8Array(sizeOf(shape));
  for (let e = 0; e < indices.length; e += shape.length) {
    known[shape.reduce((at, size, k) => at * size + indices[e + k]!, 0)] = 1;
  }
  return known;
}

interface Samples {
  readonly target: Target;
  /** The same as observations or measurements. */
  readonly sampled: SampledTarget;
  readonly truth: Kruskal;
  readonly noise: number;
  /** By cell, row-major. */
  readonly known: Uint8Array;
}

function ofSamples({ target, sampled, truth, noise, known }: Samples): Omit<PlantedInstance, 'about'> {
  const clean = toDense(truth);
  const errorOf = unknownError(clean, known);
  return {
    target,
    options: {},
    errorOf,
    planted: rankOf(truth),
    truth: noise === 0 ? { kind: 'exact', rank: rankOf(truth) } : noisyTruth(),
  };

  function noisyTruth(): Truth {
    const best = errorOf(finished(polishedSampled(problemOf(sampled).view, truth)).kruskal);
    const shown = sampled.count / clean.data.length;
    const bound = componentBound(clean.shape, (noise * deviation(truth)) ** 2) / shown;
    const { ranks } = clearRanks(truth, bound, fitTo(clean));
    return { kind: 'noisy', best, ranks, poorAbove: 2 * best };
  }
}

/** ‖model − tensor‖ / ‖tensor − its mean‖, over the unknown cells. */
function unknownError({ data }: ReturnType<typeof toDense>, known: Uint8Array): (model: AnyKruskal) => number {
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  const over = (square: (at: number) => number): number =>
    Math.sqrt(known.reduce((sum, cell, at) => (cell ? sum : sum + square(at)), 0));
  const size = over((at) => (data[at]! - mean) ** 2);
  return (model) => {
    const { data: found } = toDense(model);
    return over((at) => (found[at]! - data[at]!) ** 2) / size;
  };
}

/** A dense target with a tenth to a half of its cells NaN. */
function missingCells(draw: Draw, noise: number): PlantedInstance {
  const problem: Planted = plain(draw);
  const { shape } = problem;
  const truth = plantedTruth(draw.seed, problem);
  const cells = toDense(truth).data.length;
  const indices = cellsOf(draw, problem, truth, draw.between(0.5, maxKnown) * cells, false);
  const values = noisyValues(draw, truth, indices, noise);
  const sampled = observed(shape, indices, values);
  const known = knownCells(shape, indices);
  const data = new Float64Array(cells).fill(NaN);
  values.forEach(
    (value, e) => (data[shape.reduce((at, size, k) => at * size + indices[e * shape.length + k]!, 0)] = value),
  );
  const target = dense(shape, data, { missing: 'nan' });
  return {
    ...ofSamples({ target, sampled, truth, noise, known }),
    about: `${describePlanted(problem, noise)}, ${sampled.count} of ${cells} cells known`,
  };
}

/** Inner products with Gaussian tensors. */
function measured(draw: Draw): PlantedInstance {
  const shape = sizes(draw, 3, 4, 6);
  const problem: Planted = { shape, rank: draw.integer(1, 2) };
  const truth = plantedTruth(draw.seed, problem);
  const size = toDense(truth).data.length;
  const count = Math.round(draw.between(2, 4) * freeNumbers(truth));
  const measurements = draw.fillNormal(new Float64Array(count * size));
  const shapeOnly = sensing(shape, measurements, new Float64Array(count).fill(1));
  const target = { ...shapeOnly, values: predict(truth, shapeOnly) };
  return {
    ...ofSamples({ target, sampled: target, truth, noise: 0, known: new Uint8Array(size) }),
    about: `${describePlanted(problem, 0)}, ${count} measurements for ${freeNumbers(truth)} free numbers`,
  };
}
