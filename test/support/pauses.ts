// Work with pauses (src/yield.ts), as tests take it: done at once, or its reports alone.
import { finished, passed, type MaybeWork } from '../../src/yield.js';

/** The result of what may be work, at once. */
export const done = <T>(work: MaybeWork<T>): T => finished(passed(work));

/** The reports, without the pauses between them. */
export function* reportsOf<T>(work: Iterable<T | undefined>): Generator<T> {
  for (const report of work) if (report !== undefined) yield report;
}
