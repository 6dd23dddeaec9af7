// A picture in colors, without transparency.

export interface Picture {
  readonly height: number;
  readonly width: number;
  /** [height, width, 3] row-major: red, green, blue from 0 to 255. */
  readonly data: Uint8ClampedArray;
}
