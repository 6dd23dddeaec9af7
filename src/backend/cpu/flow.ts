// The polar flow step, its rate, and the normalization of rows. Twin of shaders/flow.wgsl.ts.
import type { NormalizeRows, SetRates, ShiftRows, UpdatePolar } from '../operations/flow.js';
import { numbers } from './arrays.js';

export function setRates({ batch, rows, factor, ...arrays }: SetRates): void {
  const [strengths, scales, rates] = [numbers(arrays.strengths), numbers(arrays.scales), numbers(arrays.rates)];
  for (let b = 0; b < batch; b++) {
    let scale = 0;
    for (let i = b * rows; i < (b + 1) * rows; i++) scale = Math.max(scale, Math.abs(strengths[i]!));
    scales[b] = scale;
    rates[b] = scale > 0 ? factor / scale : 0;
  }
}

export function updatePolar(args: UpdatePolar): void {
  const { order, batch, rows, columns, dim, contracted, radialFactor, regularization, logModeSwitch } = args;
  const [contraction, strengths] = [numbers(args.contraction), numbers(args.strengths)];
  const [rates, caps, signs, logNorms] = [args.rates, args.caps, args.signs, args.logNorms].map(numbers) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const [vectors, weights] = [numbers(args.vectors), numbers(args.weights)];
  for (let b = 0; b < batch; b++) {
    if (rates[b] === 0) continue;
    for (let i = 0; i < rows; i++) {
      const index = b * rows + i;
      const component = b * columns + i;
      const from = b * contracted + i;
      const [a, s, rho] = [signs[index]!, strengths[from]!, logNorms[index]!];
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

export function normalizeRows({ batch, rows, dim, from, to }: NormalizeRows): void {
  const [source, out] = [numbers(from), numbers(to)];
  for (let row = 0; row < batch * rows; row++) {
    let square = 0;
    for (let k = row * dim; k < (row + 1) * dim; k++) square += source[k]! * source[k]!;
    if (square === 0) continue;
    const scale = 1 / Math.sqrt(square);
    for (let k = row * dim; k < (row + 1) * dim; k++) out[k] = source[k]! * scale;
  }
}

export function shiftRows({ batch, rows, dim, shift, ...arrays }: ShiftRows): void {
  const [source, strengths, out] = [numbers(arrays.from), numbers(arrays.strengths), numbers(arrays.to)];
  for (let row = 0; row < batch * rows; row++) {
    const signed = shift * Math.sign(strengths[row]!);
    let square = 0;
    for (let k = row * dim; k < (row + 1) * dim; k++) square += (source[k]! + signed * out[k]!) ** 2;
    if (square === 0) continue;
    const scale = 1 / Math.sqrt(square);
    for (let k = row * dim; k < (row + 1) * dim; k++) out[k] = scale * (source[k]! + signed * out[k]!);
  }
}
