// Contraction of a symmetric tensor in factored form, E = Σ_b ω_b v_b^{⊗l}, with all but one copy of each query vector:
//   A_i = E(·, q_i, …, q_i) = Σ_b ω_b ⟨q_i, v_b⟩^{l−1} v_b         s_i = ⟨A_i, q_i⟩ = E(q_i, …, q_i)
// With V = [model rows; target rows], ω = [model weights; −target weights] this is the residual's contraction, model and
// target in one sweep. Two matrix products with an elementwise power between them; the [rows, columns] block of powers never
// leaves the registers, so the memory beyond the output is zero. 4 · rows · columns · dim flops.
import { defineKernel, read, readWrite, wgsl } from './kernel.js';
import { powerFunction } from './lib/power.js';
import {
  columnValues,
  eachOwn,
  eachRow,
  eachSum,
  laneSetup,
  ownColumn,
  repeat,
  type RegisterTile,
} from './lib/register-tile.js';
import { registerTiles, tiled } from './lib/tile.js';

export interface ContractFactoredVariant {
  readonly order: number;
  readonly tile: RegisterTile;
}

/**
 * The columns may be cut into `splits` runs of `columnsPerSplit`, summed apart into outputs [splits, …] (few queries against
 * many vectors). A dispatch takes the columns firstOfSplit … firstOfSplit + ofSplit − 1 of every run; `accumulate` (0 or 1) adds to
 * what the outputs hold. Dispatches of whole tiles add up to the same bits as one over all columns.
 */
export const contractFactored = defineKernel({
  name: 'contractFactored',
  bindings: {
    queries: read('[batch, rows, dim], queryStride apart'),
    vectors: read('[batch, columns, dim]'),
    weights: read('[batch, columns]'),
    contraction: readWrite('[splits, batch, rows, dim]'),
    strengths: readWrite('[splits, batch, rows]'),
  },
  params: {
    batch: 'u32',
    rows: 'u32',
    columns: 'u32',
    dim: 'u32',
    queryStride: 'u32',
    rowBlocks: 'u32',
    splits: 'u32',
    columnsPerSplit: 'u32',
    firstOfSplit: 'u32',
    ofSplit: 'u32',
    accumulate: 'u32',
  },
  variants: (subgroups) => [2, 3, 8].flatMap((order) => registerTiles(subgroups).map((tile) => ({ order, tile }))),
  ...tiled,
  workgroups: ({ batch, splits, rowBlocks }) => batch * splits * rowBlocks,
  work: ({ batch, rows, columns, dim, splits, ofSplit }) =>
    4 * batch * rows * Math.min(splits * ofSplit, columns) * dim,
  declarations: ({ order }) => powerFunction('raise', order - 1),
  // Rows past the end compute the last row again and store nothing; columns past the end are the last one with weight 0.
  body: ({ tile }: ContractFactoredVariant) => {
    const sumsOfRow = (r: number): string => repeat(tile.columns, (c) => `p${r}_${c} * v${c}`, ' + ');
    // The loop stands twice: a branch around every store costs a quarter of the whole kernel.
    const addBlock = (store: (r: number) => string): string => `for (var k = 0u; k < dim; k++) {
        ${columnValues(tile, 'v', (own) => `vectors[vector${own} + k]`)}
        ${eachRow(tile, (r) => `let a${r} = ${sumsOfRow(r)};`)}
        ${eachRow(tile, store)}
      }`;
    const add = (r: number): string => `contraction[out${r} + k] += a${r};`;
    const inside = (r: number): string => `row${r} < params.rows`;
    return wgsl`
  let part = group / params.rowBlocks;
  if (part >= params.batch * params.splits) { return; }
  ${laneSetup(tile)}
  let item = part % params.batch;
  let split = part / params.batch;
  let firstColumn = split * params.columnsPerSplit + params.firstOfSplit;
  let endColumn = min(firstColumn + params.ofSplit, min((split + 1u) * params.columnsPerSplit, params.columns));
  let dim = params.dim;
  let firstRow = (group % params.rowBlocks) * ${tile.rows * tile.lanes}u;
  ${eachRow(tile, (r) => `let row${r} = firstRow + lane + ${r * tile.lanes}u; let kept${r} = min(row${r}, params.rows - 1u);`)}
  ${eachRow(tile, (r) => `let query${r} = item * params.queryStride + kept${r} * dim; let out${r} = (part * params.rows + kept${r}) * dim;`)}
  ${eachRow(tile, (r) => `var strength${r} = 0f;`)}
  if (params.accumulate == 0u) {
    ${eachRow(tile, (r) => `if (${inside(r)}) { for (var k = 0u; k < dim; k++) { contraction[out${r} + k] = 0f; } }`)}
  } else {
    ${eachRow(tile, (r) => `strength${r} = strengths[part * params.rows + kept${r}];`)}
  }
  for (var j = firstColumn; j < endColumn; j += ${tile.columns}u) {
    ${eachOwn(tile, (own) => `let column${own} = ${ownColumn(tile, 'j', own)}; let source${own} = item * params.columns + min(column${own}, endColumn - 1u); let vector${own} = source${own} * dim;`)}
    ${columnValues(tile, 'w', (own) => `select(0f, weights[source${own}], column${own} < endColumn)`)}
    ${eachSum(tile, (r, c) => `var p${r}_${c} = 0f;`)}
    for (var k = 0u; k < dim; k++) {
      ${eachRow(tile, (r) => `let q${r} = queries[query${r} + k];`)}
      ${columnValues(tile, 'v', (own) => `vectors[vector${own} + k]`)}
      ${eachSum(tile, (r, c) => `p${r}_${c} += q${r} * v${c};`)}
    }
    ${eachSum(tile, (r, c) => `{ let g = p${r}_${c}; p${r}_${c} = w${c} * raise(g); strength${r} += p${r}_${c} * g; }`)}
    if (firstRow + ${tile.rows * tile.lanes}u <= params.rows) {
      ${addBlock(add)}
    } else {
      ${addBlock((r) => `if (${inside(r)}) { ${add(r)} }`)}
    }
  }
  ${eachRow(tile, (r) => `if (${inside(r)}) { strengths[part * params.rows + row${r}] = strength${r}; }`)}`;
  },
});

/**
 * A gradient step of Σ c_i u_i^{⊗ order} on ½‖E‖²: c_i −= η · s_i, u_i −= η · order · c_i · A_i, both from the old c_i; η = rates[b]. The
 * model is the first `rows` of `columns` vectors; a contraction has `contracted` rows, the model's first, more than `rows` where others
 * were contracted along.
 */
export const updateVanilla = defineKernel({
  name: 'updateVanilla',
  bindings: {
    contraction: read('[batch, contracted, dim]'),
    strengths: read('[batch, contracted]'),
    rates: read('[batch]'),
    vectors: readWrite('[batch, columns, dim], the model in the first rows'),
    weights: readWrite('[batch, columns]'),
  },
  params: { batch: 'u32', rows: 'u32', columns: 'u32', dim: 'u32', contracted: 'u32', order: 'f32' },
  invocations: ['batch', 'rows'],
  work: ({ batch, rows, dim }) => 2 * batch * rows * dim,
  body: () => wgsl`
  let item = index / params.rows;
  let component = item * params.columns + index % params.rows;
  let row = item * params.contracted + index % params.rows;
  let step = rates[item] * params.order * weights[component];
  for (var k = 0u; k < params.dim; k++) {
    vectors[component * params.dim + k] -= step * contraction[row * params.dim + k];
  }
  weights[component] -= rates[item] * strengths[row];`,
});
