// The kernels of wasm/kernels.ts as plain loops: the same sums in the same order, so the same bits.

/** Entry (lane, d) of a block is memory[at + lane · laneStride + d · depthStride]. */
export interface Block {
  readonly at: number;
  readonly lanes: number;
  readonly laneStride: number;
  readonly depthStride: number;
}

/** panel[⌊lane / 4⌋ · 4 · depth + 4 · d + lane mod 4] = entry (lane, d) of b, 0 for lanes that fill up the last four. */
export function packPanel(memory: Float64Array, b: Block, depth: number, panelAt: number): void {
  for (let lane = 0; lane < b.lanes || lane % 4 > 0; lane++) {
    let to = panelAt + (lane & ~3) * depth + (lane & 3);
    let from = b.at + lane * b.laneStride;
    for (let d = 0; d < depth; d++, to += 4, from += b.depthStride) memory[to] = lane < b.lanes ? memory[from]! : 0;
  }
}

/** memory[at + i · stride + j] = Σ_d a(i, d) · lane j's number d in the panel; with `lower` where i ≥ j. */
export function multiplyPacked(
  memory: Float64Array,
  depth: number,
  a: Block,
  panelAt: number,
  lanes: number,
  at: number,
  stride: number,
  lower: boolean,
): void {
  const { lanes: rows, laneStride, depthStride } = a;
  for (let j = 0; j < lanes; j += 4) {
    for (let i = lower ? j : 0; i < rows; i += 4) {
      let a0 = a.at + i * laneStride;
      let a1 = a.at + Math.min(i + 1, rows - 1) * laneStride;
      let a2 = a.at + Math.min(i + 2, rows - 1) * laneStride;
      let a3 = a.at + Math.min(i + 3, rows - 1) * laneStride;
      let s00 = 0;
      let s01 = 0;
      let s02 = 0;
      let s03 = 0;
      let s10 = 0;
      let s11 = 0;
      let s12 = 0;
      let s13 = 0;
      let s20 = 0;
      let s21 = 0;
      let s22 = 0;
      let s23 = 0;
      let s30 = 0;
      let s31 = 0;
      let s32 = 0;
      let s33 = 0;
      let p = panelAt + j * depth;
      for (let d = 0; d < depth; d++) {
        const x0 = memory[a0]!;
        const x1 = memory[a1]!;
        const x2 = memory[a2]!;
        const x3 = memory[a3]!;
        const y0 = memory[p]!;
        s00 += x0 * y0;
        s10 += x1 * y0;
        s20 += x2 * y0;
        s30 += x3 * y0;
        const y1 = memory[p + 1]!;
        s01 += x0 * y1;
        s11 += x1 * y1;
        s21 += x2 * y1;
        s31 += x3 * y1;
        const y2 = memory[p + 2]!;
        s02 += x0 * y2;
        s12 += x1 * y2;
        s22 += x2 * y2;
        s32 += x3 * y2;
        const y3 = memory[p + 3]!;
        s03 += x0 * y3;
        s13 += x1 * y3;
        s23 += x2 * y3;
        s33 += x3 * y3;
        a0 += depthStride;
        a1 += depthStride;
        a2 += depthStride;
        a3 += depthStride;
        p += 4;
      }
      let to = at + i * stride + j;
      memory[to] = s00;
      memory[to + 1] = s01;
      memory[to + 2] = s02;
      memory[to + 3] = s03;
      to += stride;
      memory[to] = s10;
      memory[to + 1] = s11;
      memory[to + 2] = s12;
      memory[to + 3] = s13;
      to += stride;
      memory[to] = s20;
      memory[to + 1] = s21;
      memory[to + 2] = s22;
      memory[to + 3] = s23;
      to += stride;
      memory[to] = s30;
      memory[to + 1] = s31;
      memory[to + 2] = s32;
      memory[to + 3] = s33;
    }
  }
}
