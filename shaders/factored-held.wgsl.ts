// The contraction of shaders/factored.wgsl.ts with held tiles (lib/held-tile.ts), for software adapters:
//   p_ij = ω_j ⟨q_i, v_j⟩^{l−1}      A_i = Σ_j p_ij v_j
// An invocation has 7 or 8 queries and keeps them, their sums A_i, and the powers of 32 columns in its own memory, where a value at a
// constant place costs what a variable does and one at a computed place less than a load. It takes 32 columns at a time: a
// loop over the columns makes their powers, a loop over dim adds up what they contribute. Nothing is loaded but vectors.
// What is held stands outside of the entry point: as variables of the function they take two to four times as long to compile.
import { defineKernel, wgsl } from './kernel.js';
import { contractFactored } from './factored.wgsl.js';
import { workgroupFor } from './lib/entry.js';
import { heldLanes, heldLength, heldSum, neighbors } from './lib/held-tile.js';
import { powerFunction } from './lib/power.js';
import { repeat } from './lib/register-tile.js';

export interface HeldFactoredVariant {
  readonly order: number;
  /** dim in blocks of 32, rounded up: 1 to 4. */
  readonly blocks: number;
}

/** The largest number of blocks: beyond it compiling takes long, and what is held leaves the cache. */
export const mostBlocks = 4;
/** Queries an invocation holds: WGSL allows for 8 KiB of private variables, here 4 · (64 · blocks + 32) bytes a query. */
const heldBy = (blocks: number): number => (blocks < mostBlocks ? 8 : 7);
/** Queries of a workgroup. */
export const heldQueries = (blocks: number): number => heldBy(blocks) * heldLanes;

const { queries, vectors, weights, contraction } = contractFactored.bindings;

/**
 * contraction = the sums over the columns firstOfSplit … firstOfSplit + ofSplit − 1 of every split, on top of what it holds if
 * `accumulate`: splits and windows as for contractFactored. 4 · rows · columns · dim flops.
 */
export const contractFactoredHeld = defineKernel({
  name: 'contractFactoredHeld',
  bindings: { queries, vectors, weights, contraction },
  params: contractFactored.params,
  workgroupSize: (_variant: HeldFactoredVariant) => heldLanes,
  usesSubgroups: () => true,
  // Rows past the end compute the last row again and store nothing; columns past the end are the last one with weight 0, and
  // places past the end of dim the last one against a query's 0. Lane q has place t ^ q of a block where t is the place in the text.
  body: ({ order, blocks }) => {
    const held = heldBy(blocks);
    const owns = heldLength / heldLanes;
    const eachOwn = (line: (own: number) => string): string => repeat(owns, line);
    const eachRow = (line: (r: number) => string): string => repeat(held, line);
    const inBlock = (block: number, r: number): string =>
      heldSum(
        (t) => `v${t}`,
        (t) => `query[${(block * heldLength + t) * held + r}]`,
      );
    const score = (block: number, r: number): string =>
      block === 0 ? inBlock(block, r) : `power[to + ${r}u] + (${inBlock(block, r)})`;
    const powers = (block: number): string => `for (var t = 0u; t < ${heldLength}u; t++) {
      let column = first + t;
      let source = item * params.columns + min(column, endColumn - 1u);
      let at = source * dim;
      let to = (t ^ quad) * ${held}u;
      ${eachOwn((own) => neighbors('v', heldLanes * own, `vectors[at + k${block * owns + own}]`))}
      ${
        block < blocks - 1
          ? eachRow((r) => `power[to + ${r}u] = ${score(block, r)};`)
          : `let weight = select(0f, weights[source], column < endColumn);
      ${eachRow((r) => `power[to + ${r}u] = weight * raise(${score(block, r)});`)}`
      }
    }`;
    return wgsl`
${powerFunction('raise', order - 1)}

var<private> query: array<f32, ${blocks * heldLength * held}>;
var<private> power: array<f32, ${heldLength * held}>;
var<private> sum: array<f32, ${blocks * heldLength * held}>;

${workgroupFor('@builtin(local_invocation_index) lane: u32, @builtin(subgroup_invocation_id) subgroupLane: u32')}
  let part = group / params.rowBlocks;
  if (part >= params.batch * params.splits) { return; }
  let quad = subgroupLane & 3u;
  let item = part % params.batch;
  let split = part / params.batch;
  let firstColumn = split * params.columnsPerSplit + params.firstOfSplit;
  let endColumn = min(firstColumn + params.ofSplit, min((split + 1u) * params.columnsPerSplit, params.columns));
  let dim = params.dim;
  let firstRow = (group % params.rowBlocks) * ${held * heldLanes}u + quad;
  ${repeat(blocks * owns, (own) => `let k${own} = min(${heldLanes * own}u + quad, dim - 1u);`)}
  for (var r = 0u; r < ${held}u; r++) {
    let row = min(firstRow + r * ${heldLanes}u, params.rows - 1u);
    let at = item * params.queryStride + row * dim;
    for (var t = 0u; t < ${blocks * heldLength}u; t++) {
      let k = t ^ quad;
      query[t * ${held}u + r] = select(0f, queries[at + min(k, dim - 1u)], k < dim);
    }
    if (params.accumulate == 1u) {
      let out = (part * params.rows + row) * dim;
      for (var k = 0u; k < dim; k++) { sum[k * ${held}u + r] = contraction[out + k]; }
    }
  }
  for (var first = firstColumn; first < endColumn; first += ${heldLength}u) {
    ${repeat(blocks, powers)}
    ${eachOwn((own) => `let vector${own} = (item * params.columns + min(first + ${heldLanes * own}u + quad, endColumn - 1u)) * dim;`)}
    for (var k = 0u; k < dim; k++) {
      let to = k * ${held}u;
      ${eachOwn((own) => neighbors('v', heldLanes * own, `vectors[vector${own} + k]`))}
      ${eachRow((r) => {
        const added = heldSum(
          (t) => `v${t}`,
          (t) => `power[${t * held + r}]`,
        );
        return `sum[to + ${r}u] += ${added};`;
      })}
    }
  }
  for (var r = 0u; r < ${held}u; r++) {
    let row = firstRow + r * ${heldLanes}u;
    if (row < params.rows) {
      let out = (part * params.rows + row) * dim;
      for (var k = 0u; k < dim; k++) { contraction[out + k] = sum[k * ${held}u + r]; }
    }
  }
}`;
  },
});
