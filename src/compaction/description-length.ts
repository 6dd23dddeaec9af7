// Whether components pay for themselves where observations carry noise: two-part description length (Rissanen, "Modeling by
// shortest data description", Automatica 14 (1978); for Gaussian noise the same as Schwarz's criterion), in nats, doubled. With N
// independent entries and p numbers per component, a model of k components and relative error e takes
//   L(k, e) = N · ln(e² / (N − k·p)) + k·p · ln N,
// the first term with the unbiased variance of what is left. A model of N numbers and more fits any noise, and says nothing.

export interface Counts {
  /** Independent entries, N. */
  readonly entries: number;
  /** Free numbers per component, p. */
  readonly numbers: number;
}

/** L(components, relativeError), up to a constant of the data; Infinity where the model has as many numbers as the data. */
export function lengthOf({ entries, numbers }: Counts, components: number, relativeError: number): number {
  const free = entries - components * numbers;
  if (free <= 0) return Infinity;
  return entries * Math.log(relativeError ** 2 / free) + components * numbers * Math.log(entries);
}
