// The step size controller of explicit methods: accept where the estimated error is within the tolerance, and choose the next size
// so that the error would be a little below it, h ← h · clamp(0.9 · e^{−1/q}), e = error / tolerance, error ∝ h^q.
// Hairer, Nørsett, Wanner, "Solving Ordinary Differential Equations I", II.4.

export interface StepControl {
  /** Error that a step may make, root mean square over the entries. */
  readonly tolerance: number;
  /** No step is larger. */
  readonly largest: number;
}

export interface SizeChoice {
  readonly accepted: boolean;
  /** The size to try next: again where it was not accepted, else for the next step. */
  readonly size: number;
}

/** Below the size that would just do, since the estimate is one. */
const safety = 0.9;
const minFactor = 0.2;
const maxFactor = 5;

/** What to do after a step of `size` with this estimated error. An error that is not a number is too large. */
export function nextSize(
  { tolerance, largest }: StepControl,
  errorOrder: number,
  size: number,
  error: ArrayLike<number>,
): SizeChoice {
  const relative = rootMeanSquare(error) / tolerance;
  const accepted = relative <= 1;
  const factor = relative === 0 ? maxFactor : safety * relative ** (-1 / errorOrder);
  const bounded = Number.isFinite(factor) ? Math.min(maxFactor, Math.max(minFactor, factor)) : minFactor;
  return { accepted, size: Math.min(largest, size * bounded) };
}

/** √(Σ e² / n): the norm of Hairer, Nørsett and Wanner, which many quiet entries do not let a single loud one dominate. */
function rootMeanSquare(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!;
  return Math.sqrt(sum / values.length);
}
