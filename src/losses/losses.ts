// Access to the losses by name.
import { requireKnownNames } from '../names.js';
import type { Loss } from './loss.js';
import { losses } from './table.js';

export type LossName = keyof typeof losses;

export interface NamedLoss {
  readonly name: LossName;
  readonly record: Loss;
}

export const lossNames = Object.keys(losses).filter((name): name is LossName => name in losses);

export const defaultLoss = 'l2' as const satisfies LossName;

/**
 * The record of a loss: what it is for, its value and derivative for one entry, the values it takes, its parameter.
 *
 * @example
 * ```ts
 * import { lossOf } from 'polyadic';
 *
 * const { purpose, value } = lossOf('huber');
 * console.log(purpose, value(3, 0, 1)); // values of which some are grossly wrong 2.5
 * ```
 * @throws InputError for an unknown name.
 */
export function lossOf(name: LossName): Loss {
  requireLoss('lossOf', name);
  return losses[name];
}

export const requireLoss = (who: string, name: unknown): void => requireKnownNames(who, [name], lossNames, 'loss');

/** The same with its name. */
export const namedLoss = (name: LossName): NamedLoss => ({ name, record: lossOf(name) });

/** The parameter of a loss where none is given; 0 where it has none. */
export const defaultParameter = (name: LossName): number => lossOf(name).parameter?.default ?? 0;
