// What can be decomposed. Plain objects, made by the validating constructors beside this file; the rest of the code trusts them.
import type { DenseTarget } from './dense.js';
import type { FactoredTarget } from './factored.js';

export type Target = DenseTarget | FactoredTarget;
export type TargetKind = Target['kind'];

/** Size of every mode. */
export const shapeOfTarget = (target: Target): readonly number[] =>
  target.kind === 'dense' ? target.shape : new Array<number>(target.order).fill(target.dim);
