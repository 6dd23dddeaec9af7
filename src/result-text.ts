// A result in other forms: rows for plots, text for people, JSON for files. Results are plain data that messages and JSON can hold,
// so these are functions and not methods.
import { explainedVariance } from './analysis/explained.js';
import { InputError } from './errors.js';
import { stopReasons, type Decomposition } from './result.js';
import { kruskal, symmetricKruskal, toKruskal, type AnyKruskal } from './tensor/kruskal.js';
import { matrix, type Matrix } from './tensor/matrix.js';
import { toNested } from './tensor/matrix-parts.js';
import { requireNamedOptions } from './names.js';
import { requireModel, requireResult } from './tensor/require.js';

/** One entry of one factor. */
export interface FactorRow {
  /** From 1, as people count them. */
  readonly component: number;
  readonly mode: string;
  /** From 0. */
  readonly index: number;
  readonly label: string;
  readonly value: number;
}

export interface Names {
  /** Names of the modes. Default: "mode 0", "mode 1", … */
  readonly modes?: readonly string[];
  /** Per mode, a label per index. Default: the index. */
  readonly labels?: readonly (readonly string[])[];
}

/**
 * All factors in long form, one row per entry, as Observable Plot, Vega-Lite and ggplot take them.
 *
 * @example
 * ```ts
 * import { kruskal, matrix, toRows } from 'polyadic';
 *
 * const rows = toRows(kruskal([1], [matrix(2, 1, [1, 2]), matrix(2, 1, [3, 4])]), { modes: ['sample', 'emission'] });
 * console.log(rows.at(-1)); // { component: 1, mode: 'emission', index: 1, label: '1', value: 4 }
 * ```
 */
export function toRows(model: AnyKruskal, names: Names = {}): FactorRow[] {
  requireModel('toRows', model);
  requireNamedOptions('toRows', names, ['modes', 'labels']);
  const { modes = [], labels = [] } = names;
  return toKruskal(model).factors.flatMap((factor, k) =>
    Array.from(factor.data, (value, at) => {
      const index = Math.floor(at / factor.columns);
      const label = labels[k]?.[index] ?? String(index);
      return { component: (at % factor.columns) + 1, mode: modes[k] ?? `mode ${k}`, index, label, value };
    }),
  );
}

/**
 * What was found, in a few lines: rank, explained variance, weights, how far it can be trusted.
 *
 * @example
 * ```ts
 * import { decompose, summary } from 'polyadic';
 * import { plantedCp } from 'polyadic/problems';
 *
 * const { tensor } = plantedCp({ shape: [9, 8, 7], rank: 2, noise: 0.1, seed: 1 });
 * console.log(summary(await decompose(tensor)));
 * ```
 */
export function summary(result: Decomposition): string {
  requireResult('summary', result);
  const { rank, relativeError, stop, advice, rankChoice, starts, seconds, algorithm, backend, kruskal: model } = result;
  const { total, components } = explainedVariance(result);
  const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
  const shape = toKruskal(model).factors.map(({ rows }) => rows);
  return [
    `CP (PARAFAC) model of a ${shape.join(' × ')} tensor, rank ${rank}`,
    ...(rankChoice ? [`Rank: ${rankChoice.verdict} (${rankChoice.confidence})`] : []),
    `Explained variance ${percent(total)}, relative error ${relativeError.toPrecision(4)}`,
    ...components.map(
      (share, r) => `  component ${r + 1}: weight ${model.weights[r]!.toPrecision(6)}, ${percent(share)}`,
    ),
    `${starts.agreeing} of ${starts.count} starts agree; ${stop}: ${advice === stopReasons[stop] ? advice : advice.trim()}`,
    `${algorithm} on ${backend}, ${seconds.toFixed(2)} s`,
  ].join('\n');
}

interface ModelJson {
  readonly weights: readonly number[];
  readonly factors?: readonly number[][][];
  readonly order?: number;
  readonly vectors?: readonly number[][];
}

/** A result as JSON holds it: matrices as nested arrays. */
export type ResultJson = Omit<Decomposition, 'kruskal' | 'history'> & { readonly kruskal: ModelJson };

/**
 * A result of `decompose` for JSON.stringify, all numbers to the last bit; without the history. `resultFromJson` is the way back.
 *
 * @example
 * ```ts
 * import { decompose, resultToJson } from 'polyadic';
 *
 * const result = await decompose({ shape: [2, 2, 2], data: [1, 0, 0, 0, 0, 0, 0, 1] });
 * console.log(JSON.stringify(resultToJson(result)));
 * ```
 */
export function resultToJson(result: Decomposition): ResultJson {
  requireResult('resultToJson', result);
  // eslint-disable-next-line @typescript-eslint/no-unused-vars
  const { kruskal: model, history: _, ...rest } = result;
  const weights = Array.from(model.weights);
  const parts =
    'vectors' in model
      ? { order: model.order, vectors: toNested(model.vectors) }
      : { factors: model.factors.map(toNested) };
  return { ...rest, kruskal: { weights, ...parts } };
}

/**
 * The result that resultToJson was given, from what it made, with an empty history.
 *
 * @example
 * ```ts
 * import { decompose, resultFromJson, resultToJson } from 'polyadic';
 *
 * const result = await decompose({ shape: [2, 2, 2], data: [1, 0, 0, 0, 0, 0, 0, 1] });
 * const text = JSON.stringify(resultToJson(result));
 * console.log(resultFromJson(JSON.parse(text)).rank); // 2
 * ```
 * @throws InputError for anything but what resultToJson wrote.
 */
export function resultFromJson(json: unknown): Decomposition {
  const { kruskal: model, ...rest } = (typeof json === 'object' && json !== null ? json : {}) as Partial<ResultJson>;
  const hasModel = Array.isArray(model?.weights) && (Array.isArray(model.factors) || Array.isArray(model.vectors));
  if (!hasModel || typeof rest.stop !== 'string' || typeof rest.relativeError !== 'number') {
    throw new InputError('resultFromJson: expected what resultToJson writes, got something else. Give its object.');
  }
  return { ...(rest as Omit<ResultJson, 'kruskal'>), kruskal: modelFrom(model), history: [] };
}

function modelFrom({ weights, factors, order = 0, vectors = [] }: ModelJson): AnyKruskal {
  if (factors) return kruskal(weights, factors.map(matrixOf));
  return symmetricKruskal(order, weights, matrixOf(vectors));
}

const matrixOf = (rows: readonly number[][]): Matrix => matrix(rows.length, rows[0]?.length ?? 0, rows.flat());
