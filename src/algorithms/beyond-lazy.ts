// Beyond the lazy regime: 2-homogeneous components that start tiny, turn to a hidden direction and only then grow.
//   T = Σ_{i<m} a_i ‖u_i‖² ū_i^{⊗l},  a_i = ±1,  loss ½‖T − T*‖² + λ Σ c_i^{l−2} ‖u_i‖^l with c_i = 1/‖u_i‖ held fixed,
// in polar form (ρ = log ‖u‖, ū): the speed of ū does not depend on the norm, and ρ grows at the rate of the residual along ū.
// Epochs: after each, small components are put back to the start with new directions, so that a slot that a duplicate or
// nothing at all holds is free again. m = 2r is enough in any dimension, where the lazy regime needs d^{l−1}/l! components.
// After Wang, Wu, Lee, Ma, Ge, "Beyond Lazy Training for Over-parameterized Tensor Decomposition", NeurIPS 2020, arXiv
// 2010.11356; a reconstruction from the paper's abstract and results, not a transcript of its algorithm.
import { viewOf } from '../compaction/view-of.js';
import { InputError } from '../errors.js';
import { symmetricKinds, type SymmetricTarget } from '../targets/target.js';
import { toleranceMet, type Algorithm } from './algorithm.js';
import {
  openPolarFlow,
  polarFlowOptionNames,
  resumePolarFlow,
  stepPolarFlow,
  stoppedPolarFlow,
  type PolarFlow,
  type PolarFlowOptions,
} from './polar-flow.js';
import { observeStack, probeShare } from './symmetric-stack.js';

export interface BeyondLazyOptions extends PolarFlowOptions {
  readonly kind: 'beyondLazy';
}

export const beyondLazy: Algorithm<SymmetricTarget, BeyondLazyOptions, PolarFlow> = {
  kind: 'beyondLazy',
  accepts: symmetricKinds,
  optionNames: polarFlowOptionNames,
  defaults: { starts: 1, tolerance: 1e-2, maxSteps: 4000, widthOfRank: (rank) => 2 * rank },
  findsRank: false,
  polish: undefined,
  reportEvery: 50,

  init(setup) {
    if (setup.init)
      throw new InputError('beyondLazy: expected no init, got one. It starts from tiny random components.');
    return openPolarFlow({ ...setup, view: viewOf(setup.target), stopAt: probeShare * setup.tolerance });
  },

  step: stepPolarFlow,
  stopped: stoppedPolarFlow,
  resume: resumePolarFlow,
  observe: ({ stack }) => observeStack(stack),

  /** When the best start's relative error is within the tolerance. */
  done: toleranceMet,
};
