// Seeded inputs of a kernel case, and rows of them.
import { randomStream } from '../src/random/stream.js';

/** Name → numbers and shape; rounded to float32 so that the float64 reference works on the same ones. */
export type Inputs = Readonly<Record<string, Input>>;

export interface Input {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Seeded Gaussian numbers. */
export function gaussian(shape: readonly number[], stream: number, scale = 1): Input {
  const data = randomStream(20_260, stream).fillNormal(new Float32Array(shape.reduce((a, n) => a * n, 1)));
  return { shape, data: data.map((x) => x * scale) };
}

/** About `count` rows spread over all, first and last among them. */
export function someRows(rows: number, count = 8): number[] {
  const step = Math.max(1, (rows - 1) / (Math.min(count, rows) - 1 || 1));
  return Array.from({ length: Math.min(count, rows) }, (_, k) => Math.round(k * step));
}

/** Rows of a row-major matrix. */
export function pickRows(data: Float32Array, width: number, rows: readonly number[]): Float32Array {
  const picked = new Float32Array(rows.length * width);
  rows.forEach((row, s) => picked.set(data.subarray(row * width, (row + 1) * width), s * width));
  return picked;
}

/** The input of that name. */
export function inputOf(inputs: Inputs, name: string): Input {
  const input = inputs[name];
  if (!input) throw new Error(`bench: expected an input named ${name}, got ${Object.keys(inputs).join(', ')}.`);
  return input;
}
