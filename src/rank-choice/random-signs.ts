// What noise of the very same entries makes: the residual with random signs has the same sizes in every cell and no component.
//   a sign per cell            noise that is independent from cell to cell, with heavy tails or unequal variances
//   a sign per fiber of mode n noise that is independent from fiber to fiber, with any covariance along the mode: drift, memory
// A component of rank one is spread over all fibers with signs of its own, and does not survive; but of a matrix it does, and of a tensor
// whose other modes are short: signs per fiber are left out there.
// Hong, Sheng & Dobriban, "Selecting the number of components in PCA via random signflips", arXiv:2012.02985 (2020), for cells.
import { bestRankOne } from '../compaction/grow-cp.js';
import type { RandomStream } from '../random/stream.js';
import type { DenseTensor } from '../tensor/dense.js';
import type { Matrix } from '../tensor/matrix.js';
import { projectMode } from '../tensor/mode-products.js';
import { sizeOf } from '../tensor/shape.js';
import { isPauseDue, type Work } from '../yield.js';

/**
 * Patterns of signs per kind, of which the weakest result counts: noise gives nearly the same each time, and a component that stands in
 * a few cells may by chance survive one pattern.
 */
const draws = 3;
/** Units of σ above the mean of the strongest rank-one part of noise: passed by 1 % of noise. */
export const deviations = 3;

/**
 * What takes up to this many times the strongest component with random signs may be noise: the bound of white noise over what its
 * strongest component has on average, (Σ √I_n + 3)² / (Σ √I_n)². On structured noise without a component left the ratio to random
 * signs was 0.7 to 1.25 (`npm run reproduce -- structured`, development half).
 */
export const signMargin = (sizes: readonly number[]): number =>
  (1 + deviations / sizes.reduce((sum, size) => sum + Math.sqrt(size), 0)) ** 2;

/** A component may keep this part of what it is compared with under its own signs; else they would take it for noise. */
const maxKept = 0.5;

/**
 * Whether signs per fiber of a mode, or per cell where none is given, leave little of a component. It keeps the part that the strongest
 * component of signs over all other modes has of these, about (Σ √J_n)² / Π J_n: all of it where there is one other mode, or several
 * short ones.
 */
function breaksComponents(sizes: readonly number[], mode?: number): boolean {
  const others = sizes.filter((size, n) => n !== mode && size > 1);
  const kept = others.reduce((sum, size) => sum + Math.sqrt(size), 0) ** 2 / sizeOf(others);
  return others.length > 1 && kept * signMargin(sizes) <= maxKept;
}

/** Whether noise of another kind than white noise, also correlated along any mode, is told from a component. */
export const tellsNoise = (sizes: readonly number[]): boolean =>
  breaksComponents(sizes) && sizes.every((size, mode) => size === 1 || breaksComponents(sizes, mode));

/** What drawing a sign takes, in flops. */
const signFlops = 4;

/**
 * The largest squared norm of a rank-one part of the residual with random signs, over all kinds. Patterns end where one gives less than
 * `enough`, what a component gains over the margin. Signs per fiber commute with a projection along the mode, so it suffices to look in
 * the directions of the compression, as components are looked for in no others. Undefined where no signs break components.
 */
export function* strongestOfSigns(
  residual: DenseTensor,
  bases: readonly Matrix[],
  { random, seed, enough }: { readonly random: RandomStream; readonly seed: number; readonly enough: number },
): Work<number | undefined> {
  const { shape } = residual;
  const kinds = [undefined, ...shape.keys()].filter((mode) => breaksComponents(shape, mode));
  if (kinds.length === 0) return undefined;
  // Large arrays, made once: each would call for the garbage collector.
  const signs = new Float64Array(residual.data.length);
  const values = new Float64Array(residual.data.length);
  let strongest = 0;
  for (const mode of kinds) {
    const basis = mode === undefined ? undefined : bases[mode]!;
    // In all directions there are the fibers themselves.
    const isWhole = mode === undefined || !basis || basis.columns === basis.rows;
    const part = isWhole ? residual : yield* projectMode(residual, mode, basis);
    const signed = { shape: part.shape, data: values.subarray(0, part.data.length) };
    let weakest = Infinity;
    for (let draw = 0; draw < draws && weakest >= enough; draw++) {
      setSigns(part, mode, random.fillSigns(signs.subarray(0, fibersOf(part, mode))), signed.data);
      if (isPauseDue(signFlops * part.data.length)) yield;
      const { weights } = yield* bestRankOne(signed, seed);
      weakest = Math.min(weakest, weights[0]! ** 2);
    }
    strongest = Math.max(strongest, weakest);
  }
  return strongest;
}

/** Fibers along a mode; cells where none is given. */
const fibersOf = ({ shape, data }: DenseTensor, mode: number | undefined): number =>
  mode === undefined ? data.length : data.length / shape[mode]!;

/** Fills `signed` with the numbers of a tensor times a sign per fiber of a mode. */
function setSigns(
  { shape, data }: DenseTensor,
  mode: number | undefined,
  signs: Float64Array,
  signed: Float64Array,
): void {
  const length = mode === undefined ? 1 : shape[mode]!;
  const stride = mode === undefined ? 1 : sizeOf(shape.slice(mode + 1));
  let next = 0;
  for (let block = 0; block < data.length; block += length * stride) {
    for (let fiber = block; fiber < block + stride; fiber++) {
      const sign = signs[next++]!;
      for (let at = fiber; at < fiber + length * stride; at += stride) signed[at] = sign * data[at]!;
    }
  }
}
