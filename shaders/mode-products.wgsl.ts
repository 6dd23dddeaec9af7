// Products of a dense tensor along one mode: Gram matrices of an unfolding, and the product with a matrix. Around mode n the tensor is
// X[o, i, q], o and q the modes before and after it as one index each; column j = (o, q) of the unfolding X_(n) begins at entry
// (j div inner) · size · inner + (j mod inner), and its entries lie `inner` apart.
import { defineKernel, read, readWrite, wgsl } from './kernel.js';
import { declareTile, exampleTiles, sharedTiles, tiled, tiledProduct, type TiledVariant } from './lib/tile.js';

/** Which index of the unfolding runs along memory: its columns, or, of the last mode, its rows. Shared-memory tiles ask for it. */
export interface ModeProductVariant extends TiledVariant {
  readonly along: 'row' | 'column';
}

const variants = (subgroups: boolean): readonly ModeProductVariant[] => [
  ...exampleTiles(subgroups).map((tile) => ({ tile, along: 'column' }) as const),
  ...sharedTiles.map((tile) => ({ tile, along: 'row' }) as const),
];

const columnAt = (j: string): string => `(${j} / params.inner) * params.size * params.inner + ${j} % params.inner`;

/**
 * Gram matrices of parts of an unfolding: gram[s, p, q] = Σ_j X_(n)[p, j] · X_(n)[q, j] over the columns j of part s, `partLength`
 * of them or, in the last part, what is left. Whoever adds up the parts in float64 has a sum with the rounding of a
 * short one. 2 · size² · columns flops.
 */
export const modeGram = defineKernel({
  name: 'modeGram',
  bindings: { tensor: read('[outer · size · inner]'), gram: readWrite('[parts, size, size]') },
  params: {
    size: 'u32',
    inner: 'u32',
    columns: 'u32',
    partLength: 'u32',
    parts: 'u32',
    rowBlocks: 'u32',
    columnBlocks: 'u32',
  },
  variants,
  ...tiled,
  workgroups: ({ parts, rowBlocks, columnBlocks }) => parts * rowBlocks * columnBlocks,
  work: ({ size, columns }) => 2 * size * size * columns,
  declarations: declareTile,
  body: ({ tile, along }: ModeProductVariant) => wgsl`
  let columnBlock = group % params.columnBlocks;
  let rowBlock = (group / params.columnBlocks) % params.rowBlocks;
  let part = group / (params.columnBlocks * params.rowBlocks);
  if (part >= params.parts) { return; }
  let begin = part * params.partLength;
  let end = min(begin + params.partLength, params.columns);
${tiledProduct(tile, {
  rows: 'params.size',
  columns: 'params.size',
  begin: 'begin',
  end: 'end',
  left: (row, k) => `tensor[${columnAt(k)} + ${row} * params.inner]`,
  right: (k, column) => `tensor[${columnAt(k)} + ${column} * params.inner]`,
  leftAlong: along === 'row' ? 'row' : 'k',
  rightAlong: along === 'row' ? 'column' : 'k',
  store: (row, column, sum) => `gram[(part * params.size + ${row}) * params.size + ${column}] = ${sum};`,
})}`,
});

/** Product along one mode: product[o, c, q] = Σ_i X[o, i, q] · matrix[i, c], the mode's size becomes `rank`. 2 · entries · rank flops. */
export const modeProduct = defineKernel({
  name: 'modeProduct',
  bindings: {
    tensor: read('[outer · size · inner]'),
    matrix: read('[size, rank]'),
    product: readWrite('[outer · rank · inner]'),
  },
  params: { size: 'u32', inner: 'u32', columns: 'u32', rank: 'u32', rowBlocks: 'u32', columnBlocks: 'u32' },
  variants,
  ...tiled,
  workgroups: ({ rowBlocks, columnBlocks }) => rowBlocks * columnBlocks,
  work: ({ size, columns, rank }) => 2 * size * columns * rank,
  declarations: declareTile,
  body: ({ tile, along }: ModeProductVariant) => wgsl`
  let columnBlock = group % params.columnBlocks;
  let rowBlock = group / params.columnBlocks;
  if (rowBlock >= params.rowBlocks) { return; }
${tiledProduct(tile, {
  rows: 'params.columns',
  columns: 'params.rank',
  begin: '0u',
  end: 'params.size',
  left: (row, k) => `tensor[${columnAt(row)} + ${k} * params.inner]`,
  right: (k, column) => `matrix[${k} * params.rank + ${column}]`,
  leftAlong: along === 'row' ? 'k' : 'row',
  rightAlong: 'column',
  store: (row, column, sum) =>
    `product[((${row} / params.inner) * params.rank + ${column}) * params.inner + ${row} % params.inner] = ${sum};`,
})}`,
});
