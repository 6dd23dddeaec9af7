// Options of staged.ts.
import type { OptionsOf } from '../option-table.js';
import { polarFlowOptions } from './polar-flow.js';

/** Steps between two observations; a stage ends at one of them, or where its flow stops itself. */
export const reportEvery = 50;

export const stagedOptions = {
  initScale: polarFlowOptions.initScale,
  stepFactor: { ...polarFlowOptions.stepFactor, default: 0.4 },
  stageLength: {
    type: 'number',
    min: reportEvery,
    multipleOf: reportEvery,
    default: 300,
    help: 'flow steps of a stage, two epochs',
  },
  compress: {
    type: 'switch',
    isUsuallyOn: true,
    help: 'the algebraic start, and the coordinates of the space that the target spans',
  },
} as const;

export type StagedOptions = { readonly kind: 'staged' } & OptionsOf<typeof stagedOptions>;
