// The golden completion problems on both backends: predictions, and for every loss its mean, derivative and gradient.
import { describe, test } from 'vitest';
import { uploadEntries, uploadSegments } from '../../src/algorithms/completion/observed-entries.js';
import type { Backend } from '../../src/backend/backend.js';
import { openCpu } from '../../src/backend/cpu/index.js';
import { expectClose } from '../support/close.js';
import { completionGolden, type CompletionGolden } from '../support/golden-completion.js';
import { webgpu } from '../support/parity.js';

const backends = [
  { name: 'cpu', open: () => Promise.resolve(openCpu()), tolerance: 1e-11 },
  { name: 'webgpu', open: webgpu, tolerance: 2e-5 },
];
const cases = backends.flatMap((backend) => completionGolden.map((problem) => ({ ...backend, problem })));

describe.each(cases)('$name, $problem.name', ({ open, tolerance, problem }) => {
  test('predictions', async () => {
    const { prediction } = await evaluate(await open(), problem, 'l2');
    expectClose(prediction, problem.predictions, tolerance, 'prediction');
  });

  test.each(['l2', 'l1', 'huber'] as const)('%s: mean, derivative, gradient', async (loss) => {
    const { stepwise, together } = await evaluate(await open(), problem, loss);
    for (const { mean, derivative, gradient } of [stepwise, together]) {
      expectClose(mean, [problem.losses[loss].mean], tolerance, 'mean');
      expectClose(derivative, problem.losses[loss].derivative, tolerance, 'derivative');
      expectClose(gradient, problem.losses[loss].gradient, tolerance, 'gradient');
    }
  });
});

async function evaluate(
  backend: Backend,
  { target, rank, factors, losses }: CompletionGolden,
  loss: 'l2' | 'l1' | 'huber',
) {
  using scope = backend.scope('golden completion');
  const { shape, count } = target;
  const { entryRows, values } = uploadEntries(scope, target);
  const model = {
    order: shape.length,
    batch: 1,
    rows: factors.length / rank,
    rank,
    factors: scope.array('factors', factors),
  };
  const prediction = scope.array('prediction', count);
  const outputs = () => ({
    derivative: scope.array('derivative', count),
    mean: scope.array('mean', 1),
    gradient: scope.array('gradient', factors.length),
  });
  const stepwise = outputs();
  const together = outputs();
  const range = { first: 0, count };
  const segments = uploadSegments(scope, target);
  const { parameter } = losses[loss];
  scope.predictObserved({ ...model, ...range, entryRows, prediction });
  scope.lossObserved({ ...range, batch: 1, loss, parameter, values, prediction, ...stepwise });
  scope.gradientObserved({ ...model, ...range, entryRows, segments, ...stepwise });
  scope.lossAndGradientObserved({ ...model, ...range, loss, parameter, entryRows, segments, values, ...together });
  const read = async ({ derivative, mean, gradient }: typeof stepwise) => ({
    derivative: await scope.read(derivative),
    mean: await scope.read(mean),
    gradient: await scope.read(gradient),
  });
  return { prediction: await scope.read(prediction), stepwise: await read(stepwise), together: await read(together) };
}
