// Entries of large order against CP models, factors stacked as in observed.wgsl.ts. Modes go in blocks of 16, in two levels:
//   1. the product of every block, of every entry and component;
//   2. along the blocks, the product of all others, blocks before times blocks after, as mantissa and exponent; times the slope;
//   3. inside a block, for each of its modes the product of the other 15, times 2., summed over the entries of a part.
// So memory is three numbers per (block, entry, component), and a mode costs two multiplications more than in one level.
// Entries give their rows, or one bit per mode where all modes have size 2: then a block's 32 factors and 32 sums stay in
// registers while the invocation walks through entries, 16 factors for one load.
import { defineKernel, read, readIntegers, readWrite, wgsl, type Values } from './kernel.js';
import { repeat } from './lib/register-tile.js';
import { scaledFunctions } from './lib/scaled.js';

export const modesPerBlock = 16;

export interface LargeOrderVariant {
  readonly entries: 'rows' | 'bits';
  /** Invocations side by side over components. */
  readonly lanes: 4 | 16;
}

const sizes = {
  batch: 'u32',
  order: 'u32',
  rows: 'u32',
  rank: 'u32',
  /** First entry of the chunk in the list, and entries of the chunk. */
  first: 'u32',
  count: 'u32',
  blocks: 'u32',
  parts: 'u32',
  partLength: 'u32',
  componentBlocks: 'u32',
} as const;

const symbols = readIntegers('[entries, order] rows, or [entries, blocks] words of 16 bits');
const perBlock = { of: 'f32', shape: '[batch, blocks, count, rank]' } as const;

const modes = (line: (i: number) => string, separator?: string): string => repeat(modesPerBlock, line, separator);

/** Flops, or what takes as long, of a product with an exponent. */
const workOfBlock = 16;

/** One walk for every batch item, block, part and component. */
const walk = {
  variants: () =>
    (['rows', 'bits'] as const).flatMap((entries) => ([4, 16] as const).map((lanes) => ({ entries, lanes }))),
  workgroups: ({ batch, blocks, parts, componentBlocks }: Values<typeof sizes>, { lanes }: LargeOrderVariant) =>
    Math.ceil((batch * blocks * parts * componentBlocks * lanes) / 64),
} as const;

/** From the invocation: c, part, block, item, and the entries begin … end − 1. Lanes past the last component return. */
const place = (lanes: number): string => `
  let slot = group * ${64 / lanes}u + lane / ${lanes}u;
  let c = (slot % params.componentBlocks) * ${lanes}u + lane % ${lanes}u;
  let part = (slot / params.componentBlocks) % params.parts;
  let block = (slot / (params.componentBlocks * params.parts)) % params.blocks;
  let item = slot / (params.componentBlocks * params.parts * params.blocks);
  if (item >= params.batch || c >= params.rank) { return; }
  let rank = params.rank;
  let order = params.order;
  let begin = part * params.partLength;
  let end = min(begin + params.partLength, params.count);
  let firstMode = block * ${modesPerBlock}u;
  let modeCount = min(${modesPerBlock}u, order - firstMode);
  let base = item * params.rows * rank + c;`;

/** Both factors of every mode of the block, before the walk. Modes past the last one have factors 1. */
const binaryTable = (): string =>
  modes(
    (i) => `let row${i} = base + 2u * (firstMode + ${i}u) * rank;
  let zero${i} = select(1f, factors[row${i}], ${i}u < modeCount);
  let one${i} = select(1f, factors[row${i} + rank], ${i}u < modeCount);`,
  );

/**
 * f0 … f15 of entry e; for bits the conditions bit0 … bit15, for rows the places at0 … at15 in one batch item's factors.
 * The bits are tested one by one in place: a software adapter shifts lane by lane, which costs more than all the rest.
 */
const entryFactors = ({ entries }: LargeOrderVariant): string =>
  entries === 'bits'
    ? `let word = symbols[(params.first + e) * params.blocks + block];
    ${modes((i) => `let bit${i} = (word & ${1 << i}u) != 0u; let f${i} = select(zero${i}, one${i}, bit${i});`)}`
    : `let entry = (params.first + e) * order + firstMode;
    ${modes((i) => `let at${i} = symbols[entry + min(${i}u, modeCount - 1u)] * rank; let f${i} = select(1f, factors[base + at${i}], ${i}u < modeCount);`)}`;

/** Level 1: products = Π_{k in block} factors[row_k(e), c]. */
export const blockProducts = defineKernel({
  name: 'blockProducts',
  bindings: {
    factors: read('[batch, rows, rank]'),
    symbols,
    products: { access: 'read_write', ...perBlock },
  },
  params: sizes,
  ...walk,
  work: ({ batch, order, count, rank }) => order * batch * count * rank,
  body: (variant: LargeOrderVariant) => wgsl`
  ${place(variant.lanes)}
  ${variant.entries === 'bits' ? binaryTable() : ''}
  var out = ((item * params.blocks + block) * params.count + begin) * rank + c;
  for (var e = begin; e < end; e++) {
    ${entryFactors(variant)}
    products[out] = ${modes((i) => `f${i}`, ' * ')};
    out += rank;
  }`,
});

/** product · block, brought back to a mantissa in [1, 2): `change` is what the exponent gains. */
const takeIn = (block: string): string => `product *= ${block};
    let change = exponentOf(product);
    product = scaleBy(product, -change);`;

/**
 * Level 2: for every block slope[b, e] · weights[b, c] · (product of all other blocks) · 2^shift, in place of its own product,
 * times the exponent of that (see level 3); `before` is scratch. One invocation per entry and component.
 */
export const otherBlocks = defineKernel({
  name: 'otherBlocks',
  bindings: {
    weights: read('[batch, rank]'),
    derivative: read('[batch, total]'),
    products: { access: 'read_write', ...perBlock },
    before: { access: 'read_write', ...perBlock },
    beforeExponent: { access: 'read_write', ...perBlock },
  },
  params: { batch: 'u32', rank: 'u32', count: 'u32', blocks: 'u32', firstSlope: 'u32', total: 'u32', shift: 'f32' },
  invocations: ['batch', 'count', 'rank'],
  work: ({ batch, count, rank, blocks }) => 2 * workOfBlock * batch * count * rank * blocks,
  declarations: () => scaledFunctions,
  body: () => wgsl`
  let stride = params.count * params.rank;
  let item = index / stride;
  let begin = item * params.blocks * stride + index % stride;
  let slope = derivative[item * params.total + params.firstSlope + (index % stride) / params.rank];
  var product = weights[item * params.rank + index % params.rank];
  var power = 0f;
  var at = begin;
  for (var block = 0u; block < params.blocks; block++) {
    before[at] = product;
    beforeExponent[at] = power;
    ${takeIn('products[at]')}
    power += f32(change);
    at += stride;
  }
  product = 1f;
  power = params.shift;
  for (var block = 0u; block < params.blocks; block++) {
    at -= stride;
    let own = products[at];
    let exponent = beforeExponent[at] + power + f32(exponentOf(own));
    products[at] = scaleBy(slope * (before[at] * product), i32(clamp(exponent, -1000f, 1000f)));
    ${takeIn('own')}
    power += f32(change);
  }`,
});

/** mantissa · 2^exponent = weights[b, c] Π_blocks, the mantissa in place of the first block's. One invocation per entry and component. */
export const productOfBlocks = defineKernel({
  name: 'productOfBlocks',
  bindings: {
    weights: read('[batch, rank]'),
    products: { access: 'read_write', ...perBlock },
    exponent: readWrite('[batch, count, rank]'),
  },
  params: { batch: 'u32', rank: 'u32', count: 'u32', blocks: 'u32' },
  invocations: ['batch', 'count', 'rank'],
  work: ({ batch, count, rank, blocks }) => workOfBlock * batch * count * rank * blocks,
  declarations: () => scaledFunctions,
  body: () => wgsl`
  let stride = params.count * params.rank;
  let item = index / stride;
  let begin = item * params.blocks * stride + index % stride;
  var product = weights[item * params.rank + index % params.rank];
  var power = 0f;
  var at = begin;
  for (var block = 0u; block < params.blocks; block++) {
    ${takeIn('products[at]')}
    power += f32(change);
    at += stride;
  }
  products[begin] = product;
  exponent[index] = power;`,
});

/** prediction[b, e] = 2^shift Σ_c of these products, relative to the largest. One invocation per entry. */
export const sumOfProducts = defineKernel({
  name: 'sumOfProducts',
  bindings: {
    products: { access: 'read', ...perBlock },
    exponent: read('[batch, count, rank]'),
    prediction: readWrite('[batch, total]'),
  },
  params: { batch: 'u32', rank: 'u32', count: 'u32', blocks: 'u32', firstOut: 'u32', total: 'u32', shift: 'f32' },
  invocations: ['batch', 'count'],
  work: ({ batch, count, rank }) => workOfBlock * batch * count * rank,
  declarations: () => scaledFunctions,
  body: () => wgsl`
  let item = index / params.count;
  let e = index % params.count;
  let begin = (item * params.blocks * params.count + e) * params.rank;
  let powers = index * params.rank;
  var largest = -1e30f;
  for (var c = 0u; c < params.rank; c++) {
    if (products[begin + c] != 0f) { largest = max(largest, exponent[powers + c]); }
  }
  var sum = 0f;
  for (var c = 0u; c < params.rank; c++) {
    let product = products[begin + c];
    if (product != 0f) { sum += scaleBy(product, i32(max(exponent[powers + c] - largest, -1000f))); }
  }
  prediction[item * params.total + params.firstOut + e] = scaleBy(sum, i32(clamp(largest + params.shift, -1000f, 1000f)));`,
});

/**
 * Level 3: parts[part, b, row_k, c] = Σ_{e of the part} outer[b, block, e, c] · (product of the block's other modes), outer made by
 * level 2. An invocation owns the rows of its block in its part; with rows it adds to them in memory, where they must be 0
 * before, with bits it writes them once. The block's own exponent moves from the product of its modes, which could leave
 * the range of floats times the other blocks, to the latter.
 */
export const blockGradients = defineKernel({
  name: 'blockGradients',
  bindings: {
    factors: read('[batch, rows, rank]'),
    symbols,
    outer: { access: 'read', ...perBlock },
    sums: readWrite('[parts, batch, rows, rank]'),
  },
  params: sizes,
  ...walk,
  work: ({ batch, order, count, rank }) => 4 * order * batch * count * rank,
  declarations: () => scaledFunctions,
  body: (variant: LargeOrderVariant) => {
    const bits = variant.entries === 'bits';
    const add = (i: number): string =>
      bits
        ? `oneSum${i} += select(0f, v${i}, bit${i}); zeroSum${i} += select(v${i}, 0f, bit${i});`
        : `if (${i}u < modeCount) { sums[sumBase + at${i}] += v${i}; }`;
    return wgsl`
  ${place(variant.lanes)}
  ${bits ? binaryTable() : ''}
  ${bits ? modes((i) => `var zeroSum${i} = 0f; var oneSum${i} = 0f;`) : ''}
  let sumBase = (part * params.batch + item) * params.rows * rank + c;
  var at = ((item * params.blocks + block) * params.count + begin) * rank + c;
  for (var e = begin; e < end; e++) {
    ${entryFactors(variant)}
    let p0 = 1f;
    ${repeat(modesPerBlock - 1, (i) => `let p${i + 1} = p${i} * f${i};`)}
    let own = exponentOf(p${modesPerBlock - 1} * f${modesPerBlock - 1});
    let others = outer[at];
    at += rank;
    let s${modesPerBlock - 1} = powerOfTwo(-own);
    ${repeat(modesPerBlock - 1, (j) => {
      const i = modesPerBlock - 2 - j;
      return `let s${i} = s${i + 1} * f${i + 1};`;
    })}
    ${modes((i) => `let v${i} = others * (p${i} * s${i}); ${add(i)}`)}
  }
  ${
    bits
      ? modes(
          (i) =>
            `if (${i}u < modeCount) { sums[sumBase + 2u * (firstMode + ${i}u) * rank] = zeroSum${i}; sums[sumBase + (2u * (firstMode + ${i}u) + 1u) * rank] = oneSum${i}; }`,
        )
      : ''
  }`;
  },
});

/** values[i] = 0. */
export const clearSums = defineKernel({
  name: 'clearSums',
  bindings: { values: readWrite('[length]') },
  params: { length: 'u32' },
  invocations: ['length'],
  body: () => 'values[index] = 0f;',
});
