// Kernels of a dense tensor against CP factors, any order and shape. Around one mode n the tensor is a three-way array
// X[outer, row, inner]: `row` runs over mode n, `outer` and `inner` over two groups of the other modes (src/backend/webgpu/three-way.ts),
// and the two groups' Khatri-Rao tables are the factors of this three-way view. The full Khatri-Rao product is never formed.
import { defineKernel, read, readWrite, wgsl, type Values } from './kernel.js';
import {
  eachOwn,
  eachRow,
  eachSum,
  exchangedColumn,
  exchangedValues,
  laneSetup,
  ownColumn,
  repeat,
  unrolledLoop,
  type RegisterTile,
} from './lib/register-tile.js';
import { sharedProduct, type SharedTile } from './lib/shared-tile.js';
import {
  declareTile,
  exampleTiles,
  isShared,
  sharedTiles,
  tiled,
  tiledProduct,
  type Tile,
  type TiledVariant,
} from './lib/tile.js';

const threeWayParams = {
  batch: 'u32',
  outer: 'u32',
  rows: 'u32',
  inner: 'u32',
  rank: 'u32',
  outerStride: 'u32',
  rowStride: 'u32',
  innerStride: 'u32',
  rowBlocks: 'u32',
  columnBlocks: 'u32',
} as const;

const residualBindings = {
  tensor: read('[size], shared by the batch'),
  outerTable: read('[batch, outer, rank]'),
  rowFactor: read('[batch, rows, rank]'),
  innerTable: read('[batch, inner, rank]'),
  residual: readWrite('[batch, size]'),
} as const;

// Kernels of their own and not a variant: whoever has no mask binds none and loads none.
const maskedBindings = {
  ...residualBindings,
  mask: read('[size], shared by the batch; 0 = missing, 1 = known'),
} as const;

/** One entry of the residual. The tensor is finite where it is missing, too: 0 · NaN is NaN. */
const residualEntry = (masked: boolean, sum: string, at: string): string =>
  masked ? `mask[${at}] * (${sum} - tensor[${at}])` : `${sum} - tensor[${at}]`;

const residual = {
  params: threeWayParams,
  variants: (subgroups: boolean) => exampleTiles(subgroups).map((tile) => ({ tile })),
  ...tiled,
  workgroups: ({ batch, outer, rowBlocks, columnBlocks }: Values<typeof threeWayParams>) =>
    batch * outer * rowBlocks * columnBlocks,
  work: ({ batch, outer, rows, inner, rank }: Values<typeof threeWayParams>) => 2 * batch * outer * rows * inner * rank,
} as const;

/**
 * Residual of the model, entry by entry: E = Σ_c rowFactor[i, c] · outerTable[o, c] · innerTable[q, c] − X[o, i, q].
 * A product over the rank with a tile of rows i and columns q for every (batch, o). 2 · size · rank flops.
 */
export const residualDense = defineKernel({
  ...residual,
  name: 'residualDense',
  bindings: residualBindings,
  declarations: declareTile,
  body: ({ tile }: TiledVariant) => residualBody(tile, false),
});

/** The same, 0 where the mask is. */
export const maskedResidualDense = defineKernel({
  ...residual,
  name: 'maskedResidualDense',
  bindings: maskedBindings,
  declarations: declareTile,
  body: ({ tile }: TiledVariant) => residualBody(tile, true),
});

function residualBody(tile: Tile, masked: boolean): string {
  return wgsl`
  let columnBlock = group % params.columnBlocks;
  let rowBlock = (group / params.columnBlocks) % params.rowBlocks;
  let slab = group / (params.columnBlocks * params.rowBlocks);
  if (slab >= params.batch * params.outer) { return; }
  let item = slab / params.outer;
  let tensorAt = (slab % params.outer) * params.outerStride;
  let residualAt = item * params.outer * params.rows * params.inner + tensorAt;
${tiledProduct(tile, {
  rows: 'params.rows',
  columns: 'params.inner',
  begin: '0u',
  end: 'params.rank',
  left: (row, k) =>
    `outerTable[slab * params.rank + ${k}] * rowFactor[(item * params.rows + ${row}) * params.rank + ${k}]`,
  right: (k, column) => `innerTable[(item * params.inner + ${column}) * params.rank + ${k}]`,
  leftAlong: 'k',
  rightAlong: 'k',
  store: (row, column, sum) =>
    `let at = ${row} * params.rowStride + ${column} * params.innerStride; residual[residualAt + at] = ${residualEntry(masked, sum, 'tensorAt + at')};`,
})}`;
}

export interface MttkrpVariant extends TiledVariant {
  /** Which index of the tensor runs along memory: the modes' inner group, or the row itself (the last mode). Of shared-memory tiles only. */
  readonly along: 'row' | 'k';
}

/**
 * MTTKRP, the matricized tensor times the Khatri-Rao product: out[i, c] = Σ_{o,q} X[o, i, q] · outerTable[o, c] · innerTable[q, c].
 * A product over (o, q) whose second operand is made on the fly, one multiplication for 4 · rows multiply-adds of the tile.
 * Steps over q are unrolled: 4, or 2 for the tile of 8 × 8 (measured on SwiftShader: more is slower there and nowhere else).
 * `splits` groups of o are summed apart (out is then [splits, batch, rows, rank]) so that short modes still fill the machine.
 * 2 · size · rank flops.
 */
export const mttkrpDense = defineKernel({
  name: 'mttkrpDense',
  bindings: {
    tensor: read('[size] or [batch, size], tensorStride apart'),
    outerTable: read('[batch, outer, rank]'),
    innerTable: read('[batch, inner, rank]'),
    product: readWrite('[splits, batch, rows, rank]'),
  },
  params: { ...threeWayParams, tensorStride: 'u32', splits: 'u32', outerPerSplit: 'u32' },
  variants: (subgroups) => [
    ...exampleTiles(subgroups).map((tile) => ({ tile, along: 'k' }) as const),
    ...sharedTiles.map((tile) => ({ tile, along: 'row' }) as const),
  ],
  ...tiled,
  workgroups: ({ batch, splits, rowBlocks, columnBlocks }) => batch * splits * rowBlocks * columnBlocks,
  work: ({ batch, outer, rows, inner, rank }) => 2 * batch * outer * rows * inner * rank,
  declarations: declareTile,
  body: ({ tile, along }: MttkrpVariant) => (isShared(tile) ? mttkrpShared(tile, along) : mttkrpInRegisters(tile)),
});

const mttkrpGroup = `
  let columnBlock = group % params.columnBlocks;
  let rowBlock = (group / params.columnBlocks) % params.rowBlocks;
  let part = group / (params.columnBlocks * params.rowBlocks);
  if (part >= params.batch * params.splits) { return; }
  let item = part % params.batch;
  let split = part / params.batch;
  let tensorBase = item * params.tensorStride;
  let outerBegin = split * params.outerPerSplit;
  let outerEnd = min(outerBegin + params.outerPerSplit, params.outer);`;

function mttkrpInRegisters(tile: RegisterTile): string {
  return wgsl`
  ${mttkrpGroup}
  ${laneSetup(tile)}
  let rank = params.rank;
  let firstRow = rowBlock * ${tile.rows * tile.lanes}u;
  let firstColumn = columnBlock * ${tile.columns}u;
  ${eachRow(tile, (r) => `let row${r} = firstRow + lane + ${r * tile.lanes}u; let rowAt${r} = tensorBase + min(row${r}, params.rows - 1u) * params.rowStride;`)}
  ${eachOwn(tile, (own) => `let column${own} = min(${ownColumn(tile, 'firstColumn', own)}, rank - 1u);`)}
  ${eachSum(tile, (r, c) => `var s${r}_${c} = 0f;`)}
  for (var o = outerBegin; o < outerEnd; o++) {
    let outerAt = (item * params.outer + o) * rank;
    ${eachOwn(tile, (own) => `let scale${own} = outerTable[outerAt + column${own}];`)}
    var at = o * params.outerStride;
    var tableAt = item * params.inner * rank;
    ${unrolledLoop(
      'q',
      'params.inner',
      tile.rows * tile.columns === 64 ? 2 : 4,
      () => `
      ${exchangedValues(tile, 'b', (own) => `scale${own} * innerTable[tableAt + column${own}]`)}
      ${eachRow(tile, (r) => `let x${r} = tensor[rowAt${r} + at]; ${repeat(tile.columns, (c) => `s${r}_${c} += x${r} * b${c};`, ' ')}`)}
      at += params.innerStride;
      tableAt += rank;`,
    )}
  }
  ${repeat(tile.columns, (c) => `let to${c} = firstColumn + ${exchangedColumn(tile, c)};`)}
  ${eachRow(
    tile,
    (r) => `if (row${r} < params.rows) {
    let out = (part * params.rows + row${r}) * rank;
    ${repeat(tile.columns, (c) => `if (to${c} < rank) { product[out + to${c}] = s${r}_${c}; }`)}
  }`,
  )}`;
}

function mttkrpShared(tile: SharedTile, along: MttkrpVariant['along']): string {
  return wgsl`
  ${mttkrpGroup}
  let beginK = outerBegin * params.inner;
  let endK = outerEnd * params.inner;
${sharedProduct(tile, {
  rows: 'params.rows',
  columns: 'params.rank',
  begin: 'beginK',
  end: 'endK',
  left: (row, k) =>
    `tensor[tensorBase + ${row} * params.rowStride + (${k} / params.inner) * params.outerStride + (${k} % params.inner) * params.innerStride]`,
  right: (k, column) =>
    `outerTable[(item * params.outer + ${k} / params.inner) * params.rank + ${column}] * innerTable[(item * params.inner + ${k} % params.inner) * params.rank + ${column}]`,
  leftAlong: along,
  rightAlong: 'column',
  store: (row, column, sum) => `product[(part * params.rows + ${row}) * params.rank + ${column}] = ${sum};`,
})}`;
}

/**
 * Khatri-Rao product (columnwise Kronecker) of two tables: product[(p, q), c] = left[p, c] · right[q, c]. One invocation for
 * `run` values of q; neighbors load and store neighbors.
 */
export const khatriRao = defineKernel({
  name: 'khatriRao',
  bindings: {
    left: read('[batch, leftRows, rank]'),
    right: read('[batch, rightRows, rank]'),
    product: readWrite('[batch, leftRows · rightRows, rank]'),
  },
  params: { batch: 'u32', leftRows: 'u32', rightRows: 'u32', rank: 'u32', run: 'u32', runs: 'u32' },
  invocations: ['batch', 'leftRows', 'runs', 'rank'],
  work: ({ batch, leftRows, rightRows, rank }) => 16 * batch * leftRows * rightRows * rank,
  body: () => wgsl`
  let rank = params.rank;
  let c = index % rank;
  let firstOfRun = ((index / rank) % params.runs) * params.run;
  let leftRow = index / (rank * params.runs);
  let count = min(params.run, params.rightRows - firstOfRun);
  let value = left[leftRow * rank + c];
  var at = ((leftRow / params.leftRows) * params.rightRows + firstOfRun) * rank + c;
  var to = (leftRow * params.rightRows + firstOfRun) * rank + c;
  for (var q = 0u; q < count; q++) {
    product[to] = value * right[at];
    at += rank;
    to += rank;
  }`,
});

/**
 * What a partial product P of a group of modes gives to one mode of the group, of which it is a three-way view as above:
 * product[i, c] = Σ_o outerTable[o, c] Σ_q P[o, i, q, c] · innerTable[q, c]. One invocation for each (item, i, c), so that
 * neighbors load neighbors. 2 · (entries of P) flops.
 */
export const finishMode = defineKernel({
  name: 'finishMode',
  bindings: {
    partial: read('[batch, outer · rows · inner, rank]'),
    outerTable: read('[batch, outer, rank]'),
    innerTable: read('[batch, inner, rank]'),
    product: readWrite('[batch, rows, rank]'),
  },
  params: {
    batch: 'u32',
    outer: 'u32',
    rows: 'u32',
    inner: 'u32',
    rank: 'u32',
    outerStride: 'u32',
    rowStride: 'u32',
    innerStride: 'u32',
  },
  invocations: ['batch', 'rows', 'rank'],
  work: ({ batch, outer, rows, inner, rank }) => 2 * batch * outer * rows * inner * rank,
  body: () => wgsl`
  let rank = params.rank;
  let c = index % rank;
  let row = (index / rank) % params.rows;
  let item = index / (rank * params.rows);
  let partialAt = item * params.outer * params.rows * params.inner + row * params.rowStride;
  let table = item * params.inner;
  var sum = 0f;
  for (var o = 0u; o < params.outer; o++) {
    let base = partialAt + o * params.outerStride;
    var along = 0f;
    ${unrolledLoop('q', 'params.inner', 4, (q) => `along += partial[(base + ${q} * params.innerStride) * rank + c] * innerTable[(table + ${q}) * rank + c];`)}
    sum += outerTable[(item * params.outer + o) * rank + c] * along;
  }
  product[index] = sum;`,
});
