// The options of decompose: what they mean, their defaults, and the one place that checks them.
import { isFiniteModel, mapOptions, requireOptions, type OptionTable } from './algorithms/option-table.js';
import {
  algorithmKinds,
  asksForGpu,
  defaultAlgorithmOf,
  type AlgorithmChoice,
  type AlgorithmKind,
  type AnyAlgorithm,
} from './algorithms/registry.js';
import { constrainedAlgorithms, constraintsKeptBy } from './algorithms/kept-constraints.js';
import type { Backend, WebGpuDevice } from './backend/backend.js';
import type { BackendChoice } from './backend/open.js';
import { InputError } from './errors.js';
import { requireKnownNames, requireNamedOptions, shown } from './names.js';
import type { Checkpoint, Progress } from './result.js';
import type { Family, Problem } from './handles/problem.js';
import { isConstrained, type Constraints } from './tensor/constraints.js';
import { isSymmetric, rankOf, shapeOf, type AnyKruskal } from './tensor/kruskal.js';
import { isObject, requireForm, requireIntegerIn } from './tensor/require.js';

export interface DecomposeOptions {
  /** A name, or `{ kind: name, …its options }`. Default: 'compressed' for dense targets, 'variational' for observed entries ('completion' with nonnegative, on a GPU, and where they are very many), 'completion' for measurements, 'staged' for symmetric targets. */
  readonly algorithm?: AlgorithmKind | AlgorithmChoice;
  /** Components of the result at most. Default: 'auto', as many as are found; als must be told. */
  readonly rank?: number | 'auto';
  /** Components to work with while over-parameterized. Default: twice the rank (deflation ten times; als, feedbackAlignment and powerDeflation: the rank; completion four times, or up to 32); where the rank is not given, as if it were the number of components of a factored target, or the dimension, up to 64. lazy: directions, of which it needs as many as lazyThreshold says. */
  readonly width?: number;
  /** Random starts, run as one batch; the best is returned (powerDeflation: of every component, default 10). Default: 6 for compressed (per rank, where no fit is at the noise), 4 for als, 3 for variational (at least, until two agree), 5 for completion, else 1. */
  readonly starts?: number;
  /** Everything random follows from it: an integer from 0. Default: 0. */
  readonly seed?: number;
  /** Where to begin instead of at random. Default: none. */
  readonly init?: AnyKruskal;
  /**
   * Factors without negative entries: of all modes, or of those listed; dense targets (compressed) and, of all modes, observed entries and
   * measurements (completion, where losses of rates have it anyway). Weights are then ≥ 0 too. Default: false.
   */
  readonly nonnegative?: boolean | readonly number[];
  /**
   * Modes whose factors stay as `init` has them, bit by bit; weights and other factors are fitted, for dense targets (compressed). The
   * components keep the order of `init`, and only the columns of the other modes are of unit norm. Default: none.
   */
  readonly fixed?: readonly number[];
  /** When to stop. compressed, als: relative fall of the error in a step of the last polish, default 1e-9, 1e-8. Else: the relative error, default 1e-9 for staged, 1e-6 for powerDeflation, 1e-3 for feedbackAlignment, 5e-2 for completion (where its finish takes over), 1e-2 for the others. */
  readonly tolerance?: number;
  /**
   * What follows the search. 'compact' (the default): compaction to the rank asked for, or found, and a polish in float64 on the CPU.
   * 'none': the components as the search leaves them, for who studies its dynamics.
   */
  readonly finish?: 'compact' | 'none';
  /** Steps before giving up, in each phase (als: sweeps, then Gauss-Newton steps; variational: sweeps of every fit). Default: compressed 100, variational 150, als 1,000, staged 3,000, beyondLazy 4,000, lazy and vanilla 6,000, completion 10,000, feedbackAlignment 20,000, powerDeflation and deflation 100,000 (its epochs end before). */
  readonly maxSteps?: number;
  /** 'auto', 'webgpu', 'cpu', or an open backend, which then stays open. Default: 'auto', the CPU for problems too small to
   * benefit from a GPU, else what openBackend('auto') opens. */
  readonly backend?: BackendChoice | Backend;
  /** A GPUDevice of the caller's to work on; it is not destroyed. Default: one of our own. */
  readonly device?: WebGpuDevice;
  /**
   * Worker threads at most, from 1 to 64, that share the starts of als on the CPU, where workers are to be had and the work is large enough
   * to benefit. Time and memory follow from it, the result does not. Default: the cores, up to 8; 1 in a page.
   */
  readonly threads?: number;
  /** Ends the run with what it has; `stop` is then 'aborted'. */
  readonly signal?: AbortSignal;
  /** Reports hold the model too, as `kruskal`; so does the history of the result, which takes memory. Default: false. */
  readonly reportModels?: boolean;
  /** Called with every report; not awaited. */
  readonly onProgress?: (progress: Progress) => void;
  /**
   * Called at every report of a search by als or feedbackAlignment, whose state is its models and the number of steps: what to keep so
   * that the run can go on later. Not called where the starts do not fit into one batch. Default: none.
   */
  readonly onCheckpoint?: (checkpoint: Checkpoint) => void;
  /** Goes on from there, with the same target, options and kind of backend, to the same bits. `history` begins there too. Default: none. */
  readonly resume?: Checkpoint;
}

export interface ResolvedOptions {
  readonly algorithm: AlgorithmChoice;
  /** The code of that algorithm. */
  readonly method: AnyAlgorithm;
  /** Components of the result at most; 'auto': the algorithm finds them, or `width` says. */
  readonly rank: number | 'auto';
  readonly width: number;
  readonly starts: number;
  readonly seed: number;
  readonly init: AnyKruskal | undefined;
  readonly constraints: Constraints;
  readonly tolerance: number;
  readonly maxSteps: number;
  readonly finish: 'compact' | 'none';
  readonly backend: BackendChoice | Backend;
  readonly device: WebGpuDevice | undefined;
  readonly threads: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly reportModels: boolean;
  readonly onCheckpoint: ((checkpoint: Checkpoint) => void) | undefined;
  readonly resume: Checkpoint | undefined;
}

export const optionNames: readonly (keyof DecomposeOptions)[] = [
  'algorithm',
  'rank',
  'width',
  'starts',
  'seed',
  'init',
  'nonnegative',
  'fixed',
  'tolerance',
  'maxSteps',
  'finish',
  'backend',
  'device',
  'threads',
  'signal',
  'reportModels',
  'onProgress',
  'onCheckpoint',
  'resume',
];

/** The option of decompose and decomposeBatch. */
export const threadsOption = {
  threads: { type: 'number', integer: true, min: 1, max: 64, help: 'Worker threads at most.' },
} as const satisfies OptionTable;

/** Components of a result beyond which a number is a typing error or a wrong unit. */
export const maxWidth = 65_536;

/** The algorithm that the options ask for, by name. @throws InputError for unknown options and names. */
export function chosenKind(problem: Problem, options: DecomposeOptions): AlgorithmKind {
  requireNamedOptions('decompose', options, optionNames);
  requireBackend('decompose', options.backend);
  const { kind } = choiceOf(problem, options, resolveConstraints(problem, options));
  requireKnownNames('decompose', [kind], algorithmKinds, 'algorithm');
  return kind;
}

/** What openBackend takes, or what it gives. */
export function requireBackend(who: string, backend: unknown): void {
  const isOpen = typeof backend === 'object' && backend !== null && 'scope' in backend && 'kind' in backend;
  const isNamed = backend === 'auto' || backend === 'webgpu' || backend === 'cpu';
  if (backend === undefined || isNamed || isOpen) return;
  throw new InputError(
    `${who}: expected backend to be 'auto', 'webgpu' or 'cpu', or an open backend, got ${shown(backend)}. Name one, or give that of openBackend.`,
  );
}

/** Fills in every default and refuses what does not fit together; `algorithm` is that of `chosenKind`. @throws InputError */
export function resolveOptions(problem: Problem, options: DecomposeOptions, algorithm: AnyAlgorithm): ResolvedOptions {
  const constraints = resolveConstraints(problem, options);
  const choice = choiceOf(problem, options, constraints);
  requireFittingAlgorithm(problem, options, { choice, algorithm, constraints });
  const { defaults } = algorithm;
  const { rank = 'auto', init, finish = 'compact', seed = 0 } = options;
  const { tolerance = defaults.tolerance, maxSteps = defaults.maxSteps } = options;
  if (rank !== 'auto') requireIntegerIn('decompose', 'rank', rank, 1, maxWidth);
  if (init !== undefined && !isFiniteModel(init)) {
    throw new InputError(
      'decompose: expected init to be a model of finite numbers, got another value. Give { weights, factors } or { order, weights, vectors }.',
    );
  }
  if (algorithm.needsRank !== undefined && rank === 'auto' && !init) {
    throw new InputError(
      `${choice.kind}: expected a rank, got 'auto'. ${algorithm.needsRank} Give rank, or leave out algorithm, so that the rank is found.`,
    );
  }
  const width = options.width ?? (init ? rankOf(init) : defaults.width(problem, rank));
  const starts = options.starts ?? (init ? 1 : defaults.starts);
  requireIntegerIn('decompose', 'width', width, 1, maxWidth);
  requireIntegerIn('decompose', 'starts', starts, 1, 4096);
  requireIntegerIn('decompose', 'seed', seed, 0, Number.MAX_SAFE_INTEGER);
  requireIntegerIn('decompose', 'maxSteps', maxSteps, 1, Number.MAX_SAFE_INTEGER);
  requireKnownNames('decompose', [finish], ['compact', 'none'], 'finish');
  const { threads, reportModels, onCheckpoint, resume } = options;
  requireOptions('decompose', threadsOption, { threads });
  const require = (name: string, value: unknown, isRight: boolean, expected: string, remedy?: string): void =>
    requireForm('decompose', value, isRight, { name, expected, ...(remedy === undefined ? {} : { remedy }) });
  require('reportModels', reportModels, reportModels === undefined ||
    typeof reportModels === 'boolean', 'true or false');
  const isTolerance = typeof tolerance === 'number' && tolerance >= 0 && tolerance < 1;
  require('tolerance', tolerance, isTolerance, 'from 0 up to 1', 'Give a small number such as 1e-6');
  if (options.device && options.backend === 'cpu') {
    throw new InputError(
      "decompose: expected no device with backend 'cpu', got one. Leave out device, or the backend.",
    );
  }
  if (starts > 1 && algorithm.oneStart !== undefined) {
    throw new InputError(`${choice.kind}: expected one start, got ${starts}. ${algorithm.oneStart}`);
  }
  if (init !== undefined) requireFittingInit(problem, algorithm, init, width, starts);
  requireFittingConstraints(constraints, init, rank);
  algorithm.check?.(problem, choice, { starts, constraints });
  require('onCheckpoint', onCheckpoint, onCheckpoint === undefined || typeof onCheckpoint === 'function', 'a function');
  require('resume', resume, resume === undefined || isObject(resume), 'what onCheckpoint gave');
  if (resume !== undefined && !('isModelsAndStep' in algorithm && algorithm.isModelsAndStep)) {
    throw new InputError(
      `${choice.kind}: expected no resume, got one. Its state is more than models and a number of steps: begin at a model, by init.`,
    );
  }
  return {
    algorithm: choice,
    method: algorithm,
    rank,
    width,
    starts,
    seed,
    init,
    constraints,
    tolerance,
    maxSteps,
    finish,
    backend: options.backend ?? 'auto',
    device: options.device,
    threads,
    signal: options.signal,
    reportModels: options.reportModels ?? false,
    onCheckpoint,
    resume,
  };
}

/** The modes by their numbers. @throws InputError for other values. */
function resolveConstraints({ shape }: Problem, { nonnegative = false, fixed = [] }: DecomposeOptions): Constraints {
  const all = Array.from(shape.keys());
  const modesOf = (name: string, value: readonly number[], others: string): readonly number[] => {
    const isRight = isList(value) && value.every((mode) => all.includes(mode)) && new Set(value).size === value.length;
    const expected = `${others}a list of different modes from 0 to ${all.length - 1}`;
    requireForm('decompose', value, isRight, { name, expected });
    return value;
  };
  const modes = typeof nonnegative === 'boolean' ? (nonnegative ? all : []) : nonnegative;
  return { nonnegative: modesOf('nonnegative', modes, 'true, false or '), fixed: modesOf('fixed', fixed, '') };
}

/** What a caller gives may be anything. */
const isList = (value: unknown): boolean => Array.isArray(value);

/** @throws InputError for an algorithm that does not keep to the constraints. */
function requireKept(kind: AlgorithmKind, { shape }: Problem, { nonnegative, fixed }: Constraints): void {
  const keepsTo = constraintsKeptBy(kind);
  const asked = [
    ...(nonnegative.length === 0 ? [] : [nonnegative.length === shape.length ? 'nonnegative' : 'nonnegativeModes']),
    ...(fixed.length === 0 ? [] : ['fixed']),
  ] as const;
  const refused = asked.find((one) => !keepsTo.some((kept) => kept === one));
  if (refused === undefined) return;
  const owners = constrainedAlgorithms.filter((other) => other.keepsTo.some((kept) => kept === refused));
  const families = owners.map((other) => `${other.kind}, for ${familyText[other.family]} targets,`);
  const name = refused === 'nonnegativeModes' ? 'nonnegative for some modes only' : refused;
  throw new InputError(
    `${kind}: expected no ${name}, got it. Only ${families.join(' and ')} can: choose such an algorithm and target, or leave it out.`,
  );
}

function requireFittingConstraints(
  { nonnegative, fixed }: Constraints,
  init: AnyKruskal | undefined,
  rank: number | 'auto',
): void {
  if (fixed.length > 0 && init === undefined) {
    throw new InputError(
      'decompose: expected init with fixed, got none. Give a model that has the factors of these modes.',
    );
  }
  if (init === undefined || isSymmetric(init) || nonnegative.length + fixed.length === 0) return;
  if (rank !== 'auto' && rank !== rankOf(init)) {
    throw new InputError(
      `decompose: expected rank to be that of init, ${rankOf(init)}, with nonnegative or fixed, got ${rank}. Leave rank out.`,
    );
  }
  const mode = fixed.find((one) => nonnegative.includes(one) && init.factors[one]!.data.some((value) => value < 0));
  if (mode === undefined) return;
  throw new InputError(
    `decompose: expected factors[${mode}] of init without negative entries, as mode ${mode} is fixed and nonnegative, got one with some. Leave the mode out of fixed or of nonnegative.`,
  );
}

/** What is asked for, else the default. */
function choiceOf(problem: Problem, asked: DecomposeOptions, constraints: Constraints): AlgorithmChoice {
  const usual = { onGpu: asksForGpu(asked), isConstrained: isConstrained(constraints) };
  const named: unknown = asked.algorithm === undefined ? defaultAlgorithmOf(problem, usual) : asked.algorithm;
  if (typeof named === 'string') return { kind: named } as AlgorithmChoice;
  if (typeof named === 'object' && named !== null && 'kind' in named) return named as AlgorithmChoice;
  throw new InputError(
    `decompose: expected algorithm to be a name or { kind: name, … }, got ${shown(named)}. Name one of ${algorithmKinds.join(', ')}.`,
  );
}

function requireFittingAlgorithm(
  problem: Problem,
  asked: DecomposeOptions,
  {
    choice,
    algorithm,
    constraints,
  }: { readonly choice: AlgorithmChoice; readonly algorithm: AnyAlgorithm; readonly constraints: Constraints },
): void {
  const { family, options } = algorithm;
  requireOptions(choice.kind, options, choice);
  if (asksForGpu(asked) && 'solve' in algorithm && !algorithm.gpuFlops?.(problem, { options: choice, constraints })) {
    throw new InputError(
      `${choice.kind}: expected the cpu backend, got webgpu. It computes in float64 on the CPU: leave out backend and device, or choose another algorithm.`,
    );
  }
  if (family === problem.family) {
    requireKept(choice.kind, problem, constraints);
    return;
  }
  const { kind } = problem.target;
  throw new InputError(
    `${choice.kind}: expected a ${familyText[family]} target, got a ${kind} one. Choose an algorithm for ${kind} targets, or leave it out.`,
  );
}

const familyText: Record<Family, string> = {
  dense: 'dense',
  sampled: 'sampled (entries or measurements)',
  symmetric: 'symmetric',
};

/** The options for the same target in other coordinates: models mapped, what is in units of the target times `factor`. */
export function optionsInCoordinates(
  options: DecomposeOptions,
  table: OptionTable,
  change: { readonly factor: number; readonly model: (model: AnyKruskal) => AnyKruskal },
): DecomposeOptions {
  const { init, algorithm } = options;
  return {
    ...options,
    ...(init ? { init: change.model(init) } : {}),
    ...(typeof algorithm === 'object' ? { algorithm: mapOptions(table, algorithm, change) } : {}),
  };
}

function requireFittingInit(
  { shape, family }: Problem,
  { kind, noInit }: { readonly kind: string; readonly noInit?: string },
  init: AnyKruskal,
  width: number,
  starts: number,
): void {
  if (noInit !== undefined) throw new InputError(`${kind}: expected no init, got one. ${noInit}`);
  if (family === 'symmetric' && !isSymmetric(init)) {
    throw new InputError(
      `${kind}: expected init to be a symmetric Kruskal tensor, got one with factors. Give { order, weights, vectors }.`,
    );
  }
  const expected = shape.join(' × ');
  const got = shapeOf(init).join(' × ');
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
