// What public functions are given, checked for its form: sizes, types and lengths that fit together. No compiler may have seen it: a caller
// may write JavaScript, hand over a whole result in place of its model, or an object that was JSON. Cost O(modes); whether entries are
// finite is asked where they are taken over (numbers.ts).
import { InputError } from '../errors.js';
import { shown } from '../names.js';
import { shownValue } from './numbers.js';
import { sizeOf } from './shape.js';

/** Throws unless the value is right: "who: expected NAME to be EXPECTED, got VALUE. REMEDY." */
export function requireForm(
  who: string,
  value: unknown,
  isRight: boolean,
  { name, expected, remedy = `Change ${name}` }: Record<'name' | 'expected', string> & { remedy?: string },
): void {
  if (isRight) return;
  throw new InputError(`${who}: expected ${name} to be ${expected}, got ${shown(value)}. ${remedy}.`);
}

export const isObject = (value: unknown): value is Partial<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** An array or a typed array, whatever it holds. */
export const isList = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));

/** By its tag: an array from a frame or a worker has another constructor. */
const isTyped = (value: unknown, ...names: readonly string[]): value is { readonly length: number } =>
  names.includes(Object.prototype.toString.call(value).slice('[object '.length, -1));

export const isFloat64 = (value: unknown): value is Float64Array => isTyped(value, 'Float64Array');
export const isFloats = (value: unknown): value is Float64Array | Float32Array =>
  isTyped(value, 'Float64Array', 'Float32Array');
export const isUint32 = (value: unknown): value is Uint32Array => isTyped(value, 'Uint32Array');

export const isInteger = (value: unknown): value is number => Number.isSafeInteger(value);

export function requireIntegerIn(who: string, name: string, value: unknown, min: number, max: number): void {
  const expected = `an integer from ${min} to ${max}`;
  requireForm(who, value, isInteger(value) && value >= min && value <= max, { name, expected });
}

const isSize = (value: unknown): value is number => isInteger(value) && value >= 0;

export const isShape = (value: unknown): value is readonly number[] => Array.isArray(value) && value.every(isSize);

// Not the types of matrix.ts, kruskal.ts and dense.ts: these import this file.
interface MatrixForm {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

export const isMatrix = (value: unknown): value is MatrixForm =>
  isObject(value) &&
  isSize(value['rows']) &&
  isSize(value['columns']) &&
  isFloat64(value['data']) &&
  value['data'].length === value['rows'] * value['columns'];

export function isKruskal(
  value: unknown,
): value is { readonly weights: Float64Array; readonly factors: readonly MatrixForm[] } {
  if (!isObject(value)) return false;
  const { weights, factors } = value;
  if (!isFloat64(weights) || !Array.isArray(factors) || factors.length === 0) return false;
  return factors.every((factor) => isMatrix(factor) && factor.columns === weights.length);
}

export const isSymmetricKruskal = (
  value: unknown,
): value is { readonly order: number; readonly weights: Float64Array; readonly vectors: MatrixForm } =>
  isObject(value) &&
  isSize(value['order']) &&
  value['order'] > 0 &&
  isFloat64(value['weights']) &&
  isMatrix(value['vectors']) &&
  value['vectors'].rows === value['weights'].length;

export const isModel = (value: unknown): boolean => isKruskal(value) || isSymmetricKruskal(value);

export const isDense = (
  value: unknown,
): value is { readonly shape: readonly number[]; readonly data: Float64Array | Float32Array } =>
  isObject(value) &&
  isShape(value['shape']) &&
  isFloats(value['data']) &&
  value['data'].length === sizeOf(value['shape']) &&
  (value['known'] === undefined ||
    (isTyped(value['known'], 'Uint8Array') && value['known'].length === value['data'].length));

const kruskalForm = '{ weights, factors }, with one column of each factor per weight';
const symmetricForm = '{ order, weights, vectors }, with one row of vectors per weight';
const ofResult = 'Make it by kruskal or symmetricKruskal, or give the kruskal of a result';

export function requireMatrix(who: string, name: string, value: unknown): void {
  const expected = 'a matrix { rows, columns, data }, with a Float64Array of rows · columns numbers';
  requireForm(who, value, isMatrix(value), { name, expected, remedy: 'Make it by matrix(rows, columns, numbers)' });
}

export function requireModel(who: string, value: unknown, name = 'the model'): void {
  const expected = `${kruskalForm}, or ${symmetricForm}`;
  requireForm(who, value, isModel(value), { name, expected, remedy: ofResult });
}

export function requireKruskal(
  who: string,
  value: unknown,
  name = 'the model',
): asserts value is { readonly weights: Float64Array; readonly factors: readonly MatrixForm[] } {
  requireForm(who, value, isKruskal(value), { name, expected: kruskalForm, remedy: ofResult });
}

export function requireSymmetricKruskal(who: string, value: unknown, name = 'the model'): void {
  requireForm(who, value, isSymmetricKruskal(value), { name, expected: symmetricForm, remedy: ofResult });
}

export function requireDense(who: string, value: unknown, name = 'the tensor'): void {
  const expected = '{ shape, data }, with a typed array of as many floats as the shape asks for';
  requireForm(who, value, isDense(value), { name, expected, remedy: 'Make it by denseTensor or dense(shape, data)' });
}

/** What decompose gives, by what every reader of it needs. */
export function requireResult(who: string, value: unknown): void {
  const isRight = isObject(value) && isModel(value['kruskal']) && typeof value['relativeError'] === 'number';
  const expected = 'what decompose gives, with kruskal and relativeError';
  requireForm(who, value, isRight, { name: 'the result', expected, remedy: 'Give the whole result' });
}

/** A shape and as many entries of any kind. */
export function requireArray(who: string, value: unknown): void {
  const { shape, data } = isObject(value) ? value : {};
  requireForm(who, shape, isShape(shape), { name: 'shape', expected: sizes });
  requireList(who, 'data', data);
  requireCount(who, shape as number[], data.length);
}

/** As many numbers as the shape asks for. */
export function requireCount(who: string, shape: readonly number[], length: number): void {
  if (length === sizeOf(shape)) return;
  throw new InputError(
    `${who}: expected ${sizeOf(shape)} numbers for shape [${shape.join(', ')}], got ${length}. Give the entries in row-major order.`,
  );
}

/** A model or a dense tensor. */
export function requireTensor(who: string, value: unknown, name: string): void {
  const expected = `a dense tensor { shape, data } or a model: ${kruskalForm}, or ${symmetricForm}`;
  requireForm(who, value, isDense(value) || isModel(value), { name, expected, remedy: ofResult });
}

export function requireList(who: string, name: string, value: unknown): asserts value is ArrayLike<unknown> {
  requireForm(who, value, isList(value), {
    name,
    expected: 'an array of numbers',
    remedy: 'Give an array, plain or typed',
  });
}

export function requireFloat64(who: string, name: string, value: unknown): void {
  requireForm(who, value, isFloat64(value), { name, expected: 'a Float64Array', remedy: 'Give Float64Array.from(…)' });
}

/** Multi-indices `[count, order]` of cells of a shape. One pass. */
export function requireIndices(
  who: string,
  indices: ArrayLike<unknown>,
  shape: readonly number[],
  entry = 'entry',
): void {
  const order = shape.length;
  if (indices.length % order !== 0) {
    throw new InputError(
      `${who}: expected ${order} indices per ${entry}, got ${indices.length} in all. Give indices [count, order].`,
    );
  }
  for (let at = 0; at < indices.length;) {
    for (let k = 0; k < order; k++, at++) {
      const index = indices[at];
      if (isSize(index) && index < shape[k]!) continue;
      throw new InputError(
        `${who}: expected an index from 0 to ${shape[k]! - 1} in mode ${k}, got ${shownValue(index)} for ${entry} ${Math.floor(at / order)}. Indices count from 0.`,
      );
    }
  }
}

/** Zeros. @throws InputError where there is no memory for so many. */
export function zeros(who: string, count: number): Float64Array {
  try {
    return new Float64Array(count);
  } catch (cause) {
    throw new InputError(
      `${who}: expected an array that fits into memory, got one of ${count} numbers, ${8 * count} bytes. Choose smaller sizes.`,
      { cause },
    );
  }
}

const sizes = 'the sizes per mode, such as [4, 3, 2]';

/** The sizes themselves are checked by who takes them. */
export function requireSizes(who: string, value: unknown): void {
  const isRight = Array.isArray(value) && value.every((size) => typeof size === 'number');
  requireForm(who, value, isRight, { name: 'shape', expected: sizes });
}
