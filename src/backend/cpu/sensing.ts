// Linear measurements of tensors and their adjoint. Twin of shaders/sensing.wgsl.ts.
import { inRanges, type Work } from '../../yield.js';
import type { CpuArgs } from './arrays.js';

export function* measureDense(args: CpuArgs<'measureDense'>): Work<void> {
  const { batch, count, size, measurements, tensor, prediction } = args;
  const all = runs(count);
  yield* inRanges(all.length, 8 * batch * size, (begin, end) => {
    for (const { first, four } of all.slice(begin, end)) {
      for (let b = 0; b < batch; b++) {
        const from = b * size;
        const to = b * count + first;
        if (four) measureFour(measurements, first * size, size, tensor, from, prediction, to);
        else prediction[to] = inner(measurements, first * size, size, tensor, from);
      }
    }
  });
}

export function* measureAdjoint(args: CpuArgs<'measureAdjoint'>): Work<void> {
  const { batch, count, size, measurements, derivative, tensor } = args;
  tensor.fill(0, 0, batch * size);
  const all = runs(count);
  yield* inRanges(all.length, 8 * batch * size, (begin, end) => {
    for (const { first, four } of all.slice(begin, end)) {
      for (let b = 0; b < batch; b++) {
        const from = b * count + first;
        const to = b * size;
        if (four) addFour(measurements, first * size, size, derivative, from, tensor, to);
        else addMultiple(measurements, first * size, size, derivative[from]!, tensor, to);
      }
    }
  });
}

/** Measurements in fours, which all batch items use while they are in the cache, then the rest one by one. */
function runs(count: number): { readonly first: number; readonly four: boolean }[] {
  const fours = Math.floor(count / 4);
  return Array.from({ length: fours + (count % 4) }, (_, run) =>
    run < fours ? { first: 4 * run, four: true } : { first: 3 * fours + run, four: false },
  );
}

/** out[to + s] = the inner product of x with the s-th of the four rows that begin at `row`. */
function measureFour(
  rows: Float64Array,
  row: number,
  size: number,
  x: Float64Array,
  from: number,
  out: Float64Array,
  to: number,
): void {
  const r1 = row + size;
  const r2 = r1 + size;
  const r3 = r2 + size;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let i = 0; i < size; i++) {
    const value = x[from + i]!;
    s0 += value * rows[row + i]!;
    s1 += value * rows[r1 + i]!;
    s2 += value * rows[r2 + i]!;
    s3 += value * rows[r3 + i]!;
  }
  out[to] = s0;
  out[to + 1] = s1;
  out[to + 2] = s2;
  out[to + 3] = s3;
}

function inner(rows: Float64Array, row: number, size: number, x: Float64Array, from: number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += x[from + i]! * rows[row + i]!;
  return sum;
}

/** out[to + i] += Σ_s weights[from + s] · entry i of the s-th of the four rows that begin at `row`. */
function addFour(
  rows: Float64Array,
  row: number,
  size: number,
  weights: Float64Array,
  from: number,
  out: Float64Array,
  to: number,
): void {
  const r1 = row + size;
  const r2 = r1 + size;
  const r3 = r2 + size;
  const w0 = weights[from]!;
  const w1 = weights[from + 1]!;
  const w2 = weights[from + 2]!;
  const w3 = weights[from + 3]!;
  for (let i = 0; i < size; i++) {
    out[to + i]! += w0 * rows[row + i]! + w1 * rows[r1 + i]! + (w2 * rows[r2 + i]! + w3 * rows[r3 + i]!);
  }
}

function addMultiple(
  rows: Float64Array,
  row: number,
  size: number,
  weight: number,
  out: Float64Array,
  to: number,
): void {
  for (let i = 0; i < size; i++) out[to + i]! += weight * rows[row + i]!;
}

export function* measureKruskal(args: CpuArgs<'measureKruskal'>): Work<void> {
  const { shape, rank, batch, count, terms, factors, vectors, products, weights, prediction } = args;
  const components = count * terms;
  prediction.fill(0, 0, batch * count);
  const flops = 2 * rank * shape.reduce((sum, size) => sum + size, 0);
  yield* inRanges(batch * components, flops, (from, end) => {
    for (let item = from; item < end; item++) {
      const b = Math.floor(item / components);
      const q = item % components;
      for (let c = 0; c < rank; c++) {
        let product = weights[q]!;
        shape.forEach((size, k) => {
          let inner = 0;
          for (let i = 0; i < size; i++) inner += vectors[k]![q * size + i]! * factors[k]![(b * size + i) * rank + c]!;
          products[k]![(b * components + q) * rank + c] = inner;
          product *= inner;
        });
        prediction[b * count + Math.floor(q / terms)]! += product;
      }
    }
  });
}

export function* measureKruskalAdjoint(args: CpuArgs<'measureKruskalAdjoint'>): Work<void> {
  const { shape, rank, batch, count, terms, mode, products, vectors, weights, derivative, gradient } = args;
  const components = count * terms;
  const size = shape[mode]!;
  gradient.fill(0, 0, batch * size * rank);
  yield* inRanges(batch * components, 2 * rank * (size + shape.length), (from, end) => {
    for (let item = from; item < end; item++) {
      const b = Math.floor(item / components);
      const q = item % components;
      for (let c = 0; c < rank; c++) {
        let product = derivative[b * count + Math.floor(q / terms)]! * weights[q]!;
        products.forEach((inner, k) => {
          if (k !== mode) product *= inner[(b * components + q) * rank + c]!;
        });
        for (let i = 0; i < size; i++) gradient[(b * size + i) * rank + c]! += product * vectors[mode]![q * size + i]!;
      }
    }
  });
}
