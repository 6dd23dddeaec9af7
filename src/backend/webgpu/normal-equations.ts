// Host side of shaders/normal-equations.wgsl.ts.
import {
  factorNormalMatrix as factorKernel,
  subtractSolution as solveKernel,
} from '../../../shaders/normal-equations.wgsl.js';
import type { FactorNormalMatrix, SubtractSolution } from '../operations/normal-equations.js';
import { groupsOf64, type Context } from './context.js';

export function factorNormalMatrix(context: Context, args: FactorNormalMatrix): void {
  const { order, mode, batch, rank, ridge, grams, cholesky } = args;
  const params = { order, mode, batch, rank, ridge };
  context.recorder.dispatch(factorKernel, {}, { grams, cholesky }, params, batch, { work: batch * rank ** 3 });
}

export function subtractSolution(context: Context, args: SubtractSolution): void {
  const { batch, rows, rank, cholesky, rightSide, factor } = args;
  context.recorder.dispatch(
    solveKernel,
    {},
    { cholesky, rightSide, factor },
    { batch, rows, rank },
    groupsOf64(batch * rows),
    { work: 2 * batch * rows * rank * rank },
  );
}
