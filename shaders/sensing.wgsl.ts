// Kernels of linear measurements ⟨A_j, T⟩. Dense A_j: a matrix [count, size] times the models as vectors, read once for up to
// eight of them; the time goes into reading the matrix. Kruskal A_j: the matrix products are mttkrpDense of the measurement's own
// factors (src/backend/webgpu/sensing.ts), and what is left is elementwise.
import { defineKernel, wgsl } from './kernel.js';
import { invocationFor } from './lib/entry.js';
import { repeat } from './lib/register-tile.js';

export interface MeasureVariant {
  /** Batch items that share a read of the measurements. */
  readonly items: 1 | 4 | 8;
}

/**
 * prediction[run, b, j] = Σ measurements[j][i] · tensor[b][i] over i = run, run + runs, … An invocation a measurement, run and
 * `items` batch items; neighbors read neighboring entries of one row.
 */
export const measureDense = defineKernel({
  name: 'measureDense',
  bindings: {
    measurements: { access: 'read', of: 'f32', shape: '[count, size]' },
    tensor: { access: 'read', of: 'f32', shape: '[batch, size]' },
    prediction: { access: 'read_write', of: 'f32', shape: '[runs, batch, count]' },
  },
  params: { batch: 'u32', count: 'u32', size: 'u32', runs: 'u32' },
  workgroupSize: () => 64,
  // Items past the end repeat the last one and store the same value again.
  body: ({ items }: MeasureVariant) => wgsl`
@compute @workgroup_size(workgroupSize)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = groupIndex(workgroup, workgroups) * workgroupSize + lane;
  let run = index % params.runs;
  let j = (index / params.runs) % params.count;
  let firstItem = (index / (params.runs * params.count)) * ${items}u;
  if (firstItem >= params.batch) { return; }
  ${repeat(items, (b) => `let item${b} = min(firstItem + ${b}u, params.batch - 1u); let tensor${b} = item${b} * params.size; var sum${b} = 0f;`)}
  let row = j * params.size;
  for (var i = run; i < params.size; i += params.runs) {
    let a = measurements[row + i];
    ${repeat(items, (b) => `sum${b} += a * tensor[tensor${b} + i];`)}
  }
  ${repeat(items, (b) => `prediction[(run * params.batch + item${b}) * params.count + j] = sum${b};`)}
}`,
});

/** tensor[split, b, i] = Σ_j derivative[b][j] · measurements[j][i] over the split's j. An invocation an entry i, split and `items` batch items. */
export const measureAdjoint = defineKernel({
  name: 'measureAdjoint',
  bindings: {
    measurements: { access: 'read', of: 'f32', shape: '[count, size]' },
    derivative: { access: 'read', of: 'f32', shape: '[batch, count]' },
    tensor: { access: 'read_write', of: 'f32', shape: '[splits, batch, size]' },
  },
  params: { batch: 'u32', count: 'u32', size: 'u32', splits: 'u32', countPerSplit: 'u32' },
  workgroupSize: () => 64,
  body: ({ items }: MeasureVariant) => wgsl`
@compute @workgroup_size(workgroupSize)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = groupIndex(workgroup, workgroups) * workgroupSize + lane;
  let i = index % params.size;
  let split = (index / params.size) % params.splits;
  let firstItem = (index / (params.size * params.splits)) * ${items}u;
  if (firstItem >= params.batch) { return; }
  ${repeat(items, (b) => `let item${b} = min(firstItem + ${b}u, params.batch - 1u); let weights${b} = item${b} * params.count; var sum${b} = 0f;`)}
  let end = min((split + 1u) * params.countPerSplit, params.count);
  for (var j = split * params.countPerSplit; j < end; j++) {
    let a = measurements[j * params.size + i];
    ${repeat(items, (b) => `sum${b} += a * derivative[weights${b} + j];`)}
  }
  ${repeat(items, (b) => `tensor[(split * params.batch + item${b}) * params.size + i] = sum${b};`)}
}`,
});

/**
 * One factor of the product over the modes: hadamard[b, (j, s), c] = start · factor[b, (j, s), c], where start is
 * derivative[b][j] · weights[j, s] for the first one and what hadamard holds after that.
 */
export const multiplyProducts = defineKernel({
  name: 'multiplyProducts',
  bindings: {
    derivative: { access: 'read', of: 'f32', shape: '[batch, count]' },
    weights: { access: 'read', of: 'f32', shape: '[count, terms]' },
    factor: { access: 'read', of: 'f32', shape: '[batch, count · terms, rank]' },
    hadamard: { access: 'read_write', of: 'f32', shape: '[batch, count · terms, rank]' },
  },
  params: { batch: 'u32', count: 'u32', terms: 'u32', rank: 'u32', first: 'u32' },
  workgroupSize: () => 64,
  body: () => wgsl`
@compute @workgroup_size(workgroupSize)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = groupIndex(workgroup, workgroups) * workgroupSize + lane;
  let components = params.count * params.terms;
  if (index >= params.batch * components * params.rank) { return; }
  let component = index / params.rank;
  var start = hadamard[index];
  if (params.first == 1u) { start = derivative[component / params.terms] * weights[component % components]; }
  hadamard[index] = start * factor[index];
}`,
});

/** sums[g] = Σ of `length` consecutive values; one invocation a sum. */
export const sumGroups = defineKernel({
  name: 'sumGroups',
  bindings: {
    values: { access: 'read', of: 'f32', shape: '[groups, length]' },
    sums: { access: 'read_write', of: 'f32', shape: '[groups]' },
  },
  params: { groups: 'u32', length: 'u32' },
  workgroupSize: () => 64,
  body: () => wgsl`
${invocationFor('params.groups')}
  var sum = 0f;
  for (var k = index * params.length; k < (index + 1u) * params.length; k++) { sum += values[k]; }
  sums[index] = sum;
}`,
});
