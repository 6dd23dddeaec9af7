// The contraction of shaders/factored.wgsl.ts in two passes for real GPUs, each a plain tiled product:
//   strip[i, j] = ω_j ⟨q_i, v_j⟩^{l−1}  for a strip of columns j,      A_i (+)= Σ_j strip[i, j] v_j
// The strip is bounded (a few times dim columns), so the memory beyond the output stays O(rows · dim).
import { defineKernel, read, readWrite, wgsl, type Values } from './kernel.js';
import { powerFunction } from './lib/power.js';
import { sharedDeclarations, sharedProduct, type SharedTile } from './lib/shared-tile.js';
import { sharedTiles, tiled } from './lib/tile.js';

const params = {
  batch: 'u32',
  rows: 'u32',
  columns: 'u32',
  dim: 'u32',
  queryStride: 'u32',
  firstColumn: 'u32',
  stripColumns: 'u32',
  rowBlocks: 'u32',
  columnBlocks: 'u32',
  accumulate: 'u32',
} as const;

const strip = {
  params,
  ...tiled,
  workgroups: ({ batch, rowBlocks, columnBlocks }: Values<typeof params>) => batch * rowBlocks * columnBlocks,
  work: ({ batch, rows, stripColumns, dim }: Values<typeof params>) => 2 * batch * rows * stripColumns * dim,
} as const;

const tileOfGroup = `
  let columnBlock = group % params.columnBlocks;
  let rowBlock = (group / params.columnBlocks) % params.rowBlocks;
  let item = group / (params.columnBlocks * params.rowBlocks);
  if (item >= params.batch) { return; }
  let queryBase = item * params.queryStride;
  let vectorBase = item * params.columns + params.firstColumn;
  let rowBase = item * params.rows;`;

export interface ScoreStripVariant {
  readonly order: number;
  readonly tile: SharedTile;
}

/** strip[i, j] = ω_j ⟨q_i, v_j⟩^{order−1}; 2 · rows · stripColumns · dim flops. */
export const scoreStrip = defineKernel({
  name: 'scoreStrip',
  bindings: {
    queries: read('[batch, rows, dim], queryStride apart'),
    vectors: read('[batch, columns, dim]'),
    weights: read('[batch, columns]'),
    strip: readWrite('[batch, rows, stripColumns]'),
  },
  ...strip,
  variants: () => sharedTiles.map((tile) => ({ order: 3, tile })),
  declarations: ({ order, tile }) => `${sharedDeclarations(tile)}\n${powerFunction('raise', order - 1)}`,
  body: ({ tile }: ScoreStripVariant) => wgsl`
${tileOfGroup}
${sharedProduct(tile, {
  rows: 'params.rows',
  columns: 'params.stripColumns',
  begin: '0u',
  end: 'params.dim',
  left: (row, k) => `queries[queryBase + ${row} * params.dim + ${k}]`,
  right: (k, column) => `vectors[(vectorBase + ${column}) * params.dim + ${k}]`,
  leftAlong: 'k',
  rightAlong: 'k',
  store: (row, column, sum) =>
    `strip[(rowBase + ${row}) * params.stripColumns + ${column}] = weights[vectorBase + ${column}] * raise(${sum});`,
})}`,
});

export interface CombineStripVariant {
  readonly tile: SharedTile;
}

/** contraction[i] = Σ_j strip[i, j] v_j, added to what is there if `accumulate`; 2 · rows · stripColumns · dim flops. */
export const combineStrip = defineKernel({
  name: 'combineStrip',
  bindings: {
    strip: read('[batch, rows, stripColumns]'),
    vectors: read('[batch, columns, dim]'),
    contraction: readWrite('[batch, rows, dim]'),
  },
  ...strip,
  variants: () => sharedTiles.map((tile) => ({ tile })),
  declarations: ({ tile }) => sharedDeclarations(tile),
  body: ({ tile }: CombineStripVariant) => wgsl`
${tileOfGroup}
${sharedProduct(tile, {
  rows: 'params.rows',
  columns: 'params.dim',
  begin: '0u',
  end: 'params.stripColumns',
  left: (row, k) => `strip[(rowBase + ${row}) * params.stripColumns + ${k}]`,
  right: (k, column) => `vectors[(vectorBase + ${k}) * params.dim + ${column}]`,
  leftAlong: 'k',
  rightAlong: 'column',
  store: (row, column, sum) =>
    `let at = (rowBase + ${row}) * params.dim + ${column}; var before = 0f; if (params.accumulate == 1u) { before = contraction[at]; } contraction[at] = before + ${sum};`,
})}`,
});
