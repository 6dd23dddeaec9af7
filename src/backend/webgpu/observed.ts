// Host side of shaders/observed.wgsl.ts.
import {
  gradientParts,
  gradientRows,
  lossAndGradientParts,
  lossObserved as lossKernel,
  meanOfParts,
  predictObserved as predictKernel,
  type GradientPartsVariant,
} from '../../../shaders/observed.wgsl.js';
import type { DeviceArray } from '../backend.js';
import type {
  GradientObserved,
  LossAndGradientObserved,
  LossObserved,
  PredictObserved,
} from '../operations/observed.js';
import { groupsOf64, type Context } from './context.js';
import { sumParts } from './reduce.js';

/** Nearly all of the time goes into loads from anywhere, each worth a few flops. */
const workOfLoad = 4;

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
    {
      work: workOfLoad * order * batch * count * rank,
    },
  );
}

/** In runs of √count entries, then over the runs. */
export function lossObserved(context: Context, args: LossObserved): void {
  const { batch, first, count, loss, parameter, values, entryWeights, prediction, derivative, mean } = args;
  const { scale = 1 / count } = args;
  const chunks = Math.ceil(Math.sqrt(count));
  const partial = context.scratch('loss runs', chunks * batch);
  context.recorder.dispatch(
    lossKernel,
    { loss, weighted: entryWeights !== undefined },
    { prediction, values, entryWeights: entryWeights ?? values, derivative, partial },
    { batch, first, count, chunks, parameter, scale },
    groupsOf64(chunks * batch),
    { work: 8 * workOfLoad * batch * count },
  );
  sumParts(context, partial, mean, chunks, batch);
}

export function gradientObserved(context: Context, args: GradientObserved): void {
  const { order, mode } = args;
  const partial = partialOf(context, args, mode === undefined ? [0, order] : [mode, mode + 1]);
  addParts(context, args, partial, partial.modes);
  addRows(context, args, partial);
}

/**
 * In one walk for the first mode, where one quad holds all components and the entries count alike (their weights would be one
 * binding more than every device has); the three operations one after the other elsewhere.
 */
export function lossAndGradientObserved(context: Context, args: LossAndGradientObserved): void {
  const { order, batch, rows, rank, first, count, loss, parameter, factors, entryRows, segments } = args;
  const { values, entryWeights, derivative, mean, scale = 1 / count } = args;
  const components = ([1, 2, 4, 8] as const).find((some) => 4 * some >= rank);
  if (!context.subgroups || components === undefined || entryWeights) {
    const prediction = context.scratch('prediction', batch * count);
    predictObserved(context, { ...args, prediction });
    lossObserved(context, { ...args, prediction });
    gradientObserved(context, args);
    return;
  }
  const partCount = segments.partOffsets[1]!;
  const partial = partialOf(context, args, [0, order], batch * partCount);
  const lossOffset = partial.array.length - batch * partCount;
  const weights = args.weights ?? context.ones(batch * rank);
  context.recorder.dispatch(
    lossAndGradientParts,
    { order, loss, components },
    {
      ...{ factors, entryRows, entries: segments.entries, parts: segments.parts, partial: partial.array },
      ...{ weights, values, derivative },
    },
    {
      batch,
      rows,
      rank,
      first,
      count,
      firstPart: 0,
      partCount,
      ...partial.place,
      lossOffset,
      parameter,
      scale,
    },
    groupsOf64(batch * partCount * 4),
    { work: 2 * workOfLoad * order * batch * count * rank },
  );
  context.recorder.dispatch(meanOfParts, {}, { partial: partial.array, mean }, { batch, partCount, lossOffset }, batch);
  addParts(context, args, partial, [1, order]);
  addRows(context, args, partial);
}

/** Sums of parts of the modes from the first to before the second; what is stored further on has no part in them. */
interface Partial {
  readonly modes: readonly [number, number];
  readonly array: DeviceArray;
  readonly place: { readonly partialParts: number; readonly partialFirst: number };
}

function partialOf(
  context: Context,
  { batch, rank, segments }: LossAndGradientObserved | GradientObserved,
  modes: readonly [number, number],
  further = 0,
): Partial {
  const partialFirst = segments.partOffsets[modes[0]]!;
  const partialParts = segments.partOffsets[modes[1]]! - partialFirst;
  const array = context.scratch('gradient parts', batch * partialParts * rank + further);
  return { modes, array, place: { partialParts, partialFirst } };
}

function addParts(
  context: Context,
  args: Omit<GradientObserved, 'gradient'>,
  partial: Partial,
  [begin, end]: readonly [number, number],
): void {
  const { order, batch, rows, rank, first, count, factors, entryRows, segments, derivative } = args;
  const firstPart = segments.partOffsets[begin]!;
  const partCount = segments.partOffsets[end]! - firstPart;
  const variant: GradientPartsVariant = { order, ...lanesAndComponents(context.software, rank) };
  const componentBlocks = Math.ceil(rank / (variant.lanes * variant.components));
  context.recorder.dispatch(
    gradientParts,
    variant,
    { factors, entryRows, entries: segments.entries, parts: segments.parts, derivative, partial: partial.array },
    { batch, rows, rank, first, count, firstPart, partCount, ...partial.place, componentBlocks },
    groupsOf64(batch * partCount * componentBlocks * variant.lanes),
    { work: workOfLoad * order * (end - begin) * batch * count * rank },
  );
}

function addRows(
  context: Context,
  { batch, rows, rank, segments, weights, gradient }: LossAndGradientObserved | GradientObserved,
  { modes: [begin, end], array, place }: Partial,
): void {
  const firstRow = segments.offsets[begin]!;
  const rowCount = segments.offsets[end]! - firstRow;
  context.recorder.dispatch(
    gradientRows,
    {},
    { partial: array, rowParts: segments.rowParts, weights: weights ?? context.ones(batch * rank), gradient },
    { batch, rows, rank, firstRow, rowCount, ...place },
    groupsOf64(batch * rowCount * rank),
    {
      work: 2 * workOfLoad * batch * place.partialParts * rank,
    },
  );
}

/** As many components a lane as the rank fills: the loads of an entry's rows and derivative are shared by them. */
function lanesAndComponents(software: boolean, rank: number): Pick<GradientPartsVariant, 'lanes' | 'components'> {
  const lanes = software || rank <= 4 ? 4 : 16;
  const most = software ? 8 : 4;
  const components = ([1, 2, 4, 8] as const).find((count) => count * lanes >= rank || count === most) ?? 8;
  return { lanes, components };
}
