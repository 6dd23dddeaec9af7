// What a kernel says of a matrix product; tile.ts makes the WGSL of it, by one of two strategies.

/** A matrix product Σ_k left(row, k) · right(k, column), all of it as WGSL text. */
export interface TiledProduct {
  /** Numbers of rows and columns, and the run of k. */
  readonly rows: string;
  readonly columns: string;
  readonly begin: string;
  readonly end: string;
  /** One entry of an operand; the indices handed over are in range. */
  readonly left: (row: string, k: string) => string;
  readonly right: (k: string, column: string) => string;
  /** Which index of an operand runs along memory, so that neighboring invocations load neighbors; shared-memory tiles need it. */
  readonly leftAlong: 'row' | 'k';
  readonly rightAlong: 'k' | 'column';
  /** The statement that stores one sum. It may be run twice, with the same sum. */
  readonly store: (row: string, column: string, sum: string) => string;
}
