// Options of deflation/deflation.ts.
import type { SymmetricKruskal } from '../../tensor/kruskal.js';
import type { ModelOption, OptionsOf } from '../option-table.js';

const truthOption: ModelOption<SymmetricKruskal> = {
  type: 'model',
  usually: 'the components of a factored target, else what the run discovers',
  help: 'the hidden components, to tell which of them are fitted',
};

export const deflationOptions = {
  initScale: {
    type: 'number',
    above: 0,
    max: 1 - 1e-6,
    default: 1e-3,
    help: 'δ0: norm of a component at its start; 1e-15 shows the staircase and takes five times as long. Components of that size stay in the model: an error of about δ0² √width',
  },
  restartNorm: {
    type: 'number',
    above: 0,
    default: 0.1,
    help: 'δ1: components of a smaller norm start anew with every epoch, for weights above δ1² ‖target‖',
  },
  regularization: { type: 'number', min: 0, default: 0, help: 'λ; leaves a bias of about λ/2 in every weight' },
  signs: {
    type: 'choice',
    values: ['plus', 'free'],
    usually: "'free' where the hidden weights are known and one is negative, at even order; else 'plus'",
    help: "a_i: 'plus' for all, which does for odd orders and for positive weights, or 'free', drawn at random",
  },
  stepFactor: {
    type: 'number',
    above: 0,
    default: 0.5,
    help: 'κ: the time step of euler is κ / (order · S), S the largest |T*(z, …, z)| found; stable below 2 / max(order, 4) · order, less where components are not orthogonal',
  },
  timeStep: {
    type: 'number',
    above: 0,
    usually: 'from stepFactor',
    help: 'the time step itself, where it is to be the same for all targets; of heun and rk23 the first one',
  },
  epochTime: {
    type: 'number',
    above: 0,
    usually: '4 ln(1/δ0), enough for weights of 0.15 ‖target‖ and more',
    help: 'length of an epoch',
  },
  epochs: { type: 'number', integer: true, min: 1, default: 4, help: 'epochs of a run' },
  integrator: {
    type: 'choice',
    values: ['euler', 'heun', 'rk23'],
    default: 'euler',
    help: "'euler' takes fixed steps on the backend; the others control their error, for figures, one start at a time",
  },
  integratorTolerance: {
    type: 'number',
    above: 0,
    default: 1e-3,
    help: 'error that a step of heun and rk23 may make, root mean square over log norms and entries of directions',
  },
  truth: truthOption,
} as const;

export type DeflationOptions = { readonly kind: 'deflation' } & OptionsOf<typeof deflationOptions>;
