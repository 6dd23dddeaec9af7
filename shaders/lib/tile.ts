// A tile is the block of a matrix product that one workgroup makes. Two kinds: sums in registers with operands loaded by each
// invocation (register-tile.ts), and operands staged through workgroup memory (shared-tile.ts).
import { registerProduct, type RegisterTile } from './register-tile.js';
import { sharedDeclarations, sharedLanes, sharedProduct, type SharedTile } from './shared-tile.js';
import type { TiledProduct } from './tiled-product.js';

export type Tile = RegisterTile | SharedTile;

export interface TiledVariant {
  readonly tile: Tile;
}

export const isShared = (tile: Tile): tile is SharedTile => 'size' in tile;

/** Rows and columns of the product that a tile covers. */
export const tileRows = (tile: Tile): number => (isShared(tile) ? tile.size : tile.rows * tile.lanes);
export const tileColumns = (tile: Tile): number => (isShared(tile) ? tile.size : tile.columns);

/** What a kernel with such a variant declares. */
export const tiled = {
  workgroupSize: ({ tile }: TiledVariant): number => (isShared(tile) ? sharedLanes : tile.lanes),
  usesSubgroups: ({ tile }: TiledVariant): boolean => !isShared(tile) && tile.share === 'quad',
} as const;

/** Module-scope declarations of a product. */
export const declareTile = ({ tile }: TiledVariant): string => (isShared(tile) ? sharedDeclarations(tile) : '');

/** WGSL of one tile of a product: the one of `rowBlock` and `columnBlock`, which the text before it defines. */
export const tiledProduct = (tile: Tile, product: TiledProduct): string =>
  isShared(tile) ? sharedProduct(tile, product) : registerProduct(tile, product);

/** Examples of both kinds: the extremes of register tiles, and every shared-memory tile. */
export const registerTiles = (subgroups: boolean): readonly RegisterTile[] =>
  (subgroups ? (['quad', 'load'] as const) : (['load'] as const)).flatMap((share) => [
    { rows: 1, columns: 4, lanes: 4, share },
    { rows: 5, columns: 8, lanes: 4, share },
    { rows: 8, columns: 16, lanes: 4, share },
    { rows: 4, columns: 8, lanes: 32, share },
  ]);
export const sharedTiles: readonly SharedTile[] = [{ size: 32 }, { size: 64 }];
export const exampleTiles = (subgroups: boolean): readonly Tile[] => [...registerTiles(subgroups), ...sharedTiles];
