// Components with nearly one direction in every mode become one: what a flow with many components often leaves in place of one.
// The similarity of two is Π_k |cos(a_k, b_k)|, the |cosine| of the two rank-one tensors. As in merge.ts, signs do not matter:
// twins of opposite weight cancel.
import { dot } from '../../linalg/dot.js';
import { normalize } from '../../tensor/normalize.js';
import type { Kruskal } from '../../tensor/kruskal.js';
import { matrix, transpose } from '../../tensor/matrix.js';

/**
 * Groups, strongest leader first, all more similar to it than `cosine`. A group becomes one component: in every mode the mean of
 * its columns, weighted by |weight| and oriented like the leader's, and as weight what its members have along it,
 * Σ_i weight_i · Π_k cos(column_ik, column_k). Lone components stay as they are. Unit columns. Cost O(m · groups · Σ shape).
 */
export function mergeCp(model: Kruskal, cosine: number): Kruskal {
  const { weights, factors } = normalize(model);
  // One component a row.
  const rows = factors.map(transpose);
  const vector = (mode: number, i: number): Float64Array => {
    const { columns, data } = rows[mode]!;
    return data.subarray(i * columns, (i + 1) * columns);
  };
  const similarity = (i: number, j: number): number =>
    rows.reduce((product, _, mode) => product * Math.abs(dot(vector(mode, i), vector(mode, j))), 1);

  const open = new Set(Array.from(weights.keys()).sort((i, j) => Math.abs(weights[j]!) - Math.abs(weights[i]!)));
  const merged: { weight: number; vectors: Float64Array[] }[] = [];
  for (const leader of open) {
    const members = Array.from(open).filter((i) => i === leader || similarity(i, leader) > cosine);
    members.forEach((i) => open.delete(i));
    const vectors = rows.map((_, mode) => {
      const own = vector(mode, leader);
      return members.length === 1 ? own : meanDirection(members, own, (i) => vector(mode, i), weights);
    });
    const along = (i: number): number => vectors.reduce((product, v, mode) => product * dot(vector(mode, i), v), 1);
    const weight =
      members.length === 1 ? weights[leader]! : members.reduce((sum, i) => sum + weights[i]! * along(i), 0);
    merged.push({ weight, vectors });
  }
  return {
    weights: Float64Array.from(merged, ({ weight }) => weight),
    factors: rows.map(({ columns }, mode) => {
      const data = new Float64Array(merged.length * columns);
      merged.forEach(({ vectors }, r) => data.set(vectors[mode]!, r * columns));
      return transpose(matrix(merged.length, columns, data));
    }),
  };
}

/** Σ_i |weight_i| · (±vector_i), the sign that of ⟨vector_i, leader⟩, as a unit vector. */
function meanDirection(
  members: readonly number[],
  leader: Float64Array,
  vector: (i: number) => Float64Array,
  weights: Float64Array,
): Float64Array {
  const sum = new Float64Array(leader.length);
  for (const i of members) {
    const own = vector(i);
    const scale = Math.abs(weights[i]!) * Math.sign(dot(own, leader));
    for (let n = 0; n < sum.length; n++) sum[n]! += scale * own[n]!;
  }
  const norm = Math.sqrt(dot(sum, sum));
  return sum.map((value) => value / norm);
}
