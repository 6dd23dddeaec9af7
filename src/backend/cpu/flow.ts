// The polar flow step, its rate, and the normalization of rows. Twin of shaders/flow.wgsl.ts.
import type { CpuArgs } from './arrays.js';

export function setRates({ batch, rows, factor, strengths, scales, rates }: CpuArgs<'setRates'>): void {
  for (let b = 0; b < batch; b++) {
    let scale = 0;
    for (let i = b * rows; i < (b + 1) * rows; i++) scale = Math.max(scale, Math.abs(strengths[i]!));
    scales[b] = scale;
    rates[b] = scale > 0 ? factor / scale : 0;
  }
}

export function updatePolar(args: CpuArgs<'updatePolar'>): void {
  const { order, batch, rows, columns, dim, contracted, radialFactor, regularization, logModeSwitch } = args;
  const { contraction, strengths, rates, caps, signs, logNorms, vectors, weights } = args;
  for (let b = 0; b < batch; b++) {
    if (rates[b] === 0) continue;
    for (let i = 0; i < rows; i++) {
      const index = b * rows + i;
      const component = b * columns + i;
      const from = b * contracted + i;
      const a = signs[index]!;
      const s = strengths[from]!;
      const rho = logNorms[index]!;
      const rate = rates[b]! * Math.exp(Math.min(0, (order - 2) * (rho - logModeSwitch)));
      let square = 0;
      for (let k = 0; k < dim; k++) {
        const u = vectors[component * dim + k]!;
        const moved = u - rate * order * a * (contraction[from * dim + k]! - s * u);
        vectors[component * dim + k] = moved;
        square += moved * moved;
      }
      const scale = 1 / Math.sqrt(square);
      for (let k = 0; k < dim; k++) vectors[component * dim + k]! *= scale;
      const next = Math.min(rho - rate * radialFactor * (a * s + regularization), caps[b]!);
      logNorms[index] = next;
      weights[component] = a * Math.exp(2 * next);
    }
  }
}

export function normalizeRows({ batch, rows, dim, source, unit }: CpuArgs<'normalizeRows'>): void {
  for (let row = 0; row < batch * rows; row++) {
    let square = 0;
    for (let k = row * dim; k < (row + 1) * dim; k++) square += source[k]! * source[k]!;
    if (square === 0) continue;
    const scale = 1 / Math.sqrt(square);
    for (let k = row * dim; k < (row + 1) * dim; k++) unit[k] = source[k]! * scale;
  }
}

export function shiftRows({ batch, rows, dim, shift, source, strengths, unit }: CpuArgs<'shiftRows'>): void {
  for (let row = 0; row < batch * rows; row++) {
    const signed = shift * Math.sign(strengths[row]!);
    let square = 0;
    for (let k = row * dim; k < (row + 1) * dim; k++) square += (source[k]! + signed * unit[k]!) ** 2;
    if (square === 0) continue;
    const scale = 1 / Math.sqrt(square);
    for (let k = row * dim; k < (row + 1) * dim; k++) unit[k] = scale * (source[k]! + signed * unit[k]!);
  }
}
