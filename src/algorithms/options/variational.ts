// Options of variational.ts.
import { localLosses, parametricLosses } from '../../losses/local.js';
import { defaultLoss, lossOf } from '../../losses/losses.js';
import type { OptionsOf, OptionTable } from '../option-table.js';

export const variationalOptions = {
  loss: {
    type: 'choice',
    values: [defaultLoss, ...localLosses],
    default: defaultLoss,
    help: 'what the values are: with noise of about equal size, some grossly wrong, counts, zeros and ones',
  },
  lossParameter: {
    type: 'number',
    above: 0,
    unit: 'target',
    usually: '1.345 standard deviations of the noise, which are learned',
    help: `of the loss, where it has one (${parametricLosses.flatMap((name) => lossOf(name).parameter?.name ?? []).join('; ')})`,
  },
  smooth: {
    type: 'modes',
    help: 'modes whose neighbors are alike, such as the rows and columns of a picture or moments; components that predict best are looked for then, and not parts: 48 at most, unless a rank is given',
  },
} as const satisfies OptionTable;

export interface VariationalOptions extends OptionsOf<typeof variationalOptions> {
  readonly kind: 'variational';
}
