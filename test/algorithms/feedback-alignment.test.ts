// Feedback alignment: where its updates come to rest, in closed form; that Z turns to the feedback matrix; what it refuses.
import { describe, expect, test } from 'vitest';
import { decompose, dense, InputError, openBackend, type BackendKind, type DenseTarget } from '../../src/index.js';
import { transpose, type Matrix } from '../../src/tensor/matrix.js';
import { multiply } from '../../src/linalg/algebra.js';
import { svd } from '../../src/linalg/svd.js';
import { randomStream } from '../../src/random/stream.js';
import { startStreams } from '../../src/random/streams.js';
import { euclideanNorm } from '../../src/tensor/square-sum.js';
import { expectClose } from '../support/close.js';

const rows = 12;
const columns = 9;
const rank = 4;

const normals = (stream: number, r: number, c: number): Matrix => ({
  rows: r,
  columns: c,
  data: randomStream(3, stream).fillNormal(new Float64Array(r * c)),
});
const matrix = multiply(normals(1, rows, rank), normals(2, rank, columns));
const target: DenseTarget = dense([rows, columns], matrix.data);

/** Relative error of Y with the best Z for W = BᵀY: Y (I − P), P the projection on the rows of W. */
function errorThroughFeedback(width: number, seed: number): number {
  const data = randomStream(seed, startStreams).fillNormal(new Float64Array(rows * width));
  const w = multiply(transpose({ rows, columns: width, data }), matrix);
  const { v } = svd(w);
  const kept = multiply(matrix, v);
  return Math.sqrt(1 - euclideanNorm(kept.data) ** 2 / euclideanNorm(matrix.data) ** 2);
}

function bestError(width: number): number {
  const { values } = svd(matrix);
  return euclideanNorm(values.slice(width)) / euclideanNorm(values);
}

const updates = ['gradient', 'feedback', 'feedbackStar'] as const;

test.each(updates)('%s: exact with the rank of the matrix', async (update) => {
  const algorithm = { kind: 'feedbackAlignment', update } as const;
  const result = await decompose(target, { algorithm, rank, seed: 1, backend: 'cpu', tolerance: 1e-8 });
  expect(result).toMatchObject({ stop: 'converged', rank, algorithm: 'feedbackAlignment' });
  expect(result.relativeError).toBeLessThanOrEqual(1e-8);
});

test.each(updates)('%s: below the rank of the matrix it ends where it must, and is not converged', async (update) => {
  // The gradient at the truncated singular value decomposition, feedback at what its matrix lets through.
  const width = 2;
  const throughFeedback = errorThroughFeedback(width, 5);
  expect(throughFeedback).toBeGreaterThan(1.1 * bestError(width));
  const algorithm = { kind: 'feedbackAlignment', update } as const;
  const result = await decompose(target, { algorithm, rank: width, seed: 5, backend: 'cpu', maxSteps: 5000 });
  expect(result.stop).toBe('stepLimit');
  expectClose(result.relativeError, update === 'gradient' ? bestError(width) : throughFeedback, 1e-8);
});

describe.each<BackendKind>(['cpu', 'webgpu'])('%s', (backend) => {
  test('Z turns to the feedback matrix of every start', async () => {
    const options = { algorithm: 'feedbackAlignment', rank, starts: 3, seed: 5, backend, maxSteps: 100 } as const;
    const { history } = await decompose(target, options);
    const alignments = history.map(({ details }) => details.feedbackAlignment?.alignment ?? []);
    const first = alignments[0] ?? [];
    const last = alignments.at(-1) ?? [];
    expect([first.length, last.length]).toEqual([3, 3]);
    // Two independent Gaussian matrices of 48 entries have a cosine of 1 / √48 = 0.14 or so.
    for (const [start, cosine] of last.entries()) expect(cosine).toBeGreaterThan(first[start]! + 0.15);
  });

  test('the best Z for W finds the matrix in a few steps', async () => {
    const algorithm = { kind: 'feedbackAlignment', update: 'feedbackStar' } as const;
    const result = await decompose(target, { algorithm, rank: rank + 2, seed: 1, backend, maxSteps: 150 });
    expect(result.stop).toBe('converged');
  });
});

test('both backends take the same steps', async () => {
  const stateOn = async (backend: BackendKind): Promise<number[]> => {
    const options = { algorithm: 'feedbackAlignment', rank: 3, seed: 2, maxSteps: 50, starts: 2, backend } as const;
    const { history } = await decompose(target, options);
    const { startErrors = [], details } = history.at(-1) ?? {};
    return [...startErrors, ...(details?.feedbackAlignment?.alignment ?? [])];
  };
  const expected = await stateOn('cpu');
  expect(expected).toHaveLength(4);
  // Fifty steps with a few roundings of 6e-8 each, which the growth of the components from 0.01 to 1 multiplies.
  expectClose(await stateOn('webgpu'), expected, 1e-3);
});

test('one step of every update is what the formulas say', async () => {
  const width = 2;
  const z = normals(11, rows, width);
  const w = normals(12, width, columns);
  const init = { weights: new Float64Array(width).fill(1), factors: [z, transpose(w)] };
  const data = normals(13, rows, columns).data;
  const peak = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const y: Matrix = { rows, columns, data: data.map((value) => (1.5 * value) / peak) };
  const b: Matrix = {
    rows,
    columns: width,
    data: randomStream(0, startStreams)
      .fillNormal(new Float64Array(rows * width))
      .map((value) => value / Math.sqrt(rows)),
  };
  const plus = (a: Matrix, c: Matrix, factor: number): Matrix => ({
    ...a,
    data: a.data.map((value, at) => value + factor * c.data[at]!),
  });
  const e = plus(multiply(z, w), y, -1);
  const rate = 0.1;
  const sigma = svd(y).values[0]!;
  for (const [update, through, share] of [
    ['gradient', z, 1],
    ['feedback', b, 0.3],
  ] as const) {
    const nextZ = plus(z, multiply(e, transpose(w)), -rate / sigma);
    const nextW = plus(w, multiply(transpose(through), e), (-share * rate) / sigma);
    const left = plus(multiply(nextZ, nextW), y, -1);
    const { relativeError } = await decompose(dense([rows, columns], y.data), {
      algorithm: { kind: 'feedbackAlignment', update, learningRate: rate },
      init,
      backend: 'cpu',
      maxSteps: 1,
    });
    // σ₁ comes from twenty steps of power iteration, good to a few percent, which the step has too.
    expectClose(relativeError, euclideanNorm(left.data) / euclideanNorm(y.data), 2e-2);
  }
});

test('stops where it is told to, frees what it made, and says that it was aborted', async () => {
  using backend = await openBackend('cpu');
  const abort = new AbortController();
  const result = await decompose(target, {
    algorithm: 'feedbackAlignment',
    rank: 2,
    backend,
    signal: abort.signal,
    onProgress: ({ step }) => {
      if (step >= 100) abort.abort();
    },
  });
  expect(result.stop).toBe('aborted');
  expect(result.steps).toBeLessThan(200);
  expect(backend.liveBuffers).toBe(0);
});

test('takes matrices without missing cells alone, and modes of size 1 beside', async () => {
  const algorithm = 'feedbackAlignment';
  const cube = dense([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]);
  await expect(decompose(cube, { algorithm })).rejects.toThrow(
    'expected a matrix without missing cells, got a target of shape [2, 2, 2]. Choose',
  );
  const holed = dense([2, 2], [1, 2, 3, NaN], { missing: 'nan' });
  await expect(decompose(holed, { algorithm })).rejects.toThrow('got a target of shape [2, 2] with some. Choose');
  await expect(decompose(target, { algorithm: { kind: algorithm, update: 'backward' as never } })).rejects.toThrow(
    InputError,
  );
  const long = dense([rows, 1, columns], matrix.data);
  const { kruskal, stop } = await decompose(long, { algorithm, rank, backend: 'cpu', seed: 5 });
  expect(stop).toBe('converged');
  expect(kruskal.factors.map((factor) => factor.rows)).toEqual([rows, 1, columns]);
});
