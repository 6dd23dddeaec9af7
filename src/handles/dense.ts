// The handle of a dense tensor, all cells known or some missing. Model: CP with one factor per mode.
import { denseErrorSteps, relativeErrorFloor } from '../analysis/relative-error.js';
import { finishDense } from '../finish/dense.js';
import type { GrownModel } from '../finish/dense-rank.js';
import type { DenseTarget } from '../targets/dense.js';
import { fiberSteps } from '../tensor/fibers.js';
import { noComponents, scaleKruskal, toKruskal } from '../tensor/kruskal.js';
import { strongest } from '../tensor/normalize.js';
import type { FinishWork, Found, Handle, Squeezed } from './handle.js';
import { largestEntry, powerOfTwoBelow } from './scale.js';
import { squeezedBy } from './squeeze.js';

export interface DenseProblem extends Handle<DenseTarget> {
  readonly family: 'dense';
  readonly defaultAlgorithm: 'als' | 'compressed';
  readonly gpuAlgorithm: 'als' | 'compressed';
  /** factor · target, for a factor that is 1 / scale. */
  scaled(factor: number): DenseProblem;
  /** Without modes of size 1; undefined where there are none. */
  squeezed(): Squeezed<DenseProblem> | undefined;
  finish(found: Found<GrownModel | undefined>): FinishWork;
}

/** Part of the cells that may be missing for the tensor to be filled before it is compressed. */
export const maxMissing = 0.1;

export const missingShare = ({ known }: DenseTarget): number =>
  known ? 1 - known.reduce((sum, cell) => sum + cell, 0) / known.length : 0;

export function denseProblem(target: DenseTarget): DenseProblem {
  const { shape, data } = target;
  const largest = largestEntry(data);
  const algorithm = missingShare(target) > maxMissing ? 'als' : 'compressed';
  return {
    family: 'dense',
    defaultAlgorithm: algorithm,
    gpuAlgorithm: algorithm,
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
    scaled: (factor) => denseProblem({ ...target, data: new Float64Array(data).map((value) => value * factor) }),
    squeezed: () => squeezedBy(shape, (kept) => denseProblem({ ...target, shape: kept.map((mode) => shape[mode]!) })),
    finish: (found) => finishDense(target, found),
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
