// Contraction of a packed symmetric tensor with all but one copy of each query vector (packing: src/tensor/symmetric.ts):
//   A_i[k] = Σ_J mult(J) · T[sort(k ∪ J)] · Π_{j ∈ J} q_i[j]         J = (j_1 ≤ … ≤ j_{l−1}), mult(J) its distinct orders
// A matrix product over J whose operands are made on the fly: rows are queries, columns are k. In colexicographic order J runs
// in fibers of j_1 = 0 … j_2, and along a fiber the packed offset of k ∪ J takes one of two forms,
//   j_1 ≤ k:  j_1 + below[k]                     k stands behind j_1; below[k] = C(k + q − 1, q) + what j_2 … j_{l−1} add
//   j_1 > k:  C(j_1 + 1, 2) + k + above          k comes first and shifts all of J by one place
// so binomials are needed once a fiber, and a step of J costs rows + columns/4 loads for 4 · rows · columns multiply-adds.
import { defineKernel, wgsl } from './kernel.js';
import {
  columnValues,
  eachOwn,
  eachRow,
  eachSum,
  laneInputs,
  laneSetup,
  ownColumn,
  repeat,
  type RegisterTile,
} from './lib/register-tile.js';

export interface ContractSymmetricVariant {
  readonly order: number;
  readonly tile: RegisterTile;
}

/**
 * product[split, item, i, k] = (accumulate ≠ 0 ? itself : 0) + scale · the sum over this split's `perSplit` tuples J, in their order.
 * 2 · batch · rows · dim · tuples flops; `tuples` = C(dim + order − 2, order − 1).
 */
export const contractSymmetric = defineKernel({
  name: 'contractSymmetric',
  bindings: {
    tensor: { access: 'read', of: 'f32', shape: '[packed] or [batch, packed], tensorStride apart' },
    queries: { access: 'read', of: 'f32', shape: '[batch, rows, dim], queryStride apart' },
    product: { access: 'read_write', of: 'f32', shape: '[splits, batch, rows, dim]' },
  },
  params: {
    batch: 'u32',
    rows: 'u32',
    dim: 'u32',
    queryStride: 'u32',
    tensorStride: 'u32',
    rowBlocks: 'u32',
    columnBlocks: 'u32',
    splits: 'u32',
    tuples: 'u32',
    perSplit: 'u32',
    accumulate: 'u32',
    scale: 'f32',
  },
  workgroupSize: ({ tile }: ContractSymmetricVariant) => tile.lanes,
  usesSubgroups: ({ tile }) => tile.share === 'quad',
  // Rows and columns past the end compute the last one again and store nothing.
  body: ({ order, tile }) => {
    // j2 … j(order − 1): constant along a fiber.
    const outer = Array.from({ length: order - 2 }, (_, index) => index + 2);
    const sum = (terms: readonly string[]): string => terms.join(' + ') || '0u';
    return wgsl`
${repeat(order, (p) => risingBinomial(p + 1))}

@compute @workgroup_size(workgroupSize)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u, ${laneInputs(tile)}) {
  let group = groupIndex(workgroup, workgroups);
  let columnBlock = group % params.columnBlocks;
  let rowBlock = (group / params.columnBlocks) % params.rowBlocks;
  let part = group / (params.columnBlocks * params.rowBlocks);
  if (part >= params.batch * params.splits) { return; }
  ${laneSetup(tile)}
  let item = part % params.batch;
  let dim = params.dim;
  let firstRow = rowBlock * ${tile.rows * tile.lanes}u;
  let firstColumn = columnBlock * ${tile.columns}u;
  ${eachRow(tile, (r) => `let row${r} = firstRow + lane + ${r * tile.lanes}u; let query${r} = item * params.queryStride + min(row${r}, params.rows - 1u) * dim;`)}
  ${eachOwn(tile, (own) => `let k${own} = min(${ownColumn(tile, 'firstColumn', own)}, dim - 1u);`)}
  ${eachSum(tile, (r, c) => `var s${r}_${c} = 0f;`)}
  var tuple = (part / params.batch) * params.perSplit;
  let tupleEnd = min(tuple + params.perSplit, params.tuples);
  var rest = tuple;
  ${repeat(order - 1, (back) => decodeIndex(order - 1 - back))}
  while (tuple < tupleEnd) {
    ${repeat(outer.length, (at) => `let low${at + 2} = rising${at + 2}(j${at + 2}); let high${at + 2} = rising${at + 3}(j${at + 2});`)}
    let above = item * params.tensorStride + ${sum(outer.map((p) => `high${p}`))};
    ${eachOwn(tile, (own) => offsetOfColumn(order, own))}
    ${multiplicities(order)}
    ${eachRow(tile, (r) => `let w${r} = ${outer.map((p) => `queries[query${r} + j${p}]`).join(' * ') || '1f'};`)}
    let last = ${order > 2 ? 'j2' : 'dim - 1u'};
    let end = min(last + 1u, j1 + (tupleEnd - tuple));
    tuple += end - j1;
    var triangle = rising2(j1);
    for (var j = j1; j < end; j++) {
      let copies = ${order > 2 ? 'select(copiesApart, copiesEqual, j == last)' : '1f'};
      ${eachOwn(tile, (own) => `let at${own} = select(triangle + behind${own}, j + below${own}, j <= k${own});`)}
      ${columnValues(tile, 't', (own) => `copies * tensor[at${own}]`)}
      ${eachRow(tile, (r) => `let q${r} = w${r} * queries[query${r} + j];`)}
      ${eachSum(tile, (r, c) => `s${r}_${c} += q${r} * t${c};`)}
      triangle += j + 1u;
    }
    j1 = 0u;
    ${nextFiber(order)}
  }
  ${eachRow(
    tile,
    (r) => `if (row${r} < params.rows) {
    let out = (part * params.rows + row${r}) * dim + firstColumn;
    ${repeat(tile.columns, (c) => `if (firstColumn + ${c}u < dim) { product[out + ${c}u] = params.scale * s${r}_${c} + select(0f, product[out + ${c}u], params.accumulate != 0u); }`)}
  }`,
  )}
}`;
  },
});

/** WGSL of rising_p(i) = C(i + p − 1, p), the share of index i at place p; every intermediate is below p · C(i + p − 1, p). */
function risingBinomial(p: number): string {
  const factors = Array.from({ length: p - 1 }, (_, at) => `  c = c * (i + ${at + 1}u) / ${at + 2}u;`);
  return [`fn rising${p}(i: u32) -> u32 {`, '  var c = i;', ...factors, '  return c;', '}'].join('\n');
}

/** Takes index j_p out of `rest`: the largest with rising_p(j) ≤ rest. A few steps, once a workgroup. */
const decodeIndex = (p: number): string =>
  p === 1
    ? 'var j1 = rest;'
    : `var j${p} = 0u; while (rising${p}(j${p} + 1u) <= rest) { j${p}++; } rest -= rising${p}(j${p});`;

/** The two packed offsets of column k along a fiber, without what j_1 adds: below (j_1 ≤ k) and behind (j_1 > k). */
function offsetOfColumn(order: number, own: number): string {
  let place = `rising2(k${own})`;
  const others: string[] = [];
  for (let p = 2; p < order; p++) {
    place = `select(${place}, rising${p + 1}(k${own}), j${p} <= k${own})`;
    others.push(`select(high${p}, low${p}, j${p} <= k${own})`);
  }
  const start = 'item * params.tensorStride';
  return `let behind${own} = above + k${own}; let below${own} = ${[start, place, ...others].join(' + ')};`;
}

/** Distinct orders of (j_1, j_2 …): for j_1 < j_2, and for j_1 = j_2. Quotients of small integers, rounded to be exact. */
function multiplicities(order: number): string {
  if (order < 3) return '';
  let orders = 1;
  for (let k = 2; k < order; k++) orders *= k;
  const lines = ['var run = 1f;', `var copiesApart = ${orders}f;`];
  for (let p = order - 2; p >= 2; p--) {
    lines.push(`run = select(1f, run + 1f, j${p} == j${p + 1}); copiesApart = round(copiesApart / run);`);
  }
  return [...lines, 'let copiesEqual = round(copiesApart / (run + 1f));'].join(' ');
}

/** The next (j_2 ≤ … ≤ j_{l−1}): the first that can grow without passing its successor grows, those before it restart. */
function nextFiber(order: number): string {
  if (order < 3) return '';
  const last = order - 1;
  let text = `{ ${restart(last)} j${last}++; }`;
  for (let p = last - 1; p >= 2; p--) text = `if (j${p} < j${p + 1}) { ${restart(p)} j${p}++; } else ${text}`;
  return text;
}

const restart = (end: number): string => repeat(end - 2, (at) => `j${at + 2} = 0u;`, ' ');

/** total[i] = (accumulate ≠ 0 ? itself : 0) + scale · Σ_s parts[s, i] */
export const combineParts = defineKernel({
  name: 'combineParts',
  bindings: {
    parts: { access: 'read', of: 'f32', shape: '[count, length]' },
    total: { access: 'read_write', of: 'f32', shape: '[length]' },
  },
  params: { count: 'u32', length: 'u32', accumulate: 'u32', scale: 'f32' },
  workgroupSize: () => 64,
  body: () => wgsl`
@compute @workgroup_size(workgroupSize)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = groupIndex(workgroup, workgroups) * workgroupSize + lane;
  if (index >= params.length) { return; }
  var sum = 0f;
  for (var s = 0u; s < params.count; s++) { sum += parts[s * params.length + index]; }
  total[index] = params.scale * sum + select(0f, total[index], params.accumulate != 0u);
}`,
});

/** strengths[i] = ⟨contraction[i], query i⟩; one invocation a row. */
export const rowStrengths = defineKernel({
  name: 'rowStrengths',
  bindings: {
    contraction: { access: 'read', of: 'f32', shape: '[batch, rows, dim]' },
    queries: { access: 'read', of: 'f32', shape: '[batch, rows, dim], queryStride apart' },
    strengths: { access: 'read_write', of: 'f32', shape: '[batch, rows]' },
  },
  params: { batch: 'u32', rows: 'u32', dim: 'u32', queryStride: 'u32' },
  workgroupSize: () => 64,
  body: () => wgsl`
@compute @workgroup_size(workgroupSize)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = groupIndex(workgroup, workgroups) * workgroupSize + lane;
  if (index >= params.batch * params.rows) { return; }
  let at = index * params.dim;
  let query = (index / params.rows) * params.queryStride + (index % params.rows) * params.dim;
  var sum = 0f;
  for (var k = 0u; k < params.dim; k++) { sum += contraction[at + k] * queries[query + k]; }
  strengths[index] = sum;
}`,
});
