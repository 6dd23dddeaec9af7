// Which tile a product gets. A software adapter runs 4 lanes at a time and is fastest with many rows in each. A GPU needs full warps
// and many workgroups, and for large products shared-memory tiles. All sizes share a few variants: a model with
// one more component needs no further compilation.
import type { RegisterTile } from '../../../shaders/lib/register-tile.js';
import type { SharedTile } from '../../../shaders/lib/shared-tile.js';

/** The tiles that an adapter is fastest with: measured by tune(), or the default for its kind. Plain data: keep it as JSON. */
export interface TileConfig {
  /** Of register tiles. */
  readonly lanes: RegisterTile['lanes'];
  readonly maxRows: RegisterTile['rows'];
  readonly share: RegisterTile['share'];
  /** Size of shared-memory tiles for products that fill them, or none at all. */
  readonly shared: SharedTile['size'] | 'none';
}

export interface Tuning {
  /** The adapter it was measured on: vendor, architecture, description. */
  readonly adapter: string;
  readonly tiles: TileConfig;
  /** Milliseconds of every candidate, as measured; the one kept is the fastest. */
  readonly measured: readonly { readonly tiles: TileConfig; readonly milliseconds: number }[];
}

export function defaultTileConfig(software: boolean, subgroups: boolean): TileConfig {
  const share = subgroups ? 'quad' : 'load';
  return software ? { lanes: 4, maxRows: 8, share, shared: 'none' } : { lanes: 32, maxRows: 4, share, shared: 64 };
}

export function registerTile({ lanes, maxRows, share }: TileConfig, rows: number, columns: number): RegisterTile {
  const fitting = ([1, 2, 4, 8] as const).filter((r) => r <= maxRows).find((r) => r * lanes >= rows) ?? maxRows;
  return { rows: fitting, columns: columns <= 4 ? 4 : columns <= 8 ? 8 : 16, lanes, share };
}

/** The shared-memory tile of a product, if it fills at least half of one in both directions. */
export function sharedTile({ shared }: TileConfig, rows: number, columns: number): SharedTile | undefined {
  if (shared === 'none') return undefined;
  const fits = (size: number): boolean => 2 * rows >= size && 2 * columns >= size;
  if (fits(shared)) return { size: shared };
  return fits(32) ? { size: 32 } : undefined;
}
