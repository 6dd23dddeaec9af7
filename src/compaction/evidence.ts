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

/** In nats. Infinity for an exact fit by fewer numbers than entries. */
export const evidence = (sizes: Sizes, components: number, relativeError: number): number =>
  evidenceOf(entriesOf(sizes), components * sizes.dim, relativeError ** 2);

export interface FitSize {
  readonly components: number;
  readonly relativeError: number;
}

/** Whether a model with more components explains plainly more than a smaller one, by what neither noise nor its numbers could. */
export function isRival(sizes: Sizes, larger: FitSize, smaller: FitSize): boolean {
  const free = freeEntries(sizes, larger.components);
  if (larger.components <= smaller.components || free <= 0) return false;
  const noise = (noiseEnergy(sizes) * varianceFactor(free) * larger.relativeError ** 2) / free;
  const gain = (smaller.relativeError ** 2 - larger.relativeError ** 2) / (larger.components - smaller.components);
  return gain > noise && evidenceBeyond(sizes, smaller, larger) > plainEvidence;
}

/** Nats that Kass & Raftery, "Bayes factors", J. Am. Stat. Assoc. 90 (1995), call very strong: odds of 150 to 1. */
export const plainEvidence = 5;

/** The evidence for what a larger model explains of the residual of a smaller one, among the entries that this leaves free. */
const evidenceBeyond = (sizes: Sizes, smaller: FitSize, larger: FitSize): number =>
  evidenceOf(
    freeEntries(sizes, smaller.components),
    (larger.components - smaller.components) * sizes.dim,
    (larger.relativeError / smaller.relativeError) ** 2,
  );

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
