// The code of a family of targets, loaded when a target of it is decomposed: a page that decomposes dense tensors downloads the other
// algorithms never. The tables here say what must be known before that: which kinds there are, and which family each is of.
import { requireKnownNames } from '../names.js';
import type { Family } from '../handles/problem.js';
import type { TargetKind } from '../targets/target.js';
import type * as dense from './dense.js';
import type * as sampled from './sampled.js';
import type * as symmetric from './symmetric.js';

const loaders = {
  dense: () => import('./dense.js'),
  sampled: () => import('./sampled.js'),
  symmetric: () => import('./symmetric.js'),
};

const targets = {
  dense: 'dense',
  denseSymmetric: 'symmetric',
  factored: 'symmetric',
  moments: 'symmetric',
  observed: 'sampled',
  sensing: 'sampled',
} as const satisfies Record<TargetKind, Family>;

/** The families of all algorithms. */
export const algorithms = {
  als: 'dense',
  beyondLazy: 'symmetric',
  completion: 'sampled',
  compressed: 'dense',
  deflation: 'symmetric',
  lazy: 'symmetric',
  powerDeflation: 'symmetric',
  staged: 'symmetric',
  vanilla: 'symmetric',
  variational: 'sampled',
} as const satisfies Partial<Record<keyof Everything, Family>>;

type Everything = typeof dense & typeof sampled & typeof symmetric;

/** What makes the handle of a kind of target. */
export async function loadProblemMaker<K extends TargetKind>(kind: K): Promise<Everything[K]> {
  requireKnownNames('decompose', [kind], Object.keys(targets), 'kind of target');
  return part(await loaders[targets[kind]](), kind);
}

/** An algorithm by its name. */
export async function loadAlgorithmOf<K extends keyof typeof algorithms>(kind: K): Promise<Everything[K]> {
  return part(await loaders[algorithms[kind]](), kind);
}

const part = <K extends keyof Everything>(family: Partial<Everything>, name: K): Everything[K] => family[name]!;
