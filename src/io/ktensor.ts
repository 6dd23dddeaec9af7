// Text files of Tensor Toolbox (export_data, import_data) and of pyttb, beside the sptensor that tns.ts reads:
//   ktensor, then order, sizes, number of components, weights, and of every mode: matrix, 2, its sizes, its rows
//   tensor, then order, sizes, and the entries with the first index changing fastest
import { InputError } from '../errors.js';
import { isSymmetric, kruskal, symmetricToKruskal, type AnyKruskal, type Kruskal } from '../tensor/kruskal.js';
import type { DenseTensor } from '../tensor/dense.js';
import { permuteModes } from '../tensor/permute.js';
import { sizeOf } from '../tensor/shape.js';
import { shownValue } from '../tensor/numbers.js';
import { requireArray, requireModel } from '../tensor/require.js';
import { linesOf, type Text } from './lines.js';
import type { NpyArray } from './npy.js';
import { rowMajor } from './row-major.js';

/** Tensors of more modes are a mistake in the header. */
const maxOrder = 256;

/**
 * Reads the components of a ktensor as Tensor Toolbox and pyttb export it, text or bytes, compressed by gzip or not. Cost O(bytes).
 *
 * @example
 * ```ts
 * import { kruskal, matrix } from 'polyadic';
 * import { readKtensor, writeKtensor } from 'polyadic/io';
 *
 * const text = writeKtensor(kruskal([2], [matrix(2, 1, [1, 0]), matrix(2, 1, [0, 1])]));
 * console.log(readKtensor(text).weights); // Float64Array(1) [ 2 ]
 * ```
 * @throws InputError naming the line.
 */
export function readKtensor(text: Text): Kruskal {
  const words = new Words('readKtensor', text);
  const shape = words.header('ktensor');
  const rank = words.integer('the number of components', 0);
  const weights = words.numbers(rank, 'weights');
  const factors = shape.map((rows, mode) => {
    words.word('matrix');
    words.equal(2, `the order of the factor of mode ${mode}`);
    words.equal(rows, `the rows of the factor of mode ${mode}`);
    words.equal(rank, `the columns of the factor of mode ${mode}`);
    return { rows, columns: rank, data: words.numbers(rows * rank, `the factor of mode ${mode}`) };
  });
  words.end();
  return kruskal(weights, factors);
}

/**
 * Reads a dense tensor as Tensor Toolbox and pyttb export it; the result is row-major as everywhere here. Cost O(bytes).
 *
 * @example
 * ```ts
 * import { denseTensor } from 'polyadic';
 * import { readToolboxTensor, writeToolboxTensor } from 'polyadic/io';
 *
 * const text = writeToolboxTensor(denseTensor([2, 2], [1, 2, 3, 4]));
 * console.log(readToolboxTensor(text).data); // Float64Array(4) [ 1, 2, 3, 4 ]
 * ```
 * @throws InputError naming the line.
 */
export function readToolboxTensor(text: Text): NpyArray {
  const words = new Words('readToolboxTensor', text);
  const shape = words.header('tensor');
  const values = words.numbers(sizeOf(shape), 'the entries');
  words.end();
  return { dtype: 'f8', shape, data: rowMajor(values, shape) };
}

/**
 * The text that readKtensor and import_data read; symmetric models as general ones. Numbers read back exactly.
 *
 * @example
 * ```ts
 * import { kruskal, matrix } from 'polyadic';
 * import { readKtensor, writeKtensor } from 'polyadic/io';
 *
 * const text = writeKtensor(kruskal([2], [matrix(2, 1, [1, 0]), matrix(2, 1, [0, 1])]));
 * console.log(readKtensor(text).weights); // Float64Array(1) [ 2 ]
 * ```
 * @throws InputError for numbers that are not finite.
 */
export function writeKtensor(model: AnyKruskal): string {
  requireModel('writeKtensor', model);
  const { weights, factors } = isSymmetric(model) ? symmetricToKruskal(model) : model;
  const rank = weights.length;
  const lines = [
    ...headerOf(
      'ktensor',
      factors.map(({ rows }) => rows),
    ),
    String(rank),
    rowText('writeKtensor', weights),
  ];
  for (const { rows, data } of factors) {
    lines.push(...headerOf('matrix', [rows, rank]));
    for (let i = 0; i < rows; i++) lines.push(rowText('writeKtensor', data.subarray(i * rank, (i + 1) * rank)));
  }
  return `${lines.join('\n')}\n`;
}

/**
 * The text that readToolboxTensor and import_data read. Numbers read back exactly.
 *
 * @example
 * ```ts
 * import { denseTensor } from 'polyadic';
 * import { readToolboxTensor, writeToolboxTensor } from 'polyadic/io';
 *
 * const text = writeToolboxTensor(denseTensor([2, 2], [1, 2, 3, 4]));
 * console.log(readToolboxTensor(text).data); // Float64Array(4) [ 1, 2, 3, 4 ]
 * ```
 * @throws InputError for numbers that are not finite.
 */
export function writeToolboxTensor(tensor: DenseTensor): string {
  requireArray('writeToolboxTensor', tensor);
  const { shape, data } = tensor;
  const values = permuteModes({ shape, data: Float64Array.from(data) }, reversed(shape)).data;
  return [
    ...headerOf('tensor', shape),
    ...Array.from(values, (value) => rowText('writeToolboxTensor', [value])),
    '',
  ].join('\n');
}

const reversed = (shape: readonly number[]): number[] => Array.from(shape.keys()).reverse();

const headerOf = (kind: string, shape: readonly number[]): string[] => [kind, String(shape.length), shape.join(' ')];

function rowText(who: string, values: ArrayLike<number>): string {
  const row = Array.from(values);
  const bad = row.find((value) => !Number.isFinite(value));
  if (bad === undefined) return row.map((value) => (Object.is(value, -0) ? '-0' : String(value))).join(' ');
  throw new InputError(`${who}: expected finite numbers, got ${shownValue(bad)}. Leave out what is not known.`);
}

/** The words of a text, each with its line. */
class Words {
  readonly #who: string;
  readonly #lines: Iterator<string, void>;
  #line = 0;
  #words: string[] = [];

  constructor(who: string, text: Text) {
    this.#who = who;
    this.#lines = linesOf(who, text);
  }

  /** Undefined at the end. */
  #next(): string | undefined {
    for (;;) {
      const word = this.#words.pop();
      if (word !== undefined) return word;
      const { done, value } = this.#lines.next();
      if (done) return undefined;
      this.#line++;
      this.#words = value.split(/\s+/).filter(Boolean).reverse();
    }
  }

  #wrong(expected: string, got: string | undefined): InputError {
    const place = got === undefined ? 'the end of the file' : `${got.slice(0, 40)} on line ${this.#line}`;
    return new InputError(`${this.#who}: expected ${expected}, got ${place}. Check how the file was written.`);
  }

  word(expected: string): void {
    const got = this.#next();
    if (got !== expected) throw this.#wrong(`the word ${expected}`, got);
  }

  number(what: string): number {
    const got = this.#next();
    const value = got === undefined ? NaN : Number(got);
    if (Number.isFinite(value)) return value;
    throw this.#wrong(`${what}, finite numbers`, got);
  }

  integer(what: string, min: number): number {
    const got = this.#next();
    const value = got !== undefined && /^\d+$/.test(got) ? Number(got) : NaN;
    if (Number.isSafeInteger(value) && value >= min) return value;
    throw this.#wrong(`${what}, an integer from ${min} on`, got);
  }

  equal(expected: number, what: string): void {
    const got = this.integer(what, 0);
    if (got !== expected) throw this.#wrong(`${what} to be ${expected}`, String(got));
  }

  header(kind: string): number[] {
    this.word(kind);
    const order = this.integer('the number of modes', 1);
    if (order > maxOrder) throw this.#wrong(`at most ${maxOrder} modes`, String(order));
    const shape = Array.from({ length: order }, () => this.integer('the size of a mode', 1));
    if (!Number.isSafeInteger(sizeOf(shape))) throw this.#wrong('sizes of a tensor', shape.join(' × '));
    return shape;
  }

  /** A list grows with the file, not with what its header says. */
  numbers(count: number, what: string): Float64Array {
    const found: number[] = [];
    while (found.length < count) found.push(this.number(what));
    return Float64Array.from(found);
  }

  end(): void {
    const got = this.#next();
    if (got !== undefined) throw this.#wrong('the end of the file', got);
  }
}
