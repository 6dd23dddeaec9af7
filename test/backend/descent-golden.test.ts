// The golden trajectories of completion on both backends: twenty steps of gradient descent, and of group RMSprop with one step
// size for all parameters, recorded at once and read at the end.
import { describe, test } from 'vitest';
import { uploadEntries, uploadSegments } from '../../src/algorithms/completion/observed-entries.js';
import type { Backend, DeviceArray, Scope } from '../../src/backend/backend.js';
import { openCpu } from '../../src/backend/cpu/index.js';
import { expectClose } from '../support/close.js';
import { completionGolden, type CompletionGolden, type GoldenTrajectory } from '../support/golden-completion.js';
import { webgpu } from '../support/parity.js';

const backends = [
  { name: 'cpu', open: () => Promise.resolve(openCpu()), tolerance: 1e-11 },
  { name: 'webgpu', open: webgpu, tolerance: 1e-4 },
];
const cases = backends.flatMap((backend) => completionGolden.map((problem) => ({ ...backend, problem })));

interface Parameters {
  readonly batch: 1;
  readonly length: number;
  readonly parameters: DeviceArray;
  readonly gradient: DeviceArray;
}

/** Records step number 1, 2, … from the gradient. */
type Step = (step: number) => void;

describe.each(cases)('$name, $problem.name', ({ open, tolerance, problem }) => {
  test('gradient descent', async () => {
    const { rate } = problem.gradientDescent;
    const backend = await open();
    await expectTrajectory(backend, problem, problem.gradientDescent, tolerance, (scope, model) => () => {
      scope.descend({ ...model, rate, momentum: 0 });
    });
  });

  test('group RMSprop', async () => {
    const { rate, alpha, epsilon } = problem.groupRmsprop;
    const backend = await open();
    await expectTrajectory(backend, problem, problem.groupRmsprop, tolerance, (scope, model) => {
      const [squares, averages, rates] = ['squares', 'averages', 'rates'].map((label) => scope.array(label, 1)) as [
        DeviceArray,
        DeviceArray,
        DeviceArray,
      ];
      return (step) => {
        scope.sumOfSquares({ batch: 1, length: model.length, values: model.gradient, out: squares });
        scope.groupRates({ batch: 1, step, alpha, epsilon, squares, averages, rates });
        scope.descend({ ...model, rate, rates, momentum: 0 });
      };
    });
  });
});

async function expectTrajectory(
  backend: Backend,
  { target, rank, factors }: CompletionGolden,
  { losses, finalNorms }: GoldenTrajectory,
  tolerance: number,
  makeStep: (scope: Scope, model: Parameters) => Step,
): Promise<void> {
  using scope = backend.scope('golden trajectory');
  const { shape, count } = target;
  const parameters = scope.array('factors', factors);
  const gradient = scope.array('gradient', factors.length);
  const step = makeStep(scope, { batch: 1, length: factors.length, parameters, gradient });
  const observedModel = {
    order: shape.length,
    batch: 1,
    rows: factors.length / rank,
    rank,
    factors: parameters,
    first: 0,
    count,
    loss: 'l2' as const,
    parameter: 0,
    gradient,
    derivative: scope.array('derivative', count),
    ...uploadEntries(scope, target),
    segments: uploadSegments(scope, target),
  };
  const means = losses.map(() => scope.array('mean', 1));
  means.forEach((mean, k) => {
    if (k > 0) step(k);
    scope.lossAndGradientObserved({ ...observedModel, mean });
  });
  const measured: number[] = [];
  for (const mean of means) measured.push(...(await scope.read(mean)));
  expectClose(measured, losses, tolerance, 'losses');
  expectClose(componentNorms(await scope.read(parameters), shape, rank), finalNorms, tolerance, 'component norms');
}

/** Π_k ‖factor k's column c‖ of stacked factors [rows, rank]. */
function componentNorms(stacked: Float64Array, shape: readonly number[], rank: number): number[] {
  return Array.from({ length: rank }, (_, c) => {
    let from = 0;
    return shape.reduce((product, size) => {
      const column = Array.from({ length: size }, (_row, i) => stacked[(from + i) * rank + c]!);
      from += size;
      return product * Math.hypot(...column);
    }, 1);
  });
}
