// Whether components pay for themselves where the entries carry noise: two-part description length (Rissanen, "Modeling by
// shortest data description", Automatica 14 (1978); for Gaussian noise the same as Schwarz's criterion), in nats, doubled. With N
// independent entries and p numbers a component, a model of k components and relative error e takes
//   L(k, e) = N · ln(e² / (N − k·p)) + k·p · ln N,
// the first term with the unbiased variance of what is left. A model of N numbers and more fits any noise, and says nothing.
import { packedLength } from '../tensor/symmetric.js';

interface Sizes {
  readonly order: number;
  readonly dim: number;
}

export interface Counts {
  /** Independent entries, N. */
  readonly entries: number;
  /** Free numbers of a component, p. */
  readonly numbers: number;
}

/** L(components, relativeError), up to a constant of the data; Infinity where the model has as many numbers as the data. */
export function lengthOf({ entries, numbers }: Counts, components: number, relativeError: number): number {
  const free = entries - components * numbers;
  if (free <= 0) return Infinity;
  return entries * Math.log(relativeError ** 2 / free) + components * numbers * Math.log(entries);
}

/** The same for a symmetric tensor, all of whose entries are given: N = C(dim + order − 1, order), p = dim. */
export const descriptionLength = ({ order, dim }: Sizes, components: number, relativeError: number): number =>
  lengthOf({ entries: packedLength(order, dim), numbers: dim }, components, relativeError);

/** The factor by which the error may grow for one component less: L stays the same. Infinity where the model says nothing. */
export function worthlessGrowth({ order, dim }: Sizes, components: number): number {
  const entries = packedLength(order, dim);
  const free = entries - components * dim;
  return free > 0 ? Math.sqrt(((free + dim) / free) * Math.exp((dim * Math.log(entries)) / entries)) : Infinity;
}
