// Numbers as they come from outside of TypeScript (JSON, forms, other libraries), where an array may hold null, strings, holes or
// BigInts: Float64Array.from would make 0, a number or NaN of them without a word. Used by every public constructor.
import { InputError } from '../errors.js';

export interface NumbersWanted {
  /** Who complains. */
  readonly who: string;
  /** What is expected, as in "finite numbers". */
  readonly expected: string;
  /** Where an entry is, as in "at index [0, 2]". Default: "at entry 2". */
  readonly place?: (at: number) => string;
  /** What to do about NaN, infinite and missing numbers, a sentence without its end. */
  readonly remedy: string;
}

/**
 * The numbers as a typed array; one of floats is kept, not copied. `known`: entries where it is 0 may hold anything, and become 0.
 * @throws InputError naming the first entry that is not a finite number.
 */
export function finiteNumbers(
  data: ArrayLike<number>,
  wanted: NumbersWanted,
  known?: Uint8Array,
): Float64Array | Float32Array {
  const isKept = !known && (data instanceof Float64Array || data instanceof Float32Array);
  const numbers = isKept ? data : new Float64Array(data.length);
  for (let at = 0; at < numbers.length; at++) {
    if (known?.[at] === 0) continue;
    const value: unknown = data[at];
    if (typeof value !== 'number' || !Number.isFinite(value)) throw notFinite(value, at, wanted);
    if (!isKept) numbers[at] = value;
  }
  return numbers;
}

/** The same, always as float64. */
export function finiteFloat64(data: ArrayLike<number>, wanted: NumbersWanted): Float64Array {
  const numbers = finiteNumbers(data, wanted);
  return numbers instanceof Float64Array ? numbers : Float64Array.from(numbers);
}

/** A copy as float64; NaN and infinite numbers, as of a run that diverged, are kept. @throws InputError for what is no number. */
export function float64Copy(data: ArrayLike<number>, who: string, what: string): Float64Array {
  return Float64Array.from({ length: data.length }, (_, at) => {
    const value: unknown = data[at];
    if (typeof value === 'number') return value;
    throw notFinite(value, at, { who, expected: `numbers in ${what}`, remedy: 'Correct it' });
  });
}

function notFinite(value: unknown, at: number, { who, expected, place, remedy }: NumbersWanted): InputError {
  const isConvertible = typeof value === 'string' || typeof value === 'bigint' || typeof value === 'boolean';
  const isNested = typeof value === 'object' && value !== null;
  const toDo = isConvertible ? 'Convert it by Number(…)' : isNested ? 'Give one flat array, row-major' : remedy;
  return new InputError(
    `${who}: expected ${expected}, got ${shownValue(value)} ${place?.(at) ?? `at entry ${at}`}. ${toDo}.`,
  );
}

/** A value as an error message names it: NaN, null, the string "3", the BigInt 3n, an array. */
export function shownValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `the string ${JSON.stringify(shortened(value))}`;
    case 'bigint':
      return `the BigInt ${value}n`;
    case 'undefined':
      return 'undefined (a hole?)';
    case 'number':
    case 'boolean':
      return String(value);
    default:
      return value === null ? 'null' : Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;
  }
}

const shortened = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);
