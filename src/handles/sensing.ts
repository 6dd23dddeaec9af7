// The handle of a tensor that is known by linear measurements ⟨A_j, W⟩, the A_j dense or Kruskal tensors.
import { sensingView } from './views/sensing-view.js';
import type { SensingTarget } from '../targets/sensing.js';
import { euclideanNorm } from '../tensor/square-sum.js';
import { sampledProblem, type SampledProblem } from './sampled.js';
import { nearestPowerOfTwo, rootMeanSquare } from './scale.js';
import { sizeOf } from '../tensor/shape.js';
import { keepModes, squeezedBy } from './squeeze.js';

type Measurements = SensingTarget['measurements'];

export function sensingProblem(given: SensingTarget): SampledProblem<SensingTarget> {
  const target = ofUsualSize(given);
  const { shape, count, values, measurements } = target;
  const cells = sizeOf(shape);
  const rows = shape.reduce((sum, size) => sum + size, 0);
  return sampledProblem({
    target,
    defaultAlgorithm: 'completion',
    scale: nearestPowerOfTwo((rootMeanSquare(values) * Math.sqrt(cells)) / measurementSize(target)),
    entries: undefined,
    makeView: () => sensingView(target),
    stepFlops: (width) =>
      measurements.kind === 'dense' ? (6 * width + 4 * count) * cells : 4 * count * measurements.terms * width * rows,
    arrayPerComponent: cells,
    make: sensingProblem,
    squeezed: () =>
      squeezedBy(shape, (kept) =>
        sensingProblem({
          ...target,
          shape: kept.map((mode) => shape[mode]!),
          measurements: withModes(measurements, kept),
        }),
      ),
  });
}

/** Sizes of measurements within which their squares stay in the range of float32. */
const usualSizes = { min: 2 ** -40, max: 2 ** 40 };

/** The same tensor by measurements, and values, divided by a power of two where they are so large or small that squares of them vanish or overflow. */
function ofUsualSize(target: SensingTarget): SensingTarget {
  const { measurements, values } = target;
  const size = nearestPowerOfTwo(measurementSize(target));
  if (size >= usualSizes.min && size <= usualSizes.max) return target;
  const divided = (numbers: Float64Array): Float64Array => numbers.map((value) => value / size);
  return {
    ...target,
    values: divided(values),
    measurements:
      measurements.kind === 'dense'
        ? { kind: 'dense', data: Float64Array.from(measurements.data, (value) => value / size) }
        : { ...measurements, weights: divided(measurements.weights) },
  };
}

/** √(mean ‖A_j‖²), Kruskal measurements as if their components were orthogonal. */
export function measurementSize({ count, measurements }: SensingTarget): number {
  if (measurements.kind === 'dense') {
    return rootMeanSquare(measurements.data) * Math.sqrt(measurements.data.length / count);
  }
  const { weights, factors } = measurements;
  const norms = weights.map((weight, q) =>
    factors.reduce(
      (size, { columns, data }) => size * euclideanNorm(data.subarray(q * columns, (q + 1) * columns)),
      weight,
    ),
  );
  return euclideanNorm(norms) / Math.sqrt(count);
}

function withModes(measurements: Measurements, kept: readonly number[]): Measurements {
  return measurements.kind === 'dense' ? measurements : { ...measurements, ...keepModes(measurements, kept) };
}
