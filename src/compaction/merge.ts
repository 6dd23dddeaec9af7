// The second stage of compaction: components with nearly one direction become one component. Several particles of a flow
// often share one component of the target; regardless of sign, since for even order u and −u are the same direction, for
// odd order a sign moves into the weight, and twins of opposite weight cancel.
import { dot } from '../linalg/dot.js';
import { power } from '../linalg/power.js';
import type { SymmetricKruskal } from '../tensor/kruskal.js';

/** The direction's change by one power step that ends the iteration, and a bound that is never reached (see `topDirection`). */
const directionTolerance = 1e-15;
const maxIterations = 100;

/**
 * Groups, strongest leader first, all with |⟨u_leader, u⟩| > cosine; each becomes the top eigenvector v of
 * Σ |w_i| u_i u_iᵀ, oriented like its leader, with weight Σ w_i·sign⟨u_i, v⟩^order. Lone components stay as they are.
 * Expects unit vectors. Cost O(m·groups·dim).
 */
export function merge(model: SymmetricKruskal, cosine: number): SymmetricKruskal {
  const { order, weights, vectors } = model;
  const dim = vectors.columns;
  const rowOf = (i: number): Float64Array => vectors.data.subarray(i * dim, (i + 1) * dim);
  const open = new Set(Array.from(weights.keys()).sort((i, j) => Math.abs(weights[j]!) - Math.abs(weights[i]!)));
  const merged: { weight: number; direction: Float64Array }[] = [];
  for (const leader of open) {
    const members = Array.from(open).filter((i) => i === leader || Math.abs(dot(rowOf(i), rowOf(leader))) > cosine);
    members.forEach((i) => open.delete(i));
    const rows = members.map(rowOf);
    const strengths = members.map((i) => Math.abs(weights[i]!));
    const direction = members.length === 1 ? rowOf(leader) : topDirection(rows, strengths, rowOf(leader));
    const weight = members.reduce(
      (sum, i, at) => sum + weights[i]! * power(Math.sign(dot(rows[at]!, direction)), order),
      0,
    );
    merged.push({ weight, direction });
  }
  const data = new Float64Array(merged.length * dim);
  merged.forEach(({ direction }, i) => data.set(direction, i * dim));
  return {
    order,
    weights: Float64Array.from(merged, ({ weight }) => weight),
    vectors: { rows: merged.length, columns: dim, data },
  };
}

/** Power iteration from the leader: all members lie within a small cone around it, so a step gains at least a digit or so. */
function topDirection(rows: readonly Float64Array[], strengths: readonly number[], leader: Float64Array): Float64Array {
  let direction = leader.slice();
  for (let k = 0; k < maxIterations; k++) {
    const next = new Float64Array(leader.length);
    rows.forEach((row, at) => {
      const scale = strengths[at]! * dot(row, direction);
      for (let j = 0; j < row.length; j++) next[j]! += scale * row[j]!;
    });
    const length = Math.sqrt(dot(next, next));
    if (!(length > 0)) return direction;
    let change = 0;
    for (let j = 0; j < next.length; j++) {
      next[j]! /= length;
      change = Math.max(change, Math.abs(next[j]! - direction[j]!));
    }
    direction = next;
    if (change < directionTolerance) break;
  }
  return direction;
}
