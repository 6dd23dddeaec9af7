// What makes the handle of a target, and the algorithms, loaded when a run asks for them: a page downloads the code of its own runs alone.
// What a usual run of a family of targets needs is one file: every file more that is loaded by itself adds to the size of all.
import { requireKnownNames } from '../names.js';
import type { Problem } from '../handles/problem.js';
import type { DenseTarget } from '../targets/dense.js';
import type { TargetKind } from '../targets/target.js';
import type { Work } from '../yield.js';

const sampled = () => import('./sampled.js');
const symmetric = () => import('./symmetric.js');
const dynamics = () => import('./dynamics.js');

const problemLoaders = {
  dense: async () => (await import('../handles/dense.js')).denseProblem,
  denseSymmetric: async () => (await symmetric()).denseSymmetric,
  factored: async () => (await symmetric()).factored,
  moments: async () => (await symmetric()).moments,
  observed: async () => (await sampled()).observed,
  sensing: async () => (await sampled()).sensing,
} satisfies Record<TargetKind, () => Promise<(target: never) => Problem>>;

/** All algorithms by name. */
export const algorithmLoaders = {
  als: async () => (await import('../algorithms/als.js')).als,
  bayesian: async () => (await import('../algorithms/bayesian/bayesian.js')).bayesian,
  beyondLazy: async () => (await dynamics()).beyondLazy,
  completion: async () => (await import('../algorithms/completion/completion.js')).completion,
  compressed: async () => (await import('../algorithms/compressed.js')).compressed,
  deflation: async () => (await dynamics()).deflation,
  feedbackAlignment: async () => (await import('../algorithms/feedback-alignment.js')).feedbackAlignment,
  lazy: async () => (await dynamics()).lazy,
  powerDeflation: async () => (await dynamics()).powerDeflation,
  staged: async () => (await symmetric()).staged,
  vanilla: async () => (await dynamics()).vanilla,
  variational: async () => (await sampled()).variational,
};

/** A dense problem as the list of its known cells, for algorithms of entries. */
export const loadEntriesOf = async (): Promise<(target: DenseTarget) => Work<Problem>> =>
  (await sampled()).entriesOfDense;

/** What makes the handle of a kind of target. */
export async function loadProblemMaker(kind: TargetKind): Promise<(target: never) => Problem> {
  requireKnownNames('decompose', [kind], Object.keys(problemLoaders), 'kind of target');
  return problemLoaders[kind]();
}
