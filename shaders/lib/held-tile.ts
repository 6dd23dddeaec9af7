// Held tiles: the loop shape of the heavy kernels on a software adapter, out[i, k] += Σ_t left(i, t) · right(t, k). An invocation
// holds 32 × columns values of `right`, and with them runs through all rows i: a row costs 8 loads of `left` (four neighbors
// share 32 of them), one load and one store a sum, and 32 · columns multiply-adds. What is added to a sum is one expression,
// so it stays in a register; the sums that a register tile carries from turn to turn are loaded, blended by the mask
// of active lanes and stored again, which costs more than the arithmetic. A packed contraction of order 3, dim 96, 256
// queries is at 12.6 % of the multiply-add ceiling by it, and was at 7.8 % with register tiles (records of bench/results).
// Outputs that stay in private memory until the end cost less than those that are loaded and stored every time: 22.2 % against
// 20.5 % at dim 64 and 21.0 % against 16.0 % at dim 128 (factored-held.wgsl.ts). But every private value is set to 0 at first, a
// store of its own in the compiled code: with 2,300 of them that is most of what compiling takes.
import { repeat } from './register-tile.js';

export interface HeldTile {
  /** Columns an invocation holds, 1 to 8; a workgroup is 4 invocations. */
  readonly columns: number;
}

export const heldLanes = 4;
/** Values of `right` a column. With 48 the loop leaves the instruction cache. */
export const heldLength = 32;

const swaps = ['', 'quadSwapX', 'quadSwapY', 'quadSwapDiagonal'];

/**
 * Lines that define `name‹first›` … `name‹first + 3›` of a lane from its own `value`: those of itself and of its three neighbors,
 * number first + s that of lane ^ s. A swap costs a quarter of a broadcast, but the order differs from lane to lane.
 */
export const neighbors = (name: string, first: number, value: string): string =>
  `let ${name}${first} = ${value}; ` +
  repeat(3, (s) => `let ${name}${first + s + 1} = ${swaps[s + 1]}(${name}${first});`, ' ');

/** Σ_t left(t) · right(t), one expression. */
export const heldSum = (left: (t: number) => string, right: (t: number) => string): string =>
  repeat(heldLength, (t) => `${left(t)} * ${right(t)}`, ' + ');

/** What bodies that hold a block of `columns` columns and sum `rows` rows of them are written with. */
export function heldText(columns: number, rows: number) {
  return {
    /** A line for each of a lane's own values. */
    eachOwn: (line: (own: number) => string): string => repeat(heldLength / heldLanes, line),
    eachColumn: (line: (c: number) => string): string => repeat(columns, line),
    /** Σ_t x_t · held[t, c] */
    product: (c: number): string =>
      heldSum(
        (t) => `x${t}`,
        (t) => `held[${t * columns + c}]`,
      ),
    variables: `var<private> held: array<f32, ${heldLength * columns}>;
var<private> sum: array<f32, ${rows * columns}>;`,
  };
}

/** The tile for a product of that width: as few of them as can be, and no wider than needed. */
export function heldTile(width: number): HeldTile {
  const blocks = Math.max(1, Math.ceil(width / (8 * heldLanes)));
  return { columns: Math.ceil(width / (blocks * heldLanes)) };
}
