// The handle of a dense tensor, all cells known or some missing. Model: CP with one factor per mode.
import { denseErrorSteps, relativeErrorFloor } from '../analysis/relative-error.js';
import type { DenseTarget } from '../targets/dense.js';
import { fiberSteps } from '../tensor/fibers.js';
import { noComponents, scaleKruskal, toKruskal } from '../tensor/kruskal.js';
import { strongest } from '../tensor/normalize.js';
import { waitFor } from '../yield.js';
import type { FinishWork, Found, Handle, Squeezed } from './handle.js';
import { largestEntry, powerOfTwoBelow } from './scale.js';
import { squeezedBy } from './squeeze.js';

export interface DenseProblem extends Handle<DenseTarget> {
  readonly family: 'dense';
  readonly defaultAlgorithm: 'compressed';
  readonly gpuAlgorithm: 'compressed';
  /** factor · target, for a factor that is 1 / scale. */
  scaled(factor: number): DenseProblem;
  /** Without modes of size 1; undefined where there are none. */
  squeezed(): Squeezed<DenseProblem> | undefined;
  finish(found: Found<undefined>): FinishWork;
}

function times(data: Float64Array | Float32Array, factor: number): Float64Array {
  const out = new Float64Array(data.length);
  for (let i = 0; i < out.length; i++) out[i] = data[i]! * factor;
  return out;
}

export const denseProblem = (target: DenseTarget): DenseProblem => problemOfSize(target, largestEntry(target.data));

/** `largest`: size of the largest entry. */
function problemOfSize(target: DenseTarget, largest: number): DenseProblem {
  const { shape, data } = target;
  return {
    family: 'dense',
    defaultAlgorithm: 'compressed',
    gpuAlgorithm: 'compressed',
    target,
    shape,
    isZero: largest === 0,
    scale: powerOfTwoBelow(largest),
    empty: noComponents({ shape }),
    expectedRank: Math.min(...shape),
    stepFlops: (width) => 4 * shape.length * data.length * width,
    largestArray: () => data.length,
    maxBatch: Infinity,
    *measure(model) {
      const relativeError = yield* denseErrorSteps(model, target);
      return { relativeError, errorFloor: relativeErrorFloor(model, target) };
    },
    scaled: (factor) => problemOfSize({ ...target, data: times(data, factor) }, largest * factor),
    squeezed: () =>
      squeezedBy(shape, (kept) => problemOfSize({ ...target, shape: kept.map((mode) => shape[mode]!) }, largest)),
    // Loaded for searches alone: compressed, the usual algorithm, finishes its model itself.
    *finish(found) {
      const { finishDense } = yield* waitFor(import('../finish/dense.js'));
      yield* finishDense(target, found);
    },
    *strongest(model, rank) {
      const kept = strongest(toKruskal(model), rank);
      let along = 0;
      let square = 0;
      yield* fiberSteps(kept, (fiber, offset) => {
        for (let j = 0; j < fiber.length; j++) {
          if (target.known?.[offset + j] === 0) continue;
          along += fiber[j]! * data[offset + j]!;
          square += fiber[j]! ** 2;
        }
      });
      return square > 0 ? scaleKruskal(kept, along / square) : kept;
    },
  };
}
