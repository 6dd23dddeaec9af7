// Which register tile a kernel gets. A software adapter runs 4 lanes and likes many rows in each; a GPU wants full warps
// and many workgroups, so fewer rows in each. Sizes in between are covered by the same few variants: one more component
// is never one more compile.
import type { RegisterTile } from '../../../shaders/lib/register-tile.js';

export interface TileTaste {
  readonly lanes: RegisterTile['lanes'];
  readonly maxRows: RegisterTile['rows'];
  readonly share: RegisterTile['share'];
}

export function tileTaste(software: boolean, subgroups: boolean): TileTaste {
  const share = subgroups ? 'quad' : 'load';
  return software ? { lanes: 4, maxRows: 8, share } : { lanes: 32, maxRows: 4, share };
}

export function chooseTile({ lanes, maxRows, share }: TileTaste, rows: number, columns: number): RegisterTile {
  const fitting = ([1, 2, 4, 8] as const).filter((r) => r <= maxRows).find((r) => r * lanes >= rows) ?? maxRows;
  return { rows: fitting, columns: columns <= 4 ? 4 : columns <= 8 ? 8 : 16, lanes, share };
}
