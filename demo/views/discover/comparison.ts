// How the components found lie to the true ones: |cosine| of every pair of directions, and what follows from it.
import type { SymmetricKruskal } from '../../../src/index.js';
import { dot } from '../../arithmetic.js';

/** The cosine from which a true component counts as found. */
export const foundCosine = 0.99;
/** From here on a component belongs to the true one it is nearest to. */
const belongs = 0.9;
/** A component counts when its norm is at least this share of the true weight. */
export const minShare = 0.05;

/** `[true components][components found]` */
export type Cosines = readonly (readonly number[])[];

/** Unit vectors on both sides. */
export function absoluteCosines({ weights, vectors }: SymmetricKruskal, found: SymmetricKruskal): number[][] {
  const { columns: dim, data } = vectors;
  return Array.from(weights, (_, t) =>
    Array.from(found.weights, (_, f) => Math.min(1, Math.abs(dot(data, found.vectors.data, dim, t * dim, f * dim)))),
  );
}

/** For each component found, the true one it points along, or −1. */
export function owners(cosines: Cosines, count: number): number[] {
  return Array.from({ length: count }, (_, f) => {
    const column = cosines.map((row) => row[f] ?? 0);
    const best = Math.max(...column);
    return best >= belongs ? column.indexOf(best) : -1;
  });
}

/** Σ norm of the components that belong to each true one, as a share of its own. */
export function shares(known: readonly number[], norms: readonly number[], truthWeights: readonly number[]): number[] {
  return truthWeights.map((own, t) => {
    const sum = norms.reduce((total, norm, f) => (known[f] === t ? total + norm : total), 0);
    return sum / Math.abs(own);
  });
}

/** How many true components have one along them that carries weight. */
export function countFound(cosines: Cosines, weights: readonly number[], truthWeights: readonly number[]): number {
  return cosines.filter((row, t) =>
    row.some(
      (value, f) => value >= foundCosine && Math.abs(weights[f] ?? 0) >= minShare * Math.abs(truthWeights[t] ?? 0),
    ),
  ).length;
}

/**
 * Where a direction u is drawn: Σ_r |⟨u, v_r⟩|^order · P_r / max(1, Σ_r |⟨u, v_r⟩|^order), with the true directions v_r at the corners
 * P_r of a regular polygon. ⟨u, v_r⟩^order is the inner product of the two rank-one tensors: a component along v_r lies at its
 * corner, one that points to nothing in the middle.
 */
export function place(cosines: readonly number[], order: number): readonly [x: number, y: number] {
  const pulls = cosines.map((cosine) => Math.abs(cosine) ** order);
  const total = Math.max(
    1,
    pulls.reduce((a, b) => a + b, 0),
  );
  return pulls.reduce<readonly [number, number]>(
    ([x, y], pull, r) => {
      const angle = 2 * Math.PI * (r / pulls.length) - Math.PI / 2;
      return [x + (pull / total) * Math.cos(angle), y + (pull / total) * Math.sin(angle)];
    },
    [0, 0],
  );
}
