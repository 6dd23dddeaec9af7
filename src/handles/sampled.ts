// What the handles of single entries and of linear measurements have in common: both are lists of numbers that a CP model predicts.
import { explicitErrorFloor } from '../analysis/relative-error.js';
import { predictSteps, predictionErrorSteps } from '../analysis/predict.js';
import type { SampledView } from './views/sampled-view.js';
import { finishSampled, type CompletionHandover } from '../finish/sampled.js';
import type { SampledTarget } from '../targets/hold-out.js';
import type { ObservedTarget } from '../targets/observed.js';
import { dot } from '../linalg/dot.js';
import type { FinishWork, Found, Handle, SampledParts, Squeezed } from './handle.js';
import { noComponents, scaleKruskal, toKruskal } from '../tensor/kruskal.js';
import { strongest } from '../tensor/normalize.js';
import { largestEntry } from './scale.js';

export interface SampledProblem<T extends SampledTarget = SampledTarget> extends Handle<T>, SampledParts {
  readonly family: 'sampled';
  readonly target: T;
  readonly defaultAlgorithm: 'completion' | 'variational';
  readonly gpuAlgorithm: 'completion' | 'variational';
  scaled(factor: number): SampledProblem<T>;
  squeezed(): Squeezed<SampledProblem<T>> | undefined;
  finish(found: Found<CompletionHandover>): FinishWork;
}

/** What a kind of observations has of its own. */
export interface SampledKind<T extends SampledTarget> {
  readonly target: T;
  readonly defaultAlgorithm: 'completion' | 'variational';
  readonly scale: number;
  readonly entries: ObservedTarget | undefined;
  readonly makeView: () => SampledView;
  readonly stepFlops: (width: number) => number;
  /** Entries per component of the largest array. */
  readonly arrayPerComponent: number;
  readonly make: (target: T) => SampledProblem<T>;
  readonly squeezed: () => Squeezed<SampledProblem<T>> | undefined;
}

export function sampledProblem<T extends SampledTarget>(kind: SampledKind<T>): SampledProblem<T> {
  const { target, defaultAlgorithm, scale, entries, makeView, stepFlops, arrayPerComponent, make, squeezed } = kind;
  const { shape, count, values } = target;
  let view: SampledView | undefined;
  const problem: SampledProblem<T> = {
    family: 'sampled',
    defaultAlgorithm,
    gpuAlgorithm: defaultAlgorithm,
    target,
    shape,
    entries,
    isZero: largestEntry(values) === 0,
    scale,
    empty: noComponents({ shape }),
    expectedRank: Math.min(...shape),
    get view() {
      return (view ??= makeView());
    },
    stepFlops,
    largestArray: (width) => Math.max(count, width * arrayPerComponent),
    maxBatch: Infinity,
    *measure(model, loss) {
      const relativeError = yield* predictionErrorSteps(model, target, loss);
      return { relativeError, errorFloor: explicitErrorFloor };
    },
    scaled(factor) {
      // No map: at millions of values others would wait for its calls.
      const scaled = new Float64Array(count);
      for (let e = 0; e < count; e++) scaled[e] = values[e]! * factor;
      return make({ ...target, values: scaled });
    },
    squeezed,
    finish: (found) => finishSampled(problem, found),
    *strongest(model, rank) {
      const kept = strongest(toKruskal(model), rank);
      const predictions = yield* predictSteps(kept, target);
      const square = dot(predictions, predictions);
      return square > 0 ? scaleKruskal(kept, dot(predictions, values) / square) : kept;
    },
  };
  return problem;
}
