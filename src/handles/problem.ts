// problemOf: the handle of a target. The one place on the path of a run that asks for the kind of a target: a new kind is a file beside this one, a row of
// the table, and its place in the union of src/targets/target.ts.
import type { DenseTarget } from '../targets/dense.js';
import type { SampledTarget } from '../targets/hold-out.js';
import type { SymmetricTarget, Target } from '../targets/target.js';
import { denseProblem, type DenseProblem } from './dense.js';
import { denseSymmetricProblem } from './dense-symmetric.js';
import { factoredProblem } from './factored.js';
import { momentsProblem } from './moments.js';
import { observedProblem } from './observed.js';
import type { SampledProblem } from './sampled.js';
import { sensingProblem } from './sensing.js';
import type { SymmetricProblem } from './symmetric.js';

export type Problem = DenseProblem | SampledProblem | SymmetricProblem;
export type Family = Problem['family'];

/** The handle of a kind of target. */
export type ProblemOf<T extends Target> = T extends DenseTarget
  ? DenseProblem
  : T extends SampledTarget
    ? SampledProblem
    : T extends SymmetricTarget
      ? SymmetricProblem
      : never;

const makers = {
  dense: denseProblem,
  denseSymmetric: denseSymmetricProblem,
  factored: factoredProblem,
  moments: momentsProblem,
  observed: observedProblem,
  sensing: sensingProblem,
} satisfies { [K in Target['kind']]: (target: Extract<Target, { kind: K }>) => Problem };

export function problemOf<T extends Target>(target: T): ProblemOf<T> {
  const make: (target: never) => Problem = makers[target.kind];
  return make(target as never) as ProblemOf<T>;
}
