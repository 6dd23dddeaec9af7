// Plain gradient steps on planted symmetric problems, as the algorithms record them: contraction, then update, for `batch`
// problems at once. What the cases loop, batch and startup time.
import type { Scope } from '../src/backend/backend.js';
import { onCpu, type KernelCase } from './kernel-case.js';
import { gaussian, inputOf, type Inputs } from './inputs.js';

export interface StepSizes {
  readonly batch: number;
  /** Components of the model, and of the target. */
  readonly m: number;
  readonly rank: number;
  readonly d: number;
}

const order = 3;
/** Small: thousands of steps must stay finite, whatever the target. */
const learningRate = 1e-3;

export const stepFlops = ({ batch, m, rank, d }: StepSizes): number => 4 * batch * m * (m + rank) * d;

export function stepInputs({ batch, m, rank, d }: StepSizes): Inputs {
  const columns = m + rank;
  return {
    vectors: gaussian([batch, columns, d], 1, 1 / Math.sqrt(d)),
    weights: gaussian([batch, columns], 2, 0.1),
  };
}

/** `read` holds a few numbers that depend on the last step: the strengths, [batch, m]. */
export function openSteps(scope: Scope, { batch, m, rank, d }: StepSizes, inputs: Inputs) {
  const columns = m + rank;
  const arrays = {
    vectors: scope.array('vectors', inputOf(inputs, 'vectors').data),
    weights: scope.array('weights', inputOf(inputs, 'weights').data),
    contraction: scope.array('contraction', batch * m * d),
    strengths: scope.array('strengths', batch * m),
    rates: scope.array('rates', new Float64Array(batch).fill(learningRate)),
  };
  const sizes = { order, batch, rows: m, columns, dim: d, queryStride: columns * d };
  const record = (): void => {
    scope.contractFactored({ ...sizes, ...arrays, queries: arrays.vectors });
    scope.updateVanilla({ ...sizes, ...arrays, contracted: m });
  };
  return { record, answer: arrays.vectors, strengths: arrays.strengths };
}

/** One step as a kernel case: the answer is the stack of vectors after it. */
export function stepCase(sizes: StepSizes): KernelCase {
  const { batch, m, rank, d } = sizes;
  return {
    name: 'one step',
    flops: stepFlops(sizes),
    bytes: 4 * batch * (m + rank) * (d + 1) * 2,
    inputs: () => stepInputs(sizes),
    ours: (scope, inputs) => openSteps(scope, sizes, inputs),
    async expected(inputs) {
      const rows = Array.from({ length: batch * (m + rank) }, (_, row) => row);
      const values = await onCpu((scope) => {
        const { record, answer } = openSteps(scope, sizes, inputs);
        record();
        return answer;
      });
      return { rows, values };
    },
  };
}
