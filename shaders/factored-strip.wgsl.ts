// The contraction of shaders/factored.wgsl.ts in two passes for real GPUs, each a plain tiled product:
//   strip[i, j] = ω_j ⟨q_i, v_j⟩^{l−1}  for a strip of columns j,      A_i (+)= Σ_j strip[i, j] v_j
// The strip is bounded (a few times dim columns), so the memory beyond the output stays O(rows · dim).
import { defineKernel, wgsl } from './kernel.js';
import { workgroupFor } from './lib/entry.js';
import { powerFunction } from './lib/power.js';
import { sharedDeclarations, sharedLanes, sharedProduct, type SharedTile } from './lib/shared-tile.js';

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

const entryPoint = `${workgroupFor()}
  let columnBlock = group % params.columnBlocks;
  let rowBlock = (group / params.columnBlocks) % params.rowBlocks;
  let item = group / (params.columnBlocks * params.rowBlocks);
  if (item >= params.batch) { return; }
  let queryBase = item * params.queryStride;
  let vectorBase = item * params.columns + params.firstColumn;
  let rowBase = item * params.rows;`;

const tileCorner = ({ size }: SharedTile) => ({
  firstRow: `rowBlock * ${size}u`,
  firstColumn: `columnBlock * ${size}u`,
});

export interface ScoreStripVariant {
  readonly order: number;
  readonly tile: SharedTile;
}

/** strip[i, j] = ω_j ⟨q_i, v_j⟩^{order−1}; 2 · rows · stripColumns · dim flops. */
export const scoreStrip = defineKernel({
  name: 'scoreStrip',
  bindings: {
    queries: { access: 'read', of: 'f32', shape: '[batch, rows, dim], queryStride apart' },
    vectors: { access: 'read', of: 'f32', shape: '[batch, columns, dim]' },
    weights: { access: 'read', of: 'f32', shape: '[batch, columns]' },
    strip: { access: 'read_write', of: 'f32', shape: '[batch, rows, stripColumns]' },
  },
  params,
  workgroupSize: (_variant: ScoreStripVariant) => sharedLanes,
  body: ({ order, tile }) => wgsl`
${sharedDeclarations(tile)}
${powerFunction('raise', order - 1)}

${entryPoint}
${sharedProduct(tile, {
  ...tileCorner(tile),
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
})}
}`,
});

export interface CombineStripVariant {
  readonly tile: SharedTile;
}

/** contraction[i] = Σ_j strip[i, j] v_j, added to what is there if so asked; 2 · rows · stripColumns · dim flops. */
export const combineStrip = defineKernel({
  name: 'combineStrip',
  bindings: {
    strip: { access: 'read', of: 'f32', shape: '[batch, rows, stripColumns]' },
    vectors: { access: 'read', of: 'f32', shape: '[batch, columns, dim]' },
    contraction: { access: 'read_write', of: 'f32', shape: '[batch, rows, dim]' },
  },
  params,
  workgroupSize: (_variant: CombineStripVariant) => sharedLanes,
  body: ({ tile }) => wgsl`
${sharedDeclarations(tile)}

${entryPoint}
${sharedProduct(tile, {
  ...tileCorner(tile),
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
})}
}`,
});
