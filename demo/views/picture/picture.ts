// A picture in colors, without transparency, as the worker computes with it, and how its pixels become observations of a tensor.
import { observed, psnr, type ObservedTarget } from '../../../src/index.js';

export interface Picture {
  readonly height: number;
  readonly width: number;
  /** [height, width, 3] row-major: red, green, blue from 0 to 255. */
  readonly data: Uint8ClampedArray;
}

export const shapeOf = ({ height, width }: Picture): [number, number, number] => [height, width, 3];

/** Every number of every pixel, in the order of `data`. */
export function entriesOf(picture: Picture): ObservedTarget {
  const { width, data } = picture;
  const indices = new Uint32Array(3 * data.length);
  for (let at = 0; at < data.length; at++) {
    indices.set([Math.floor(at / (3 * width)), Math.floor(at / 3) % width, at % 3], 3 * at);
  }
  return observed(shapeOf(picture), indices, data);
}

/** Where in `data` an entry of the tensor is. */
export const placeOf = ({ width }: Picture, { indices }: ObservedTarget, entry: number): number =>
  3 * (indices[3 * entry]! * width + indices[3 * entry + 1]!) + indices[3 * entry + 2]!;

/** PSNR of two pictures as they are shown, in dB. */
export const likeness = (a: Picture, b: Picture): number => psnr(tensorOf(a), tensorOf(b));

const tensorOf = (picture: Picture) => ({ shape: shapeOf(picture), data: Float64Array.from(picture.data) });
