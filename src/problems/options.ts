// Checks of generator options, shared by the problems: each throws one line with who, expected, got, what to do.
import { InputError } from '../errors.js';
import { requireNamedOptions, shown } from '../names.js';
import { zeros } from '../tensor/require.js';

/** Every problem has a seed. */
export function requireOptions(who: string, options: { readonly seed: number }, known: readonly string[]): void {
  requireNamedOptions(who, options, known);
  requireInteger(who, 'seed', options.seed, 0);
}

export function requireInteger(who: string, name: string, value: number, least: number, most = Infinity): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  const range = most === Infinity ? `an integer ≥ ${least}` : `a whole number from ${least} to ${most}`;
  throw new InputError(`${who}: expected ${name} to be ${range}, got ${shown(value)}. Give a whole number.`);
}

/** A number of components of so many entries for which there is room in memory. */
export function requireRank(who: string, rank: number, dim: number): void {
  requireInteger(who, 'rank', rank, 0);
  zeros(who, rank * dim);
}

/** Inclusive range of finite numbers. */
export function requireBetween(who: string, name: string, value: number, least: number, most: number): void {
  if (!Number.isFinite(value) || value < least || value > most) {
    const range = most === Number.MAX_VALUE ? `a finite number ≥ ${least}` : `a number from ${least} to ${most}`;
    throw new InputError(`${who}: expected ${name} to be ${range}, got ${shown(value)}. Change ${name}.`);
  }
}

/** Vectors with a prescribed angle span as many dimensions as there are vectors. */
export function requireRoom(who: string, what: string, rank: number, dim: number): void {
  if (rank > dim) {
    throw new InputError(
      `${who}: expected rank ≤ ${dim} with ${what}, got rank ${rank}. Lower the rank, or raise the smallest dimension.`,
    );
  }
}
