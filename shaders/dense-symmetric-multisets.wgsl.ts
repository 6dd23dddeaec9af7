// The contraction of dense-symmetric.wgsl.ts over a table of index multisets J = (j_1 ≤ … ≤ j_{l−1}), for products that fill
// shared-memory tiles: one loop over all multisets, which can be cut anywhere.
//   A_i[k] = Σ_J (Π_{j ∈ J} q_i[j]) · copies(J) · T[sort(k ∪ J)]        copies(J) = the number of J's distinct orders
// k stands behind all j_p ≤ k, so with rising_p(i) = C(i + p − 1, p) the packed offset of k ∪ J is
//   Σ_{j_p ≤ k} rising_p(j_p) + rising_{n+1}(k) + Σ_{j_p > k} rising_{p+1}(j_p),      n the number of j_p ≤ k.
import { defineKernel, read, readWrite, wgsl } from './kernel.js';
import { repeat } from './lib/register-tile.js';
import { sharedDeclarations, sharedProduct, type SharedTile } from './lib/shared-tile.js';
import { tiled } from './lib/tile.js';

export interface MultisetVariant {
  readonly order: number;
}

/** WGSL of rising_p(i) = C(i + p − 1, p), the share of index i at place p; every intermediate is below p · C(i + p − 1, p). */
export function risingBinomial(p: number): string {
  const factors = Array.from({ length: p - 1 }, (_, at) => `  c = c * (i + ${at + 1}u) / ${at + 2}u;`);
  return [`fn rising${p}(i: u32) -> u32 {`, '  var c = i;', ...factors, '  return c;', '}'].join('\n');
}

/** Takes index j_p out of `rest`: the largest with rising_p(j) ≤ rest. */
export const decodeIndex = (p: number): string =>
  p === 1
    ? 'var j1 = rest;'
    : `var j${p} = 0u; while (rising${p}(j${p} + 1u) <= rest) { j${p}++; } rest -= rising${p}(j${p});`;

/** The multisets of order − 1 indices in colexicographic order, each with copies(J) = (order − 1)! / Π_runs (length)!. */
export const symmetricMultisets = defineKernel({
  name: 'symmetricMultisets',
  bindings: {
    multisets: readWrite('[count, order]: j_1 … j_{order − 1}, copies'),
  },
  params: { count: 'u32' },
  variants: () => [2, 3, 4, 6, 8].map((order) => ({ order })),
  invocations: ['count'],
  declarations: ({ order }) => repeat(order - 1, (p) => risingBinomial(p + 1)),
  body: ({ order }: MultisetVariant) => {
    const length = order - 1;
    return wgsl`
  var rest = index;
  ${repeat(length, (back) => decodeIndex(length - back))}
  let run1 = 1f;
  let copies1 = 1f;
  ${repeat(length - 1, (at) => `let run${at + 2} = select(1f, run${at + 1} + 1f, j${at + 2} == j${at + 1}); let copies${at + 2} = round(copies${at + 1} * ${at + 2}f / run${at + 2});`)}
  ${repeat(length, (at) => `multisets[index * ${order}u + ${at}u] = f32(j${at + 1});`)}
  multisets[index * ${order}u + ${length}u] = copies${length};`;
  },
});

export interface SharedSymmetricVariant extends MultisetVariant {
  readonly tile: SharedTile;
}

/** WGSL of the packed offset of k ∪ J, from j1 … and k. */
function packedOffset(order: number): string {
  const shares = repeat(
    order - 1,
    (at) => `select(rising${at + 2}(j${at + 1}), rising${at + 1}(j${at + 1}), j${at + 1} <= k)`,
    ' + ',
  );
  let place = 'rising1(k)';
  for (let p = 1; p < order; p++) place = `select(${place}, rising${p + 1}(k), j${p} <= k)`;
  return `${shares} + ${place}`;
}

/**
 * product[split, b, i, k] = scale · the sum over this split's `perSplit` multisets, on top of what it holds if `accumulate`. Both
 * operands of the shared-memory tile are made while they are staged: rows are queries, columns k.
 */
export const contractSymmetricShared = defineKernel({
  name: 'contractSymmetricShared',
  bindings: {
    tensor: read('[packed] or [batch, packed], tensorStride apart'),
    queries: read('[batch, rows, dim], queryStride apart'),
    multisets: read('[count, order]'),
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
    count: 'u32',
    perSplit: 'u32',
    accumulate: 'u32',
    scale: 'f32',
  },
  // Compiling one takes a software adapter seconds.
  variants: (): SharedSymmetricVariant[] => [
    { order: 2, tile: { size: 32 } },
    { order: 3, tile: { size: 64 } },
    { order: 8, tile: { size: 32 } },
  ],
  ...tiled,
  workgroups: ({ batch, splits, rowBlocks, columnBlocks }) => batch * splits * rowBlocks * columnBlocks,
  work: ({ batch, rows, dim, count }) => 2 * batch * rows * dim * count,
  declarations: ({ order, tile }) => {
    const indices = repeat(order - 1, (at) => `let j${at + 1} = u32(multisets[at + ${at}u]);`);
    return wgsl`
${repeat(order, (p) => risingBinomial(p + 1))}

fn productOf(query: u32, multiset: u32) -> f32 {
  let at = multiset * ${order}u;
  ${indices}
  return params.scale * ${repeat(order - 1, (at) => `queries[query + j${at + 1}]`, ' * ')};
}

fn entryOf(first: u32, multiset: u32, k: u32) -> f32 {
  let at = multiset * ${order}u;
  ${indices}
  return multisets[at + ${order - 1}u] * tensor[first + ${packedOffset(order)}];
}

${sharedDeclarations(tile)}`;
  },
  body: ({ tile }: SharedSymmetricVariant) => wgsl`
  let columnBlock = group % params.columnBlocks;
  let rowBlock = (group / params.columnBlocks) % params.rowBlocks;
  let part = group / (params.columnBlocks * params.rowBlocks);
  if (part >= params.batch * params.splits) { return; }
  let item = part % params.batch;
  let split = part / params.batch;
  let queryAt = item * params.queryStride;
  let tensorAt = item * params.tensorStride;
  let endK = min((split + 1u) * params.perSplit, params.count);
${sharedProduct(tile, {
  rows: 'params.rows',
  columns: 'params.dim',
  begin: 'split * params.perSplit',
  end: 'endK',
  left: (row, k) => `productOf(queryAt + ${row} * params.dim, ${k})`,
  right: (k, column) => `entryOf(tensorAt, ${k}, ${column})`,
  leftAlong: 'k',
  rightAlong: 'column',
  store: (row, column, sum) =>
    `let at = (part * params.rows + ${row}) * params.dim + ${column}; var before = 0f; if (params.accumulate == 1u) { before = product[at]; } product[at] = before + ${sum};`,
})}`,
});
