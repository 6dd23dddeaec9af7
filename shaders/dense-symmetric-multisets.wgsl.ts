// The contraction of dense-symmetric.wgsl.ts over a table of index multisets J = (j_1 ≤ … ≤ j_{l−1}), for the adapters on
// which one loop over all of them can be cut at will: held tiles on a software adapter, shared-memory tiles on a large GPU.
//   A_i[k] = Σ_J (Π_{j ∈ J} q_i[j]) · copies(J) · T[sort(k ∪ J)]        copies(J) = the number of J's distinct orders
// k stands behind all j_p ≤ k, so with rising_p(i) = C(i + p − 1, p) the packed offset of k ∪ J is
//   Σ_{j_p ≤ k} rising_p(j_p) + rising_{n+1}(k) + Σ_{j_p > k} rising_{p+1}(j_p),      n the number of j_p ≤ k.
import { defineKernel, wgsl } from './kernel.js';
import { invocationFor, workgroupFor } from './lib/entry.js';
import { heldLanes, heldLength, heldSum, neighbors } from './lib/held-tile.js';
import { repeat } from './lib/register-tile.js';
import { sharedDeclarations, sharedLanes, sharedProduct, type SharedTile } from './lib/shared-tile.js';

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

/** j_length, …, j_1 of the multiset of that number (WGSL text). */
const decode = (length: number, number: string): string => `var rest = ${number};
  ${repeat(length, (back) => decodeIndex(length - back))}`;

/** The multisets of order − 1 indices in colexicographic order, each with copies(J) = (order − 1)! / Π_runs (length)!. */
export const symmetricMultisets = defineKernel({
  name: 'symmetricMultisets',
  bindings: {
    multisets: { access: 'read_write', of: 'f32', shape: '[count, order]: j_1 … j_{order − 1}, copies' },
  },
  params: { count: 'u32' },
  workgroupSize: () => 64,
  body: ({ order }: MultisetVariant) => {
    const length = order - 1;
    return wgsl`
${repeat(length, (p) => risingBinomial(p + 1))}

${invocationFor('params.count')}
  ${decode(length, 'index')}
  let run1 = 1f;
  let copies1 = 1f;
  ${repeat(length - 1, (at) => `let run${at + 2} = select(1f, run${at + 1} + 1f, j${at + 2} == j${at + 1}); let copies${at + 2} = round(copies${at + 1} * ${at + 2}f / run${at + 2});`)}
  ${repeat(length, (at) => `multisets[index * ${order}u + ${at}u] = f32(j${at + 1});`)}
  multisets[index * ${order}u + ${length}u] = copies${length};
}`;
  },
});

/**
 * products[b, i, M] = Π_{j ∈ M} q_i[j] for the multisets M = (j_1 ≤ … ≤ j_{l−2}) in colexicographic order. An invocation takes all M
 * with one j_{l−2}, in loops within loops over the other indices: a load and a store a product. Neighbors have the same j_{l−2}.
 */
export const multisetProducts = defineKernel({
  name: 'multisetProducts',
  bindings: {
    queries: { access: 'read', of: 'f32', shape: '[batch, all rows, dim], queryStride apart' },
    products: { access: 'read_write', of: 'f32', shape: '[batch, rows, count]' },
  },
  params: { batch: 'u32', firstRow: 'u32', rows: 'u32', dim: 'u32', queryStride: 'u32', count: 'u32' },
  workgroupSize: () => 64,
  body: ({ order }: MultisetVariant) => {
    const length = order - 2;
    const loops = repeat(length - 1, (from) => {
      const p = length - 1 - from;
      return `for (var j${p} = 0u; j${p} <= j${p + 1}; j${p}++) { let product${p} = product${p + 1} * queries[query + j${p}];`;
    });
    return wgsl`
${risingBinomial(length)}

${invocationFor('params.batch * params.rows * params.dim')}
  let row = index % (params.batch * params.rows);
  let query = (row / params.rows) * params.queryStride + (params.firstRow + row % params.rows) * params.dim;
  let j${length} = index / (params.batch * params.rows);
  let product${length} = queries[query + j${length}];
  var to = row * params.count + rising${length}(j${length});
  ${loops}
  products[to] = product1;
  to++;
  ${'}'.repeat(length - 1)}
}`;
  },
});

const bindings = {
  tensor: { access: 'read', of: 'f32', shape: '[packed] or [batch, packed], tensorStride apart' },
  queries: { access: 'read', of: 'f32', shape: '[batch, all rows, dim], queryStride apart' },
  multisets: { access: 'read', of: 'f32', shape: '[count, order]' },
  product: { access: 'read_write', of: 'f32', shape: '[splits, batch, all rows, dim]' },
} as const;

const params = {
  batch: 'u32',
  rows: 'u32',
  dim: 'u32',
  queryStride: 'u32',
  tensorStride: 'u32',
  columnBlocks: 'u32',
  splits: 'u32',
  count: 'u32',
  perSplit: 'u32',
  accumulate: 'u32',
  scale: 'f32',
} as const;

/** Packed offset of k ∪ J from j_p, rising_p(j_p) (low) and rising_{p+1}(j_p) (high), and rising_p(k), each by its place p. */
function offsetWith(
  order: number,
  name: {
    readonly k: string;
    readonly ofK: (p: number) => string;
    readonly j: (p: number) => string;
    readonly low: (p: number) => string;
    readonly high: (p: number) => string;
  },
): string {
  const shares = repeat(
    order - 1,
    (at) => `select(${name.high(at + 1)}, ${name.low(at + 1)}, ${name.j(at + 1)} <= ${name.k})`,
    ' + ',
  );
  let place = name.ofK(1);
  for (let p = 1; p < order; p++) place = `select(${place}, ${name.ofK(p + 1)}, ${name.j(p)} <= ${name.k})`;
  return `${shares} + ${place}`;
}

export interface HeldSymmetricVariant extends MultisetVariant {
  /** Columns an invocation holds, 1 to 8. */
  readonly columns: number;
}

/** Rows that a workgroup can hold. */
export const heldSymmetricRows = 128;

/**
 * product[split, b, i, k] = scale · the sum over this split's `perSplit` multisets, on top of what it holds if `accumulate`, for
 * `rowsPerBlock` rows a workgroup, whose sums it keeps until the end.
 * The held operand is copies(J) · T[sort(k ∪ J)], the other one products[M] · q[j_{l−1}] of J = M ∪ j_{l−1}: in
 * colexicographic order M's number is J's, less rising_{l−1}(j_{l−1}).
 */
export const contractSymmetricHeld = defineKernel({
  name: 'contractSymmetricHeld',
  bindings: {
    ...bindings,
    products: { access: 'read', of: 'f32', shape: '[batch, rows, productCount], productStride apart' },
  },
  params: {
    ...params,
    rowBlocks: 'u32',
    rowsPerBlock: 'u32',
    firstRow: 'u32',
    allRows: 'u32',
    productStride: 'u32',
    productCount: 'u32',
  },
  workgroupSize: (_variant: HeldSymmetricVariant) => heldLanes,
  usesSubgroups: () => true,
  // Columns past the end compute the last one again and store nothing; multisets past the end weigh 0. Lane q has place t ^ q
  // where t is the place in the text.
  body: ({ order, columns }) => {
    const eachColumn = (line: (c: number) => string): string => repeat(columns, line);
    const eachOwn = (line: (own: number) => string): string => repeat(heldLength / heldLanes, line);
    const each = (line: (p: number) => string): string => repeat(order - 1, (at) => line(at + 1), ' ');
    const of = (name: string, p: number, s: number): string => `${name}${p}_${s}`;
    const last = (own: number): string => `queries[query + last${own}]`;
    const factor = (own: number): string => (order === 2 ? last(own) : `products[fewer + before${own}] * ${last(own)}`);
    const added = (c: number): string =>
      heldSum(
        (t) => `w${t}`,
        (t) => `held[${t * columns + c}]`,
      );
    return wgsl`
${repeat(order, (p) => risingBinomial(p + 1))}

var<private> held: array<f32, ${heldLength * columns}>;
var<private> sum: array<f32, ${heldSymmetricRows * columns}>;

${workgroupFor('@builtin(local_invocation_index) lane: u32, @builtin(subgroup_invocation_id) subgroupLane: u32')}
  let columnBlock = group % params.columnBlocks;
  let rowBlock = (group / params.columnBlocks) % params.rowBlocks;
  let part = group / (params.columnBlocks * params.rowBlocks);
  if (part >= params.batch * params.splits) { return; }
  let quad = subgroupLane & 3u;
  let item = part % params.batch;
  let dim = params.dim;
  let tensorAt = item * params.tensorStride;
  let blockRow = rowBlock * params.rowsPerBlock;
  let rows = min(params.rowsPerBlock, params.rows - blockRow);
  let queryAt = item * params.queryStride + (params.firstRow + blockRow) * dim;
  let productsAt = item * params.productStride + blockRow * params.productCount;
  ${eachColumn((c) => `let column${c} = columnBlock * ${columns * heldLanes}u + ${heldLanes * c}u + quad; let k${c} = min(column${c}, dim - 1u);`)}
  ${eachColumn((c) => repeat(order, (at) => `let ofK${at + 1}_${c} = rising${at + 1}(k${c});`, ' '))}
  let begin = (part / params.batch) * params.perSplit;
  let end = min(begin + params.perSplit, params.count);
  let productAt = (part * params.allRows + params.firstRow + blockRow) * dim;
  if (params.accumulate == 1u) {
    for (var i = 0u; i < rows; i++) {
      let row = productAt + i * dim;
      ${eachColumn((c) => `sum[i * ${columns}u + ${c}u] = product[row + k${c}];`)}
    }
  }
  for (var first = begin; first < end; first += ${heldLength}u) {
    for (var t = 0u; t < ${heldLength}u; t += ${heldLanes}u) {
      let wanted = first + t + quad;
      let at = min(wanted, end - 1u) * ${order}u;
      ${neighbors('copies_', 0, `select(0f, params.scale * multisets[at + ${order - 1}u], wanted < end)`)}
      ${each((p) => neighbors(`j${p}_`, 0, `u32(multisets[at + ${p - 1}u])`))}
      ${each((p) => neighbors(`low${p}_`, 0, `rising${p}(j${p}_0)`))}
      ${each((p) => neighbors(`high${p}_`, 0, `rising${p + 1}(j${p}_0)`))}
      ${repeat(heldLanes, (s) =>
        eachColumn((c) => {
          const offset = offsetWith(order, {
            k: `k${c}`,
            ofK: (p) => `ofK${p}_${c}`,
            j: (p) => of('j', p, s),
            low: (p) => of('low', p, s),
            high: (p) => of('high', p, s),
          });
          return `held[(t + ${s}u) * ${columns}u + ${c}u] = copies_${s} * tensor[tensorAt + ${offset}];`;
        }),
      )}
    }
    ${eachOwn((own) => `let number${own} = min(first + ${heldLanes * own}u + quad, end - 1u); let last${own} = u32(multisets[number${own} * ${order}u + ${order - 2}u]); let before${own} = number${own} - rising${order - 1}(last${own});`)}
    for (var i = 0u; i < rows; i++) {
      let query = queryAt + i * dim;
      let fewer = productsAt + i * params.productCount;
      let to = i * ${columns}u;
      ${eachOwn((own) => neighbors('w', heldLanes * own, factor(own)))}
      ${eachColumn((c) => `sum[to + ${c}u] += ${added(c)};`)}
    }
  }
  for (var i = 0u; i < rows; i++) {
    let row = productAt + i * dim;
    ${eachColumn((c) => `if (column${c} < dim) { product[row + column${c}] = sum[i * ${columns}u + ${c}u]; }`)}
  }
}`;
  },
});

export interface SharedSymmetricVariant extends MultisetVariant {
  readonly tile: SharedTile;
}

/** The same with a shared-memory tile, both operands made while they are staged: rows are queries, columns k. */
export const contractSymmetricShared = defineKernel({
  name: 'contractSymmetricShared',
  bindings,
  params: { ...params, rowBlocks: 'u32' },
  workgroupSize: (_variant: SharedSymmetricVariant) => sharedLanes,
  body: ({ order, tile }) => {
    const indices = repeat(order - 1, (at) => `let j${at + 1} = u32(multisets[at + ${at}u]);`);
    const offset = offsetWith(order, {
      k: 'k',
      ofK: (p) => `rising${p}(k)`,
      j: (p) => `j${p}`,
      low: (p) => `rising${p}(j${p})`,
      high: (p) => `rising${p + 1}(j${p})`,
    });
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
  return multisets[at + ${order - 1}u] * tensor[first + ${offset}];
}

${sharedDeclarations(tile)}

${workgroupFor()}
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
  firstRow: `rowBlock * ${tile.size}u`,
  firstColumn: `columnBlock * ${tile.size}u`,
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
})}
}`;
  },
});
