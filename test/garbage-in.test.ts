// Public functions are called from JavaScript, too, and with what was JSON: whatever they are given in place of a target, a model, a tensor
// or a list of numbers, they take it or refuse it with an InputError. Never a TypeError, which says nothing to who made the mistake.
import { expect, test } from 'vitest';
import * as polyadic from '../src/index.js';
import { InputError } from '../src/index.js';

// Any argument in any place: no types.
const api = polyadic as unknown as Record<string, (...args: unknown[]) => unknown>;
const { dense, denseSymmetric, factored, kruskal, matrix, moments, observed, sensing, symmetricKruskal } = polyadic;

const square = matrix(2, 2, [1, 0, 0, 1]);
const model = kruskal([2, 1], [square, square, square]);
const symmetric = symmetricKruskal(3, [2, 1], square);
const tensor = dense([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 9]);
const entries = observed([2, 2], [0, 0, 1, 1], [1, 2]);
const packed = denseSymmetric(3, 2, [1, 2, 3, 4]);
const options = { maxSteps: 3, backend: 'cpu' };
const components = factored({ order: 3, dim: 2, weights: [1], vectors: [1, 1] });

const targets = [
  tensor,
  packed,
  components,
  moments({ order: 3, samples: [[1, 2]] }),
  entries,
  sensing([1, 2], [1, 1], [1]),
  sensing([1, 2], { factors: [matrix(1, 1, [1]), matrix(1, 2, [1, 1])] }, [1]),
];

/** Targets and models without one of their fields, or with another value there. */
const broken = [...targets, model, symmetric, tensor, square].flatMap((whole) =>
  Object.keys(whole)
    .filter((name) => name !== 'known' && name !== 'kind')
    .flatMap((name) => [undefined, 3, [1], new Float64Array(1)].map((value) => ({ ...whole, [name]: value }))),
);
const values = [
  undefined,
  null,
  NaN,
  5,
  -1,
  1e12,
  7n,
  'dense',
  true,
  Symbol('s'),
  () => 1,
  {},
  [],
  [[]],
  [null],
  new Date(0),
];
const kinds = [...targets.map(({ kind }) => ({ kind })), { kind: 3 }, { kind: 'no kind' }];
const garbage: unknown[] = [...values, ...kinds, ...broken];

/** Where the garbage goes, for every argument that takes a target, a model, a tensor, a matrix or a list. */
const calls: Record<string, ((bad: unknown) => unknown[])[]> = {
  arrange: [(bad) => [bad]],
  coreConsistency: [(bad) => [bad, model], (bad) => [tensor, bad]],
  column: [(bad) => [bad, 0], (bad) => [square, bad]],
  compact: [(bad) => [bad, symmetric], (bad) => [components, bad], (bad) => [components, symmetric, bad]],
  compactCp: [(bad) => [bad, model], (bad) => [entries, bad], (bad) => [entries, model, bad]],
  componentNormRates: [(bad) => [bad, model], (bad) => [entries, bad]],
  componentNorms: [(bad) => [bad]],
  compress: [(bad) => [bad], (bad) => [tensor, bad]],
  congruence: [(bad) => [bad, model], (bad) => [model, bad], (bad) => [model, model, bad]],
  cpToTucker: [(bad) => [bad]],
  decompose: [(bad) => [bad, options]],
  decomposeBatch: [(bad) => [bad, options], (bad) => [[bad], options], (bad) => [[components], bad]],
  defaultAlgorithm: [(bad) => [bad]],
  degeneracy: [(bad) => [bad]],
  dense: [(bad) => [bad, [1]], (bad) => [[2, 2], bad], (bad) => [[1, 2], [1, 2], bad]],
  denseNorm: [(bad) => [bad]],
  denseSymmetric: [(bad) => [bad], (bad) => [3, bad, [1]], (bad) => [3, 2, bad]],
  denseTensor: [(bad) => [bad, [1]], (bad) => [[2], bad]],
  deviationTensor: [(bad) => [bad]],
  effectiveRank: [(bad) => [bad]],
  explainedVariance: [(bad) => [bad]],
  factorMatchScore: [(bad) => [bad, model], (bad) => [model, bad], (bad) => [model, model, bad]],
  factored: [
    (bad) => [bad],
    (bad) => [{ ...components, weights: bad }],
    (bad) => [{ ...components, vectors: bad }],
    (bad) => [{ ...components, order: bad }],
  ],
  fixSigns: [(bad) => [bad]],
  heldOutCells: [(bad) => [bad, 1], (bad) => [tensor, bad], (bad) => [tensor, 1, bad]],
  heldOutScore: [(bad) => ['l2', 0, bad, [1]], (bad) => ['l2', 0, new Float64Array(1), bad]],
  holdOut: [(bad) => [bad, 0.5, 1], (bad) => [entries, bad, 1], (bad) => [entries, 0.5, 1, bad]],
  indexAt: [(bad) => [1, bad]],
  kruskal: [(bad) => [bad, [square]], (bad) => [[1, 1], bad], (bad) => [[1, 1], [bad]]],
  largestAsymmetry: [(bad) => [bad]],
  lazyThreshold: [(bad) => [bad, 3], (bad) => [3, bad]],
  lossOf: [(bad) => [bad]],
  matchComponents: [(bad) => [bad, model], (bad) => [model, bad]],
  matrix: [(bad) => [bad, 1, [1]], (bad) => [2, 2, bad]],
  medianError: [(bad) => [bad, [1]]],
  moments: [
    (bad) => [bad],
    (bad) => [{ order: 3, samples: bad }],
    (bad) => [{ order: 3, samples: [[1]], weights: bad }],
  ],
  norm: [(bad) => [bad]],
  normalize: [(bad) => [bad]],
  numericalRank: [(bad) => [bad]],
  observed: [(bad) => [bad, [0, 0], [1]], (bad) => [[2, 2], bad, [1]], (bad) => [[2, 2], [0, 0], bad]],
  openBackend: [(bad) => [bad === 1 ? 'cpu' : bad], (bad) => ['cpu', bad]],
  optionTable: [(bad) => [bad]],
  packKruskal: [(bad) => [bad]],
  packSymmetric: [(bad) => [bad]],
  predict: [(bad) => [bad, entries], (bad) => [model, bad]],
  predictEntries: [(bad) => [bad, [0, 0, 0]], (bad) => [model, bad]],
  predictWithDeviation: [(bad) => [bad, entries]],
  predictionError: [(bad) => [bad, entries], (bad) => [model, bad]],
  projectOnTangentSpace: [(bad) => [bad, square], (bad) => [symmetric, bad]],
  psnr: [(bad) => [bad, tensor], (bad) => [tensor, bad]],
  ranks: [(bad) => [bad], (bad) => [tensor, bad]],
  relativeError: [(bad) => [bad, tensor], (bad) => [model, bad]],
  relativeErrorFloor: [(bad) => [bad, tensor], (bad) => [model, bad]],
  resultFromJson: [(bad) => [bad]],
  resultToJson: [(bad) => [bad]],
  row: [(bad) => [bad, 0], (bad) => [square, bad]],
  sameModel: [(bad) => [bad, model], (bad) => [model, bad]],
  sensing: [
    (bad) => [bad, [1], [1]],
    (bad) => [[1, 1], bad, [1]],
    (bad) => [[1, 1], [1], bad],
    (bad) => [[1, 1], { factors: bad }, [1]],
    (bad) => [[1, 1], { factors: [bad, bad] }, [1]],
  ],
  splitHalf: [(bad) => [bad, 1], (bad) => [tensor, bad], (bad) => [tensor, 1, bad]],
  summary: [(bad) => [bad]],
  symmetricKruskal: [(bad) => [bad, [1, 1], square], (bad) => [3, bad, square], (bad) => [3, [1, 1], bad]],
  symmetricNorm: [(bad) => [bad]],
  symmetricTensor: [(bad) => [bad, 2, [1]], (bad) => [3, 2, bad]],
  symmetricToKruskal: [(bad) => [bad]],
  tangentGram: [(bad) => [3, bad]],
  toDense: [(bad) => [bad]],
  toNested: [(bad) => [bad]],
  toRows: [(bad) => [bad], (bad) => [model, bad]],
  tuckerToDense: [(bad) => [bad]],
  unbalancedness: [(bad) => [bad]],
  unpackSymmetric: [(bad) => [bad]],
  whiten: [(bad) => [bad]],
  wholeModes: [(bad) => [bad]],
};

test.each(Object.entries(calls))('%s takes it, or refuses it with an InputError', async (name, places) => {
  for (const place of places) {
    for (const bad of garbage) {
      try {
        await api[name]!(...place(bad));
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
        expect((error as Error).message).toMatch(/^\w+: expected [^\n]*, got [^\n]*[.?]$/);
      }
    }
  }
});

test('the message says what was expected, what came and what to do', () => {
  const result = { kruskal: model, relativeError: 0 };
  expect(() => api['norm']!(result)).toThrow(
    'norm: expected the model to be { weights, factors }, with one column of each factor per weight, or { order, weights, vectors }, with one row of vectors per weight, got an object. Make it by kruskal or symmetricKruskal, or give the kruskal of a result.',
  );
});

test('a target by hand that lacks a field is named, by how it is made', async () => {
  for (const { kind } of targets) {
    await expect(api['decompose']!({ kind })).rejects.toThrow(
      new RegExp(
        `^decompose: expected a ${kind} target with fields that fit together, got others. Make it by ${kind}\\(`,
      ),
    );
  }
});
