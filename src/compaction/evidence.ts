// How much entries that may carry noise speak for a model. Evidence is by how many nats they are described more briefly with the
// model's components than with none (gMDL: Hansen & Yu, "Model selection and the principle of minimum description length", J. Am.
// Stat. Assoc. 96, 2001). With N independent entries, k components of p numbers each, q = k·p / N the share of numbers that the
// model has and x = 1 − relativeError² the share of the energy that it explains:
//   evidence = ½ N [ q ln(q / x) + (1 − q) ln((1 − q) / (1 − x)) ]    for x > q, else 0
// It grows only where the model explains a larger share than it has numbers, so a model with as many numbers as entries has none.
import { packedLength } from '../tensor/symmetric.js';

/** Of a symmetric tensor as it was given, before any change of coordinates. */
export interface Sizes {
  readonly order: number;
  readonly dim: number;
}

/** Independent entries, C(dim + order − 1, order). */
const entriesOf = ({ order, dim }: Sizes): number => packedLength(order, dim);

/** Entries that the numbers of so many components leave free; 0 or less where they can fit any tensor. */
export const freeEntries = (sizes: Sizes, components: number): number => entriesOf(sizes) - components * sizes.dim;

/**
 * What may be believed of a model by the share q of a tensor's independent entries that its numbers are:
 *   q ≥ 1      isFull: it fits any tensor, so that an exact fit says nothing
 *   q > 2/3    isTooFull, or one component more is full: a weak component that is missing could not be told from noise
 *   q > 1/2    isCrowded: every fit is close to the noise, and is believed only when another search comes to the same one
 */
export const isFull = (sizes: Sizes, components: number): boolean => freeEntries(sizes, components) <= 0;
export const isTooFull = (sizes: Sizes, components: number): boolean =>
  isFull(sizes, components + 1) || 3 * freeEntries(sizes, components) < freeEntries(sizes, 0);
export const isCrowded = (sizes: Sizes, components: number): boolean =>
  2 * freeEntries(sizes, components) < freeEntries(sizes, 0);

/** In nats. Infinity for an exact fit by fewer numbers than entries. */
export const evidence = (sizes: Sizes, components: number, relativeError: number): number =>
  evidenceOf(entriesOf(sizes), components * sizes.dim, relativeError ** 2);

export interface FitSize {
  readonly components: number;
  readonly relativeError: number;
}

/**
 * Whether a model with more components explains plainly more than a smaller one, which noise could not. Then the smaller one is not the
 * answer. The opposite of `mayBeNoise` but for a margin: a model can be neither. (A gain so far beyond noise is more than plainEvidence,
 * too, by the formula above: of n entries that the smaller model leaves free, noiseEnergy is many times the numbers of a component.)
 */
export function isRival(sizes: Sizes, larger: FitSize, smaller: FitSize): boolean {
  const free = freeEntries(sizes, larger.components);
  if (larger.components <= smaller.components || free <= 0) return false;
  return gainEach(larger, smaller) > noiseEach(sizes, larger, varianceFactor(free));
}

/** Whether noise alone could explain what a model with more components explains more. Then the smaller one is the better answer. */
export const mayBeNoise = (sizes: Sizes, larger: FitSize, smaller: FitSize): boolean =>
  isFull(sizes, larger.components) || gainEach(larger, smaller) < noiseEach(sizes, larger, 1);

/** Energy, relative to the target's, that each further component of the larger model explains. */
const gainEach = (larger: FitSize, smaller: FitSize): number =>
  (smaller.relativeError ** 2 - larger.relativeError ** 2) / (larger.components - smaller.components);

/** Energy that a component explains of noise whose variance is `factor` times what the fit leaves per free entry. */
const noiseEach = (sizes: Sizes, fit: FitSize, factor: number): number =>
  (noiseEnergy(sizes) * factor * fit.relativeError ** 2) / freeEntries(sizes, fit.components);

/** Nats that Kass & Raftery, "Bayes factors", J. Am. Stat. Assoc. 90 (1995), call strong and very strong: odds of 20 and of 150 to 1. */
export const strongEvidence = 3;
export const plainEvidence = 5;

/** `left`: the share of the energy that the numbers of the model leave. */
function evidenceOf(entries: number, modelNumbers: number, left: number): number {
  const numbers = modelNumbers / entries;
  const explained = 1 - left;
  if (!(numbers > 0 && numbers < 1 && explained > numbers)) return 0;
  const nats =
    (entries / 2) * (numbers * Math.log(numbers / explained) + (1 - numbers) * Math.log((1 - numbers) / left));
  return Math.max(0, nats);
}

/**
 * Energy that the best rank-one fit to pure noise of variance 1 stays below: E max ⟨noise, u^{⊗order}⟩ ≤ √(order · dim) over unit u
 * (Sudakov and Fernique), and it exceeds that by 3 with probability e^{−9/2} at most.
 */
export const noiseEnergy = ({ order, dim }: Sizes): number => (Math.sqrt(order * dim) + 3) ** 2;

/**
 * Of a noise variance that was estimated by so many free entries of a model that was fitted as well as could be: the factor by which
 * it may be too small, one time in 1,000. The lower quantile of χ²/free by Wilson & Hilferty (1931); Infinity where it says nothing.
 */
function varianceFactor(free: number): number {
  const spread = 2 / (9 * free);
  const root = 1 - spread - 3.09 * Math.sqrt(spread);
  return free > 0 && root > 0 ? root ** -3 : Infinity;
}

/** Components beyond which a model only gets slower to fit: one more than the numbers of the tensor are enough for. */
export const maxComponents = (sizes: Sizes): number => Math.ceil(entriesOf(sizes) / sizes.dim) + 1;
