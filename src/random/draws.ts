// Uniform and normal numbers of single words of Philox, as a device draws them: the twin of shaders/lib/random.ts. For what has to be the same on
// both; all else draws from randomStream, whose uniforms have 52 bits.

/** (⌊word / 2⁹⌋ + ½) / 2²³: exact in float32, never 0 or 1. */
export const uniformOf = (word: number): number => ((word >>> 9) + 0.5) / 2 ** 23;

/** Two normal numbers of two words (Box & Muller 1958). */
export function normalsOf(first: number, second: number): readonly [number, number] {
  const radius = Math.sqrt(-2 * Math.log(uniformOf(first)));
  const angle = 2 * Math.PI * uniformOf(second);
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
}
