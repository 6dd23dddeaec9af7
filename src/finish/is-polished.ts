// Asked by als, which would load all of the finish otherwise, also in threads that have no part in it.
import type { DenseTarget } from '../targets/dense.js';

/** Flops of one sweep up to which the finish takes seconds, not minutes. */
const maxSweepFlops = 4e9;

/** Whether a model of this rank is polished; of larger tensors the search's model is the answer. */
export const isPolished = ({ shape, data }: DenseTarget, rank: number): boolean =>
  4 * shape.length * data.length * rank <= maxSweepFlops;
