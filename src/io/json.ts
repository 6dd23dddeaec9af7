// Kruskal tensors as plain JSON objects, the input and output format of the command line.
//   symmetric: { order, dim, weights: [rank], vectors: [rank][dim] }
//   general:   { weights: [rank], factors: [order][shape[mode]][rank] }
// Numbers survive exactly: JavaScript prints the shortest decimal that reads back to the same float64 (−0 becomes 0 in text).
import { InputError } from '../errors.js';
import { isRecord, shown } from '../names.js';
import { isSymmetric, kruskal, symmetricKruskal } from '../tensor/kruskal.js';
import type { AnyKruskal } from '../tensor/kruskal.js';
import type { Matrix } from '../tensor/matrix.js';
import { requireModel } from '../tensor/require.js';
import { bytesOf } from './bytes.js';

export interface SymmetricKruskalJson {
  order: number;
  dim: number;
  weights: number[];
  vectors: number[][];
}

export interface KruskalJson {
  weights: number[];
  factors: number[][][];
}

/**
 * Plain object for JSON.stringify: weights and factors, or order, dim, weights and vectors, as nested arrays. Numbers read back exactly.
 *
 * @example
 * ```ts
 * import { kruskal, matrix } from 'polyadic';
 * import { kruskalFromJson, kruskalToJson } from 'polyadic/io';
 *
 * const text = JSON.stringify(kruskalToJson(kruskal([2], [matrix(2, 1, [1, 0]), matrix(2, 1, [0, 1])])));
 * console.log(kruskalFromJson(JSON.parse(text)).weights); // Float64Array(1) [ 2 ]
 * ```
 * @throws InputError for NaN and Infinity, because JSON would turn them into null.
 */
export function kruskalToJson(model: AnyKruskal): SymmetricKruskalJson | KruskalJson {
  requireModel('kruskalToJson', model);
  const weights = finiteNumbers('weights', model.weights);
  if (!isSymmetric(model)) {
    return { weights, factors: model.factors.map((factor, mode) => rowsOf(`factors[${mode}]`, factor)) };
  }
  return { order: model.order, dim: model.vectors.columns, weights, vectors: rowsOf('vectors', model.vectors) };
}

/**
 * Reads either kind from the result of JSON.parse; other fields are ignored.
 *
 * @example
 * ```ts
 * import { kruskal, matrix } from 'polyadic';
 * import { kruskalFromJson, kruskalToJson } from 'polyadic/io';
 *
 * const text = JSON.stringify(kruskalToJson(kruskal([2], [matrix(2, 1, [1, 0]), matrix(2, 1, [0, 1])])));
 * console.log(kruskalFromJson(JSON.parse(text)).weights); // Float64Array(1) [ 2 ]
 * ```
 * @throws InputError naming the path of the wrong field.
 */
export function kruskalFromJson(value: unknown): AnyKruskal {
  if (!isRecord(value)) {
    throw wrong('the whole value', 'an object with weights and vectors or factors', value);
  }
  const fields = value;
  const hasVectors = fields['vectors'] !== undefined;
  if (hasVectors === (fields['factors'] !== undefined)) {
    throw new InputError(
      `kruskalFromJson: expected either vectors (symmetric) or factors (general), got ${hasVectors ? 'both' : 'neither'}. Give one of them.`,
    );
  }
  const weights = numbers('weights', fields['weights']);
  if (hasVectors) return symmetricFromJson(fields, weights);
  const factors = list('factors', fields['factors']).map((factor, mode) =>
    matrixFrom(`factors[${mode}]`, factor, weights.length),
  );
  return kruskal(weights, factors);
}

/**
 * Reads a file of what kruskalToJson makes, JSON in UTF-8.
 *
 * @example
 * ```ts
 * import { readKruskal } from 'polyadic/io';
 *
 * const bytes = new TextEncoder().encode('{ "weights": [2], "factors": [[[1], [0]], [[0], [1]]] }');
 * console.log(readKruskal(bytes).weights); // Float64Array(1) [ 2 ]
 * ```
 * @throws InputError as kruskalFromJson, and for text that is not JSON.
 */
export function readKruskal(bytes: Uint8Array | ArrayBuffer): AnyKruskal {
  const text = new TextDecoder().decode(bytesOf('readKruskal', bytes));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(
      `readKruskal: expected JSON, got text that is not (${reason}). Check how the file was written.`,
      { cause: error },
    );
  }
  return kruskalFromJson(value);
}

function symmetricFromJson(fields: Record<string, unknown>, weights: number[]): AnyKruskal {
  const order = wholeNumber('order', fields['order']);
  const dim = wholeNumber('dim', fields['dim']);
  const vectors = matrixFrom('vectors', fields['vectors'], dim);
  if (vectors.rows !== weights.length) {
    throw new InputError(
      `kruskalFromJson: expected vectors to have ${weights.length} rows, one a weight, got ${vectors.rows}. Give one row a component.`,
    );
  }
  return symmetricKruskal(order, weights, vectors);
}

function matrixFrom(path: string, value: unknown, columns: number): Matrix {
  const rows = list(path, value);
  const parsed = rows.map((row, i) => numbers(`${path}[${i}]`, row));
  parsed.forEach((row, i) => {
    if (row.length === columns) return;
    throw new InputError(
      `kruskalFromJson: expected ${path}[${i}] to have ${columns} numbers, got ${row.length}. Make all rows that long.`,
    );
  });
  const data = new Float64Array(rows.length * columns);
  parsed.forEach((row, i) => data.set(row, i * columns));
  return { rows: rows.length, columns, data };
}

function list(path: string, value: unknown): unknown[] {
  if (!Array.isArray(value)) throw wrong(path, 'an array', value);
  const entries: unknown[] = value;
  return entries;
}

function numbers(path: string, value: unknown): number[] {
  return list(path, value).map((entry, i) => {
    if (typeof entry !== 'number' || !Number.isFinite(entry)) throw wrong(`${path}[${i}]`, 'a finite number', entry);
    return entry;
  });
}

function wholeNumber(path: string, value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1) {
    throw wrong(path, 'an integer ≥ 1', value);
  }
  return value;
}

function wrong(path: string, expected: string, value: unknown): InputError {
  return new InputError(
    `kruskalFromJson: expected ${path} to be ${expected}, got ${value === undefined ? 'nothing' : shown(value)}. Correct ${path}.`,
  );
}

function rowsOf(path: string, { rows, columns, data }: Matrix): number[][] {
  return Array.from({ length: rows }, (_, i) =>
    finiteNumbers(`${path}[${i}]`, data.subarray(i * columns, (i + 1) * columns)),
  );
}

function finiteNumbers(path: string, values: Float64Array): number[] {
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new InputError(
      `kruskalToJson: expected ${path}[${bad}] to be a finite number, got ${values[bad]}. The model diverged: do not save it.`,
    );
  }
  return Array.from(values);
}
