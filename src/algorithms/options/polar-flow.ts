// Options of the flow in polar form, polar-flow.ts: those of beyond-lazy.ts.
import type { OptionsOf, RecordOption } from '../option-table.js';

/** Which components start anew with an epoch. */
export type RestartRule =
  /** Weight below this share of S. */
  | { readonly rule: 'threshold'; readonly below: number }
  /** This share of all components, the smallest. More than a quarter destroys good ones. */
  | { readonly rule: 'fraction'; readonly share: number }
  | { readonly rule: 'none' };

const restart: RecordOption<RestartRule> & { readonly default: RestartRule } = {
  type: 'record',
  default: { rule: 'threshold', below: 3e-2 },
  help: "which components start anew: { rule: 'threshold', below }, { rule: 'fraction', share } or { rule: 'none' }",
  expected(value: Partial<Record<'below' | 'share', unknown>> & { readonly rule?: unknown }) {
    const isShare = (part: unknown): boolean => typeof part === 'number' && part >= 0 && part <= 1;
    const isRule =
      value.rule === 'none' ||
      (value.rule === 'threshold' && isShare(value.below)) ||
      (value.rule === 'fraction' && isShare(value.share));
    return isRule ? undefined : "{ rule: 'threshold', below: X }, { rule: 'fraction', share: X } or { rule: 'none' }";
  },
};

export const polarFlowOptions = {
  initScale: {
    type: 'number',
    above: 0,
    default: 1e-3,
    help: 'δ0: norm of a component at its start, for a residual of unit strength; smaller only takes longer, ∝ log 1/δ0',
  },
  stepFactor: {
    type: 'number',
    above: 0,
    default: 0.5,
    help: 'κ: the step is κ / (order · S), S the strength of the target; 1 breaks',
  },
  regularization: {
    type: 'number',
    min: 0,
    default: 0,
    help: 'λ; leaves a bias of about λ / weight in every component',
  },
  radialFactor: {
    type: 'number',
    above: 0,
    usually: 'the order (c held fixed)',
    help: 'factor of the radial speed; 2 is the true gradient of the data loss',
  },
  epochLength: {
    type: 'number',
    integer: true,
    min: 1,
    default: 200,
    help: 'steps between two re-initializations; κ · epochLength below 20 is too short to grow',
  },
  restart,
  restartSign: {
    type: 'choice',
    values: ['random', 'greedy'],
    default: 'random',
    help: "sign of a component that starts anew; 'greedy' takes the sign that lowers the loss",
  },
  modeSwitch: {
    type: 'number',
    min: 0,
    default: 0,
    help: 'τ / δ0: norms below τ = modeSwitch · δ0 turn and grow slower, by (‖u‖/τ)^{order − 2}; 0 is off, above 1 small components stall at order 4',
  },
} as const;

export type PolarFlowOptions = OptionsOf<typeof polarFlowOptions>;

export type BeyondLazyOptions = { readonly kind: 'beyondLazy' } & PolarFlowOptions;
