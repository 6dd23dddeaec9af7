// Constraints on the factors of a CP model. Plain data; options.ts makes it from what the caller gives.

export interface Constraints {
  /** Modes whose factors may not have negative entries. Where there is one, no weight is negative either. */
  readonly nonnegative: readonly number[];
  /** Modes whose factors stay as the start has them, bit by bit. */
  readonly fixed: readonly number[];
}

export const unconstrained: Constraints = { nonnegative: [], fixed: [] };

export const isConstrained = ({ nonnegative, fixed }: Constraints): boolean => nonnegative.length + fixed.length > 0;

/** Modes whose factors may change. */
export const movableModes = (shape: readonly number[], { fixed }: Constraints): number[] =>
  Array.from(shape.keys()).filter((mode) => !fixed.includes(mode));

/** Modes whose columns may change their signs. */
export const signedModes = (shape: readonly number[], constraints: Constraints): number[] =>
  movableModes(shape, constraints).filter((mode) => !constraints.nonnegative.includes(mode));

/** Modes whose entries change, but not below 0. */
export const boundedModes = (shape: readonly number[], constraints: Constraints): number[] =>
  movableModes(shape, constraints).filter((mode) => constraints.nonnegative.includes(mode));
