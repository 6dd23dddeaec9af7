// The numbers of a CP model whose factors are normal distributions (model.ts).

export interface VariationalModel {
  readonly shape: readonly number[];
  readonly rank: number;
  readonly modes: readonly VariationalMode[];
  /** Variance of the noise, σ². */
  noise: number;
}

export interface VariationalMode {
  /** A, [rows, rank] */
  readonly means: Float64Array;
  /** V, lower triangles (packed.ts), [rows, rank (rank + 1) / 2] */
  readonly covariances: Float64Array;
  /** m and v, [rank] */
  readonly priorMeans: Float64Array;
  readonly priorVariances: Float64Array;
  /** Precision of the steps from row to row, [rank], where neighbors are alike (smooth-rows.ts). */
  readonly stepPrecisions?: Float64Array | undefined;
  /** 1 for columns that stay what they are, [rank]: those of a bias in the modes that it does not depend on. */
  readonly held: Uint8Array;
  /** Kullback-Leibler divergence of all rows' posteriors from the prior, as of the last sweep. */
  divergence: number;
}
