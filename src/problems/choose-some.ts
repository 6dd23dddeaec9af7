// A random choice of some numbers below a bound, every subset of that size equally likely. Where many are chosen, by one pass over
// all (Knuth, The Art of Computer Programming 2, 3.4.2, algorithm S); else in memory for the choice alone, whatever the
// bound (Floyd, in Bentley, "Programming pearls: a sample of brilliance", Commun. ACM 30, 1987).
import type { RandomStream } from '../random/stream.js';

/** A pass over so many numbers for each chosen one costs as much as a set. */
const passes = 8;

/** `count` different integers from 0 to below − 1, rising. O(min(below, count log count)). */
export function chooseSome(random: RandomStream, count: number, below: number): Float64Array {
  return count * passes > below ? byOnePass(random, count, below) : bySet(random, count, below);
}

/** The next number is taken with the probability that is right for the rest: wanted / left. */
function byOnePass(random: RandomStream, count: number, below: number): Float64Array {
  const chosen = new Float64Array(count);
  for (let one = 0, taken = 0; taken < count; one++) {
    if (random.uniform() * (below - one) < count - taken) chosen[taken++] = one;
  }
  return chosen;
}

function bySet(random: RandomStream, count: number, below: number): Float64Array {
  const chosen = new Set<number>();
  for (let last = below - count; last < below; last++) {
    const one = Math.floor(random.uniform() * (last + 1));
    chosen.add(chosen.has(one) ? last : one);
  }
  return Float64Array.from(chosen).sort();
}
