// A dense tensor, row-major (C order, last index fastest).
export interface DenseTensor {
  readonly shape: readonly number[];
  readonly data: Float64Array | Float32Array;
}
