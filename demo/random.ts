// Random numbers for what the page makes up by itself, pictures and sounds: a seed gives the same ones in every browser.
// Mulberry32, a 32-bit counter through a mixing function; the problems of the library have a generator of their own.

/** Uniform in [0, 1). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
