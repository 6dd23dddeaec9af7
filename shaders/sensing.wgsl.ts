// Kernels of linear measurements ⟨A_j, T⟩. Dense A_j: a matrix [count, size] times the models as vectors, read once for up to
// eight of them; the time goes into reading the matrix. Kruskal A_j: the matrix products are mttkrpDense of the measurement's own
// factors (src/backend/webgpu/sensing.ts), and what is left is elementwise.
import { defineKernel, read, readWrite, wgsl } from './kernel.js';
import { repeat } from './lib/register-tile.js';

/** Entries that an invocation takes in one turn of the loop. */
const unroll = 8;

export interface MeasureVariant {
  /** Batch items that share a read of the measurements. */
  readonly items: 1 | 4 | 8;
}

/**
 * prediction[run, b, j] = Σ measurements[j][i] · tensor[b][i] over i = run, run + runs, … One invocation per measurement, run and
 * `items` batch items; neighbors read neighboring entries of one row.
 */
export const measureDense = defineKernel({
  name: 'measureDense',
  bindings: {
    measurements: read('[count, size]'),
    tensor: read('[batch, size]'),
    prediction: readWrite('[runs, batch, count]'),
  },
  params: { batch: 'u32', count: 'u32', size: 'u32', runs: 'u32' },
  variants: () => ([1, 4, 8] as const).map((items) => ({ items })),
  workgroups: ({ batch, count, runs }, { items }) => Math.ceil((Math.ceil(batch / items) * count * runs) / 64),
  work: ({ batch, count, size }) => 2 * batch * count * size,
  // Items past the end repeat the last one and store the same value again.
  body: ({ items }: MeasureVariant) => wgsl`
  let index = group * workgroupSize + lane;
  let run = index % params.runs;
  let j = (index / params.runs) % params.count;
  let firstItem = (index / (params.runs * params.count)) * ${items}u;
  if (firstItem >= params.batch) { return; }
  ${repeat(items, (b) => `let item${b} = min(firstItem + ${b}u, params.batch - 1u); let tensor${b} = item${b} * params.size; var sum${b} = 0f;`)}
  let row = j * params.size;
  var i = run;
  for (; i + ${unroll - 1}u * params.runs < params.size; i += ${unroll}u * params.runs) {
    ${repeat(unroll, (u) => `let i${u} = i + ${u}u * params.runs; let a${u} = measurements[row + i${u}];`)}
    ${repeat(items, (b) => `sum${b} += ${repeat(unroll, (u) => `a${u} * tensor[tensor${b} + i${u}]`, ' + ')};`)}
  }
  for (; i < params.size; i += params.runs) {
    let a = measurements[row + i];
    ${repeat(items, (b) => `sum${b} += a * tensor[tensor${b} + i];`)}
  }
  ${repeat(items, (b) => `prediction[(run * params.batch + item${b}) * params.count + j] = sum${b};`)}`,
});

/** tensor[split, b, i] = Σ_j derivative[b][j] · measurements[j][i] over the split's j. One invocation per entry i, split and `items` batch items. */
export const measureAdjoint = defineKernel({
  name: 'measureAdjoint',
  bindings: {
    measurements: read('[count, size]'),
    derivative: read('[batch, count]'),
    tensor: readWrite('[splits, batch, size]'),
  },
  params: { batch: 'u32', count: 'u32', size: 'u32', splits: 'u32', countPerSplit: 'u32' },
  variants: () => ([1, 4, 8] as const).map((items) => ({ items })),
  workgroups: ({ batch, size, splits }, { items }) => Math.ceil((Math.ceil(batch / items) * splits * size) / 64),
  work: ({ batch, count, size }) => 2 * batch * count * size,
  body: ({ items }: MeasureVariant) => wgsl`
  let index = group * workgroupSize + lane;
  let i = index % params.size;
  let split = (index / params.size) % params.splits;
  let firstItem = (index / (params.size * params.splits)) * ${items}u;
  if (firstItem >= params.batch) { return; }
  ${repeat(items, (b) => `let item${b} = min(firstItem + ${b}u, params.batch - 1u); let weights${b} = item${b} * params.count; var sum${b} = 0f;`)}
  let end = min((split + 1u) * params.countPerSplit, params.count);
  var j = split * params.countPerSplit;
  for (; j + ${unroll - 1}u < end; j += ${unroll}u) {
    ${repeat(unroll, (u) => `let a${u} = measurements[(j + ${u}u) * params.size + i];`)}
    ${repeat(items, (b) => `sum${b} += ${repeat(unroll, (u) => `a${u} * derivative[weights${b} + j + ${u}u]`, ' + ')};`)}
  }
  for (; j < end; j++) {
    let a = measurements[j * params.size + i];
    ${repeat(items, (b) => `sum${b} += a * derivative[weights${b} + j];`)}
  }
  ${repeat(items, (b) => `tensor[(split * params.batch + item${b}) * params.size + i] = sum${b};`)}`,
});

/**
 * One factor of the product over the modes: hadamard[b, (j, s), c] = start · factor[b, (j, s), c], where start is
 * derivative[b][j] · weights[j, s] for the first one and what hadamard holds after that.
 */
export const multiplyProducts = defineKernel({
  name: 'multiplyProducts',
  bindings: {
    derivative: read('[batch, count]'),
    weights: read('[count, terms]'),
    factor: read('[batch, count · terms, rank]'),
    hadamard: readWrite('[batch, count · terms, rank]'),
  },
  params: { batch: 'u32', count: 'u32', terms: 'u32', rank: 'u32', first: 'u32' },
  invocations: ['batch', 'count', 'terms', 'rank'],
  body: () => wgsl`
  let components = params.count * params.terms;
  let component = index / params.rank;
  var start = hadamard[index];
  if (params.first == 1u) { start = derivative[component / params.terms] * weights[component % components]; }
  hadamard[index] = start * factor[index];`,
});

/** sums[g] = Σ of `length` consecutive values; one invocation per sum. */
export const sumGroups = defineKernel({
  name: 'sumGroups',
  bindings: {
    values: read('[groups, length]'),
    sums: readWrite('[groups]'),
  },
  params: { groups: 'u32', length: 'u32' },
  invocations: ['groups'],
  work: ({ groups, length }) => groups * length,
  body: () => wgsl`
  var sum = 0f;
  for (var k = index * params.length; k < (index + 1u) * params.length; k++) { sum += values[k]; }
  sums[index] = sum;`,
});
