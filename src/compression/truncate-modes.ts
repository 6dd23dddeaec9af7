// The sequentially truncated higher-order SVD: one mode after the other, the shortest first, is reduced to the leading left singular
// vectors of what is left of the tensor. Vannieuwenhoven, Vandebril & Meerbergen, "A new truncation strategy for the higher-order singular
// value decomposition", SIAM J. Sci. Comput. 34 (2012). And its improvement by alternating least squares, the higher-order orthogonal
// iteration: De Lathauwer, De Moor & Vandewalle, "On the best rank-1 and rank-(R1, …, RN) approximation", SIAM J. Matrix Anal. Appl. 21
// (2000).
import type { DenseTensor } from '../tensor/dense.js';
import type { Matrix } from '../tensor/matrix.js';
import { projectMode } from '../tensor/mode-products.js';
import type { Tucker } from '../tensor/tucker.js';
import type { Work } from '../yield.js';
import { leftSpectrum } from './left-spectrum.js';

/** How many directions of a mode are kept, by the squared singular values of its unfolding, descending, which has so many columns. */
export type Keep = (mode: number, values: Float64Array, columns: number) => number;

/** Cost 2 Σ_n (size of what is left) · I_n flops. `modes`: those to reduce, in this order; default all of them. */
export function* truncateModes(tensor: DenseTensor, keep: Keep, modes = modesByLength(tensor.shape)): Work<Tucker> {
  const factors: Matrix[] = [];
  let core = tensor;
  for (const mode of modes) {
    const spectrum = yield* leftSpectrum(core, mode);
    const count = keep(mode, spectrum.values, core.data.length / tensor.shape[mode]!);
    const basis = yield* spectrum.leading(Math.min(count, spectrum.values.length));
    factors[mode] = basis;
    core = yield* projectMode(core, mode, basis);
  }
  return { core, factors };
}

/**
 * One sweep of the higher-order orthogonal iteration: every basis becomes the best one for the others, so that ‖core‖ does not fall. Cost
 * about 2 · order · size · rank flops.
 */
export function* improveBases(tensor: DenseTensor, { core, factors }: Tucker): Work<Tucker> {
  const bases = [...factors];
  let last = core;
  for (const mode of tensor.shape.keys()) {
    let rest = tensor;
    for (const other of modesByLength(tensor.shape).reverse()) {
      if (other !== mode) rest = yield* projectMode(rest, other, bases[other]!);
    }
    const basis = yield* (yield* leftSpectrum(rest, mode)).leading(bases[mode]!.columns);
    bases[mode] = basis;
    last = yield* projectMode(rest, mode, basis);
  }
  return { core: last, factors: bases };
}

export const modesByLength = (shape: readonly number[]): number[] =>
  Array.from(shape.keys()).sort((a, b) => shape[a]! - shape[b]!);
