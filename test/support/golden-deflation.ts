// The golden deflation flows of test/data/golden (fields: README.md there), in our own shapes.
import order3 from '../data/golden/deflation_l3_d8_r3_m24_s3.json';
import order4 from '../data/golden/deflation_l4_d10_r5_m50_s0.json';
import { factored, type FactoredTarget } from '../../src/targets/factored.js';
import { symmetricKruskal, type SymmetricKruskal } from '../../src/tensor/kruskal.js';
import { rows } from './golden.js';

export interface DeflationGolden {
  readonly name: string;
  readonly target: FactoredTarget;
  /** Where the flow begins: unit directions, weights init_norm². */
  readonly init: SymmetricKruskal;
  readonly file: typeof order3;
}

export const deflationGolden: readonly DeflationGolden[] = [order3, order4].map((file) => {
  const { order, d: dim, m: width, init_norm: norm } = file;
  const weights = new Float64Array(width).fill(norm ** 2);
  return {
    name: `order ${order}, dim ${dim}, width ${width}, rank ${file.r}`,
    target: factored({ order, dim, weights: file.target.c, vectors: rows(file.target.U) }),
    init: symmetricKruskal(order, weights, rows(file.init_unit)),
    file,
  };
});
