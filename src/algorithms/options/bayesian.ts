// Options of bayesian/bayesian.ts.
import type { OptionsOf, OptionTable } from '../option-table.js';

export const samplers = ['sghmc', 'svgd'] as const;

export const bayesianOptions = {
  sampler: {
    type: 'choice',
    values: samplers,
    default: 'sghmc',
    help: "'sghmc': chains of stochastic gradient Hamiltonian Monte Carlo, as many as starts; 'svgd': Stein variational gradient descent, quicker and with intervals that are too wide",
  },
  warmUp: {
    type: 'number',
    integer: true,
    min: 0,
    default: 1500,
    help: 'sghmc: steps of descent before sampling; without them most chains lose all components',
  },
  burnIn: {
    type: 'number',
    integer: true,
    min: 0,
    default: 3000,
    help: 'sghmc: steps of sampling whose draws do not count; all steps after them do',
  },
  thin: {
    type: 'number',
    multipleOf: 10,
    min: 10,
    default: 20,
    help: 'sghmc: steps between two draws that are kept',
  },
  priorRate: {
    type: 'number',
    above: 0,
    usually: '0.005; svgd 0.05',
    help: 'rate of the gamma prior on the precision of a component, for values of unit size; smaller shuts more components',
  },
  batchSize: {
    type: 'number',
    integer: true,
    min: 1,
    usually: 'all of them up to 50,000, else 8,192',
    help: 'observations per step; observed targets only',
  },
  particles: { type: 'number', integer: true, min: 2, max: 128, default: 20, help: 'svgd: models that move together' },
} as const satisfies OptionTable;

export interface BayesianOptions extends OptionsOf<typeof bayesianOptions> {
  readonly kind: 'bayesian';
}
