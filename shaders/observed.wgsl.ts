// Observed entries against CP models whose factors are stacked, [batch, rows, rank] (src/tensor/coordinate.ts). Loads are
// nearly all the cost: predictions read order · rank numbers per entry, a mode's gradient (order − 1) · rank, each used in one
// multiplication. So no value is staged anywhere, products stay in registers, row numbers and derivatives are loaded once
// for several components, and loops are unrolled.
import type { LossName } from '../src/losses/losses.js';
import { defineKernel, read, readIntegers, readWrite, wgsl } from './kernel.js';
import { lossNames } from '../src/losses/losses.js';
import { lossFunctions } from './lib/losses.js';
import { repeat } from './lib/register-tile.js';

const exampleOrders = [2, 3, 16];
/** Components that an invocation may keep. */
export const componentCounts = [1, 2, 4, 8] as const;

export interface PredictObservedVariant {
  readonly order: number;
  readonly weighted: boolean;
  /** Invocations that share an entry: 4 read neighboring components and add up by quad swaps; 1 needs no subgroups. */
  readonly lanes: 1 | 4;
}

/** Nearly all of the time goes into loads from anywhere, each worth a few flops. */
const workOfLoad = 4;
/** Components an invocation takes in one turn of the loop. */
const unroll = 8;

/** prediction[b, e] = Σ_c weights[b, c] Π_k factors[b, row_k(e), c]. order · rank loads per entry. */
export const predictObserved = defineKernel({
  name: 'predictObserved',
  bindings: {
    factors: read('[batch, rows, rank]'),
    weights: read('[batch, rank], not read unless weighted'),
    entryRows: readIntegers('[entries, order]'),
    prediction: readWrite('[batch, count]'),
  },
  params: { batch: 'u32', rows: 'u32', rank: 'u32', first: 'u32', count: 'u32' },
  variants: (subgroups) =>
    exampleOrders.flatMap((order) =>
      (subgroups ? ([1, 4] as const) : ([1] as const)).flatMap((lanes) =>
        [false, true].map((weighted) => ({ order, weighted, lanes })),
      ),
    ),
  usesSubgroups: ({ lanes }) => lanes === 4,
  workgroups: ({ batch, count }, { lanes }) => Math.ceil((batch * count * lanes) / 64),
  work: ({ batch, count, rank }, { order }) => workOfLoad * order * batch * count * rank,
  // Quads past the end work on the last entry again: all four lanes must meet at the swaps.
  body: ({ order, weighted, lanes }: PredictObservedVariant) => {
    const product = (c: string): string =>
      (weighted ? `weights[weightAt + ${c}] * ` : '') + repeat(order, (k) => `factors[row${k} + ${c}]`, ' * ');
    return wgsl`
  let invocation = group * workgroupSize + lane;
#if ${lanes === 4}
  let own = subgroupLane & 3u;
  let entry = invocation / 4u;
  let index = min(entry, params.batch * params.count - 1u);
#else
  let own = 0u;
  let index = invocation;
  if (index >= params.batch * params.count) { return; }
#endif
  let item = index / params.count;
  let rank = params.rank;
  let at = (params.first + index % params.count) * ${order}u;
  let weightAt = item * rank;
  ${repeat(order, (k) => `let row${k} = (item * params.rows + entryRows[at + ${k}u]) * rank;`)}
  var sum = 0f;
  var c = own;
  for (; c + ${(unroll - 1) * lanes}u < rank; c += ${unroll * lanes}u) {
    ${repeat(unroll, (u) => `let c${u} = c + ${u * lanes}u; let p${u} = ${product(`c${u}`)};`)}
    sum += ${repeat(unroll, (u) => `p${u}`, ' + ')};
  }
  for (; c < rank; c += ${lanes}u) { sum += ${product('c')}; }
#if ${lanes === 4}
  sum += quadSwapX(sum);
  sum += quadSwapY(sum);
  if (own == 0u && entry == index) { prediction[index] = sum; }
#else
  prediction[index] = sum;
#endif`;
  },
});

export interface LossObservedVariant {
  readonly loss: LossName;
  readonly weighted: boolean;
}

/**
 * derivative[b, e] = φ′ · share, and the sums of φ · share over entries chunk, chunk + chunks, …: partial[chunk, b], where the
 * share is scale · weight of the entry.
 */
export const lossObserved = defineKernel({
  name: 'lossObserved',
  bindings: {
    prediction: read('[batch, count]'),
    values: read('[entries]'),
    entryWeights: read('[entries], not read unless weighted'),
    derivative: readWrite('[batch, count]'),
    partial: readWrite('[chunks, batch]'),
  },
  params: { batch: 'u32', first: 'u32', count: 'u32', chunks: 'u32', parameter: 'f32', scale: 'f32' },
  variants: () => lossNames.flatMap((loss) => [false, true].map((weighted) => ({ loss, weighted }))),
  invocations: ['chunks', 'batch'],
  work: ({ batch, count }) => 8 * workOfLoad * batch * count,
  declarations: ({ loss }) => lossFunctions(loss),
  body: ({ weighted }: LossObservedVariant) => wgsl`
  let chunk = index % params.chunks;
  let item = index / params.chunks;
  var sum = 0f;
  for (var e = chunk; e < params.count; e += params.chunks) {
    let predicted = prediction[item * params.count + e];
    let observed = values[params.first + e];
#if ${weighted}
    let share = params.scale * entryWeights[params.first + e];
    sum += select(0f, lossValue(predicted, observed, params.parameter) * share, share != 0f);
    let slope = select(0f, lossDerivative(predicted, observed, params.parameter) * share, share != 0f);
#else
    sum += lossValue(predicted, observed, params.parameter) * params.scale;
    let slope = lossDerivative(predicted, observed, params.parameter) * params.scale;
#endif
    derivative[item * params.count + e] = slope;
  }
  partial[chunk * params.batch + item] = sum;`,
});

export interface GradientPartsVariant {
  readonly order: number;
  /** Invocations that share a part, side by side over its components. */
  readonly lanes: 4 | 16;
  /** Components an invocation keeps, `lanes` apart. */
  readonly components: (typeof componentCounts)[number];
}

const partBindings = {
  factors: read('[batch, rows, rank]'),
  entryRows: readIntegers('[entries, order]'),
  entries: readIntegers('[order, count], sorted by row'),
  parts: readIntegers('[all parts, 3]: begin, end, mode'),
  partial: readWrite('[batch, partialParts, rank]'),
} as const;

const partParams = {
  batch: 'u32',
  rows: 'u32',
  rank: 'u32',
  first: 'u32',
  count: 'u32',
  /** Parts of this dispatch. */
  firstPart: 'u32',
  partCount: 'u32',
  /** Parts of `partial`, and the first of them. */
  partialParts: 'u32',
  partialFirst: 'u32',
} as const;

type PartTile = Pick<GradientPartsVariant, 'order' | 'components' | 'lanes'>;

const each = (count: number, line: (i: number) => string): string => repeat(count, line, ' ');

/** Components c0 …, their places at0 … from `base`, the part's entries, and the other modes k0 … in cyclic order after its own. */
const partSetup = ({ order, components, lanes }: PartTile): string => `
  let rank = params.rank;
  let base = item * params.rows * rank;
  ${repeat(components, (i) => `let c${i} = firstComponent + ${i * lanes}u; let at${i} = base + min(c${i}, rank - 1u);`)}
  let begin = parts[3u * part];
  let end = parts[3u * part + 1u];
  let mode = parts[3u * part + 2u];
  ${repeat(order - 1, (j) => `let k${j} = select(mode + ${j + 1}u - ${order}u, mode + ${j + 1}u, mode + ${j + 1}u < ${order}u);`)}
  ${each(components, (i) => `var sum${i} = 0f;`)}`;

/** Entry number e‹n› = entries[p + n], and u‹n›_0 …, the products of the other modes' factors for it. */
const partEntry = ({ order, components }: PartTile, n: number): string => `
    let e${n} = entries[p + ${n}u];
    let entry${n} = (params.first + e${n}) * ${order}u;
    ${repeat(order - 1, (j) => `let row${n}_${j} = entryRows[entry${n} + k${j}] * rank;`)}
    ${each(components, (i) => `let u${n}_${i} = ${repeat(order - 1, (j) => `factors[row${n}_${j} + at${i}]`, ' * ')};`)}`;

const partEnd = ({ components }: PartTile): string => `
  let out = (item * params.partialParts + part - params.partialFirst) * rank;
  ${repeat(components, (i) => `if (c${i} < rank) { partial[out + c${i}] = sum${i}; }`)}`;

/**
 * The gradient's sum over the entries of one part of a row: partial[b, part, c] = Σ_e derivative[b, e] Π_{j ≠ mode} factors[b, row_j(e), c].
 * For every entry, order + 1 loads and (order − 1) · components more, two entries per turn of the loop. Tried on a software
 * adapter without gain: holding a row that the next entry shares, of entries sorted by two modes (fewer loads, but a branch masks
 * every store to a variable); four entries per turn whose row numbers and slopes the quad loads once, unrolled or by shuffles in a
 * loop (17 loads per entry instead of 20 for order 3 and 8 components: the same time within 5 %).
 */
export const gradientParts = defineKernel({
  name: 'gradientParts',
  bindings: { ...partBindings, derivative: read('[batch, count]') },
  params: { ...partParams, modes: 'u32', componentBlocks: 'u32' },
  variants: () =>
    exampleOrders.flatMap((order) =>
      ([4, 16] as const).flatMap((lanes) => componentCounts.map((components) => ({ order, lanes, components }))),
    ),
  workgroups: ({ batch, partCount, componentBlocks }, { lanes }) =>
    Math.ceil((batch * partCount * componentBlocks * lanes) / 64),
  work: ({ batch, count, rank, modes }, { order }) => workOfLoad * order * modes * batch * count * rank,
  // Components past the last compute the last one again and store nothing.
  body: (variant: GradientPartsVariant) => {
    const { lanes, components } = variant;
    const add = (count: number): string => `
    ${repeat(
      count,
      (n) => `${partEntry(variant, n)}
    let slope${n} = derivative[item * params.count + e${n}];`,
    )}
    ${each(components, (i) => `sum${i} += ${repeat(count, (n) => `slope${n} * u${n}_${i}`, ' + ')};`)}`;
    return wgsl`
  let slot = group * ${64 / lanes}u + lane / ${lanes}u;
  let firstComponent = (slot % params.componentBlocks) * ${lanes * components}u + lane % ${lanes}u;
  let place = slot / params.componentBlocks;
  let part = params.firstPart + place % params.partCount;
  let item = place / params.partCount;
  if (item >= params.batch) { return; }
  ${partSetup(variant)}
  var p = begin;
  for (; p + 1u < end; p += 2u) { ${add(2)} }
  if (p < end) { ${add(1)} }
  ${partEnd(variant)}`;
  },
});

export interface LossAndGradientPartsVariant {
  readonly order: number;
  readonly loss: LossName;
  /** Components an invocation keeps, 4 apart: a quad of invocations keeps them all. */
  readonly components: (typeof componentCounts)[number];
}

/**
 * Prediction, loss, derivative and the gradient of the part's mode in one walk, for ranks up to 4 · components: the
 * product that the prediction sums is the one that the gradient needs. The sums of φ · scale over each part, [batch, partCount],
 * stand behind the parts in `partial`: a binding of their own would be one more than every device has.
 */
export const lossAndGradientParts = defineKernel({
  name: 'lossAndGradientParts',
  bindings: {
    ...partBindings,
    weights: read('[batch, rank]'),
    values: read('[entries]'),
    derivative: readWrite('[batch, count]'),
  },
  params: { ...partParams, lossOffset: 'u32', parameter: 'f32', scale: 'f32' },
  variants: (subgroups) =>
    subgroups
      ? lossNames.flatMap((loss) =>
          exampleOrders.flatMap((order) => ([1, 8] as const).map((components) => ({ order, loss, components }))),
        )
      : [],
  usesSubgroups: () => true,
  workgroups: ({ batch, partCount }) => Math.ceil((batch * partCount) / 16),
  work: ({ batch, count, rank }, { order }) => 2 * workOfLoad * order * batch * count * rank,
  declarations: ({ loss }) => lossFunctions(loss),
  // The four lanes of a quad walk through the same part, so they meet at the swaps; the compiler cannot know.
  body: ({ order, components }: LossAndGradientPartsVariant) => {
    const tile: PartTile = { order, components, lanes: 4 };
    return wgsl`
  let slot = group * 16u + lane / 4u;
  let firstComponent = lane % 4u;
  let part = params.firstPart + slot % params.partCount;
  let item = slot / params.partCount;
  if (item >= params.batch) { return; }
  ${partSetup(tile)}
  let ownRow = entryRows[(params.first + entries[begin]) * ${order}u + mode] * rank;
  ${repeat(components, (i) => `let own${i} = select(0f, weights[item * rank + min(c${i}, rank - 1u)] * factors[ownRow + at${i}], c${i} < rank);`)}
  var lossSum = 0f;
  @diagnostic(off, subgroup_uniformity)
  for (var p = begin; p < end; p++) {
    ${partEntry(tile, 0)}
    let observed = values[params.first + e0];
    var prediction = ${repeat(components, (i) => `own${i} * u0_${i}`, ' + ')};
    prediction += quadSwapX(prediction);
    prediction += quadSwapY(prediction);
    let slope = lossDerivative(prediction, observed, params.parameter) * params.scale;
    lossSum += lossValue(prediction, observed, params.parameter) * params.scale;
    if (firstComponent == 0u) { derivative[item * params.count + e0] = slope; }
    ${each(components, (i) => `sum${i} += slope * u0_${i};`)}
  }
  if (firstComponent == 0u) { partial[params.lossOffset + item * params.partCount + part - params.firstPart] = lossSum; }
  ${partEnd(tile)}`;
  },
});

/** mean[b] = Σ of the losses of the parts: every 64th by one lane, then the lanes, in order. One workgroup per batch item. */
export const meanOfParts = defineKernel({
  name: 'meanOfParts',
  bindings: {
    partial: read('[batch, partCount] from lossOffset on'),
    mean: readWrite('[batch]'),
  },
  params: { batch: 'u32', partCount: 'u32', lossOffset: 'u32' },
  workgroups: ({ batch }) => batch,
  declarations: () => 'var<workgroup> sums: array<f32, 64>;',
  body: () => wgsl`
  let item = group;
  if (item >= params.batch) { return; }
  var sum = 0f;
  for (var part = lane; part < params.partCount; part += workgroupSize) {
    sum += partial[params.lossOffset + item * params.partCount + part];
  }
  sums[lane] = sum;
  workgroupBarrier();
  if (lane == 0u) {
    for (var other = 1u; other < workgroupSize; other++) { sum += sums[other]; }
    mean[item] = sum;
  }`,
});

/** gradient[b, row, c] = weights[b, c] Σ partial[b, part, c] over the row's parts, in order. One invocation per entry of it. */
export const gradientRows = defineKernel({
  name: 'gradientRows',
  bindings: {
    partial: read('[batch, partialParts, rank]'),
    rowParts: readIntegers('[rows + 1]'),
    weights: read('[batch, rank]'),
    gradient: readWrite('[batch, rows, rank]'),
  },
  params: {
    batch: 'u32',
    rows: 'u32',
    rank: 'u32',
    firstRow: 'u32',
    rowCount: 'u32',
    partialParts: 'u32',
    partialFirst: 'u32',
  },
  invocations: ['batch', 'rowCount', 'rank'],
  work: ({ batch, rank, partialParts }) => 2 * workOfLoad * batch * partialParts * rank,
  body: () => wgsl`
  let c = index % params.rank;
  let row = params.firstRow + (index / params.rank) % params.rowCount;
  let item = index / (params.rank * params.rowCount);
  let end = rowParts[row + 1u];
  var sum = 0f;
  for (var part = rowParts[row]; part < end; part++) {
    sum += partial[(item * params.partialParts + part - params.partialFirst) * params.rank + c];
  }
  gradient[(item * params.rows + row) * params.rank + c] = weights[item * params.rank + c] * sum;`,
});
