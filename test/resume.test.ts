// Runs that go on from a checkpoint end with the bits of a run that was not interrupted.
import { describe, expect, it } from 'vitest';
import { decompose, dense, type Checkpoint, type DecomposeOptions, type DenseTarget } from '../src/index.js';
import { plantedCp } from '../src/problems/index.js';

const { tensor } = plantedCp({ shape: [7, 6, 5], rank: 3, noise: 0.1, seed: 3 });
const target = dense(tensor.shape, tensor.data);
const withGaps = dense(tensor.shape, tensor.data, { known: tensor.data.map((_, at) => (at % 7 === 0 ? 0 : 1)) });
const matrix = dense([12, 9], tensor.data.slice(0, 108));

const runs: [string, DenseTarget, DecomposeOptions][] = [
  ['als', target, { algorithm: 'als', rank: 3, tolerance: 1e-12, maxSteps: 60 }],
  ['als without a finish', target, { algorithm: 'als', rank: 4, tolerance: 0, maxSteps: 63, finish: 'none' }],
  ['als with missing cells', withGaps, { algorithm: 'als', rank: 3, tolerance: 0, maxSteps: 40, finish: 'none' }],
  [
    'als of a tensor with a mode of size 1',
    dense([7, 1, 6, 5], tensor.data),
    { algorithm: 'als', rank: 3, maxSteps: 40 },
  ],
  ...(['gradient', 'feedback', 'feedbackStar'] as const).map((update): [string, DenseTarget, DecomposeOptions] => [
    `feedbackAlignment, ${update}`,
    matrix,
    { algorithm: { kind: 'feedbackAlignment', update }, rank: 2, starts: 2, tolerance: 0, maxSteps: 500 },
  ]),
];

const backends = ['cpu', 'webgpu'] as const;

describe.each(backends)('on %s', (backend) => {
  it.each(runs)('%s ends with the same bits', async (_, one, given) => {
    const options = { seed: 5, ...given, backend };
    const checkpoints: Checkpoint[] = [];
    const straight = await decompose(one, {
      ...options,
      onCheckpoint: (next) => checkpoints.push(structuredClone(next)),
    });
    expect(checkpoints.length).toBeGreaterThan(1);
    for (const at of [1, checkpoints.length - 1]) {
      const again = await decompose(one, { ...options, resume: checkpoints[at]! });
      const { kruskal, relativeError, stop, steps, starts } = straight;
      expect(again).toMatchObject({ relativeError, stop, steps, starts });
      expect(again.kruskal).toEqual(kruskal);
      expect(again.history[0]?.step).toBe(checkpoints[at]?.step);
    }
  });
});

describe('what does not fit is refused', async () => {
  const options = { algorithm: 'als', rank: 3, seed: 5, backend: 'cpu', maxSteps: 20 } as const;
  const checkpoints: Checkpoint[] = [];
  await decompose(target, { ...options, onCheckpoint: (next) => checkpoints.push(next) });
  const resume = checkpoints[1]!;

  it.each<[string, DenseTarget, DecomposeOptions, RegExp]>([
    ['another rank', target, { ...options, rank: 2, resume }, /als with 4 starts of 2 components/],
    ['other starts', target, { ...options, starts: 3, resume }, /als with 3 starts of 3 components/],
    ['another shape', dense([5, 6, 7], tensor.data), { ...options, resume }, /expected a checkpoint of als/],
    ['another backend', target, { ...options, backend: 'webgpu', resume }, /backend webgpu to resume, got one of cpu/],
    ['compressed', target, { rank: 3, resume }, /compressed: expected no resume/],
    [
      'numbers that are none',
      target,
      { ...options, resume: { ...resume, startErrors: [NaN, 1, 1, 1] } },
      /got another/,
    ],
    ['anything', target, { ...options, resume: 3 as never }, /expected resume to be what onCheckpoint gave, got 3/],
    ['no function', target, { ...options, onCheckpoint: 'x' as never }, /expected onCheckpoint to be a function/],
  ])('%s', async (_, one, given, message) => {
    await expect(decompose(one, given)).rejects.toThrow(message);
  });
});
