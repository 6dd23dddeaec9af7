// The best approximation of a matrix: its truncated singular value decomposition (Eckart & Young 1936). Its components are the
// orthogonal ones; any invertible mixture of them gives the same matrix.
import { svdSteps } from '../linalg/svd.js';
import type { Kruskal } from '../tensor/kruskal.js';
import type { PartlyKnownTensor } from '../tensor/partly-known.js';
import type { Work } from '../yield.js';

export interface Truncation {
  readonly kruskal: Kruskal;
  /** Relative errors of the ranks 0, 1, … up to the smaller size. */
  readonly relativeErrors: readonly number[];
}

/** rows · columns · min(rows, columns) up to which the decomposition takes a few seconds. */
const workLimit = 1e8;

/** The `rank` strongest components, zeros where the matrix has fewer; undefined for what is not a matrix of known cells, or too large. */
export function* truncatedSvd({ shape, data, known }: PartlyKnownTensor, rank: number): Work<Truncation | undefined> {
  const [rows = 0, columns = 0] = shape;
  if (shape.length !== 2 || known || data.length * Math.min(rows, columns) > workLimit) return undefined;
  const { u, values, v } = yield* svdSteps({ rows, columns, data: Float64Array.from(data) });
  const left = new Float64Array(values.length + 1);
  for (let k = values.length - 1; k >= 0; k--) left[k] = left[k + 1]! + values[k]! ** 2;
  const factor = (from: typeof u): typeof u => {
    const cut = new Float64Array(from.rows * rank);
    for (let i = 0; i < from.rows; i++) {
      cut.set(from.data.subarray(i * from.columns, i * from.columns + Math.min(rank, from.columns)), i * rank);
    }
    return { rows: from.rows, columns: rank, data: cut };
  };
  return {
    kruskal: {
      weights: Float64Array.from({ length: rank }, (_, r) => values[r] ?? 0),
      factors: [factor(u), factor(v)],
    },
    relativeErrors: Array.from(left, (square) => Math.sqrt(square / (left[0]! || 1))),
  };
}
