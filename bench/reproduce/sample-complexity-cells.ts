// What sample-complexity.ts measures of one method at one number of values.

export interface SuccessCell {
  readonly kind: 'success';
  readonly problem: string;
  readonly ratio: number;
  readonly method: string;
  readonly solved: number;
  readonly of: number;
  readonly failed: readonly number[];
  /** CPU seconds per problem. */
  readonly seconds: number;
}
