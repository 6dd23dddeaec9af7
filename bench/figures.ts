// What a benchmark gives: figures, each a number with its unit, and the few statistics behind them.
// A record (bench/results/*.json) is a flat list of them, so that tables, peers measured elsewhere and later runs merge.

export interface Figure {
  /** File stem of the case: factored, dense, loop … */
  readonly family: string;
  readonly case: string;
  /** What was measured: time, rate, ceiling share, × jax-js webgpu … */
  readonly name: string;
  readonly unit: string;
  /** Median over the samples. */
  readonly value: number;
  readonly quartiles?: readonly [number, number];
  readonly samples?: number;
}

export interface Spread {
  readonly value: number;
  readonly quartiles: readonly [number, number];
  readonly samples: number;
}

/** Median and quartiles; quantile p of n sorted samples is at position p · (n − 1), between two of them linearly. */
export function spread(samples: readonly number[]): Spread {
  if (samples.length === 0) throw new Error('spread: expected at least one sample, got none.');
  const sorted = samples.toSorted((a, b) => a - b);
  const quantile = (p: number): number => {
    const position = p * (sorted.length - 1);
    const below = Math.floor(position);
    const low = sorted[below]!;
    return low + (position - below) * ((sorted[below + 1] ?? low) - low);
  };
  return { value: quantile(0.5), quartiles: [quantile(0.25), quantile(0.75)], samples: samples.length };
}

export const median = (samples: readonly number[]): number => spread(samples).value;

/** Slope of log y against log x by least squares: y ≈ constant · x^slope. */
export function fittedExponent(points: readonly (readonly [x: number, y: number])[]): number {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)] as const);
  const meanX = logs.reduce((sum, [x]) => sum + x, 0) / logs.length;
  const meanY = logs.reduce((sum, [, y]) => sum + y, 0) / logs.length;
  const covariance = logs.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return covariance / logs.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}

/** Three significant digits, for people. */
export function format(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const magnitude = Math.abs(value);
  if (magnitude < 1e-3 || magnitude >= 1e6) return value.toExponential(1);
  return magnitude >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
