// Names that people type: options, commands, values. An unknown one is refused with those that are known, and with the one
// that was probably meant.
import { InputError } from './errors.js';

/** Names of the command line are kebab-case: beyond-lazy is beyondLazy. */
export const kebabCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Throws for the first name that is not known. */
export function requireKnownNames(
  who: string,
  names: readonly string[],
  known: readonly string[],
  what = 'option',
): void {
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const meant = nearestName(unknown, known);
  const advice = meant === undefined ? 'Choose one of these.' : `Did you mean ${meant}?`;
  throw new InputError(`${who}: expected a known ${what} (${known.join(', ')}), got ${unknown}. ${advice}`);
}

/** The known name that a slip of the keys could have turned into this one: at most a third of its letters differ. */
function nearestName(name: string, known: readonly string[]): string | undefined {
  const distances = known.map((other) => editDistance(name.toLowerCase(), other.toLowerCase()));
  const least = Math.min(...distances);
  return least <= Math.max(1, Math.floor(name.length / 3) + 1) ? known[distances.indexOf(least)] : undefined;
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + change));
    }
    row = next;
  }
  return row[b.length]!;
}
