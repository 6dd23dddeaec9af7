// Means and standard deviations of numbers that come one by one (Welford 1962).

export interface RunningMoments {
  readonly means: Float64Array;
  add(at: number, value: number): void;
  /** Over all numbers that came, not over one less; 0 where none did. */
  deviations(): Float64Array;
}

export function runningMoments(length: number): RunningMoments {
  const counts = new Float64Array(length);
  const means = new Float64Array(length);
  const squares = new Float64Array(length);
  return {
    means,
    add: (at, value) => {
      const change = value - means[at]!;
      means[at]! += change / ++counts[at]!;
      squares[at]! += change * (value - means[at]!);
    },
    deviations: () => squares.map((square, at) => (square > 0 ? Math.sqrt(square / counts[at]!) : 0)),
  };
}
