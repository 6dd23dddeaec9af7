// Sums over entries of products of gathered rows: those of the definition, and the same bits in WebAssembly and in plain loops.
import { afterEach, expect, test } from 'vitest';
import { rowAdder, type AddEntries, type GatheredRows } from '../../src/linalg/gathered-rows.js';
import { allowWasm, productCore } from '../../src/linalg/product-core.js';
import { randomStream } from '../../src/random/stream.js';

afterEach(() => allowWasm(true));

interface Size {
  readonly rows: readonly number[];
  readonly width: number;
  readonly valued: number;
  readonly count: number;
  /** Entries one after the other that share the rows of all tables but the last. */
  readonly run?: number;
  readonly isWeighted?: boolean;
}

const sizes: readonly Size[] = [
  { rows: [40], width: 20, valued: 5, count: 503 },
  { rows: [40], width: 20, valued: 5, count: 503, isWeighted: true },
  { rows: [40], width: 8, valued: 8, count: 503 },
  { rows: [7, 9], width: 9, valued: 3, count: 202 },
  { rows: [7, 9], width: 9, valued: 3, count: 202, run: 6, isWeighted: true },
  { rows: [7, 9], width: 16, valued: 8, count: 202, run: 3 },
  { rows: [3, 4, 5], width: 2, valued: 1, count: 101, run: 5 },
  { rows: [3, 4, 5], width: 27, valued: 6, count: 101 },
  // More than are copied at a time.
  { rows: [40, 30], width: 5, valued: 2, count: 40_000, run: 7 },
  // Too few for copies to pay: plain loops in either case.
  { rows: [400], width: 5, valued: 2, count: 50 },
];

function gatheredOf({ rows: counts, width, valued, count, run = 1, isWeighted = false }: Size): GatheredRows {
  const random = randomStream(3);
  const tables = counts.map((rows) => random.fillNormal(new Float64Array(rows * width)));
  const rows = new Uint32Array(count * counts.length);
  for (let e = 0, at = 0; e < count; e++) {
    counts.forEach((n, m) => {
      const isShared = e % run > 0 && m < counts.length - 1;
      rows[at] = isShared ? rows[at - counts.length]! : Math.floor(n * random.uniform());
      at++;
    });
  }
  const values = random.fillNormal(new Float64Array(count));
  const weights = isWeighted ? Float64Array.from({ length: count }, () => random.uniform()) : undefined;
  return { tables, width, rows, values, weights, valued };
}

/** Sums by the definition, and of the sizes of the terms. */
function expectedOf({ tables, width, rows, values, weights, valued }: GatheredRows, from: number, end: number) {
  const sums = new Float64Array(width);
  const scales = new Float64Array(width);
  for (let e = from; e < end; e++) {
    for (let c = 0; c < width; c++) {
      let term = (weights ? weights[e]! : 1) * (c < valued ? values[e]! : 1);
      tables.forEach((table, m) => (term *= table[rows[e * tables.length + m]! * width + c]!));
      sums[c]! += term;
      scales[c]! += Math.abs(term);
    }
  }
  return { sums, scales };
}

/** In two parts, the later one first, and the earlier one in halves: what is copied for the first half holds the other. */
function sumsOf(gathered: GatheredRows, from: number, end: number): Float64Array {
  const sums = new Float64Array(gathered.width).fill(1);
  const add = rowAdder(gathered);
  const half = Math.floor(from + (end - from) / 4);
  const late = Math.floor(from + (end - from) / 2);
  add(late, end, sums);
  add(from, half, sums);
  add(half, late, sums);
  return sums;
}

test.each(sizes)('$rows rows, width $width, $count entries', (size) => {
  const gathered = gatheredOf(size);
  const ranges = [
    [0, size.count],
    [3, size.count - 2],
    [5, 6],
    [4, 4],
  ] as const;
  for (const [from, end] of ranges) {
    allowWasm(true);
    expect(productCore().isWasm).toBe(true);
    const fast = sumsOf(gathered, from, end);
    allowWasm(false);
    expect(sumsOf(gathered, from, end)).toEqual(fast);
    const { sums, scales } = expectedOf(gathered, from, end);
    // Each term is a product of up to five numbers, and each of the two sums is rounded once per term, and when one of the three parts
    // is added to 1.
    fast.forEach((sum, c) => {
      const roundings = 2 * (end - from) + 8;
      expect(Math.abs(sum - 1 - sums[c]!)).toBeLessThanOrEqual(roundings * Number.EPSILON * (1 + scales[c]!));
    });
  }
});

test('two that take turns do not see the rows of one another, whatever memory they need', () => {
  const small = gatheredOf({ rows: [7, 9], width: 9, valued: 3, count: 202 });
  const large = gatheredOf({ rows: [3000], width: 60, valued: 5, count: 13_000 });
  const added = (add: AddEntries, end: number, width: number): Float64Array => {
    const sums = new Float64Array(width);
    add(0, end, sums);
    return sums;
  };
  const alone = added(rowAdder(small), 202, 9);
  const beside = added(rowAdder(large), 100, 60);
  const first = rowAdder(small);
  const second = rowAdder(large);
  for (let turn = 0; turn < 2; turn++) {
    expect(added(first, 202, 9)).toEqual(alone);
    expect(added(second, 100, 60)).toEqual(beside);
  }
});
