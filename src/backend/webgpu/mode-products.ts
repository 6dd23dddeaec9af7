// Host side of shaders/mode-products.wgsl.ts: picks tiles.
import {
  modeGram as modeGramKernel,
  modeProduct as modeProductKernel,
  type ModeProductVariant,
} from '../../../shaders/mode-products.wgsl.js';
import { isShared, tileColumns, tileRows } from '../../../shaders/lib/tile.js';
import { unfoldedSizes } from '../../tensor/shape.js';
import type { ModeGram, ModeProduct } from '../operations/mode-products.js';
import type { Context } from './context.js';

export function modeGram(context: Context, { shape, mode, partLength, tensor, gram }: ModeGram): void {
  const unfolded = unfoldedSizes(shape, mode);
  const { size, columns } = unfolded;
  const parts = Math.ceil(columns / partLength);
  const tiles = tilesOf(context, size, size, unfolded.inner);
  context.recorder.dispatch(modeGramKernel, { ...unfolded, ...tiles, partLength, parts, tensor, gram });
}

export function modeProduct(context: Context, { shape, mode, rank, tensor, matrix, product }: ModeProduct): void {
  const unfolded = unfoldedSizes(shape, mode);
  const tiles = tilesOf(context, unfolded.columns, rank, unfolded.inner);
  context.recorder.dispatch(modeProductKernel, { ...unfolded, ...tiles, rank, tensor, matrix, product });
}

function tilesOf(context: Context, rows: number, columns: number, inner: number) {
  const tile = context.sharedTile(rows, columns) ?? context.registerTile(rows, columns);
  const along: ModeProductVariant['along'] = isShared(tile) && inner === 1 ? 'row' : 'column';
  return {
    tile,
    along,
    rowBlocks: Math.ceil(rows / tileRows(tile)),
    columnBlocks: Math.ceil(columns / tileColumns(tile)),
  };
}
