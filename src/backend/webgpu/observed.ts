// Host side of shaders/observed.wgsl.ts.
import {
  gradientParts,
  gradientRows,
  lossObserved as lossKernel,
  predictObserved as predictKernel,
  type GradientPartsVariant,
} from '../../../shaders/observed.wgsl.js';
import type { GradientObserved, LossObserved, PredictObserved } from '../operations/observed.js';
import { groupsOf64, type Context } from './context.js';
import { sumParts } from './reduce.js';

export function predictObserved(context: Context, args: PredictObserved): void {
  const { order, batch, rows, rank, first, count, factors, weights, entryRows, prediction } = args;
  // Lanes side by side over components make a GPU's loads neighbors; a software adapter loads each lane's number by itself.
  const lanes = context.subgroups && !context.software ? 4 : 1;
  context.recorder.dispatch(
    predictKernel,
    { order, weighted: weights !== undefined, lanes },
    { factors, weights: weights ?? context.ones(batch * rank), entryRows, prediction },
    { batch, rows, rank, first, count },
    groupsOf64(batch * count * lanes),
  );
}

/** In runs of √count entries, then over the runs. */
export function lossObserved(context: Context, args: LossObserved): void {
  const { batch, first, count, loss, parameter, values, prediction, derivative, mean } = args;
  const chunks = Math.ceil(Math.sqrt(count));
  const partial = context.scratch('loss runs', chunks * batch);
  context.recorder.dispatch(
    lossKernel,
    { loss },
    { prediction, values, derivative, partial },
    { batch, first, count, chunks, parameter, scale: 1 / count },
    groupsOf64(chunks * batch),
  );
  sumParts(context, partial, mean, chunks, batch);
}

export function gradientObserved(context: Context, args: GradientObserved): void {
  const { order, batch, rows, rank, first, count, factors, entryRows, segments, derivative, gradient, mode } = args;
  const [begin, end] = mode === undefined ? [0, order] : [mode, mode + 1];
  const [firstRow, endRow] = [segments.offsets[begin]!, segments.offsets[end]!];
  const [firstPart, endPart] = [segments.partOffsets[begin]!, segments.partOffsets[end]!];
  const partCount = endPart - firstPart;
  const partial = context.scratch('gradient parts', batch * partCount * rank);
  const variant: GradientPartsVariant = { order, ...lanesAndComponents(context.software, rank) };
  const componentBlocks = Math.ceil(rank / (variant.lanes * variant.components));
  context.recorder.dispatch(
    gradientParts,
    variant,
    { factors, entryRows, entries: segments.entries, parts: segments.parts, derivative, partial },
    { batch, rows, rank, first, count, firstPart, partCount, componentBlocks },
    Math.ceil((batch * partCount * componentBlocks * variant.lanes) / 64),
  );
  const rowCount = endRow - firstRow;
  context.recorder.dispatch(
    gradientRows,
    {},
    { partial, rowParts: segments.rowParts, weights: args.weights ?? context.ones(batch * rank), gradient },
    { batch, rows, rank, firstRow, rowCount, firstPart, partCount },
    groupsOf64(batch * rowCount * rank),
  );
}

/** As many components a lane as the rank fills: the loads of an entry's rows and derivative are shared by them. */
function lanesAndComponents(software: boolean, rank: number): Pick<GradientPartsVariant, 'lanes' | 'components'> {
  const lanes = software || rank <= 4 ? 4 : 16;
  const most = software ? 8 : 4;
  const components = ([1, 2, 4, 8] as const).find((count) => count * lanes >= rank || count === most) ?? 8;
  return { lanes, components };
}
