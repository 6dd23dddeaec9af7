// Which algorithms keep to constraints on the factors, known before their code is loaded. The others keep to none.
import type { Family } from '../handles/problem.js';

/** 'nonnegative': of all modes; 'nonnegativeModes': of some; 'fixed': factors of some modes stay as `init` has them. */
export type KeptConstraint = 'nonnegative' | 'nonnegativeModes' | 'fixed';

export const constrainedAlgorithms = [
  { kind: 'variational', family: 'sampled', keepsTo: ['nonnegative', 'nonnegativeModes'] },
  { kind: 'completion', family: 'sampled', keepsTo: ['nonnegative'] },
  { kind: 'compressed', family: 'dense', keepsTo: ['nonnegative', 'nonnegativeModes', 'fixed'] },
] as const satisfies readonly {
  readonly kind: string;
  readonly family: Family;
  readonly keepsTo: readonly KeptConstraint[];
}[];

/** What an algorithm keeps to. */
export const constraintsKeptBy = (kind: string): readonly KeptConstraint[] =>
  constrainedAlgorithms.find((one) => one.kind === kind)?.keepsTo ?? [];
