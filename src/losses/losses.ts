// Access to the losses by name.
import type { Loss } from './loss.js';
import { losses } from './table.js';

export type LossName = keyof typeof losses;

export const lossNames = Object.keys(losses).filter((name): name is LossName => name in losses);

export const defaultLoss: LossName = 'l2';

/** The record of a loss, by its general type. */
export const lossOf = (name: LossName): Loss => losses[name];

/** The parameter of a loss where none is given; 0 where it has none. */
export const defaultParameter = (name: LossName): number => lossOf(name).parameter?.default ?? 0;
