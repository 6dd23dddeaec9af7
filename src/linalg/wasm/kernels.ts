// The kernels of src/linalg/product-core.ts in AssemblyScript (TypeScript syntax, integer and vector types of WebAssembly). Compiled to
// module.ts by src/node/compile-wasm.mjs. Addresses are in bytes, strides and counts in numbers of eight bytes. Every sum is taken in
// the order of the plain loops, one rounding per product and per sum, so that both give the same bits. No relaxed SIMD.

/**
 * Lanes side by side in a panel: panel[⌊lane / 4⌋ · 4 · depth + 4 · d + lane mod 4] = block[lane, d]. One of the strides is 1. Lanes that
 * fill up the last four hold whatever is there, and the four numbers behind the panel may be overwritten.
 */
export function pack(block: usize, lanes: i32, depth: i32, laneStride: usize, depthStride: usize, panel: usize): void {
  const laneBytes = laneStride << 3;
  for (let lane = 0; lane < lanes; lane += 4) {
    const end = panel + ((<usize>depth) << 5);
    let from = block;
    if (laneStride == 1) {
      for (; panel < end; panel += 32, from += depthStride << 3) {
        v128.store(panel, v128.load(from));
        v128.store(panel, v128.load(from, 16), 16);
      }
    } else {
      // Two terms at once. What an odd one has too much lies where the next lanes go, or behind the panel.
      for (; panel < end; panel += 64, from += 16) {
        const x0 = v128.load(from);
        const x1 = v128.load(from + laneBytes);
        const x2 = v128.load(from + 2 * laneBytes);
        const x3 = v128.load(from + 3 * laneBytes);
        v128.store(panel, v128.shuffle<f64>(x0, x1, 0, 2));
        v128.store(panel, v128.shuffle<f64>(x2, x3, 0, 2), 16);
        v128.store(panel, v128.shuffle<f64>(x0, x1, 1, 3), 32);
        v128.store(panel, v128.shuffle<f64>(x2, x3, 1, 3), 48);
      }
    }
    panel = end;
    block += laneBytes << 2;
  }
}

/**
 * c[i, j] = Σ_d a[i, d] · panel lane j's number d, four rows by four lanes at a time: two numbers per vector, eight vectors of sums. Two
 * pairs of rows are multiplied by two pairs of lanes and by these turned round, which takes fewer loads than vectors of one number twice;
 * the sums are put in order at the end. Rows are packed to `four` first, unless they lie side by side and the lanes are few. `lower`:
 * only where i ≥ j, and what shares four rows and lanes with these.
 */
export function multiply(
  rows: i32,
  lanes: i32,
  depth: i32,
  a: usize,
  rowStride: usize,
  depthStride: usize,
  panel: usize,
  four: usize,
  c: usize,
  cStride: usize,
  lower: bool,
): void {
  const cBytes = cStride << 3;
  for (let i = 0; i < rows; i += 4) {
    let pairs = a;
    let step = depthStride << 3;
    if (rowStride != 1 || lanes > 16) {
      pack(a, 4, depth, rowStride, depthStride, four);
      pairs = four;
      step = 32;
    }
    a += rowStride << 5;
    let y = panel;
    const last = lower ? min(lanes, i + 4) : lanes;
    for (let j = 0; j < last; j += 4) {
      let c00 = f64x2.splat(0);
      let c01 = f64x2.splat(0);
      let c02 = f64x2.splat(0);
      let c03 = f64x2.splat(0);
      let c20 = f64x2.splat(0);
      let c21 = f64x2.splat(0);
      let c22 = f64x2.splat(0);
      let c23 = f64x2.splat(0);
      let x = pairs;
      for (const end = y + ((<usize>depth) << 5); y < end; y += 32) {
        const a0 = v128.load(x);
        const a2 = v128.load(x, 16);
        const b0 = v128.load(y);
        const b2 = v128.load(y, 16);
        const b1 = v128.shuffle<f64>(b0, b0, 1, 0);
        const b3 = v128.shuffle<f64>(b2, b2, 1, 0);
        c00 = f64x2.add(c00, f64x2.mul(a0, b0));
        c01 = f64x2.add(c01, f64x2.mul(a0, b1));
        c02 = f64x2.add(c02, f64x2.mul(a0, b2));
        c03 = f64x2.add(c03, f64x2.mul(a0, b3));
        c20 = f64x2.add(c20, f64x2.mul(a2, b0));
        c21 = f64x2.add(c21, f64x2.mul(a2, b1));
        c22 = f64x2.add(c22, f64x2.mul(a2, b2));
        c23 = f64x2.add(c23, f64x2.mul(a2, b3));
        x += step;
      }
      let to = c + <usize>i * cBytes + ((<usize>j) << 3);
      v128.store(to, v128.shuffle<f64>(c00, c01, 0, 2));
      v128.store(to, v128.shuffle<f64>(c02, c03, 0, 2), 16);
      to += cBytes;
      v128.store(to, v128.shuffle<f64>(c01, c00, 1, 3));
      v128.store(to, v128.shuffle<f64>(c03, c02, 1, 3), 16);
      to += cBytes;
      v128.store(to, v128.shuffle<f64>(c20, c21, 0, 2));
      v128.store(to, v128.shuffle<f64>(c22, c23, 0, 2), 16);
      to += cBytes;
      v128.store(to, v128.shuffle<f64>(c21, c20, 1, 3));
      v128.store(to, v128.shuffle<f64>(c23, c22, 1, 3), 16);
    }
  }
}

// Conjugate gradients for the damped normal matrix of a CP model (src/compaction/cp-normal-matrix.ts), whose matrices have `rank` columns
// and no gaps. Two rows of a result by four columns at a time, by two where no more are left; what is computed beyond the last row or
// column is not stored.

/**
 * Up to `count` iterations; their number. They end where `square`, ⟨residual, z⟩, is not above `target`, and where the matrix is not
 * positive along a direction. `rows`: of the modes, as float64. The first number of `scratch` is the last square; then come
 * (order + 1) · rank² more.
 */
export function conjugateSteps(
  count: i32,
  order: i32,
  rank: i32,
  rows: usize,
  x: usize,
  pairs: usize,
  inverses: usize,
  mu: f64,
  target: f64,
  solution: usize,
  residual: usize,
  direction: usize,
  image: usize,
  z: usize,
  scratch: usize,
): i32 {
  const squareBytes = (<usize>(rank * rank)) << 3;
  let unknowns = 0;
  for (let n = 0; n < order; n++) unknowns += rank * <i32>f64.load(rows + ((<usize>n) << 3));
  let square = f64.load(scratch);
  let done = 0;
  while (done < count && square > target) {
    applyNormal(order, rank, rows, x, pairs, direction, image, scratch + 8);
    addScaled(image, mu, direction, unknowns);
    const curvature = dot(direction, image, unknowns);
    if (!(curvature > 0)) break;
    const alpha = square / curvature;
    addScaled(solution, alpha, direction, unknowns);
    addScaled(residual, -alpha, image, unknowns);
    let at: usize = 0;
    for (let n = 0; n < order; n++) {
      const length = <i32>f64.load(rows + ((<usize>n) << 3));
      multiplyRows(rank, length, residual + at, inverses + <usize>n * squareBytes, z + at);
      at += (<usize>(length * rank)) << 3;
    }
    const next = dot(residual, z, unknowns);
    const beta = next / square;
    for (let k = 0; k < unknowns; k++) {
      const to = direction + ((<usize>k) << 3);
      f64.store(to, f64.load(z + ((<usize>k) << 3)) + beta * f64.load(to));
    }
    square = next;
    done++;
  }
  f64.store(scratch, square);
  return done;
}

/** out = JᵀJ v; `scratch`: (order + 1) · rank² numbers. */
function applyNormal(
  order: i32,
  rank: i32,
  rows: usize,
  x: usize,
  pairs: usize,
  v: usize,
  out: usize,
  scratch: usize,
): void {
  const square = rank * rank;
  const squareBytes = (<usize>square) << 3;
  const across = scratch + <usize>order * squareBytes;
  let at: usize = 0;
  for (let n = 0; n < order; n++) {
    const length = <i32>f64.load(rows + ((<usize>n) << 3));
    columnProducts(rank, length, v + at, x + at, scratch + <usize>n * squareBytes);
    at += (<usize>(length * rank)) << 3;
  }
  at = 0;
  for (let n = 0; n < order; n++) {
    for (let k = 0; k < square; k++) f64.store(across + ((<usize>k) << 3), 0);
    for (let m = 0; m < order; m++) {
      if (m == n) continue;
      const pair = pairs + <usize>(n * order + m) * squareBytes;
      const product = scratch + <usize>m * squareBytes;
      for (let k: usize = 0; k < squareBytes; k += 8) {
        f64.store(across + k, f64.load(across + k) + f64.load(pair + k) * f64.load(product + k));
      }
    }
    const length = <i32>f64.load(rows + ((<usize>n) << 3));
    combineRows(rank, length, v + at, pairs + <usize>(n * order + n) * squareBytes, x + at, across, out + at);
    at += (<usize>(length * rank)) << 3;
  }
}

/** a += scale · b */
function addScaled(a: usize, scale: f64, b: usize, count: i32): void {
  for (let k: usize = 0; k < (<usize>count) << 3; k += 8) f64.store(a + k, f64.load(a + k) + scale * f64.load(b + k));
}

/** In the order of src/linalg/dot.ts. */
function dot(a: usize, b: usize, count: i32): f64 {
  let s01 = f64x2.splat(0);
  let s23 = f64x2.splat(0);
  const end = (<usize>count) << 3;
  const whole = (<usize>(count & ~3)) << 3;
  let k: usize = 0;
  for (; k < whole; k += 32) {
    s01 = f64x2.add(s01, f64x2.mul(v128.load(a + k), v128.load(b + k)));
    s23 = f64x2.add(s23, f64x2.mul(v128.load(a + k, 16), v128.load(b + k, 16)));
  }
  let s0 = f64x2.extract_lane(s01, 0);
  for (; k < end; k += 8) s0 += f64.load(a + k) * f64.load(b + k);
  return s0 + f64x2.extract_lane(s01, 1) + (f64x2.extract_lane(s23, 0) + f64x2.extract_lane(s23, 1));
}

/** out[p, q] = Σ_row a[row, p] · b[row, q] */
function columnProducts(rank: i32, rows: i32, a: usize, b: usize, out: usize): void {
  const step = (<usize>rank) << 3;
  const end = a + <usize>rows * step;
  for (let p = 0; p < rank; p += 2) {
    for (let q = 0; q < rank; q += 4) {
      let x = a + ((<usize>p) << 3);
      let y = b + ((<usize>q) << 3);
      let c00 = f64x2.splat(0);
      let c01 = f64x2.splat(0);
      let c10 = f64x2.splat(0);
      let c11 = f64x2.splat(0);
      if (q + 2 < rank) {
        for (; x < end; x += step, y += step) {
          const b0 = v128.load(y);
          const b1 = v128.load(y, 16);
          const x0 = v128.load64_splat(x);
          const x1 = v128.load64_splat(x, 8);
          c00 = f64x2.add(c00, f64x2.mul(x0, b0));
          c01 = f64x2.add(c01, f64x2.mul(x0, b1));
          c10 = f64x2.add(c10, f64x2.mul(x1, b0));
          c11 = f64x2.add(c11, f64x2.mul(x1, b1));
        }
      } else {
        for (; x < end; x += step, y += step) {
          const b0 = v128.load(y);
          c00 = f64x2.add(c00, f64x2.mul(v128.load64_splat(x), b0));
          c10 = f64x2.add(c10, f64x2.mul(v128.load64_splat(x, 8), b0));
        }
      }
      const to = out + <usize>p * step + ((<usize>q) << 3);
      storeUpTo(to, c00, c01, rank - q);
      if (p + 1 < rank) storeUpTo(to + step, c10, c11, rank - q);
    }
  }
}

/** out[row, q] = Σ_p v[row, p] · own[p, q] + x[row, p] · across[p, q] */
function combineRows(rank: i32, rows: i32, v: usize, own: usize, x: usize, across: usize, out: usize): void {
  const step = (<usize>rank) << 3;
  for (let row = 0; row < rows; row += 2) {
    const at = <usize>row * step;
    for (let q = 0; q < rank; q += 4) {
      let a = v + at;
      let b = x + at;
      const end = a + step;
      let m = own + ((<usize>q) << 3);
      let n = across + ((<usize>q) << 3);
      let c00 = f64x2.splat(0);
      let c01 = f64x2.splat(0);
      let c10 = f64x2.splat(0);
      let c11 = f64x2.splat(0);
      if (q + 2 < rank) {
        for (; a < end; a += 8, b += 8, m += step, n += step) {
          const m0 = v128.load(m);
          const m1 = v128.load(m, 16);
          const n0 = v128.load(n);
          const n1 = v128.load(n, 16);
          let moved = v128.load64_splat(a);
          let factor = v128.load64_splat(b);
          c00 = f64x2.add(c00, f64x2.add(f64x2.mul(moved, m0), f64x2.mul(factor, n0)));
          c01 = f64x2.add(c01, f64x2.add(f64x2.mul(moved, m1), f64x2.mul(factor, n1)));
          moved = v128.load64_splat(a + step);
          factor = v128.load64_splat(b + step);
          c10 = f64x2.add(c10, f64x2.add(f64x2.mul(moved, m0), f64x2.mul(factor, n0)));
          c11 = f64x2.add(c11, f64x2.add(f64x2.mul(moved, m1), f64x2.mul(factor, n1)));
        }
      } else {
        for (; a < end; a += 8, b += 8, m += step, n += step) {
          const m0 = v128.load(m);
          const n0 = v128.load(n);
          c00 = f64x2.add(c00, f64x2.add(f64x2.mul(v128.load64_splat(a), m0), f64x2.mul(v128.load64_splat(b), n0)));
          c10 = f64x2.add(
            c10,
            f64x2.add(f64x2.mul(v128.load64_splat(a + step), m0), f64x2.mul(v128.load64_splat(b + step), n0)),
          );
        }
      }
      const to = out + at + ((<usize>q) << 3);
      storeUpTo(to, c00, c01, rank - q);
      if (row + 1 < rows) storeUpTo(to + step, c10, c11, rank - q);
    }
  }
}

/** out[row, q] = Σ_p a[row, p] · b[p, q] */
function multiplyRows(rank: i32, rows: i32, a: usize, b: usize, out: usize): void {
  const step = (<usize>rank) << 3;
  for (let row = 0; row < rows; row += 2) {
    const at = <usize>row * step;
    for (let q = 0; q < rank; q += 4) {
      let x = a + at;
      const end = x + step;
      let y = b + ((<usize>q) << 3);
      let c00 = f64x2.splat(0);
      let c01 = f64x2.splat(0);
      let c10 = f64x2.splat(0);
      let c11 = f64x2.splat(0);
      if (q + 2 < rank) {
        for (; x < end; x += 8, y += step) {
          const b0 = v128.load(y);
          const b1 = v128.load(y, 16);
          const x0 = v128.load64_splat(x);
          const x1 = v128.load64_splat(x + step);
          c00 = f64x2.add(c00, f64x2.mul(x0, b0));
          c01 = f64x2.add(c01, f64x2.mul(x0, b1));
          c10 = f64x2.add(c10, f64x2.mul(x1, b0));
          c11 = f64x2.add(c11, f64x2.mul(x1, b1));
        }
      } else {
        for (; x < end; x += 8, y += step) {
          const b0 = v128.load(y);
          c00 = f64x2.add(c00, f64x2.mul(v128.load64_splat(x), b0));
          c10 = f64x2.add(c10, f64x2.mul(v128.load64_splat(x + step), b0));
        }
      }
      const to = out + at + ((<usize>q) << 3);
      storeUpTo(to, c00, c01, rank - q);
      if (row + 1 < rows) storeUpTo(to + step, c10, c11, rank - q);
    }
  }
}

/** Stores the first `count` of four numbers. */
function storeUpTo(to: usize, first: v128, second: v128, count: i32): void {
  if (count == 1) {
    v128.store64_lane(to, first, 0);
    return;
  }
  v128.store(to, first);
  if (count == 3) v128.store64_lane(to, second, 0, 16);
  else if (count > 3) v128.store(to, second, 16);
}
