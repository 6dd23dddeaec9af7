// A dense matrix of numbers, row-major: entry (i, j) is data[i · columns + j].
// The one matrix type of the public API: factor matrices [shape[mode], rank], vectors [rank, dim].

export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}
