// Host side of shaders/flow.wgsl.ts.
import {
  setRates as ratesKernel,
  shiftRows as shiftKernel,
  unitRows,
  updatePolar as updateKernel,
} from '../../../shaders/flow.wgsl.js';
import type { NormalizeRows, SetRates, ShiftRows, UpdatePolar } from '../operations/flow.js';
import { groupsOf64, type Context } from './context.js';

export function setRates(context: Context, { batch, rows, factor, strengths, scales, rates }: SetRates): void {
  const arrays = { strengths, scales, rates };
  context.recorder.dispatch(ratesKernel, {}, arrays, { batch, rows, factor }, groupsOf64(batch));
}

export function updatePolar(context: Context, args: UpdatePolar): void {
  const { batch, rows, columns, dim, contracted, order, radialFactor, regularization, logModeSwitch } = args;
  const { contraction, strengths, rates, caps, signs, logNorms, vectors, weights } = args;
  context.recorder.dispatch(
    updateKernel,
    {},
    { contraction, strengths, rates, caps, signs, logNorms, vectors, weights },
    { batch, rows, columns, dim, contracted, order, radialFactor, regularization, logModeSwitch },
    groupsOf64(batch * rows),
    { work: 8 * batch * rows * dim },
  );
}

export function normalizeRows(context: Context, { batch, rows, dim, from, to }: NormalizeRows): void {
  const arrays = { source: from, unit: to };
  context.recorder.dispatch(unitRows, {}, arrays, { rows: batch * rows, dim }, groupsOf64(batch * rows), {
    work: 4 * batch * rows * dim,
  });
}

export function shiftRows(context: Context, { batch, rows, dim, shift, from, to, strengths }: ShiftRows): void {
  const arrays = { source: from, strengths, unit: to };
  context.recorder.dispatch(shiftKernel, {}, arrays, { rows: batch * rows, dim, shift }, groupsOf64(batch * rows), {
    work: 8 * batch * rows * dim,
  });
}
