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
export function evidence(sizes: Sizes, components: number, relativeError: number): number {
  const entries = entriesOf(sizes);
  const numbers = (components * sizes.dim) / entries;
  const left = relativeError ** 2;
  const explained = 1 - left;
  if (components === 0 || numbers >= 1 || explained <= numbers) return 0;
  const nats =
    (entries / 2) * (numbers * Math.log(numbers / explained) + (1 - numbers) * Math.log((1 - numbers) / left));
  return Math.max(0, nats);
}

/**
 * Energy that the best rank-one fit to pure noise of variance 1 stays below: E max ⟨noise, u^{⊗order}⟩ ≤ √(order · dim) over unit u
 * (Sudakov and Fernique), and it exceeds that by 3 with probability e^{−9/2} at most.
 */
export const noiseEnergy = ({ order, dim }: Sizes): number => (Math.sqrt(order * dim) + 3) ** 2;

/** Components beyond which a model only gets slower to fit: one more than the numbers of the tensor are enough for. */
export const maxComponents = (sizes: Sizes): number => Math.ceil(entriesOf(sizes) / sizes.dim) + 1;
