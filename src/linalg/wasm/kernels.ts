// The kernels of src/linalg/product-core.ts in AssemblyScript (TypeScript syntax, integer and vector types of WebAssembly). Compiled to
// module.ts by src/node/compile-wasm.mjs. Addresses are in bytes, strides and counts in numbers of eight bytes. Every sum is taken in
// the order of the plain loops, one rounding per product and per sum, so that both give the same bits. No relaxed SIMD.

/** Lanes side by side in a panel: panel[⌊lane / 4⌋ · 4 · depth + 4 · d + lane mod 4] = b[lane, d], 0 for lanes that fill up the last four. */
export function pack(b: usize, lanes: i32, depth: i32, laneStride: usize, depthStride: usize, panel: usize): void {
  for (let lane = 0; lane < lanes; lane++) {
    let from = b + ((<usize>lane * laneStride) << 3);
    let to = laneOf(panel, lane, depth);
    for (const end = to + ((<usize>depth) << 5); to < end; to += 32) {
      f64.store(to, f64.load(from));
      from += depthStride << 3;
    }
  }
  for (let lane = lanes; (lane & 3) != 0; lane++) {
    let to = laneOf(panel, lane, depth);
    for (const end = to + ((<usize>depth) << 5); to < end; to += 32) f64.store(to, 0);
  }
}

function laneOf(panel: usize, lane: i32, depth: i32): usize {
  return panel + ((<usize>(lane & ~3) * <usize>depth + ((<usize>lane) & 3)) << 3);
}

/**
 * c[i, j] = Σ_d a[i, d] · panel lane j's number d, four rows by four lanes at a time: two numbers per vector, eight vectors of sums.
 * Rows of c that fill up the last four repeat the last row. `lower`: only where i ≥ j, and what shares four rows and lanes with these.
 */
export function multiply(
  rows: i32,
  lanes: i32,
  depth: i32,
  a: usize,
  rowStride: usize,
  depthStride: usize,
  panel: usize,
  c: usize,
  cStride: usize,
  lower: bool,
): void {
  const step = depthStride << 3;
  const last = rows - 1;
  for (let j = 0; j < lanes; j += 4) {
    const first = panel + ((<usize>j * <usize>depth) << 3);
    const end = first + ((<usize>depth) << 5);
    for (let i = lower ? j : 0; i < rows; i += 4) {
      let a0 = a + ((<usize>i * rowStride) << 3);
      let a1 = a + ((<usize>min(i + 1, last) * rowStride) << 3);
      let a2 = a + ((<usize>min(i + 2, last) * rowStride) << 3);
      let a3 = a + ((<usize>min(i + 3, last) * rowStride) << 3);
      let c00 = f64x2.splat(0);
      let c01 = f64x2.splat(0);
      let c10 = f64x2.splat(0);
      let c11 = f64x2.splat(0);
      let c20 = f64x2.splat(0);
      let c21 = f64x2.splat(0);
      let c30 = f64x2.splat(0);
      let c31 = f64x2.splat(0);
      for (let b = first; b < end; b += 32) {
        const b0 = v128.load(b);
        const b1 = v128.load(b, 16);
        let x = v128.load64_splat(a0);
        c00 = f64x2.add(c00, f64x2.mul(x, b0));
        c01 = f64x2.add(c01, f64x2.mul(x, b1));
        x = v128.load64_splat(a1);
        c10 = f64x2.add(c10, f64x2.mul(x, b0));
        c11 = f64x2.add(c11, f64x2.mul(x, b1));
        x = v128.load64_splat(a2);
        c20 = f64x2.add(c20, f64x2.mul(x, b0));
        c21 = f64x2.add(c21, f64x2.mul(x, b1));
        x = v128.load64_splat(a3);
        c30 = f64x2.add(c30, f64x2.mul(x, b0));
        c31 = f64x2.add(c31, f64x2.mul(x, b1));
        a0 += step;
        a1 += step;
        a2 += step;
        a3 += step;
      }
      let to = c + ((<usize>i * cStride + <usize>j) << 3);
      v128.store(to, c00);
      v128.store(to, c01, 16);
      to += cStride << 3;
      v128.store(to, c10);
      v128.store(to, c11, 16);
      to += cStride << 3;
      v128.store(to, c20);
      v128.store(to, c21, 16);
      to += cStride << 3;
      v128.store(to, c30);
      v128.store(to, c31, 16);
    }
  }
}

/**
 * out[c] = Σ over runs of (Σ_{e in run} x_e(c) · last(e)[c]) · Π of the other tables' rows, for c < width, a multiple of eight. `rows` [count,
 * tables]: which row of every table an entry takes; a run is the entries in a row that differ in that of the last table alone. Rows have
 * `width` numbers. x_e(c) is values[e] for c < valued, also a multiple of eight, and weights[e] for the others; without `weights` they
 * are 1. Four entries of a run are added to one another first.
 */
export function sumRows(
  count: i32,
  tables: i32,
  width: i32,
  valued: i32,
  values: usize,
  weights: usize,
  rows: usize,
  tablesAt: usize,
  out: usize,
): void {
  const rest = (<usize>(tables - 1)) << 2;
  const step = (<usize>tables) << 2;
  const rowBytes = (<usize>width) << 3;
  const one = f64x2.splat(1);
  for (let c = 0; c < width; c += 8) {
    const offset = (<usize>c) << 3;
    const scales = c < valued ? values : weights;
    const last = <usize>load<u32>(tablesAt + rest) + offset;
    let sum0 = f64x2.splat(0);
    let sum1 = f64x2.splat(0);
    let sum2 = f64x2.splat(0);
    let sum3 = f64x2.splat(0);
    for (let e = 0; e < count;) {
      const first = rows + <usize>e * step;
      // Most runs are of one entry where there is more than one table.
      if (rest != 0 && (e + 1 == count || load<u32>(first) != load<u32>(first + step))) {
        const x = scales != 0 ? v128.load64_splat(scales + ((<usize>e) << 3)) : one;
        const a = last + <usize>load<u32>(first + rest) * rowBytes;
        const b = <usize>load<u32>(tablesAt) + <usize>load<u32>(first) * rowBytes + offset;
        let one0 = f64x2.mul(f64x2.mul(x, v128.load(a)), v128.load(b));
        let one1 = f64x2.mul(f64x2.mul(x, v128.load(a, 16)), v128.load(b, 16));
        let one2 = f64x2.mul(f64x2.mul(x, v128.load(a, 32)), v128.load(b, 32));
        let one3 = f64x2.mul(f64x2.mul(x, v128.load(a, 48)), v128.load(b, 48));
        for (let k: usize = 4; k < rest; k += 4) {
          const d = <usize>load<u32>(tablesAt + k) + <usize>load<u32>(first + k) * rowBytes + offset;
          one0 = f64x2.mul(one0, v128.load(d));
          one1 = f64x2.mul(one1, v128.load(d, 16));
          one2 = f64x2.mul(one2, v128.load(d, 32));
          one3 = f64x2.mul(one3, v128.load(d, 48));
        }
        sum0 = f64x2.add(sum0, one0);
        sum1 = f64x2.add(sum1, one1);
        sum2 = f64x2.add(sum2, one2);
        sum3 = f64x2.add(sum3, one3);
        e++;
        continue;
      }
      const end = rest != 0 ? endOfRun(rows, rest, step, e, count) : count;
      let run0 = f64x2.splat(0);
      let run1 = f64x2.splat(0);
      let run2 = f64x2.splat(0);
      let run3 = f64x2.splat(0);
      let at = rows + rest + <usize>e * step;
      for (; e + 4 <= end; e += 4) {
        const a = last + <usize>load<u32>(at) * rowBytes;
        const b = last + <usize>load<u32>(at + step) * rowBytes;
        const c = last + <usize>load<u32>(at + 2 * step) * rowBytes;
        const d = last + <usize>load<u32>(at + 3 * step) * rowBytes;
        if (scales != 0) {
          const scale = scales + ((<usize>e) << 3);
          const x = v128.load64_splat(scale);
          const y = v128.load64_splat(scale, 8);
          const z = v128.load64_splat(scale, 16);
          const w = v128.load64_splat(scale, 24);
          run0 = f64x2.add(run0, scaled(a, b, c, d, x, y, z, w));
          run1 = f64x2.add(run1, scaled(a + 16, b + 16, c + 16, d + 16, x, y, z, w));
          run2 = f64x2.add(run2, scaled(a + 32, b + 32, c + 32, d + 32, x, y, z, w));
          run3 = f64x2.add(run3, scaled(a + 48, b + 48, c + 48, d + 48, x, y, z, w));
        } else {
          run0 = f64x2.add(run0, added(a, b, c, d));
          run1 = f64x2.add(run1, added(a + 16, b + 16, c + 16, d + 16));
          run2 = f64x2.add(run2, added(a + 32, b + 32, c + 32, d + 32));
          run3 = f64x2.add(run3, added(a + 48, b + 48, c + 48, d + 48));
        }
        at += step << 2;
      }
      for (; e < end; e++) {
        const x = scales != 0 ? v128.load64_splat(scales + ((<usize>e) << 3)) : one;
        const a = last + <usize>load<u32>(at) * rowBytes;
        run0 = f64x2.add(run0, f64x2.mul(x, v128.load(a)));
        run1 = f64x2.add(run1, f64x2.mul(x, v128.load(a, 16)));
        run2 = f64x2.add(run2, f64x2.mul(x, v128.load(a, 32)));
        run3 = f64x2.add(run3, f64x2.mul(x, v128.load(a, 48)));
        at += step;
      }
      for (let k: usize = 0; k < rest; k += 4) {
        const row = <usize>load<u32>(at - step - rest + k);
        const a = <usize>load<u32>(tablesAt + k) + row * rowBytes + offset;
        run0 = f64x2.mul(run0, v128.load(a));
        run1 = f64x2.mul(run1, v128.load(a, 16));
        run2 = f64x2.mul(run2, v128.load(a, 32));
        run3 = f64x2.mul(run3, v128.load(a, 48));
      }
      sum0 = f64x2.add(sum0, run0);
      sum1 = f64x2.add(sum1, run1);
      sum2 = f64x2.add(sum2, run2);
      sum3 = f64x2.add(sum3, run3);
    }
    v128.store(out + offset, sum0);
    v128.store(out + offset, sum1, 16);
    v128.store(out + offset, sum2, 32);
    v128.store(out + offset, sum3, 48);
  }
}

/** out[e] = Σ_c weights[c] · Π_k table[rows[e, k], c]: eight sums, of every eighth column, that are added up by pairs. */
export function multiplyRows(
  count: i32,
  order: i32,
  width: i32,
  rows: usize,
  table: usize,
  weights: usize,
  out: usize,
): void {
  const rowBytes = (<usize>width) << 3;
  const step = (<usize>order) << 2;
  for (let at = rows, end = rows + <usize>count * step; at < end; at += step) {
    let sum0 = f64x2.splat(0);
    let sum1 = f64x2.splat(0);
    let sum2 = f64x2.splat(0);
    let sum3 = f64x2.splat(0);
    for (let offset: usize = 0; offset < rowBytes; offset += 64) {
      let x0 = v128.load(weights + offset);
      let x1 = v128.load(weights + offset, 16);
      let x2 = v128.load(weights + offset, 32);
      let x3 = v128.load(weights + offset, 48);
      for (let k: usize = 0; k < step; k += 4) {
        const a = table + <usize>load<u32>(at + k) * rowBytes + offset;
        x0 = f64x2.mul(x0, v128.load(a));
        x1 = f64x2.mul(x1, v128.load(a, 16));
        x2 = f64x2.mul(x2, v128.load(a, 32));
        x3 = f64x2.mul(x3, v128.load(a, 48));
      }
      sum0 = f64x2.add(sum0, x0);
      sum1 = f64x2.add(sum1, x1);
      sum2 = f64x2.add(sum2, x2);
      sum3 = f64x2.add(sum3, x3);
    }
    const sum = f64x2.add(f64x2.add(sum0, sum1), f64x2.add(sum2, sum3));
    f64.store(out, f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1));
    out += 8;
  }
}

/** out[rows[e, mode], c] += scales[e] · Π_{k ≠ mode} table[rows[e, k], c], one entry after the other. */
export function scatterRows(
  count: i32,
  order: i32,
  mode: i32,
  width: i32,
  rows: usize,
  table: usize,
  scales: usize,
  out: usize,
): void {
  const rowBytes = (<usize>width) << 3;
  const step = (<usize>order) << 2;
  const own = (<usize>mode) << 2;
  for (let at = rows, end = rows + <usize>count * step; at < end; at += step) {
    const to = out + <usize>load<u32>(at + own) * rowBytes;
    const scale = v128.load64_splat(scales);
    for (let offset: usize = 0; offset < rowBytes; offset += 64) {
      let x0 = scale;
      let x1 = scale;
      let x2 = scale;
      let x3 = scale;
      for (let k: usize = 0; k < step; k += 4) {
        if (k == own) continue;
        const a = table + <usize>load<u32>(at + k) * rowBytes + offset;
        x0 = f64x2.mul(x0, v128.load(a));
        x1 = f64x2.mul(x1, v128.load(a, 16));
        x2 = f64x2.mul(x2, v128.load(a, 32));
        x3 = f64x2.mul(x3, v128.load(a, 48));
      }
      const b = to + offset;
      v128.store(b, f64x2.add(v128.load(b), x0));
      v128.store(b, f64x2.add(v128.load(b, 16), x1), 16);
      v128.store(b, f64x2.add(v128.load(b, 32), x2), 32);
      v128.store(b, f64x2.add(v128.load(b, 48), x3), 48);
    }
    scales += 8;
  }
}

/** Behind the entries whose rows are those of entry e in all tables but the last. */
function endOfRun(rows: usize, rest: usize, step: usize, e: i32, count: i32): i32 {
  const first = rows + <usize>e * step;
  let at = first + step;
  for (e++; e < count; e++) {
    for (let k: usize = 0; k < rest; k += 4) if (load<u32>(at + k) != load<u32>(first + k)) return e;
    at += step;
  }
  return e;
}

function added(a: usize, b: usize, c: usize, d: usize): v128 {
  return f64x2.add(f64x2.add(v128.load(a), v128.load(b)), f64x2.add(v128.load(c), v128.load(d)));
}

function scaled(a: usize, b: usize, c: usize, d: usize, x: v128, y: v128, z: v128, w: v128): v128 {
  return f64x2.add(
    f64x2.add(f64x2.mul(x, v128.load(a)), f64x2.mul(y, v128.load(b))),
    f64x2.add(f64x2.mul(z, v128.load(c)), f64x2.mul(w, v128.load(d))),
  );
}
