// Checks of generator options, shared by the problems: each throws one line with who, expected, got, what to do.
import { InputError } from '../errors.js';

export function requireInteger(who: string, name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new InputError(`${who}: expected ${name} to be an integer ≥ ${least}, got ${value}. Give a whole number.`);
  }
}

/** Inclusive range of finite numbers. */
export function requireBetween(who: string, name: string, value: number, least: number, most: number): void {
  if (!Number.isFinite(value) || value < least || value > most) {
    const range = most === Number.MAX_VALUE ? `a finite number ≥ ${least}` : `a number from ${least} to ${most}`;
    throw new InputError(`${who}: expected ${name} to be ${range}, got ${value}. Change ${name}.`);
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
