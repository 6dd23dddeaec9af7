// Core consistency diagnostic (CORCONDIA): how close the least-squares core of a CP model's factors is to the superdiagonal one,
//   100 · (1 − ‖G − I‖² / R),   G = X ×_1 A_1⁺ … ×_N A_N⁺ with unit columns, the weights in the first factor.
// Near 100 where X is a sum of R such components; below 50, or negative, where they describe something else. At R = 2 and order 3 it is
// 100 at every stationary point and says nothing. Bro & Kiers, "A new efficient method for determining the number of components in
// PARAFAC models", J. Chemometrics 17 (2003).
import { solveRows } from '../linalg/solve-rows.js';
import type { DenseTensor } from '../tensor/dense.js';
import { requireSameShape, shapeOf, type Kruskal } from '../tensor/kruskal.js';
import { columnProducts, khatriRao, type Matrix } from '../tensor/matrix.js';
import { projectMode } from '../tensor/mode-products.js';
import { normalize } from '../tensor/normalize.js';
import { permuteModes } from '../tensor/permute.js';
import { finished, type Work } from '../yield.js';
import { requireDense, requireKruskal } from '../tensor/require.js';

/** More ways than these to merge modes are not tried; then only neighbors are merged. */
const maxPartitions = 100;
const ridge = 1e-14;

/**
 * The core consistency of a model of a dense tensor, in percent, at most 100: 100 · (1 − ‖G − I‖² / R), G the least-squares core of its R
 * unit columns per mode, I the superdiagonal one (Bro & Kiers 2003). Below 50 the components describe something else. It is a diagnostic of
 * three modes: with more, modes are merged (the columns of their Khatri-Rao products) in every way that leaves three, and the largest value
 * counts. Undefined for fewer than three modes, and where R exceeds a mode however they are merged: then it has nothing to say. Cost about
 * 2 R · size flops per way.
 *
 * @example
 * ```ts
 * import { coreConsistency } from 'polyadic';
 * import { plantedCp } from 'polyadic/problems';
 *
 * const { tensor, truth } = plantedCp({ shape: [9, 8, 7], rank: 2, seed: 1 });
 * console.log(coreConsistency(tensor, truth)?.toFixed(0)); // 100
 * ```
 * @throws InputError when the model has another shape than the tensor.
 */
export function coreConsistency(tensor: DenseTensor, model: Kruskal): number | undefined {
  const who = 'coreConsistency';
  requireDense(who, tensor);
  requireKruskal(who, model);
  requireSameShape(who, tensor.shape, shapeOf(model));
  return finished(consistency(tensor, model));
}

/** The same, in pieces. */
export function* consistency(tensor: DenseTensor, model: Kruskal): Work<number | undefined> {
  const rank = model.weights.length;
  if (rank === 0) return undefined;
  const { weights, factors } = normalize(model);
  let best: number | undefined;
  for (const groups of partitions(factors.length)) {
    const merged = groups.map((modes) => modes.map((mode) => factors[mode]!).reduce(khatriRao));
    if (merged.some(({ rows }) => rows < rank)) continue;
    const { data } = permuteModes(tensor, groups.flat());
    const first = merged[0]!;
    const scaled = { ...first, data: first.data.map((value, i) => value * weights[i % rank]!) };
    let core: DenseTensor = { shape: merged.map(({ rows }) => rows), data };
    for (const [mode, factor] of [scaled, ...merged.slice(1)].entries()) {
      core = yield* projectMode(core, mode, pseudoInverse(factor));
    }
    let square = 0;
    core.data.forEach((value, at) => (square += (value - (at % (rank * rank + rank + 1) === 0 ? 1 : 0)) ** 2));
    best = Math.max(best ?? -Infinity, 100 * (1 - square / rank));
  }
  return best;
}

/** Aᵀ⁺ = A (AᵀA)⁻¹ [n, R], of full column rank: what a mode is contracted with. */
const pseudoInverse = (factor: Matrix): Matrix => solveRows(columnProducts(factor, factor), factor, ridge);

/** Ways to cut the modes 0 … order − 1 into three groups. */
function partitions(order: number): number[][][] {
  const all = stirling(order) <= maxPartitions ? labelings(order) : neighborCuts(order);
  return all.map((labels) =>
    [0, 1, 2].map((group) => Array.from(labels.keys()).filter((mode) => labels[mode] === group)),
  );
}

/** Number of ways to cut a set into three parts. */
const stirling = (order: number): number => (3 ** (order - 1) + 1) / 2 - 2 ** (order - 1);

/** Labels 0, 1, 2 in order of first appearance, all three used. */
function labelings(order: number): number[][] {
  let labels: number[][] = [[]];
  for (let mode = 0; mode < order; mode++) {
    labels = labels.flatMap((before) => {
      const next = Math.min(2, Math.max(-1, ...before) + 1);
      return Array.from({ length: next + 1 }, (_, label) => [...before, label]);
    });
  }
  return labels.filter((all) => all.includes(2));
}

/** The modes cut in two places. */
function neighborCuts(order: number): number[][] {
  const cuts: number[][] = [];
  for (let a = 1; a < order - 1; a++) {
    for (let b = a + 1; b < order; b++)
      cuts.push(Array.from({ length: order }, (_, mode) => (mode < a ? 0 : mode < b ? 1 : 2)));
  }
  return cuts;
}
