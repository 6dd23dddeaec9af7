// Contraction of a packed symmetric tensor with all but one copy of each query vector (packing: src/tensor/symmetric.ts):
//   A_i[k] = Σ_J mult(J) · T[sort(k ∪ J)] · Π_{j ∈ J} q_i[j]         J = (j_1 ≤ … ≤ j_{l−1}), mult(J) its distinct orders
// A matrix product over J whose operands are made on the fly: rows are queries, columns are k. In colexicographic order J runs
// in fibers of j_1 = 0 … j_2. Along a fiber the packed offset of k ∪ J grows by 1 while j_1 < k (k stands behind j_1) and by
// j_1 + 1 from there on (k comes first and j_1 second), so binomials are needed only where a fiber starts, and a step of J costs
// rows + columns/4 loads for 4 · rows · columns multiply-adds of the workgroup's lanes. It needs no table and few registers: for
// products too small for the shared-memory tiles of dense-symmetric-multisets.wgsl.ts, and for software adapters.
import { decodeIndex, risingBinomial } from './dense-symmetric-multisets.wgsl.js';
import { defineKernel, read, readWrite, wgsl } from './kernel.js';
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

export interface ContractSymmetricVariant {
  readonly order: number;
  readonly tile: RegisterTile;
}

const exampleOrders = [2, 3, 4, 6, 8];

/**
 * product[split, item, i, k] = scale · the sum over this split's `perSplit` tuples J, in their order, on top of what it holds if
 * `accumulate` is 1 (with one split).
 * 2 · batch · rows · dim · tuples flops; `tuples` = C(dim + order − 2, order − 1).
 */
export const contractSymmetric = defineKernel({
  name: 'contractSymmetric',
  bindings: {
    tensor: read('[packed] or [batch, packed], tensorStride apart'),
    queries: read('[batch, rows, dim], queryStride apart'),
    product: readWrite('[splits, batch, rows, dim]'),
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
  variants: (subgroups) => exampleOrders.flatMap((order) => registerTiles(subgroups).map((tile) => ({ order, tile }))),
  ...tiled,
  workgroups: ({ batch, splits, rowBlocks, columnBlocks }) => batch * splits * rowBlocks * columnBlocks,
  work: ({ batch, rows, dim, tuples }) => 2 * batch * rows * dim * tuples,
  declarations: ({ order }) => repeat(order, (p) => risingBinomial(p + 1)),
  // Rows past the end compute the last one again and store nothing; columns past the end store what the last one stores.
  body: ({ order, tile }: ContractSymmetricVariant) => wgsl`
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
  ${eachOwn(tile, (own) => `let k${own} = i32(min(${ownColumn(tile, 'firstColumn', own)}, dim - 1u));`)}
  ${eachRow(tile, (r) => `let out${r} = (part * params.rows + min(row${r}, params.rows - 1u)) * dim;`)}
  ${repeat(tile.columns, (c) => `let to${c} = min(firstColumn + ${c}u, dim - 1u);`)}
  ${eachSum(tile, (r, c) => `var s${r}_${c} = 0f;`)}
  if (params.accumulate == 1u) {
    ${eachSum(tile, (r, c) => `s${r}_${c} = product[out${r} + to${c}];`)}
  }
  var tuple = (part / params.batch) * params.perSplit;
  let tupleEnd = min(tuple + params.perSplit, params.tuples);
  var rest = tuple;
  ${repeat(order - 1, (back) => decodeIndex(order - 1 - back))}
  ${eachOwn(tile, (own) => repeat(order - 1, (at) => `let rising${at + 2}OfK${own} = rising${at + 2}(u32(k${own}));`, ' '))}
  ${loops(order, tile, order - 1)}
  ${eachRow(tile, (r) => `if (row${r} < params.rows) { ${repeat(tile.columns, (c) => `product[out${r} + to${c}] = s${r}_${c};`, ' ')} }`)}`,
});

/**
 * The loops over j_p, …, j_2 and the fiber inside them. What depends on j_p … j_{l−1} alone is made in loop p:
 *   w_p     scale · Π_{s ≥ p} q[j_s], one per row                  rest_p   what j_p … j_{l−1} add to the packed offset, one per column
 *   place_p C(k + q − 1, q) for the place q of k if j_p ≤ k, one per column
 *   apart_p order of J's group of permutations from j_p on: (l − 1)! / Π_runs (length)!; run_p: length of the run that j_p starts
 */
function loops(order: number, tile: RegisterTile, p: number): string {
  if (p === 1) return fiber(order, tile);
  const outermost = p === order - 1;
  const shifted = (own: number): string => `j${p} <= u32(k${own})`;
  const weight = (r: number): string => `${outermost ? 'params.scale' : `w${p + 1}_${r}`} * queries[query${r} + j${p}]`;
  const place = (own: number): string =>
    outermost
      ? `rising${order}OfK${own}`
      : `select(rising${p + 1}OfK${own}, place${p + 1}_${own}, j${p + 1} <= u32(k${own}))`;
  const before = (own: number): string => (outermost ? 'item * params.tensorStride' : `rest${p + 1}_${own}`);
  const runs = outermost
    ? `let run${p} = 1f; let apart${p} = ${factorial(order - 1)}f;`
    : `let run${p} = select(1f, run${p + 1} + 1f, j${p} == j${p + 1}); let apart${p} = round(apart${p + 1} / run${p});`;
  return wgsl`
  for (; j${p} <= ${outermost ? 'dim - 1u' : `j${p + 1}`} && tuple < tupleEnd; j${p}++) {
    let low${p} = rising${p}(j${p}); let high${p} = rising${p + 1}(j${p}); ${runs}
    ${eachRow(tile, (r) => `let w${p}_${r} = ${weight(r)};`)}
    ${eachOwn(tile, (own) => `let place${p}_${own} = ${place(own)}; let rest${p}_${own} = ${before(own)} + select(high${p}, low${p}, ${shifted(own)});`)}
    ${loops(order, tile, p - 1)}
  }
  j${p} = 0u;`;
}

/** One fiber, or the part of it that belongs to the split: j_1 from `j1` to j_2. */
function fiber(order: number, tile: RegisterTile): string {
  const [last, start, copies, weight] =
    order === 2
      ? ['dim - 1u', (own: number) => `item * params.tensorStride + rising2OfK${own}`, 'params.scale', '']
      : [
          'j2',
          (own: number) => `rest2_${own} + select(rising2OfK${own}, place2_${own}, j2 <= u32(k${own}))`,
          'select(apart2, equal, j == last)',
          'w2_',
        ];
  const step = eachOwn(tile, (own) => `at${own} += u32(select(j + 1, 1, j < k${own}));`);
  return wgsl`
    let last = i32(${last});
    let end = min(last + 1, i32(j1 + (tupleEnd - tuple)));
    ${order > 2 ? 'let equal = round(apart2 / (run2 + 1f));' : ''}
    tuple += u32(end) - j1;
    ${eachOwn(tile, (own) => `var at${own} = ${start(own)};`)}
    // Only the first fiber of a split starts inside.
    for (var j = 0; j < i32(j1); j++) { ${step} }
    for (var j = i32(j1); j < end; j++) {
      let copies = ${copies};
      ${columnValues(tile, 't', (own) => `copies * tensor[at${own}]`)}
      ${eachRow(tile, (r) => `let q${r} = ${weight && `${weight}${r} * `}queries[query${r} + u32(j)];`)}
      ${eachSum(tile, (r, c) => `s${r}_${c} += q${r} * t${c};`)}
      ${step}
    }
    j1 = 0u;`;
}

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1);
}

/** strengths[i] = ⟨contraction[i], query i⟩; one invocation per row. */
export const rowStrengths = defineKernel({
  name: 'rowStrengths',
  bindings: {
    contraction: read('[batch, rows, dim]'),
    queries: read('[batch, rows, dim], queryStride apart'),
    strengths: readWrite('[batch, rows]'),
  },
  params: { batch: 'u32', rows: 'u32', dim: 'u32', queryStride: 'u32' },
  invocations: ['batch', 'rows'],
  work: ({ batch, rows, dim }) => 2 * batch * rows * dim,
  body: () => wgsl`
  let at = index * params.dim;
  let query = (index / params.rows) * params.queryStride + (index % params.rows) * params.dim;
  var sum = 0f;
  for (var k = 0u; k < params.dim; k++) { sum += contraction[at + k] * queries[query + k]; }
  strengths[index] = sum;`,
});
