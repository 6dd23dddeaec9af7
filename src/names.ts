// Names that people type: options, commands, values. An unknown one is refused with those that are known, and with the one
// that was probably meant.
import { InputError } from './errors.js';

/** Names of the command line are kebab-case: beyond-lazy is beyondLazy. */
export const kebabCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Throws for the first name that is not known. */
export function requireKnownNames(
  who: string,
  names: readonly unknown[],
  known: readonly string[],
  what = 'option',
): void {
  const at = names.findIndex((name) => !known.some((one) => one === name));
  if (at < 0) return;
  const unknown = names[at];
  const meant = typeof unknown === 'string' ? nearestName(unknown, known) : undefined;
  const advice = meant === undefined ? 'Choose one of these.' : `Did you mean ${meant}?`;
  throw new InputError(
    `${who}: expected a known ${what} (${known.join(', ')}), got ${typeof unknown === 'string' ? unknown : shown(unknown)}. ${advice}`,
  );
}

/** A value in an error. Lists and objects by their kind alone, but for a few numbers: they may be long, nested deeply, or no JSON. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
    case 'bigint':
      return `${value}n`;
    case 'function':
      return 'a function';
    case 'object':
      if (value === null) return 'null';
      if (!Array.isArray(value)) return 'an object';
      if (value.length <= 4 && value.every((one) => typeof one === 'number')) return `[${value.join(',')}]`;
      return `an array of ${value.length}`;
    default:
      return String(value);
  }
}

/** Options that mean the same everywhere. */
const commonOptions: Readonly<
  Record<string, { readonly expected: string; readonly isRight: (value: object) => boolean }>
> = {
  signal: { expected: 'an AbortSignal', isRight: (value) => 'aborted' in value && 'throwIfAborted' in value },
  device: { expected: 'a GPUDevice', isRight: (value) => 'queue' in value && 'createBuffer' in value },
  onProgress: { expected: 'a function', isRight: (value) => typeof value === 'function' },
};

/** Options as someone gives them, who may not have been checked by a compiler: an object, known names, and those of everywhere as they must be. */
export function requireNamedOptions(who: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new InputError(`${who}: expected options to be an object, got ${shown(options)}. Give { name: value }.`);
  }
  requireKnownNames(who, Object.keys(options), known);
  const entries: [string, unknown][] = Object.entries(options);
  for (const [name, value] of entries) {
    const common = commonOptions[name];
    if (value === undefined || !common) continue;
    const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
    if (isObject && common.isRight(value)) continue;
    throw new InputError(`${who}: expected ${name} to be ${common.expected}, got ${shown(value)}. Change ${name}.`);
  }
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

/** Whether a value has named fields. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
