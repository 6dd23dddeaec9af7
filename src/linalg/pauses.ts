// Long computations are generators that yield at pause points, where their caller may let others have their turn (../yield.ts).

/** Work between two pause points, a few milliseconds. Counted in flops, so that results do not depend on a clock. */
export const pauseFlops = 1e7;

/** The result of a computation, without pausing. */
export function withoutPauses<T>(work: Generator<undefined, T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}
