// The kernels of src/linalg/gathered-rows.ts and src/linalg/stacked-rows.ts, as those of kernels.ts, in a module of their own: whoever
// completes nothing does not load them. The bits are those of the plain loops there.

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
