// MTTKRP of shaders/dense.wgsl.ts with held tiles (lib/held-tile.ts), for software adapters:
//   out[i, c] = Σ_t X[i, t] · K[t, c]      t = (o, q), K[t, c] = outerTable[o, c] · innerTable[q, c]
// An invocation keeps K at 32 places t and up to 8 columns c in its own memory, and with them runs through up to 128 rows, whose
// sums it keeps there, too: a row costs 8 loads of X for 256 multiply-adds.
import { mttkrpDense } from './dense.wgsl.js';
import { defineKernel, wgsl } from './kernel.js';
import { workgroupFor } from './lib/entry.js';
import { heldLanes, heldLength, heldText, neighbors } from './lib/held-tile.js';

export interface HeldDenseVariant {
  /** Columns an invocation holds, 1 to 8. */
  readonly columns: number;
}

/** Rows that a workgroup can hold. */
export const heldRows = 128;

const { tensor, outerTable, innerTable } = mttkrpDense.bindings;
const params = { ...mttkrpDense.params, rowsPerBlock: 'u32' } as const;

/** The same product as mttkrpDense of a tensor that is not taken in windows, `rowsPerBlock` rows a workgroup. */
export const mttkrpDenseHeld = defineKernel({
  name: 'mttkrpDenseHeld',
  bindings: mttkrpDense.bindings,
  params,
  workgroupSize: (_variant: HeldDenseVariant) => heldLanes,
  usesSubgroups: () => true,
  body: ({ columns }) =>
    heldBody(
      columns,
      (eachColumn) => `
  let productAt = (part * params.rows + firstRow) * rank;
  for (var i = 0u; i < rows; i++) {
    ${eachColumn((c) => `if (column${c} < rank) { product[productAt + i * rank + column${c}] = sum[i * ${columns}u + ${c}u]; }`)}
  }`,
    ),
});

/**
 * The same, and what that partial product gives to the two modes that its rows (i, j) are made of, at once:
 *   firstProduct[i, c] = Σ_j out[(i, j), c] · secondFactor[j, c]      secondProduct[j, c] = Σ_i out[(i, j), c] · firstFactor[i, c]
 * All rows in one block, and at most 32 of the second mode, whose factor takes the place of K; sums are not split. The partial
 * product never leaves the invocation.
 */
export const mttkrpPairHeld = defineKernel({
  name: 'mttkrpPairHeld',
  bindings: {
    ...{ tensor, outerTable, innerTable },
    firstFactor: { access: 'read', of: 'f32', shape: '[batch, firstRows, rank]' },
    secondFactor: { access: 'read', of: 'f32', shape: '[batch, secondRows, rank]' },
    firstProduct: { access: 'read_write', of: 'f32', shape: '[batch, firstRows, rank]' },
    secondProduct: { access: 'read_write', of: 'f32', shape: '[batch, secondRows, rank]' },
  },
  params: { ...params, firstRows: 'u32', secondRows: 'u32' },
  workgroupSize: (_variant: HeldDenseVariant) => heldLanes,
  usesSubgroups: () => true,
  body: ({ columns }) =>
    heldBody(
      columns,
      (eachColumn) => `
  let firstAt = item * params.firstRows;
  let secondAt = item * params.secondRows;
  for (var j = 0u; j < params.secondRows; j++) {
    ${eachColumn((c) => `held[j * ${columns}u + ${c}u] = secondFactor[(secondAt + j) * rank + k${c}];`)}
  }
  ${eachColumn(
    (c) => `if (column${c} < rank) {
    for (var i = 0u; i < params.firstRows; i++) {
      let at = (firstAt + i) * rank + column${c};
      let scale = firstFactor[at];
      var along = 0f;
      // The sums of the second mode gather in the first rows, each read before it is overwritten.
      for (var j = 0u; j < params.secondRows; j++) {
        let value = sum[(i * params.secondRows + j) * ${columns}u + ${c}u];
        along += value * held[j * ${columns}u + ${c}u];
        let gathered = select(sum[j * ${columns}u + ${c}u], 0f, i == 0u);
        sum[j * ${columns}u + ${c}u] = gathered + value * scale;
      }
      firstProduct[at] = along;
    }
    for (var j = 0u; j < params.secondRows; j++) { secondProduct[(secondAt + j) * rank + column${c}] = sum[j * ${columns}u + ${c}u]; }
  }`,
  )}`,
    ),
});

// Columns past the end compute the last one again and store nothing; places past the end are the last one times 0. Lane q has
// place t ^ q where t is the place in the text. `store` is the WGSL that makes use of sum[row, column].
function heldBody(columns: number, store: (eachColumn: (line: (c: number) => string) => string) => string): string {
  const { eachOwn, eachColumn, product, variables } = heldText(columns, heldRows);
  return wgsl`
${variables}

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
  ${store(eachColumn)}
}`;
}
