// Entries of large order. Twin of shaders/large-order.wgsl.ts: products as a float64 and a power of two, prefix by prefix.
import type { GradientLargeOrder, LargeOrderEntries, PredictLargeOrder } from '../operations/large-order.js';
import { integers, numbers } from './arrays.js';

/** Product · 2^exponent; the product is kept within 2^±256, scaled by exact powers of two. */
interface Scaled {
  product: number;
  exponent: number;
}

export function predictLargeOrder(args: PredictLargeOrder): void {
  const { order, batch, rows, rank, first, count, exponent = 0 } = args;
  const [factors, prediction] = [numbers(args.factors), numbers(args.prediction)];
  const weights = args.weights ? numbers(args.weights) : new Float64Array(batch * rank).fill(1);
  const rowOf = rowLookup(args.entries, order);
  const terms = Array.from({ length: rank }, (): Scaled => ({ product: 0, exponent: 0 }));
  for (let b = 0; b < batch; b++) {
    for (let e = 0; e < count; e++) {
      terms.forEach((term, c) => {
        term.product = weights[b * rank + c]!;
        term.exponent = 0;
        for (let k = 0; k < order; k++) multiply(term, factors[(b * rows + rowOf(first + e, k)) * rank + c]!);
      });
      const largest = terms.reduce(
        (most, term) => (term.product === 0 ? most : Math.max(most, term.exponent)),
        -Infinity,
      );
      let sum = 0;
      for (const term of terms) if (term.product !== 0) sum += term.product * 2 ** (term.exponent - largest);
      prediction[b * count + e] = sum === 0 ? 0 : toNumber(sum, largest + exponent);
    }
  }
}

export function gradientLargeOrder(args: GradientLargeOrder): void {
  const { order, batch, rows, rank, first, count, exponent = 0 } = args;
  const [factors, slopes, gradient] = [numbers(args.factors), numbers(args.derivative), numbers(args.gradient)];
  const weights = args.weights ? numbers(args.weights) : new Float64Array(batch * rank).fill(1);
  const rowOf = rowLookup(args.entries, order);
  const before = new Float64Array(order);
  const beforeExponent = new Float64Array(order);
  gradient.fill(0);
  for (let b = 0; b < batch; b++) {
    for (let e = 0; e < count; e++) {
      for (let c = 0; c < rank; c++) {
        const at = (k: number): number => (b * rows + rowOf(first + e, k)) * rank + c;
        const running: Scaled = { product: weights[b * rank + c]! * slopes[b * count + e]!, exponent };
        for (let k = 0; k < order; k++) {
          before[k] = running.product;
          beforeExponent[k] = running.exponent;
          multiply(running, factors[at(k)]!);
        }
        const after: Scaled = { product: 1, exponent: 0 };
        for (let k = order - 1; k >= 0; k--) {
          gradient[at(k)]! += toNumber(before[k]! * after.product, beforeExponent[k]! + after.exponent);
          multiply(after, factors[at(k)]!);
        }
      }
    }
  }
}

function rowLookup(entries: LargeOrderEntries, order: number): (e: number, mode: number) => number {
  if ('rows' in entries) {
    const rows = integers(entries.rows);
    return (e, mode) => rows[e * order + mode]!;
  }
  const bits = integers(entries.bits);
  const words = Math.ceil(order / 16);
  return (e, mode) => 2 * mode + ((bits[e * words + (mode >> 4)]! >> (mode & 15)) & 1);
}

const step = 256;

function multiply(scaled: Scaled, factor: number): void {
  scaled.product *= factor;
  const size = Math.abs(scaled.product);
  if (size > 2 ** step) {
    scaled.product *= 2 ** -step;
    scaled.exponent += step;
  } else if (size < 2 ** -step && size > 0) {
    scaled.product *= 2 ** step;
    scaled.exponent -= step;
  }
}

/** product · 2^exponent, the largest number where that is too large. In two halves, since 2^exponent alone may overflow. */
function toNumber(product: number, exponent: number): number {
  const half = Math.max(-1000, Math.min(1000, Math.trunc(exponent / 2)));
  const value = product * 2 ** half * 2 ** Math.max(-1000, Math.min(1000, exponent - half));
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));
}
