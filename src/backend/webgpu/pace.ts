// How much work one submit may hold, so that a submit stays under about 50 ms: a longer one freezes the page that shares the
// GPU, and one of seconds is ended by the driver's watchdog. Work is counted in flops; what a device does of it in 50 ms is
// guessed low at first and then follows the measured submits. None of this changes a result, only where the work is cut.

const submitMilliseconds = 50;
/** Work in 50 ms of a slow device of each kind: 0.4 GFLOP/s and 100 GFLOP/s. */
const firstGuess = { software: 2e7, hardware: 5e9 } as const;
const minWork = 1e6;

export class Pace {
  /** Flops that the next submit may hold. */
  work: number;
  readonly #fixed: boolean;

  /** A `fixed` amount is never adapted. */
  constructor(software: boolean, fixed?: number) {
    this.work = fixed ?? firstGuess[software ? 'software' : 'hardware'];
    this.#fixed = fixed !== undefined;
  }

  /** A submit of that much work took that long. Up by a factor of two at most, and down by four: a single slow submit may have waited for another program. */
  measured(work: number, milliseconds: number): void {
    if (this.#fixed) return;
    if (milliseconds > submitMilliseconds) {
      const fitting = 0.8 * work * (submitMilliseconds / milliseconds);
      this.work = Math.max(minWork, this.work / 4, Math.min(this.work, fitting));
    } else if (milliseconds < submitMilliseconds / 2 && work >= this.work / 2) {
      this.work *= 2;
    }
  }
}
