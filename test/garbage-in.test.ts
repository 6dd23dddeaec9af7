// Public functions are called from JavaScript, too, and with what was JSON: whatever they are given in place of a target, a model, a tensor
// or a list of numbers, they take it or refuse it with an InputError. Never a TypeError, which says nothing to who made the mistake.
import { expect, test } from 'vitest';
import * as polyadic from '../src/index.js';
import { BackendError, InputError } from '../src/index.js';
import * as io from '../src/io/index.js';
import * as problems from '../src/problems/index.js';
import * as worker from '../src/worker/index.js';

// Any argument in any place: no types.
const api = { ...polyadic, ...io, ...problems, ...worker } as unknown as Record<
  string,
  (...args: unknown[]) => unknown
>;
const { dense, denseSymmetric, factored, kruskal, matrix, moments, observed, sensing, symmetricKruskal } = polyadic;

const square = matrix(2, 2, [1, 0, 0, 1]);
const model = kruskal([2, 1], [square, square, square]);
const symmetric = symmetricKruskal(3, [2, 1], square);
const tensor = dense([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 9]);
const entries = observed([2, 2], [0, 0, 1, 1], [1, 2]);
const packed = denseSymmetric(3, 2, [1, 2, 3, 4]);
const options = { maxSteps: 3, backend: 'cpu' };
const components = factored({ order: 3, dim: 2, weights: [1], vectors: [1, 1] });

const numbers = (...values: number[]): Float64Array => Float64Array.from(values);
const table = kruskal([1], [matrix(2, 1, [1, 2]), matrix(2, 1, [3, 4])]);
const outside = { ...entries, indices: Uint32Array.of(0, 0, 1, 2) };
const uncertain = { kruskal: table, posterior: { secondMoment: table, noise: 1, inflation: 1 } };
const sampled = { kruskal: table, posterior: { draws: [table], noises: numbers(1), noise: 1, rankShares: numbers(1) } };
const noSeed = { shape: [2, 2], rank: 1, share: 0.5 };

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

/** Without an argument they try out the device, for seconds. */
const takeAnything = ['selfTest', 'tune'];

/** Where the garbage goes, for every argument that takes a target, a model, a tensor, a matrix or a list. */
const calls: Record<string, ((bad: unknown) => unknown[])[]> = {
  arrange: [(bad) => [bad]],
  coreConsistency: [(bad) => [bad, model], (bad) => [tensor, bad]],
  column: [(bad) => [bad, 0], (bad) => [square, bad]],
  compact: [(bad) => [bad, symmetric], (bad) => [components, bad], (bad) => [components, symmetric, bad]],
  compactCp: [(bad) => [bad, model], (bad) => [entries, bad], (bad) => [entries, model, bad]],
  componentNormRates: [(bad) => [bad, table], (bad) => [entries, bad], (bad) => [entries, table, bad]],
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
  heldOutScore: [
    (bad) => [bad, 0, numbers(1), numbers(1)],
    (bad) => ['l2', 0, bad, [1]],
    (bad) => ['l2', 0, new Float64Array(1), bad],
  ],
  holdOut: [(bad) => [bad, {}], (bad) => [entries, bad]],
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
  predict: [(bad) => [bad, entries], (bad) => [table, bad]],
  predictEntries: [(bad) => [bad, [0, 0, 0]], (bad) => [model, bad]],
  predictWithDeviation: [(bad) => [bad, entries], (bad) => [uncertain, bad], (bad) => [sampled, bad]],
  predictIntervals: [(bad) => [bad, entries], (bad) => [uncertain, bad], (bad) => [sampled, bad]],
  predictionError: [(bad) => [bad, entries], (bad) => [table, bad], (bad) => [table, entries, bad]],
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
  transposedCpLinear: [(bad) => [bad]],
  projectionResidual: [(bad) => [bad, square], (bad) => [symmetric, bad]],
  tuckerToDense: [(bad) => [bad]],
  unbalancedness: [(bad) => [bad]],
  unpackSymmetric: [(bad) => [bad]],
  whiten: [(bad) => [bad]],
  wholeModes: [(bad) => [bad]],
  addGrossErrors: [(bad) => [bad, { share: 0.5, seed: 1 }], (bad) => [new Float64Array(2), bad]],
  addNoise: [(bad) => [bad, { level: 1, seed: 1 }], (bad) => [tensor, bad]],
  addSymmetricNoise: [(bad) => [bad, { level: 1, seed: 1 }], (bad) => [packed, bad]],
  arrivalsToCsv: [(bad) => [bad]],
  distinctCells: [(bad) => [bad], (bad) => [{ shape: [2], indices: bad }]],
  emptySlices: [(bad) => [bad], (bad) => [{ shape: [2], indices: bad }]],
  formatOf: [(bad) => [bad]],
  hideCells: [
    (bad) => [bad, { share: 0.5, seed: 1 }],
    (bad) => [entries, bad],
    (bad) => [entries, { share: 0.5, seed: 1, modes: bad }],
  ],
  historyToCsv: [(bad) => [bad], (bad) => [[bad]]],
  historyToJson: [(bad) => [bad], (bad) => [[bad]]],
  kruskalToJson: [(bad) => [bad]],
  kruskalFromJson: [(bad) => [bad]],
  npyToDense: [(bad) => [bad]],
  npyToObserved: [(bad) => [bad]],
  orthogonal: [(bad) => [bad], (bad) => [{ order: 3, dim: bad, rank: 1, seed: 1 }]],
  plantedCp: [
    (bad) => [bad],
    (bad) => [{ shape: bad, rank: 1, seed: 1 }],
    (bad) => [{ shape: [2, 2], rank: bad, seed: 1 }],
    (bad) => [{ shape: [2, 2], rank: 1, seed: bad }],
    (bad) => [{ shape: [2, 2], rank: 1, seed: 1, weights: bad }],
  ],
  plantedObserved: [(bad) => [bad], (bad) => [{ shape: [2, 2], rank: 1, seed: 1, share: bad }]],
  plantedSymmetric: [(bad) => [bad], (bad) => [{ order: 3, dim: 2, rank: 1, seed: 1, weightRange: bad }]],
  readKtensor: [(bad) => [bad]],
  readTns: [(bad) => [bad], (bad) => ['1 1 1\n', { base: bad }]],
  writeKtensor: [(bad) => [bad]],
  writeNpy: [(bad) => [bad], (bad) => [{ shape: bad, data: new Float64Array(1) }]],
  writePng: [(bad) => [bad], (bad) => [{ shape: bad, data: new Float64Array(1) }]],
  writeTns: [(bad) => [bad], (bad) => [entries, { base: bad }]],
  writeToolboxTensor: [(bad) => [bad]],
};

test.each(Object.entries(calls))('%s takes it, or refuses it with an InputError', async (name, places) => {
  for (const place of places) {
    for (const bad of garbage) {
      try {
        await api[name]!(...place(bad));
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
        expect((error as Error).message).toMatch(new RegExp(`^${name}: expected [^\n]*, got [^\n]*[.?]$`));
      }
    }
  }
});

/** Every exported function, with what is no argument of most: where it is one, or none is needed, it may take long. */
const functions = Object.keys(api).filter((name) => {
  const value: unknown = api[name];
  return typeof value === 'function' && !(value.prototype instanceof Error) && !takeAnything.includes(name);
});
const nothings = [undefined, null, 1, 'x', {}, []];

test.each(functions)('%s takes any first argument, or refuses it in its own name', async (name) => {
  for (const bad of nothings) {
    try {
      const got = await api[name]!(bad);
      if (name === 'decomposeSteps') await (got as AsyncGenerator).next();
    } catch (error) {
      if (error instanceof BackendError) continue;
      expect(error).toBeInstanceOf(InputError);
      expect((error as Error).message).toMatch(
        new RegExp(`^${name === 'decomposeSteps' ? 'decompose' : name}: expected [^\n]*, got [^\n]*[.?]$`),
      );
    }
  }
});

/** Arguments of the right types that mean nothing: each call gave an answer that looked like one, or named another function. */
const meaningless: [name: string, args: unknown[], message: string][] = [
  [
    'heldOutScore',
    ['l2', 0, numbers(1, 2), numbers(1)],
    'expected as many predictions as values, at least one, got 2 and 1',
  ],
  [
    'heldOutScore',
    ['l2', 0, numbers(), numbers()],
    'expected as many predictions as values, at least one, got 0 and 0',
  ],
  ['medianError', [numbers(1), numbers(1, 2)], 'expected as many predictions as values, at least one, got 1 and 2'],
  ['medianError', [numbers(), numbers()], 'expected as many predictions as values, at least one, got 0 and 0'],
  ['hideCells', [entries, { share: 0.5, seed: 1, modes: 9 }], 'expected modes to be a whole number from 1 to 2, got 9'],
  ['hideCells', [entries, { share: 0.5, seed: 1, modes: 0 }], 'expected modes to be a whole number from 1 to 2, got 0'],
  [
    'hideCells',
    [entries, { share: 0.5, seed: 1, modes: 1.5 }],
    'expected modes to be a whole number from 1 to 2, got 1.5',
  ],
  ['holdOut', [entries, { together: [9] }], 'expected together to be modes from 0 to 1, got [9]'],
  ['holdOut', [entries, { together: [0.5] }], 'expected together to be modes from 0 to 1, got [0.5]'],
  ['distinctCells', [outside], 'expected an index from 0 to 1 in mode 1, got 2 for entry 1'],
  ['emptySlices', [outside], 'expected an index from 0 to 1 in mode 1, got 2 for entry 1'],
  [
    'distinctCells',
    [{ shape: [2, 2], indices: Uint32Array.of(0, 0, 1) }],
    'expected 2 indices per entry, got 3 in all',
  ],
  ['predictEntries', [table, [0, 0, 1]], 'expected 2 indices per entry, got 3 in all'],
  ['predictEntries', [table, [0, 0, 1, 2]], 'expected an index from 0 to 1 in mode 1, got 2 for entry 1'],
  ['predictEntries', [table, [-1, 0]], 'expected an index from 0 to 1 in mode 0, got -1 for entry 0'],
  ['predictEntries', [table, [0, 0.5]], 'expected an index from 0 to 1 in mode 1, got 0.5 for entry 0'],
  ['predict', [table, outside], 'expected an index from 0 to 1 in mode 1, got 2 for entry 1'],
  ['predictionError', [table, outside], 'expected an index from 0 to 1 in mode 1, got 2 for entry 1'],
  ['predictWithDeviation', [uncertain, outside], 'expected an index from 0 to 1 in mode 1, got 2 for entry 1'],
  ['predictWithDeviation', [sampled, outside], 'expected an index from 0 to 1 in mode 1, got 2 for entry 1'],
  ['predictIntervals', [uncertain, outside], 'expected an index from 0 to 1 in mode 1, got 2 for entry 1'],
  ['predictIntervals', [sampled, outside], 'expected an index from 0 to 1 in mode 1, got 2 for entry 1'],
  [
    'predictWithDeviation',
    [{ ...uncertain, kruskal: model }, entries],
    'expected a model of shape 2 × 2, got 2 × 2 × 2',
  ],
  ['predictIntervals', [{ ...uncertain, kruskal: model }, entries], 'expected a model of shape 2 × 2, got 2 × 2 × 2'],
  ['predictionError', [model, entries], 'expected a model of shape 2 × 2, got 2 × 2 × 2'],
  ['componentNormRates', [outside, table], 'expected an index from 0 to 1 in mode 1, got 2 for entry 1'],
  ['indexAt', [4, [2, 2]], 'expected offset to be an integer from 0 to 3, got 4'],
  ['indexAt', [-1, [2, 2]], 'expected offset to be an integer from 0 to 3, got -1'],
  ['indexAt', [0.5, [2, 2]], 'expected offset to be an integer from 0 to 3, got 0.5'],
  ['writeTns', [entries, { base: 5 }], 'expected base to be 0 or 1, got 5'],
  ['readTns', ['5 5 1\n', { base: 5 }], 'expected base to be 0 or 1, got 5'],
  ['readCsv', ['5,5,1\n', { base: 5 }], 'expected base to be 0 or 1, got 5'],
  ['writeTns', [outside], 'expected an index from 0 to 1 in mode 1, got 2 for entry 1'],
  ['writeToolboxTensor', [{ shape: [2, 2], data: numbers(1, 2, 3) }], 'expected 4 numbers for shape [2, 2], got 3'],
  ['addGrossErrors', [[1, 2], { share: 0.5, seed: 1 }], 'expected values to be a Float64Array, got [1,2]'],
  ['addGrossErrors', [numbers(1, 2), { share: 0.5 }], 'expected seed to be an integer ≥ 0, got undefined'],
  ['addNoise', [tensor, { level: 1 }], 'expected seed to be an integer ≥ 0, got undefined'],
  ['addSymmetricNoise', [packed, { level: 1 }], 'expected seed to be an integer ≥ 0, got undefined'],
  ['hideCells', [entries, { share: 0.5 }], 'expected seed to be an integer ≥ 0, got undefined'],
  ['plantedCp', [{ shape: [2, 2], rank: 1 }], 'expected seed to be an integer ≥ 0, got undefined'],
  ['plantedObserved', [noSeed], 'expected seed to be an integer ≥ 0, got undefined'],
  ['plantedSymmetric', [{ order: 3, dim: 2, rank: 1 }], 'expected seed to be an integer ≥ 0, got undefined'],
  ['orthogonal', [{ order: 3, dim: 2, rank: 1 }], 'expected seed to be an integer ≥ 0, got undefined'],
  ['relativeErrorFloor', [table, model], 'expected two tensors of one shape, got [2, 2] and [2, 2, 2]'],
  ['matchComponents', [table, model], 'expected two tensors of one shape, got [2, 2] and [2, 2, 2]'],
  ['factorMatchScore', [table, model], 'expected two tensors of one shape, got [2, 2] and [2, 2, 2]'],
  ['congruence', [table, model], 'expected two tensors of one shape, got [2, 2] and [2, 2, 2]'],
  ['sameModel', [table, model], 'expected two tensors of one shape, got [2, 2] and [2, 2, 2]'],
  ['matNames', [new Uint8Array(200)], 'expected a .mat file of level 5, got 200 bytes that are not'],
  ['npzNames', [new Uint8Array(200)], 'expected a zip archive of .npy files, got 200 bytes that are not'],
  ['cpLinearOutput', [polyadic.cpLinear([2], [2], { rank: 1 }), matrix(1, 3)], 'expected inputs with 2 columns'],
];

test.each(meaningless)('%s refuses what means nothing (%#)', (name, args, message) => {
  expect(() => api[name]!(...args)).toThrow(InputError);
  expect(() => api[name]!(...args)).toThrow(`${name}: ${message}`);
});

test('a list without entries has no cell', () => {
  expect(io.distinctCells({ shape: [2, 2], indices: new Uint32Array(0) })).toEqual({
    count: 0,
    cellOf: new Uint32Array(0),
  });
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
