/// <reference types="vite/types/importMeta.d.ts" />
// Long grids (many seeds, orders and sizes of one law) run in `npm run test:all` alone; `npm test` takes a few cases of each.
const isAll = import.meta.env.MODE === 'all';

/** The whole grid, or its first cases. */
export const casesOf = <T>(grid: readonly T[], few: number): readonly T[] => (isAll ? grid : grid.slice(0, few));
