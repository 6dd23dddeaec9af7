// Host side of shaders/observed.wgsl.ts.
import {
  componentCounts,
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
import type { Context } from './context.js';
import { sumParts } from './sum-parts.js';

export function predictObserved(context: Context, { weights, ...args }: PredictObserved): void {
  context.recorder.dispatch(predictKernel, {
    ...args,
    weighted: weights !== undefined,
    weights: weights ?? context.ones(args.batch * args.rank),
    // Four lanes over neighboring components make a GPU's loads contiguous; a software adapter loads lane by lane anyway.
    lanes: context.subgroups && !context.software ? 4 : 1,
  });
}

/** In runs of √count entries, then over the runs. */
export function lossObserved(context: Context, { entryWeights, ...args }: LossObserved): void {
  const { batch, count, values, mean, scale = 1 / count } = args;
  const chunks = Math.ceil(Math.sqrt(count));
  const partial = context.scratch('loss runs', chunks * batch);
  const weighted = entryWeights !== undefined;
  context.recorder.dispatch(lossKernel, {
    ...args,
    scale,
    chunks,
    weighted,
    entryWeights: entryWeights ?? values,
    partial,
  });
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
  const { order, batch, rank, count, segments, entryWeights, mean, scale = 1 / count } = args;
  const components = componentCounts.find((some) => 4 * some >= rank);
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
  context.recorder.dispatch(lossAndGradientParts, {
    ...args,
    ...partial.place,
    weights: args.weights ?? context.ones(batch * rank),
    components,
    scale,
    entries: segments.entries,
    parts: segments.parts,
    partial: partial.array,
    firstPart: 0,
    partCount,
    lossOffset,
  });
  context.recorder.dispatch(meanOfParts, { batch, partCount, lossOffset, mean, partial: partial.array });
  addParts(context, args, partial, [1, order]);
  addRows(context, args, partial);
}

/** Sums over the parts of modes[0] … modes[1] − 1, in `array`; what lies behind them there belongs to somebody else. */
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
  const { rank, segments } = args;
  const firstPart = segments.partOffsets[begin]!;
  const tile = lanesAndComponents(context.software, rank);
  context.recorder.dispatch(gradientParts, {
    ...args,
    ...partial.place,
    ...tile,
    entries: segments.entries,
    parts: segments.parts,
    partial: partial.array,
    modes: end - begin,
    firstPart,
    partCount: segments.partOffsets[end]! - firstPart,
    componentBlocks: Math.ceil(rank / (tile.lanes * tile.components)),
  });
}

function addRows(
  context: Context,
  { batch, rows, rank, segments, weights, gradient }: LossAndGradientObserved | GradientObserved,
  { modes: [begin, end], array, place }: Partial,
): void {
  const firstRow = segments.offsets[begin]!;
  const rowCount = segments.offsets[end]! - firstRow;
  context.recorder.dispatch(gradientRows, {
    ...place,
    batch,
    rows,
    rank,
    firstRow,
    rowCount,
    partial: array,
    rowParts: segments.rowParts,
    weights: weights ?? context.ones(batch * rank),
    gradient,
  });
}

/** As many components per lane as the rank fills: the loads of an entry's rows and derivative are shared by them. */
function lanesAndComponents(software: boolean, rank: number): Pick<GradientPartsVariant, 'lanes' | 'components'> {
  const lanes = software || rank <= 4 ? 4 : 16;
  const max = software ? 8 : 4;
  const components = componentCounts.find((count) => count * lanes >= rank || count === max) ?? 8;
  return { lanes, components };
}
