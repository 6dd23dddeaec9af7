// What a result's files hold: result.json (the run and the Kruskal tensor), weights.npy [rank], and factor-0.npy …
// [shape[mode], rank], or vectors.npy [rank, dim] where the tensor is symmetric. All float64.
import { kebabCase } from '../names.js';
import {
  defaultLoss,
  type AnyKruskal,
  type Decomposition,
  type LossName,
  type Matrix,
  type RankChoice,
} from '../index.js';
import { kruskalToJson, writeNpy } from '../io/index.js';
import { resultFile, type ResultFiles } from './result-folder.js';
import { version } from './version.js';

/** The keys of `--json`, which a command may add to; result.json holds them too. */
export interface Summary {
  readonly relativeError: number;
  readonly errorFloor: number;
  readonly rank: number;
  readonly width: number;
  readonly stop: string;
  readonly advice: string;
  readonly starts: Decomposition['starts'];
  /** How the rank was chosen, where the algorithm chooses one. */
  readonly rankChoice?: RankChoice;
  /** With nonnegative or fixed factors: how far the model is from a stationary point. */
  readonly kktResidual?: number;
  readonly steps: number;
  readonly seconds: number;
  readonly backend: string;
  readonly adapter: Decomposition['adapter'];
  readonly algorithm: string;
  readonly loss: string;
  readonly seed: number;
  readonly files: readonly string[];
}

export function summaryOf(result: Decomposition, files: readonly string[], loss: LossName = defaultLoss): Summary {
  const { relativeError, errorFloor, rank, width, stop, advice, starts, rankChoice, kktResidual } = result;
  const { steps, seconds, backend, adapter, algorithm, seed } = result;
  const summary = {
    relativeError,
    errorFloor,
    rank,
    width,
    stop,
    advice,
    starts,
    ...(rankChoice ? { rankChoice } : {}),
    ...(kktResidual === undefined ? {} : { kktResidual }),
    steps,
    seconds,
    backend,
    adapter,
    algorithm: kebabCase(algorithm),
  };
  return { ...summary, loss: kebabCase(loss), seed, files };
}

/** `about` goes into result.json: where the tensor came from, names of the modes; `extra` are files beside it. */
export function resultFiles(
  result: Decomposition,
  about: object = {},
  extra: ResultFiles = {},
  loss?: LossName,
): ResultFiles {
  const arrays = { ...arraysOf(result.kruskal), ...extra };
  const { backendReason, history } = result;
  const record = {
    generator: `polyadic ${version}`,
    ...about,
    ...summaryOf(result, [resultFile, ...Object.keys(arrays)], loss),
    backendReason,
    history: history.map(({ phase, step, seconds, relativeError }) => ({ phase, step, seconds, relativeError })),
    ...kruskalToJson(result.kruskal),
  };
  return { [resultFile]: oneFieldALine(record), ...arrays };
}

function arraysOf(model: AnyKruskal): Record<string, Uint8Array> {
  const weights = writeNpy({ shape: [model.weights.length], data: model.weights });
  if ('vectors' in model) return { 'weights.npy': weights, 'vectors.npy': matrixNpy(model.vectors) };
  const factors = model.factors.map((factor, mode) => [`factor-${mode}.npy`, matrixNpy(factor)] as const);
  return { 'weights.npy': weights, ...Object.fromEntries(factors) };
}

const matrixNpy = ({ rows, columns, data }: Matrix): Uint8Array => writeNpy({ shape: [rows, columns], data });

/** JSON that a person can skim: the fields below each other, each on a line. */
export function oneFieldALine(record: object): string {
  const lines = Object.entries(record).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  return `{\n${lines.join(',\n')}\n}\n`;
}
