// Symmetric instances of the calibration: factored, given by all entries, or as moments of samples; and fourth cumulants of mixtures.
import { packMoments } from '../../src/handles/views/moments-view.js';
import { polished } from '../../src/compaction/polish-symmetric.js';
import { problemOf } from '../../src/handles/problem.js';
import {
  denseSymmetric,
  factored,
  moments,
  norm,
  packKruskal,
  relativeError,
  symmetricNorm,
  unpackSymmetric,
  type SymmetricKruskal,
  type SymmetricTensor,
} from '../../src/index.js';
import { addSymmetricNoise, orthogonal, plantedSymmetric } from '../../src/problems/index.js';
import { forEachPacked, multiplicity, packedLength } from '../../src/tensor/symmetric.js';
import { familyOf, spreadWeights, type Draw, type Family } from './calibration-draw.js';
import { clearRanks, poorAbove, type Fitted } from './calibration-rank.js';
import type { Instance, Truth } from './calibration-verdict.js';
import { mixture, type SourceKind } from './mixture.js';
import { finished } from '../../src/yield.js';

type Form = 'factored' | 'entries' | 'moments';
const forms: readonly Form[] = ['factored', 'entries', 'moments'];

interface Sizes {
  readonly order: number;
  readonly dim: number;
}

/** Largest dim by order: entries grow with its power, the factored form does not. */
const maxDims: Record<Form, readonly [number, number, number]> = {
  factored: [12, 12, 8],
  entries: [12, 6, 4],
  moments: [12, 6, 4],
};

/** With noise: in fewer dimensions a tensor has hardly more entries than a model has numbers, and noise looks like structure. */
const minDim = 4;

const family = familyOf('symmetric', 1);

export const symmetricFamilies: readonly Family[] = [
  ...forms.flatMap((form): Family[] => [
    family(`${form}/orthogonal`, (draw) => exact(form, draw, orthogonalTruth(draw, form, 1))),
    family(`${form}/orthogonal, signs`, (draw) =>
      exact(form, draw, orthogonalTruth(draw, form, 1, { mixedSigns: true })),
    ),
    family(`${form}/orthogonal, ratio`, (draw) =>
      exact(form, draw, orthogonalTruth(draw, form, draw.between(1.05, 3))),
    ),
    family(`${form}/weights 1 to 1e-4`, (draw) => exact(form, draw, spreadTruth(draw, form))),
    family(`${form}/cosine 0.9`, (draw) => exact(form, draw, collinearTruth(draw, form))),
    family(`${form}/overcomplete`, (draw) => exact(form, draw, overcompleteTruth(draw))),
  ]),
  family('entries/orthogonal, rank given', (draw) => {
    const truth = orthogonalTruth(draw, 'entries', draw.oneOf([1, draw.between(1.05, 3)]));
    return { ...exact('entries', draw, truth), options: { rank: truth.weights.length } };
  }),
  ...[0.01, 0.1].flatMap((level): Family[] => [
    family(`entries/orthogonal, noise ${level}`, (draw) =>
      noisy(draw, orthogonalTruth(draw, 'entries', draw.oneOf([1, draw.between(1.05, 1.5)]), { minDim }), level),
    ),
    family(`entries/cosine 0.9, noise ${level}`, (draw) => noisy(draw, collinearTruth(draw, 'entries', minDim), level)),
  ]),
  family('entries/weights 1 to 1e-4, noise 0.01', (draw) => noisy(draw, spreadTruth(draw, 'entries', minDim), 0.01)),
  family('entries/orthogonal, noise 0.01, rank given', (draw) => {
    const truth = orthogonalTruth(draw, 'entries', 1, { minDim });
    return { ...noisy(draw, truth, 0.01), options: { rank: truth.weights.length } };
  }),
  family('entries/noise alone', noiseAlone),
  family('entries/a∘a∘b', degenerate),
  family('entries/matrix', (draw) => {
    const dim = draw.integer(3, 10);
    const rank = draw.integer(1, 3);
    return exact('entries', draw, plantedSymmetric({ order: 2, dim, rank, seed: draw.seed }).truth);
  }),
  family('cumulant/uniform sources', (draw) => cumulant(draw, ['uniform'])),
  family('cumulant/two kinds of sources', (draw) => cumulant(draw, ['uniform', 'sign'])),
];

/** Order 3 in half of the cases. */
function sizesOf(draw: Draw, form: Form, minDim: number): Sizes {
  const order = draw.oneOf([3, 3, 4, 5]);
  return { order, dim: draw.integer(minDim, maxDims[form][order - 3]!) };
}

/** As many components as dimensions in half of the cases. */
function orthogonalTruth(
  draw: Draw,
  form: Form,
  ratio: number,
  { mixedSigns = false, minDim = 2 } = {},
): SymmetricKruskal {
  const { order, dim } = sizesOf(draw, form, minDim);
  const rank = draw.oneOf([dim, draw.integer(1, dim)]);
  return orthogonal({ order, dim, rank, seed: draw.seed, ratio, mixedSigns }).truth;
}

function spreadTruth(draw: Draw, form: Form, minDim = 2): SymmetricKruskal {
  const { order, dim } = sizesOf(draw, form, minDim);
  const rank = draw.integer(2, Math.max(2, Math.min(5, dim)));
  const { truth } = plantedSymmetric({ order, dim, rank, seed: draw.seed });
  const weights = spreadWeights(draw, rank, 1e-4).map((weight) => weight * draw.sign());
  return { ...truth, weights: Float64Array.from(weights) };
}

function collinearTruth(draw: Draw, form: Form, minDim = 2): SymmetricKruskal {
  const { order, dim } = sizesOf(draw, form, minDim);
  const rank = draw.integer(2, Math.min(4, dim));
  return plantedSymmetric({ order, dim, rank, seed: draw.seed, cosine: 0.9, mixedSigns: draw.oneOf([true, false]) })
    .truth;
}

function overcompleteTruth(draw: Draw): SymmetricKruskal {
  const [order, dim] = draw.oneOf([
    [3, 4],
    [3, 5],
    [3, 6],
    [4, 3],
    [4, 4],
    [5, 3],
  ] as const);
  return plantedSymmetric({ order, dim, rank: draw.integer(dim + 1, dim + 2), seed: draw.seed }).truth;
}

function exact(form: Form, draw: Draw, truth: SymmetricKruskal): Instance {
  const { order, weights, vectors } = truth;
  return {
    target:
      form === 'factored'
        ? factored({ ...truth, dim: vectors.columns })
        : form === 'entries'
          ? denseSymmetric(packKruskal(truth))
          : moments({ order, ...samplesOf(draw, truth) }),
    options: {},
    about: describe(truth),
    truth: { kind: 'exact', rank: weights.length },
    errorOf: (model) => relativeError(model, truth),
  };
}

/** Several samples along every direction, weighted so that their moment is the tensor: Σ_t w_t s_t^l = c_r over those of component r. */
function samplesOf(draw: Draw, { order, weights, vectors }: SymmetricKruskal) {
  const { columns: dim, data } = vectors;
  const samples: Float64Array[] = [];
  const sampleWeights: number[] = [];
  weights.forEach((weight, r) => {
    const own = Array.from({ length: draw.integer(1, 8) }, () => ({
      length: draw.between(0.5, 1.5),
      part: draw.between(0.2, 1),
    }));
    const moment = own.reduce((sum, { length, part }) => sum + part * length ** order, 0);
    for (const { length, part } of own) {
      samples.push(data.slice(r * dim, (r + 1) * dim).map((entry) => length * entry));
      sampleWeights.push((weight * part) / moment);
    }
  });
  return { samples, weights: sampleWeights };
}

function noisy(draw: Draw, truth: SymmetricKruskal, level: number): Instance {
  const clean = packKruskal(truth);
  const tensor = addSymmetricNoise(clean, { level, seed: draw.seed });
  const dim = truth.vectors.columns;
  const variance = (level * symmetricNorm(clean)) ** 2 / packedLength(truth.order, dim);
  return {
    ...ofTensor(tensor),
    about: `${describe(truth)}, noise ${level}`,
    truth: noisyTruth(tensor, truth, variance),
  };
}

function noisyTruth(tensor: SymmetricTensor, truth: SymmetricKruskal, variance: number): Truth {
  const best = finished(polished(problemOf(denseSymmetric(tensor)).view, truth)).relativeError;
  const bound = variance * truth.order * truth.vectors.columns;
  const clean = problemOf(factored({ ...truth, dim: truth.vectors.columns })).view;
  const fit = (start: SymmetricKruskal): Fitted<SymmetricKruskal> => {
    const { kruskal, relativeError: error } = finished(polished(clean, start, { tolerance: 1e-4, maxSteps: 30 }));
    return { model: kruskal, missed: (error * norm(truth)) ** 2 };
  };
  const clear = clearRanks(truth, bound, fit);
  return { kind: 'noisy', best, ranks: clear.ranks, poorAbove: poorAbove(best, bound, clear, symmetricNorm(tensor)) };
}

function ofTensor(tensor: SymmetricTensor): Pick<Instance, 'target' | 'options' | 'errorOf'> {
  const full = unpackSymmetric(tensor);
  return { target: denseSymmetric(tensor), options: {}, errorOf: (model) => relativeError(model, full) };
}

/** A Gaussian tensor whose law no rotation changes. */
function noiseAlone(draw: Draw): Instance {
  const [order, dim] = draw.oneOf([
    [3, 8],
    [3, 10],
    [4, 6],
  ] as const);
  const data = draw.fillNormal(new Float64Array(packedLength(order, dim)));
  forEachPacked(order, dim, (index, at) => (data[at]! /= Math.sqrt(multiplicity(index))));
  return {
    ...ofTensor({ order, dim, data }),
    about: `order ${order}, dim ${dim}, noise alone`,
    truth: { kind: 'noise' },
  };
}

/** The mean of a∘a∘b over the orders of its modes: rank 3, and the limit of tensors of rank 2 whose components cancel. */
function degenerate(draw: Draw): Instance {
  const dim = draw.integer(2, 6);
  const a = draw.fillNormal(new Float64Array(dim));
  const b = draw.fillNormal(new Float64Array(dim));
  const sum = a.map((value, i) => value + b[i]!);
  const difference = a.map((value, i) => b[i]! - value);
  const truth: SymmetricKruskal = {
    order: 3,
    weights: Float64Array.of(1 / 6, 1 / 6, -1 / 3),
    vectors: { rows: 3, columns: dim, data: Float64Array.of(...sum, ...difference, ...b) },
  };
  return { ...exact('entries', draw, truth), about: `order 3, dim ${dim}, a∘a∘b symmetrized` };
}

/**
 * The fourth cumulant of a mixture of independent sources, whitened: Σ_j κ_j u_j^{⊗4} with orthonormal u_j, and the chance of samples as
 * noise. Of sources with heavy tails that noise is not like Gaussian noise at all, and looks like components.
 */
function cumulant(draw: Draw, kinds: readonly SourceKind[]): Instance {
  const sources = draw.integer(3, 5);
  const { target, whiteDirections, kurtoses } = mixture(sources, 20_000, draw.seed, kinds);
  const tensor = finished(packMoments(target));
  const truth: SymmetricKruskal = { order: 4, weights: kurtoses, vectors: whiteDirections };
  const left = finished(polished(problemOf(denseSymmetric(tensor)).view, truth)).relativeError * symmetricNorm(tensor);
  const entries = packedLength(4, sources);
  return {
    ...ofTensor(tensor),
    target,
    about: `${sources} sources (${kinds.join(', ')}), 20000 samples`,
    truth: noisyTruth(tensor, truth, left ** 2 / (entries - sources * sources)),
  };
}

function describe({ order, weights, vectors }: SymmetricKruskal): string {
  const told = Array.from(weights, (weight) => Number(weight.toPrecision(2)));
  return `order ${order}, dim ${vectors.columns}, rank ${weights.length}, weights ${told.join(' ')}`;
}
