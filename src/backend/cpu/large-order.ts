// Entries of large order. Twin of shaders/large-order.wgsl.ts: products as a float64 and a power of two.
// An entry is a list of digits, each the number of a row in a table of one component: a mode is a digit and its factors
// are the rows; with bits, four modes are one and the rows are the sixteen products of their factors, so a product of
// 784 factors is one of 196, and a derivative by a row is passed on to the four factors in it. Digits go in groups of four:
//   predictions: one product per group, brought near 1 after it.      gradients: products of the groups before and after.
import { isPauseDue, type Work } from '../../yield.js';
import type { CpuArgs } from './arrays.js';

export function* predictLargeOrder(args: CpuArgs<'predictLargeOrder'>): Work<void> {
  const { batch, rows, rank, first, count, exponent = 0, factors, prediction } = args;
  const { weights = new Float64Array(batch * rank).fill(1) } = args;
  const form = formOf(args);
  const digits = form.digits(first, count);
  const products = new Float64Array(rank * count);
  const exponents = new Int32Array(rank * count);
  for (let b = 0; b < batch; b++) {
    for (let c = 0; c < rank; c++) {
      const table = form.table(columnOf(factors, b * rows, rows, rank, c));
      const at = c * count;
      const end = at + count;
      entryProducts(digits, table, weights[b * rank + c]!, products.subarray(at, end), exponents.subarray(at, end));
      if (isPauseDue(3 * digits.rows.length)) yield;
    }
    for (let e = 0; e < count; e++) {
      prediction[b * count + e] = sumOfComponents(products, exponents, e, count, exponent);
    }
  }
}

export function* gradientLargeOrder(args: CpuArgs<'gradientLargeOrder'>): Work<void> {
  const { batch, rows, rank, first, count, exponent = 0, factors, derivative: slopes, gradient } = args;
  const { weights = new Float64Array(batch * rank).fill(1) } = args;
  const form = formOf(args);
  const digits = form.digits(first, count);
  for (let b = 0; b < batch; b++) {
    for (let c = 0; c < rank; c++) {
      const column = columnOf(factors, b * rows, rows, rank, c);
      const table = form.table(column);
      const derivatives = new Float64Array(table.length);
      const seeds = slopes.subarray(b * count, (b + 1) * count);
      addDerivatives(digits, table, { seeds, weight: weights[b * rank + c]!, exponent }, derivatives);
      if (isPauseDue(10 * digits.rows.length)) yield;
      const ofFactors = form.passOn(column, derivatives);
      for (let row = 0; row < rows; row++) gradient[(b * rows + row) * rank + c] = ofFactors[row]!;
    }
  }
}

/** Weight times the product over all digits of every entry, as product · 2^exponent. */
function entryProducts(
  digits: Digits,
  table: Float64Array,
  weight: number,
  products: Float64Array,
  exponents: Int32Array,
): void {
  const { rows, length } = digits;
  for (let e = 0, at = 0; e < products.length; e++) {
    let product = weight;
    let exponent = 0;
    for (const end = at + length; at < end; at += 4) {
      product *= table[rows[at]!]! * table[rows[at + 1]!]! * (table[rows[at + 2]!]! * table[rows[at + 3]!]!);
      const shift = shiftOf(product);
      if (shift !== 0) {
        product *= 2 ** shift;
        exponent -= shift;
      }
    }
    products[e] = product;
    exponents[e] = exponent;
  }
}

/** 2^exponent Σ_c products[c, e] 2^exponents[c, e], taken relative to the largest so that opposite terms cancel. */
function sumOfComponents(
  products: Float64Array,
  exponents: Int32Array,
  e: number,
  count: number,
  exponent: number,
): number {
  let largest = -Infinity;
  for (let at = e; at < products.length; at += count) {
    if (products[at] !== 0) largest = Math.max(largest, exponents[at]!);
  }
  let sum = 0;
  for (let at = e; at < products.length; at += count) {
    if (products[at] !== 0) sum += products[at]! * 2 ** (exponents[at]! - largest);
  }
  return sum === 0 ? 0 : toNumber(sum, largest + exponent);
}

interface Seeds {
  /** Derivatives of the loss by the predictions of the entries. */
  readonly seeds: Float64Array;
  readonly weight: number;
  readonly exponent: number;
}

/**
 * derivatives[row] += 2^exponent weight Σ_{e, digit: row of digit in e = row} seeds[e] Π_{other digits} table[their rows].
 * A row's derivative is right while it and its product with the others of its group stay within float64; the largest
 * float beyond.
 */
function addDerivatives(
  { rows, length }: Digits,
  table: Float64Array,
  { seeds, weight, exponent: common }: Seeds,
  derivatives: Float64Array,
): void {
  const before = new Float64Array(length / 4);
  const exponentBefore = new Int32Array(length / 4);
  for (let e = 0; e < seeds.length; e++) {
    const begin = e * length;
    let product = weight * seeds[e]!;
    let exponent = common;
    for (let group = 0, at = begin; group < before.length; group++, at += 4) {
      before[group] = product;
      exponentBefore[group] = exponent;
      product *= table[rows[at]!]! * table[rows[at + 1]!]! * (table[rows[at + 2]!]! * table[rows[at + 3]!]!);
      const shift = shiftOf(product);
      if (shift !== 0) {
        product *= 2 ** shift;
        exponent -= shift;
      }
    }
    product = 1;
    exponent = 0;
    for (let group = before.length - 1, at = begin + 4 * group; group >= 0; group--, at -= 4) {
      const row0 = rows[at]!;
      const row1 = rows[at + 1]!;
      const row2 = rows[at + 2]!;
      const row3 = rows[at + 3]!;
      const x0 = table[row0]!;
      const x1 = table[row1]!;
      const x2 = table[row2]!;
      const x3 = table[row3]!;
      const outside = before[group]! * product;
      const first = x0 * x1;
      const second = x2 * x3;
      const beside0 = outside * second;
      const beside2 = outside * first;
      const scale = exponentBefore[group]! + exponent;
      if (scale === 0) {
        derivatives[row0]! += beside0 * x1;
        derivatives[row1]! += beside0 * x0;
        derivatives[row2]! += beside2 * x3;
        derivatives[row3]! += beside2 * x2;
      } else {
        derivatives[row0]! += toNumber(beside0 * x1, scale);
        derivatives[row1]! += toNumber(beside0 * x0, scale);
        derivatives[row2]! += toNumber(beside2 * x3, scale);
        derivatives[row3]! += toNumber(beside2 * x2, scale);
      }
      product *= first * second;
      const shift = shiftOf(product);
      if (shift !== 0) {
        product *= 2 ** shift;
        exponent -= shift;
      }
    }
  }
}

/** Rows of a table, `length` per entry, a multiple of four. */
interface Digits {
  readonly rows: Uint16Array | Uint32Array;
  readonly length: number;
}

/** How entries are read as digits; the last digits may stand for no mode, and then for the factor 1. */
interface Form {
  digits(first: number, count: number): Digits;
  /** Rows of one component's table, from its factors. */
  table(column: Float64Array): Float64Array;
  /** Derivatives by the factors, from those by the rows of the table. */
  passOn(column: Float64Array, derivatives: Float64Array): Float64Array;
}

const formOf = ({ entries, order, rows }: CpuArgs<'predictLargeOrder' | 'gradientLargeOrder'>): Form =>
  'bits' in entries ? bitForm(entries.bits, order) : rowForm(entries.rows, order, rows);

/** A mode is a digit; the row after the last factor holds the 1. */
function rowForm(entryRows: Uint32Array, order: number, rows: number): Form {
  const length = 4 * Math.ceil(order / 4);
  return {
    digits: (first, count) => {
      const digits = new Uint32Array(count * length).fill(rows);
      for (let e = 0; e < count; e++) {
        digits.set(entryRows.subarray((first + e) * order, (first + e + 1) * order), e * length);
      }
      return { rows: digits, length };
    },
    table: (column) => {
      const table = new Float64Array(rows + 1).fill(1);
      table.set(column);
      return table;
    },
    passOn: (_, derivatives) => derivatives,
  };
}

/** Four modes are a digit: row 16 g + s for modes 4 g … 4 g + 3 with bits s, the bit of the first mode lowest. */
function bitForm(bits: Uint32Array, order: number): Form {
  const words = Math.ceil(order / 16);
  const length = 4 * words;
  return {
    digits: (first, count) => {
      const digits = new Uint16Array(count * length);
      for (let at = 0, word = first * words; at < digits.length; word++) {
        for (let shift = 0; shift < 16; shift += 4, at++)
          digits[at] = 16 * (at % length) + ((bits[word]! >> shift) & 15);
      }
      return { rows: digits, length };
    },
    table: (column) => {
      const table = new Float64Array(16 * length);
      const low = new Float64Array(4);
      const high = new Float64Array(4);
      for (let group = 0; group < length; group++) {
        pairProducts(column, 4 * group, low);
        pairProducts(column, 4 * group + 2, high);
        for (let s = 0; s < 16; s++) table[16 * group + s] = low[s & 3]! * high[s >> 2]!;
      }
      return table;
    },
    passOn: (column, derivatives) => {
      const ofFactors = new Float64Array(8 * length);
      const low = new Float64Array(4);
      const high = new Float64Array(4);
      for (let group = 0; group < length; group++) {
        pairProducts(column, 4 * group, low);
        pairProducts(column, 4 * group + 2, high);
        for (let s = 0; s < 16; s++) {
          const derivative = clamp(derivatives[16 * group + s]!);
          addToPair(column, 4 * group, s & 3, derivative * high[s >> 2]!, ofFactors);
          addToPair(column, 4 * group + 2, s >> 2, derivative * low[s & 3]!, ofFactors);
        }
      }
      return ofFactors;
    },
  };
}

/** The factor of a mode, 1 for modes after the last. */
const factorOf = (column: Float64Array, mode: number, symbol: number): number => column[2 * mode + symbol] ?? 1;

/** products[s] = factor of `mode` for the low bit of s · factor of the next mode for its high bit */
function pairProducts(column: Float64Array, mode: number, products: Float64Array): void {
  for (let s = 0; s < 4; s++) products[s] = factorOf(column, mode, s & 1) * factorOf(column, mode + 1, s >> 1);
}

/** A derivative by the product of two modes goes to both factors, times the other. */
function addToPair(column: Float64Array, mode: number, s: number, derivative: number, ofFactors: Float64Array): void {
  ofFactors[2 * mode + (s & 1)]! += derivative * factorOf(column, mode + 1, s >> 1);
  ofFactors[2 * mode + 2 + (s >> 1)]! += derivative * factorOf(column, mode, s & 1);
}

/** Factors of one component: column c of rows `begin … begin + rows − 1`. */
function columnOf(factors: Float64Array, begin: number, rows: number, rank: number, c: number): Float64Array {
  const column = new Float64Array(rows);
  for (let row = 0, at = begin * rank + c; row < rows; row++, at += rank) column[row] = factors[at]!;
  return column;
}

// Products between these go on as they are; those of factors near 1, as training keeps them, hardly ever leave.
const step = 256;
const huge = 2 ** step;
const tiny = 2 ** -step;

/** Exponent of the power of two that brings a product back to 2^±256. A group multiplies by 2^±126 at most (or 0), so one is enough. */
function shiftOf(product: number): number {
  const size = Math.abs(product);
  return size >= huge ? -step : size <= tiny && size > 0 ? step : 0;
}

const clamp = (value: number): number => Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));

/** product · 2^exponent, the largest number where that is too large. In two halves, since 2^exponent alone may overflow. */
function toNumber(product: number, exponent: number): number {
  const half = Math.max(-1000, Math.min(1000, Math.trunc(exponent / 2)));
  return clamp(product * 2 ** half * 2 ** Math.max(-1000, Math.min(1000, exponent - half)));
}
