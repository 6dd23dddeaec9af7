// Shared-memory tiles: the loop of the heavy kernels on a GPU. A workgroup of 64 invocations owns a size × size
// tile of a product Σ_k left(row, k) · right(k, column); slices of 16 k are staged through workgroup memory, coalesced, and
// every invocation keeps (size / 8)² sums in registers: 2 · size/8 loads from workgroup memory for (size / 8)² fused
// multiply-adds. On a software adapter its barriers cost more than the arithmetic: there the register tiles are used.
import { repeat } from './register-tile.js';
import type { TiledProduct } from './tiled-product.js';

export interface SharedTile {
  readonly size: 32 | 64;
}

export const sharedLanes = 64;
const slice = 16;

/** Module-scope declarations. */
export const sharedDeclarations = ({ size }: SharedTile): string =>
  `var<workgroup> leftSlice: array<f32, ${size * slice}>;\nvar<workgroup> rightSlice: array<f32, ${size * slice}>;`;

/** The product, with workgroup-uniform control flow before it. */
export function sharedProduct({ size }: SharedTile, product: TiledProduct): string {
  const per = size / 8;
  const { rows, columns, begin, end, left, right, leftAlong, rightAlong, store } = product;
  const place = (along: boolean): string =>
    along
      ? `let kk = entry % ${slice}u; let at = entry / ${slice}u;`
      : `let at = entry % ${size}u; let kk = entry / ${size}u;`;
  return `
  let firstRow = rowBlock * ${size}u;
  let firstColumn = columnBlock * ${size}u;
  let tileRow = lane / 8u;
  let tileColumn = lane % 8u;
  ${repeat(per, (i) => repeat(per, (j) => `var s${i}_${j} = 0f;`, ' '))}
  for (var k0 = ${begin}; k0 < ${end}; k0 += ${slice}u) {
    for (var entry = lane; entry < ${size * slice}u; entry += ${sharedLanes}u) {
      {
        ${place(leftAlong === 'k')}
        let k = k0 + kk; let row = firstRow + at;
        var value = 0f;
        if (k < ${end} && row < ${rows}) { value = ${left('row', 'k')}; }
        leftSlice[kk * ${size}u + at] = value;
      }
      {
        ${place(rightAlong === 'k')}
        let k = k0 + kk; let column = firstColumn + at;
        var value = 0f;
        if (k < ${end} && column < ${columns}) { value = ${right('k', 'column')}; }
        rightSlice[kk * ${size}u + at] = value;
      }
    }
    workgroupBarrier();
    for (var k = 0u; k < ${slice}u; k++) {
      ${repeat(per, (i) => `let a${i} = leftSlice[k * ${size}u + ${8 * i}u + tileRow];`, ' ')}
      ${repeat(per, (j) => `let b${j} = rightSlice[k * ${size}u + ${8 * j}u + tileColumn];`, ' ')}
      ${repeat(per, (i) => repeat(per, (j) => `s${i}_${j} = fma(a${i}, b${j}, s${i}_${j});`, ' '))}
    }
    workgroupBarrier();
  }
  ${repeat(
    per,
    (i) => `{
    let row = firstRow + ${8 * i}u + tileRow;
    ${repeat(per, (j) => `{ let column = firstColumn + ${8 * j}u + tileColumn; if (row < ${rows} && column < ${columns}) { ${store('row', 'column', `s${i}_${j}`)} } }`)}
  }`,
  )}`;
}
