// The options of decompose: what they mean, their defaults, and the one place that checks them.
import {
  algorithmKinds,
  algorithmOf,
  defaultAlgorithm,
  type AlgorithmChoice,
  type AlgorithmKind,
} from './algorithms/registry.js';
import type { Backend } from './backend/backend.js';
import type { BackendChoice } from './backend/open.js';
import { InputError } from './errors.js';
import { requireKnownNames } from './names.js';
import type { Progress } from './result.js';
import { shapeOfTarget, type Target } from './targets/target.js';
import { rankOf, shapeOf, type AnyKruskal } from './tensor/kruskal.js';

export interface DecomposeOptions {
  /** A name, or `{ kind: name, …its options }`. Default: 'als' for dense targets, 'completion' for observed entries and measurements, 'staged' for symmetric targets. */
  readonly algorithm?: AlgorithmKind | AlgorithmChoice;
  /** Components of the result. 'auto' (the default) is for algorithms that find the rank (als, staged, completion), or know it from a factored target. */
  readonly rank?: number | 'auto';
  /** Components to work with while over-parameterized. Default: the rank for als (where it finds the rank: the most to try) and powerDeflation, ten times the rank for deflation, else twice the rank. completion: four times the rank, or up to 32. lazy: directions, of which it needs as many as lazyThreshold says. */
  readonly width?: number;
  /** Random starts, run as one batch; the best is returned (powerDeflation: of every component, default 10). Default: 4 for als, 5 for completion, else 1. */
  readonly starts?: number;
  /** Everything random follows from it: an integer from 0. Default: 0. */
  readonly seed?: number;
  /** Where to begin instead of at random. Default: none. */
  readonly init?: AnyKruskal;
  /** When to stop. als: relative fall of the error in a step of the last polish, default 1e-8. Else: the relative error, default 1e-9 for staged, 1e-6 for powerDeflation, 5e-2 for completion (where its finish takes over), 1e-2 for the others. */
  readonly tolerance?: number;
  /** Steps before giving up, in each phase (als: sweeps, then Gauss-Newton steps). Default: als 1,000, staged 3,000, beyondLazy 4,000, lazy and vanilla 6,000, completion 10,000, powerDeflation and deflation 100,000 (its epochs end before). */
  readonly maxSteps?: number;
  /** 'auto', 'webgpu', 'cpu', or an open backend, which then stays open. Default: 'auto', the CPU for problems so small that a
   * GPU would wait for its orders, else what openBackend('auto') opens. */
  readonly backend?: BackendChoice | Backend;
  /** A GPUDevice of the caller's to work on; it is not destroyed. Default: one of our own. */
  readonly device?: GPUDevice;
  /** Ends the run with what it has; `stop` is then 'aborted'. */
  readonly signal?: AbortSignal;
  /** Reports hold the model too, as `kruskal`; so does the history of the result, which takes memory. Default: false. */
  readonly reportModels?: boolean;
  /** Called with every report; not awaited. */
  readonly onProgress?: (progress: Progress) => void;
}

export interface ResolvedOptions {
  readonly algorithm: AlgorithmChoice;
  /** Components of the result at most; 'auto': the algorithm finds them, or `width` says. */
  readonly rank: number | 'auto';
  readonly width: number;
  readonly starts: number;
  readonly seed: number;
  readonly init: AnyKruskal | undefined;
  readonly tolerance: number;
  readonly maxSteps: number;
  readonly backend: BackendChoice | Backend;
  readonly device: GPUDevice | undefined;
  readonly signal: AbortSignal | undefined;
  readonly reportModels: boolean;
}

const optionNames: readonly (keyof DecomposeOptions)[] = [
  'algorithm',
  'rank',
  'width',
  'starts',
  'seed',
  'init',
  'tolerance',
  'maxSteps',
  'backend',
  'device',
  'signal',
  'reportModels',
  'onProgress',
];

/** Where an algorithm finds the rank, its width is made for as many components as dimensions, but not more than this; later stages find the rest. */
const mostGuessed = 64;

/** The most components a result may have; more is a typing error or a wrong unit. */
const maxWidth = 65_536;

/** Fills in every default and refuses what does not fit together. @throws InputError */
export function resolveOptions(target: Target, options: DecomposeOptions): ResolvedOptions {
  requireKnownNames('decompose', Object.keys(options), optionNames);
  const algorithm = resolveAlgorithm(target, options.algorithm);
  const { defaults } = algorithmOf(algorithm.kind);
  const width = resolveWidth(target, algorithm.kind, options);
  requireInteger('width', width, 1, maxWidth);
  const starts = options.starts ?? (options.init ? 1 : defaults.starts);
  requireInteger('starts', starts, 1, 4096);
  const { seed = 0, tolerance = defaults.tolerance, maxSteps = defaults.maxSteps } = options;
  requireInteger('seed', seed, 0, Number.MAX_SAFE_INTEGER);
  requireInteger('maxSteps', maxSteps, 1, Number.MAX_SAFE_INTEGER);
  if (!(tolerance >= 0 && tolerance < 1)) {
    throw new InputError(
      `decompose: expected tolerance to be from 0 up to 1, got ${tolerance}. Give a small number such as 1e-6.`,
    );
  }
  if (options.device && options.backend === 'cpu') {
    throw new InputError(
      "decompose: expected no device with backend 'cpu', got one. Leave out device, or the backend.",
    );
  }
  if (options.init) requireFittingInit(target, options.init, width, starts);
  return {
    algorithm,
    rank: options.rank ?? 'auto',
    width,
    starts,
    seed,
    init: options.init,
    tolerance,
    maxSteps,
    backend: options.backend ?? 'auto',
    device: options.device,
    signal: options.signal,
    reportModels: options.reportModels ?? false,
  };
}

function resolveAlgorithm(target: Target, choice: DecomposeOptions['algorithm']): AlgorithmChoice {
  const named = choice ?? defaultAlgorithm(target);
  const algorithm = typeof named === 'string' ? { kind: named } : named;
  requireKnownNames('decompose', [algorithm.kind], algorithmKinds, 'algorithm');
  const { accepts, optionNames: own } = algorithmOf(algorithm.kind);
  requireKnownNames(algorithm.kind, Object.keys(algorithm), ['kind', ...own]);
  if (!accepts.includes(target.kind)) {
    throw new InputError(
      `${algorithm.kind}: expected a ${accepts.join(', ').replace(/, (?=[^,]*$)/, ' or ')} target, got a ${target.kind} one. Choose an algorithm for ${target.kind} targets, or leave it out.`,
    );
  }
  return algorithm;
}

function resolveWidth(target: Target, kind: AlgorithmKind, options: DecomposeOptions): number {
  const { defaults } = algorithmOf(kind);
  if (options.rank !== undefined && options.rank !== 'auto') requireInteger('rank', options.rank, 1, maxWidth);
  if (options.width !== undefined) return options.width;
  if (options.init) return rankOf(options.init);
  if ('widthOfTarget' in defaults) return defaults.widthOfTarget(target, options.rank ?? 'auto');
  return defaults.widthOfRank(resolveRank(target, kind, options));
}

function resolveRank(target: Target, algorithm: AlgorithmKind, { rank = 'auto' }: DecomposeOptions): number {
  if (rank !== 'auto') return rank;
  if (target.kind === 'factored') return rankOf(target);
  if ('dim' in target && algorithmOf(algorithm).findsRank) return Math.min(target.dim, mostGuessed);
  throw new InputError(
    `${algorithm}: expected a rank, got 'auto'. Give the number of components to look for (rank: R).`,
  );
}

function requireFittingInit(target: Target, init: AnyKruskal, width: number, starts: number): void {
  const [expected, got] = [shapeOfTarget(target).join(' × '), shapeOf(init).join(' × ')];
  if (expected !== got)
    throw new InputError(
      `decompose: expected init of shape ${expected}, got ${got}. Give a model of the target's shape.`,
    );
  if (rankOf(init) !== width || starts !== 1) {
    throw new InputError(
      `decompose: expected init with one start and ${width} components, got ${starts} starts and ${rankOf(init)} components. Leave out width, rank and starts.`,
    );
  }
}

function requireInteger(name: string, value: unknown, least: number, most: number): void {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return;
  throw new InputError(
    `decompose: expected ${name} to be an integer from ${least} to ${most}, got ${String(value)}. Change ${name}.`,
  );
}
