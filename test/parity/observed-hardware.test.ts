// The variants of the observed family that only a hardware adapter gets (quads for predictions, 16 lanes per part, short parts),
// run on whatever adapter this lane has, against the cpu backend.
import { describe, expect, test } from 'vitest';
import { uploadEntries, uploadLargeOrder, uploadSegments } from '../../src/algorithms/completion/observed-entries.js';
import type { DeviceArray, Scope } from '../../src/backend/backend.js';
import { openCpu } from '../../src/backend/cpu/index.js';
import { gpuArray } from '../../src/backend/webgpu/arrays.js';
import type { Context } from '../../src/backend/webgpu/context.js';
import { openDevice } from '../../src/backend/webgpu/device.js';
import { openWebGpu } from '../../src/backend/webgpu/index.js';
import { gradientLargeOrder, predictLargeOrder } from '../../src/backend/webgpu/large-order.js';
import { gradientObserved, lossAndGradientObserved, predictObserved } from '../../src/backend/webgpu/observed.js';
import { Recorder } from '../../src/backend/webgpu/recorder.js';
import { RecoverableDevice } from '../../src/backend/webgpu/recovery.js';
import { randomStream } from '../../src/random/stream.js';
import { observed, type ObservedTarget } from '../../src/targets/observed.js';
import { expectClose } from '../support/close.js';
import { openOwnDevice } from '../support/device.js';
import { normals } from '../support/parity.js';

type Operations = Pick<
  Scope,
  'predictObserved' | 'gradientObserved' | 'lossAndGradientObserved' | 'predictLargeOrder' | 'gradientLargeOrder'
>;

/** Records the operations and names the arrays to compare. */
type Work = (scope: Scope, operations: Operations) => Readonly<Record<string, DeviceArray>>;

const small = { shape: [30, 20, 10], count: 997, rows: 60 };

describe.each([1, 5, 37, 70])('rank %i', (rank) => {
  const target = randomTarget(small.shape, small.count);
  const model = { order: 3, batch: 2, rows: small.rows, rank, first: 0, count: small.count };

  test.each([true, false])('observed, subgroups %s', async (subgroups) => {
    await expectSame(subgroups, (scope, operations) => {
      const factors = scope.array('factors', normals(2 * small.rows * rank, 1));
      const weights = scope.array('weights', normals(2 * rank, 2));
      const { entryRows, values } = uploadEntries(scope, target);
      const segments = uploadSegments(scope, target);
      const prediction = scope.array('prediction', 2 * small.count);
      const plain = scope.array('unweighted prediction', 2 * small.count);
      const derivative = scope.array('derivative', 2 * small.count);
      const mean = scope.array('mean', 2);
      const slopes = scope.array('slopes', normals(2 * small.count, 3));
      const gradient = scope.array('gradient', 2 * small.rows * rank);
      const gradients = scope.array('gradients', 2 * small.rows * rank);
      operations.predictObserved({ ...model, factors, weights, entryRows, prediction });
      operations.predictObserved({ ...model, factors, entryRows, prediction: plain });
      operations.gradientObserved({ ...model, factors, weights, entryRows, segments, derivative: slopes, gradient });
      operations.lossAndGradientObserved({
        ...model,
        factors,
        weights,
        entryRows,
        segments,
        loss: 'l2',
        parameter: 0,
        values,
        derivative,
        mean,
        gradient: gradients,
      });
      return { prediction, plain, gradient, derivative, mean, gradients };
    });
  });

  test.each(['rows', 'bits'] as const)('large order, from %s', async (form) => {
    const shape = new Array<number>(50).fill(2);
    const pictures = randomTarget(shape, 200);
    await expectSame(true, (scope, operations) => {
      const factors = scope.array(
        'factors',
        normals(100 * rank, 1).map((x) => 1 + 0.1 * x),
      );
      const entries =
        form === 'bits' ? uploadLargeOrder(scope, pictures) : { rows: uploadEntries(scope, pictures).entryRows };
      const problem = { order: 50, batch: 1, rows: 100, rank, first: 0, count: 200, factors, entries };
      const prediction = scope.array('prediction', 200);
      const gradient = scope.array('gradient', 100 * rank);
      operations.predictLargeOrder({ ...problem, prediction });
      operations.gradientLargeOrder({ ...problem, derivative: scope.array('slopes', normals(200, 3)), gradient });
      return { prediction, gradient };
    });
  });
});

/** Within 2e-5 of the largest, the tolerance of the golden problems in float32. */
async function expectSame(subgroups: boolean, work: Work): Promise<void> {
  using own = await openOwnDevice('all');
  using backend = await openWebGpu(own.device);
  using scope = backend.scope('hardware variants');
  const owner = new RecoverableDevice(await openDevice(own.device), Infinity);
  const recorder = new Recorder(owner, 'hardware variants');
  const context: Context = {
    ...unused,
    recorder,
    scratch: (name, length) => gpuArray(scope.array(name, length)),
    ones: (length) => gpuArray(scope.array('ones', new Float64Array(length).fill(1))),
    software: false,
    subgroups: subgroups && own.device.features.has('subgroups'),
  };
  const measured = work(scope, {
    predictObserved: (args) => predictObserved(context, args),
    gradientObserved: (args) => gradientObserved(context, args),
    lossAndGradientObserved: (args) => lossAndGradientObserved(context, args),
    predictLargeOrder: (args) => predictLargeOrder(context, args),
    gradientLargeOrder: (args) => gradientLargeOrder(context, args),
  });
  await recorder.submit();
  using reference = openCpu().scope('reference');
  for (const [name, array] of Object.entries(work(reference, reference))) {
    expectClose(await scope.read(measured[name] ?? array), await reference.read(array), 2e-5, name);
  }
  recorder.destroy();
}

/** What these operations do not ask of a context. */
const unused = {
  registerTile: () => expect.unreachable('registerTile'),
  sharedTile: () => expect.unreachable('sharedTile'),
  workgroupsToFill: 1024,
};

function randomTarget(shape: readonly number[], count: number): ObservedTarget {
  const random = randomStream(6);
  const indices = Array.from({ length: count }, () => shape.map((size) => Math.floor(random.uniform() * size)));
  return observed(shape, indices.flat(), normals(count, 7));
}
