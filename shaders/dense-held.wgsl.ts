// MTTKRP of shaders/dense.wgsl.ts with held tiles (lib/held-tile.ts), for software adapters:
//   out[i, c] = Σ_t X[i, t] · K[t, c]      t = (o, q), K[t, c] = outerTable[o, c] · innerTable[q, c]
// An invocation keeps K at 32 places t and up to 8 columns c in its own memory, and with them runs through up to 128 rows, whose
// sums it keeps there, too: a row costs 8 loads of X for 256 multiply-adds.
import { mttkrpDense } from './dense.wgsl.js';
import { defineKernel, wgsl } from './kernel.js';
import { workgroupFor } from './lib/entry.js';
import { heldLanes, heldLength, heldSum, neighbors } from './lib/held-tile.js';
import { repeat } from './lib/register-tile.js';

export interface HeldDenseVariant {
  /** Columns an invocation holds, 1 to 8. */
  readonly columns: number;
}

/** Rows that a workgroup can hold. */
export const heldRows = 128;

/** The same product as mttkrpDense of a tensor that is not taken in windows, `rowsPerBlock` rows a workgroup. */
export const mttkrpDenseHeld = defineKernel({
  name: 'mttkrpDenseHeld',
  bindings: mttkrpDense.bindings,
  params: { ...mttkrpDense.params, rowsPerBlock: 'u32' },
  workgroupSize: (_variant: HeldDenseVariant) => heldLanes,
  usesSubgroups: () => true,
  // Columns past the end compute the last one again and store nothing; places past the end are the last one times 0. Lane q has
  // place t ^ q where t is the place in the text.
  body: ({ columns }) => {
    const eachOwn = (line: (own: number) => string): string => repeat(heldLength / heldLanes, line);
    const eachColumn = (line: (c: number) => string): string => repeat(columns, line);
    const product = (c: number): string =>
      heldSum(
        (t) => `x${t}`,
        (t) => `held[${t * columns + c}]`,
      );
    return wgsl`
var<private> held: array<f32, ${heldLength * columns}>;
var<private> sum: array<f32, ${heldRows * columns}>;

${workgroupFor('@builtin(local_invocation_index) lane: u32, @builtin(subgroup_invocation_id) subgroupLane: u32')}
  let columnBlock = group % params.columnBlocks;
  let rowBlock = (group / params.columnBlocks) % params.rowBlocks;
  let part = group / (params.columnBlocks * params.rowBlocks);
  if (part >= params.batch * params.splits) { return; }
  let quad = subgroupLane & 3u;
  let item = part % params.batch;
  let split = part / params.batch;
  let rank = params.rank;
  let inner = params.inner;
  let firstRow = rowBlock * params.rowsPerBlock;
  let rows = min(params.rowsPerBlock, params.rows - firstRow);
  let tensorAt = item * params.tensorStride + firstRow * params.rowStride;
  let productAt = (part * params.rows + firstRow) * rank;
  ${eachColumn((c) => `let column${c} = columnBlock * ${columns * heldLanes}u + ${heldLanes * c}u + quad; let k${c} = min(column${c}, rank - 1u);`)}
  let outerBegin = split * params.outerPerSplit;
  let outerEnd = min(outerBegin + params.outerPerSplit, params.outer);
  let end = outerEnd * inner;
  for (var first = outerBegin * inner; first < end; first += ${heldLength}u) {
    for (var t = 0u; t < ${heldLength}u; t++) {
      let place = first + (t ^ quad);
      let at = min(place, end - 1u);
      let outerAt = (item * params.outer + at / inner) * rank;
      let innerAt = (item * inner + at % inner) * rank;
      ${eachColumn((c) => `held[t * ${columns}u + ${c}u] = select(0f, outerTable[outerAt + k${c}] * innerTable[innerAt + k${c}], place < end);`)}
    }
    ${eachOwn((own) => `let place${own} = min(first + ${heldLanes * own}u + quad, end - 1u); let at${own} = tensorAt + (place${own} / inner) * params.outerStride + (place${own} % inner) * params.innerStride;`)}
    for (var i = 0u; i < rows; i++) {
      let down = i * params.rowStride;
      let to = i * ${columns}u;
      ${eachOwn((own) => neighbors('x', heldLanes * own, `tensor[at${own} + down]`))}
      ${eachColumn((c) => `sum[to + ${c}u] += ${product(c)};`)}
    }
  }
  for (var i = 0u; i < rows; i++) {
    ${eachColumn((c) => `if (column${c} < rank) { product[productAt + i * rank + column${c}] = sum[i * ${columns}u + ${c}u]; }`)}
  }
}`;
  },
});
