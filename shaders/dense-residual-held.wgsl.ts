// Residual of shaders/dense.wgsl.ts with held tiles (lib/held-tile.ts), for software adapters and ranks that fill them:
//   E[i, q] = Σ_t rowFactor[i, t] · K[q, t] − X[i, q]      q = (o, place in inner), K[q, t] = outerTable[o, t] · innerTable[…, t]
// A product over the rank. An invocation keeps K of up to 8 columns q at 32 components t in its own memory, and with them runs
// through up to 128 rows, whose sums it keeps there, too.
import { maskedBindings, residualBindings, residualEntry, threeWayParams } from './dense.wgsl.js';
import { heldRows, type HeldDenseVariant } from './dense-held.wgsl.js';
import { defineKernel, wgsl } from './kernel.js';
import { workgroupFor } from './lib/entry.js';
import { heldLanes, heldLength, heldText, neighbors } from './lib/held-tile.js';

const params = { ...threeWayParams, rowsPerBlock: 'u32' } as const;

/** The same residual as residualDense, `rowsPerBlock` rows a workgroup. Here a row may stand for several modes. */
export const residualDenseHeld = defineKernel({
  name: 'residualDenseHeld',
  bindings: residualBindings,
  params,
  workgroupSize: (_variant: HeldDenseVariant) => heldLanes,
  usesSubgroups: () => true,
  body: ({ columns }) => heldBody(columns, false),
});

/** The same, 0 where the mask is. */
export const maskedResidualDenseHeld = defineKernel({
  name: 'maskedResidualDenseHeld',
  bindings: maskedBindings,
  params,
  workgroupSize: (_variant: HeldDenseVariant) => heldLanes,
  usesSubgroups: () => true,
  body: ({ columns }) => heldBody(columns, true),
});

// Columns past the end compute the last one again and store nothing; components past the end are the last one times 0. Lane q has
// component t ^ q where t is the component in the text.
function heldBody(columns: number, masked: boolean): string {
  const { eachOwn, eachColumn, product, variables } = heldText(columns, heldRows);
  return wgsl`
${variables}

${workgroupFor('@builtin(local_invocation_index) lane: u32, @builtin(subgroup_invocation_id) subgroupLane: u32')}
  let columnBlock = group % params.columnBlocks;
  let rowBlock = (group / params.columnBlocks) % params.rowBlocks;
  let item = group / (params.columnBlocks * params.rowBlocks);
  if (item >= params.batch) { return; }
  let quad = subgroupLane & 3u;
  let rank = params.rank;
  let inner = params.inner;
  let width = params.outer * inner;
  let firstRow = rowBlock * params.rowsPerBlock;
  let rows = min(params.rowsPerBlock, params.rows - firstRow);
  let factorAt = (item * params.rows + firstRow) * rank;
  ${eachColumn((c) => `let column${c} = columnBlock * ${columns * heldLanes}u + ${heldLanes * c}u + quad; let k${c} = min(column${c}, width - 1u); let outer${c} = k${c} / inner; let inner${c} = k${c} % inner;`)}
  ${eachColumn((c) => `let outerAt${c} = (item * params.outer + outer${c}) * rank; let innerAt${c} = (item * inner + inner${c}) * rank;`)}
  for (var first = 0u; first < rank; first += ${heldLength}u) {
    for (var t = 0u; t < ${heldLength}u; t++) {
      let place = first + (t ^ quad);
      let at = min(place, rank - 1u);
      ${eachColumn((c) => `held[t * ${columns}u + ${c}u] = select(0f, outerTable[outerAt${c} + at] * innerTable[innerAt${c} + at], place < rank);`)}
    }
    ${eachOwn((own) => `let at${own} = factorAt + min(first + ${heldLanes * own}u + quad, rank - 1u);`)}
    for (var i = 0u; i < rows; i++) {
      let down = i * rank;
      let to = i * ${columns}u;
      ${eachOwn((own) => neighbors('x', heldLanes * own, `rowFactor[at${own} + down]`))}
      ${eachColumn((c) => `sum[to + ${c}u] += ${product(c)};`)}
    }
  }
  let residualAt = item * params.rows * width;
  ${eachColumn((c) => `let columnAt${c} = outer${c} * params.outerStride + inner${c} * params.innerStride;`)}
  for (var i = 0u; i < rows; i++) {
    let rowAt = (firstRow + i) * params.rowStride;
    ${eachColumn((c) => `if (column${c} < width) { let at = rowAt + columnAt${c}; residual[residualAt + at] = ${residualEntry(masked, `sum[i * ${columns}u + ${c}u]`, 'at')}; }`)}
  }
}`;
}
