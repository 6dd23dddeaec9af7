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
