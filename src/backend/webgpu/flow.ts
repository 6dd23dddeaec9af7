// Host side of shaders/flow.wgsl.ts.
import { unitRows, updatePolar as updateKernel } from '../../../shaders/flow.wgsl.js';
import type { NormalizeRows, UpdatePolar } from '../operations/flow.js';
import { groupsOf64, type Context } from './context.js';

export function updatePolar(context: Context, args: UpdatePolar): void {
  const { batch, rows, columns, dim, order, radialFactor, regularization, logModeSwitch } = args;
  const { contraction, strengths, rates, caps, signs, logNorms, vectors, weights } = args;
  context.recorder.dispatch(
    updateKernel,
    {},
    { contraction, strengths, rates, caps, signs, logNorms, vectors, weights },
    { batch, rows, columns, dim, order, radialFactor, regularization, logModeSwitch },
    groupsOf64(batch * rows),
  );
}

export function normalizeRows(context: Context, { batch, rows, dim, from, to }: NormalizeRows): void {
  const arrays = { source: from, unit: to };
  context.recorder.dispatch(unitRows, {}, arrays, { rows: batch * rows, dim }, groupsOf64(batch * rows));
}
