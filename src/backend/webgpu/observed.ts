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
import type { DeviceArray, DeviceSegments, IndexArray } from '../backend.js';
import type {
  GradientObserved,
  LossAndGradientObserved,
  LossObserved,
  PredictObserved,
  StackedModel,
} from '../operations/observed.js';
import { itemOf } from './arrays.js';
import { groupsOf64, type Context } from './context.js';
import { sumParts } from './reduce.js';
import { boxes, covered, hull, movedBy, rowsOf, span, upTo, type Range } from './window.js';

/** Nearly all of the time goes into loads from anywhere, each worth a few flops. */
const workOfLoad = 4;

/** Whether a kernel cannot bind one of these as a whole. Batch items then go one by one: a workgroup between two of them would touch all entries. */
const isLarge = ({ recorder }: Context, arrays: readonly (DeviceArray | IndexArray)[]): boolean =>
  arrays.some(({ length }) => length > recorder.windowLength);

function eachItem(batch: number, record: (item: number) => void): void {
  for (let item = 0; item < batch; item++) record(item);
}

/** One batch item of the model. */
const modelOf = ({ rows, rank, factors, weights }: StackedModel, item: number) => ({
  batch: 1,
  factors: itemOf(factors, item, rows * rank),
  ...(weights ? { weights: itemOf(weights, item, rank) } : {}),
});

export function predictObserved(context: Context, args: PredictObserved): void {
  const { order, batch, rows, rank, first, count, factors, weights, entryRows, prediction } = args;
  if (batch > 1 && isLarge(context, [entryRows, prediction])) {
    eachItem(batch, (item) => {
      predictObserved(context, { ...args, ...modelOf(args, item), prediction: itemOf(prediction, item, count) });
    });
    return;
  }
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
      reach: (groups) => {
        const predictions = covered(groups, 64 / lanes, batch * count);
        const entries = hull(boxes(predictions, count), ([, used]) => movedBy(used, first));
        return { entryRows: rowsOf(entries, order), prediction: predictions };
      },
    },
  );
}

/** In runs of √count entries, then over the runs. */
export function lossObserved(context: Context, args: LossObserved): void {
  const { batch, first, count, loss, parameter, values, entryWeights, prediction, derivative, mean } = args;
  const { scale = 1 / count } = args;
  const large = isLarge(context, [values, prediction]);
  if (batch > 1 && large) {
    eachItem(batch, (item) => {
      const [predicted, slopes] = [itemOf(prediction, item, count), itemOf(derivative, item, count)];
      const own = { prediction: predicted, derivative: slopes, mean: itemOf(mean, item, 1) };
      lossObserved(context, { ...args, batch: 1, ...own });
    });
    return;
  }
  const chunks = Math.ceil(Math.sqrt(count));
  const partial = context.scratch('loss runs', chunks * batch);
  const { windowLength } = context.recorder;
  const most = large ? Math.max(1, Math.floor(windowLength / chunks)) * chunks : count;
  for (let begin = 0; begin < count; begin += most) {
    const end = Math.min(begin + most, count);
    context.recorder.dispatch(
      lossKernel,
      { loss, weighted: entryWeights !== undefined },
      { prediction, values, entryWeights: entryWeights ?? values, derivative, partial },
      { batch, first, count, begin, end, chunks, parameter, scale },
      groupsOf64(chunks * batch),
      {
        work: 8 * workOfLoad * batch * (end - begin),
        reach: (groups) => {
          const all = boxes(covered(groups, 64, chunks * batch), chunks);
          const predictions = hull(all, ([items]) => span([items, count], [{ begin, end }, 1]));
          const entries = movedBy({ begin, end }, first);
          return { values: entries, entryWeights: entries, prediction: predictions, derivative: predictions };
        },
      },
    );
  }
  sumParts(context, partial, mean, chunks, batch);
}

export function gradientObserved(context: Context, args: GradientObserved): void {
  const { order, mode, batch, rows, rank, count, entryRows, segments, derivative, gradient } = args;
  if (batch > 1 && isLarge(context, [entryRows, segments.entries, derivative])) {
    eachItem(batch, (item) => {
      const own = { derivative: itemOf(derivative, item, count), gradient: itemOf(gradient, item, rows * rank) };
      gradientObserved(context, { ...args, ...modelOf(args, item), ...own });
    });
    return;
  }
  const partial = partialOf(context, args, mode === undefined ? [0, order] : [mode, mode + 1]);
  addParts(context, args, partial, partial.modes);
  addRows(context, args, partial);
}

/**
 * In one walk for the first mode, where one quad holds all components, a kernel can bind all entries and they count alike (their
 * weights would be one binding more than every device has); the three operations one after the other elsewhere.
 */
export function lossAndGradientObserved(context: Context, args: LossAndGradientObserved): void {
  const { order, batch, rows, rank, first, count, loss, parameter, factors, entryRows, segments } = args;
  const { values, entryWeights, derivative, mean, scale = 1 / count } = args;
  const components = ([1, 2, 4, 8] as const).find((some) => 4 * some >= rank);
  const large = isLarge(context, [entryRows, segments.entries, values, derivative]);
  if (!context.subgroups || components === undefined || large || entryWeights) {
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
  const { recorder } = context;
  const entriesAtOnce = Math.min(
    entryRows.length > recorder.windowLength ? Math.floor(recorder.windowLength / order) : count,
    derivative.length > recorder.windowLength ? recorder.windowLength : count,
  );
  const whole = entriesAtOnce >= count;
  const variant: GradientPartsVariant = {
    ...{ order, ...lanesAndComponents(context.software, rank) },
    ...(whole ? {} : { window: true }),
  };
  const componentBlocks = Math.ceil(rank / (variant.lanes * variant.components));
  for (let entryBegin = 0; entryBegin < count; entryBegin += entriesAtOnce) {
    const used = { begin: entryBegin, end: Math.min(entryBegin + entriesAtOnce, count) };
    recorder.dispatch(
      gradientParts,
      variant,
      { factors, entryRows, entries: segments.entries, parts: segments.parts, derivative, partial: partial.array },
      {
        ...{ batch, rows, rank, first, count, firstPart, partCount, ...partial.place, componentBlocks },
        ...{ entryBegin, entryEnd: used.end },
      },
      groupsOf64(batch * partCount * componentBlocks * variant.lanes),
      {
        work: workOfLoad * order * (end - begin) * batch * (used.end - used.begin) * rank,
        reach: (groups) => {
          const slots = covered(groups, 64 / variant.lanes, batch * partCount * componentBlocks);
          const all = boxes(slots, partCount, componentBlocks);
          return {
            entryRows: rowsOf(movedBy(used, first), order),
            entries: hull(all, ([, parts]) => entriesOfParts(segments, movedBy(parts, firstPart))),
            derivative: hull(all, ([items]) => span([items, count], [used, 1])),
            partial: hull(all, ([items, parts]) => {
              const places = movedBy(parts, firstPart - partial.place.partialFirst);
              return span([items, partial.place.partialParts * rank], [places, rank], [upTo(rank), 1]);
            }),
          };
        },
      },
    );
  }
}

/** Parts lie one behind the other. */
const entriesOfParts = ({ hostParts }: DeviceSegments, { begin, end }: Range): Range => ({
  begin: hostParts[3 * begin]!,
  end: hostParts[3 * end - 2]!,
});

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
      reach: (groups) => {
        const all = boxes(covered(groups, 64, batch * rowCount * rank), rowCount * rank);
        return { partial: hull(all, ([items]) => rowsOf(items, place.partialParts * rank)) };
      },
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
