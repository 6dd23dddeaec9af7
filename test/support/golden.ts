// The golden symmetric problems of test/data/golden (fields: README.md there), typed and in our own shapes.
// Static JSON imports, so that the same loader works in Node and in a browser page.
import small3 from '../data/golden/sym_l3_d6_m9_r3_s1001.json';
import large3 from '../data/golden/sym_l3_d20_m24_r5_s1004.json';
import small4 from '../data/golden/sym_l4_d5_m8_r3_s1002.json';
import large4 from '../data/golden/sym_l4_d12_m16_r4_s1005.json';
import small5 from '../data/golden/sym_l5_d4_m7_r2_s1003.json';
import { symmetricKruskal } from '../../src/tensor/kruskal.js';
import type { SymmetricKruskal } from '../../src/tensor/kruskal.js';
import type { Matrix } from '../../src/tensor/matrix.js';

/** The fields as they stand in the files; the descent of the order-5 problem diverged, so it has no `traj_vanilla`. */
export type SymmetricGoldenFile = Omit<typeof small3, 'traj_vanilla'> & {
  readonly traj_vanilla: (typeof small3)['traj_vanilla'] | null;
};

export interface SymmetricGolden {
  readonly name: string;
  readonly order: number;
  readonly target: SymmetricKruskal;
  readonly model: SymmetricKruskal;
  readonly file: SymmetricGoldenFile;
}

export const symmetricGolden: readonly SymmetricGolden[] = [small3, large3, small4, large4, small5].map((file) => ({
  name: `order ${file.order}, dim ${file.d}, width ${file.m}, rank ${file.r}`,
  order: file.order,
  target: symmetricKruskal(file.order, file.target.c, rows(file.target.U)),
  model: symmetricKruskal(file.order, file.model.c, rows(file.model.U)),
  file,
}));

/** Nested arrays, one per row, as a matrix. */
export function rows(nested: readonly (readonly number[])[]): Matrix {
  const columns = nested[0]?.length ?? 0;
  return { rows: nested.length, columns, data: Float64Array.from(nested.flat()) };
}
