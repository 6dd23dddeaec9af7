// A tile is the block of a matrix product that one workgroup makes. Two kinds: sums in registers with operands loaded by each
// invocation (register-tile.ts), and operands staged through workgroup memory (shared-tile.ts).
import { registerProduct, type RegisterTile } from './register-tile.js';
import { sharedDeclarations, sharedLanes, sharedProduct, type SharedTile } from './shared-tile.js';

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

/** A matrix product Σ_k left(row, k) · right(k, column), all of it as WGSL text. */
export interface TiledProduct {
  /** Numbers of rows and columns, and the run of k. */
  readonly rows: string;
  readonly columns: string;
  readonly begin: string;
  readonly end: string;
  /** One entry of an operand; the indices handed over are in range. */
  readonly left: (row: string, k: string) => string;
  readonly right: (k: string, column: string) => string;
  /** Which index of an operand runs along memory, so that neighboring invocations load neighbors; shared-memory tiles need it. */
  readonly leftAlong: 'row' | 'k';
  readonly rightAlong: 'k' | 'column';
  /** The statement that stores one sum. It may be run twice, with the same sum. */
  readonly store: (row: string, column: string, sum: string) => string;
}

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
