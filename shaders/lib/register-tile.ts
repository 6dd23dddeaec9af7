// Register tiles: the loop of the heavy kernels where operands are loaded by every invocation. A workgroup of `lanes` invocations owns lanes × rows rows and
// `columns` columns of a product; every invocation keeps rows × columns sums in its own registers. Row values are loaded
// by the invocation itself. Column values are the same for all: each of four neighbors (a quad) loads a quarter of them and
// quadBroadcast passes them on, so 128 multiply-adds cost 8 + 4 loads. No shared memory, no barrier.
// Everything is unrolled text: WGSL has no arrays that a software adapter keeps in registers.

import type { TiledProduct } from './tiled-product.js';

export interface RegisterTile {
  /** Rows an invocation owns. */
  readonly rows: 1 | 2 | 4 | 5 | 8;
  /** Columns of the tile, a multiple of 4. */
  readonly columns: 4 | 8 | 16;
  /** Invocations of a workgroup, a multiple of 4. */
  readonly lanes: 4 | 32 | 64;
  /** How the column values reach all lanes: by quadBroadcast, or (no subgroups) by loading them all in every lane. */
  readonly share: 'quad' | 'load';
}

export const repeat = (count: number, line: (index: number) => string, separator = '\n'): string =>
  Array.from({ length: count }, (_, index) => line(index)).join(separator);

export const eachRow = (tile: RegisterTile, line: (r: number) => string): string => repeat(tile.rows, line);
export const eachColumn = (tile: RegisterTile, line: (c: number) => string): string => repeat(tile.columns, line);

/** A line for every sum of the tile. */
export const eachSum = (tile: RegisterTile, line: (r: number, c: number) => string): string =>
  eachRow(tile, (r) => repeat(tile.columns, (c) => line(r, c), ' '));

export const laneSetup = (tile: RegisterTile): string => (tile.share === 'quad' ? 'let quad = subgroupLane & 3u;' : '');

/** How many columns a lane loads itself. */
export const ownCount = (tile: RegisterTile): number => (tile.share === 'quad' ? tile.columns / 4 : tile.columns);

/** WGSL of the index of the lane's `own`-th column, from the tile's first column `base`. */
export const ownColumn = (tile: RegisterTile, base: string, own: number): string =>
  tile.share === 'quad' ? `${base} + ${4 * own}u + quad` : `${base} + ${own}u`;

export const eachOwn = (tile: RegisterTile, line: (own: number) => string): string => repeat(ownCount(tile), line);

/** Lines that define `name0 … name(columns − 1)`, equal in all lanes; `load(own)` is the WGSL of one value the lane loads itself. */
export function columnValues(tile: RegisterTile, name: string, load: (own: number) => string): string {
  if (tile.share === 'load') return eachColumn(tile, (c) => `let ${name}${c} = ${load(c)};`);
  const own = eachOwn(tile, (q) => `let ${name}Own${q} = ${load(q)};`);
  return `${own}\n${eachColumn(tile, (c) => `let ${name}${c} = quadBroadcast(${name}Own${c >> 2}, ${c & 3}u);`)}`;
}

/**
 * The same for sums that stand apart until they are stored: value c of a lane is that of its column `exchangedColumn(c)`, another
 * one in each lane of a quad. Three swaps, one shuffle each, hand a value round where broadcasts take four.
 */
export function exchangedValues(tile: RegisterTile, name: string, load: (own: number) => string): string {
  if (tile.share === 'load') return columnValues(tile, name, load);
  return eachOwn(tile, (own) => {
    const first = `${name}${4 * own}`;
    const swapped = ['quadSwapX', 'quadSwapY', 'quadSwapDiagonal'].map(
      (swap, at) => `let ${name}${4 * own + at + 1} = ${swap}(${first});`,
    );
    return `let ${first} = ${load(own)}; ${swapped.join(' ')}`;
  });
}

/** WGSL of the column, counted from the tile's first, that a lane's exchanged value c belongs to. */
export const exchangedColumn = (tile: RegisterTile, c: number): string =>
  tile.share === 'quad' ? `${c & ~3}u + (quad ^ ${c & 3}u)` : `${c}u`;

/** A loop over `index` from 0 to `count`, `times` steps per turn: a turn of its own costs a software adapter as much as 80 multiply-adds. */
export const unrolledLoop = (index: string, count: string, times: number, step: (index: string) => string): string => `
  var ${index} = 0u;
  for (; ${index} + ${times}u <= ${count}; ${index} += ${times}u) {
    ${repeat(times, (u) => `{ ${step(u === 0 ? index : `(${index} + ${u}u)`)} }`)}
  }
  for (; ${index} < ${count}; ${index}++) { ${step(index)} }`;

/**
 * The product. Rows past the end compute the last one again and store nothing; columns past the end repeat the last one, so that the
 * same lane stores the same value to the same place again.
 */
export function registerProduct(tile: RegisterTile, product: TiledProduct): string {
  const { rows, columns, begin, end, left, right, store } = product;
  return `
  ${laneSetup(tile)}
  let firstRow = rowBlock * ${tile.rows * tile.lanes}u;
  let firstColumn = columnBlock * ${tile.columns}u;
  ${eachRow(tile, (r) => `let row${r} = firstRow + lane + ${r * tile.lanes}u; let kept${r} = min(row${r}, ${rows} - 1u);`)}
  ${eachOwn(tile, (own) => `let own${own} = min(${ownColumn(tile, 'firstColumn', own)}, ${columns} - 1u);`)}
  ${eachSum(tile, (r, c) => `var s${r}_${c} = 0f;`)}
  for (var k = ${begin}; k < ${end}; k++) {
    ${eachRow(tile, (r) => `let a${r} = ${left(`kept${r}`, 'k')};`)}
    ${columnValues(tile, 'b', (own) => right('k', `own${own}`))}
    ${eachSum(tile, (r, c) => `s${r}_${c} += a${r} * b${c};`)}
  }
  ${eachColumn(tile, (c) => `let column${c} = min(firstColumn + ${c}u, ${columns} - 1u);`)}
  ${eachRow(tile, (r) => `if (row${r} < ${rows}) { ${eachColumn(tile, (c) => `{ ${store(`row${r}`, `column${c}`, `s${r}_${c}`)} }`)} }`)}`;
}
