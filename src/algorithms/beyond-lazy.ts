// Beyond the lazy regime: 2-homogeneous components that start tiny, turn to a hidden direction and only then grow.
//   T = Σ_{i<m} a_i ‖u_i‖² ū_i^{⊗l},  a_i = ±1,  loss ½‖T − T*‖² + λ Σ c_i^{l−2} ‖u_i‖^l with c_i = 1/‖u_i‖ held fixed,
// in polar form (ρ = log ‖u‖, ū): the speed of ū does not depend on the norm, and ρ grows at the rate of the residual along ū.
// Epochs: after each, small components are put back to the start with new directions, so that a slot that a duplicate or
// nothing at all holds is free again. m = 2r is enough in any dimension, where the lazy regime needs d^{l−1}/l! components.
// After Wang, Wu, Lee, Ma, Ge, "Beyond Lazy Training for Over-parameterized Tensor Decomposition", NeurIPS 2020, arXiv
// 2010.11356; a reconstruction from the paper's abstract and results, not a transcript of its algorithm.
import type { SymmetricProblem } from '../handles/symmetric.js';
import { twiceTheRank, type Algorithm } from './algorithm.js';
import { polarFlowOptions, type BeyondLazyOptions } from './options/polar-flow.js';
import { openPolarFlow, resumePolarFlow, stepPolarFlow, stoppedPolarFlow, type PolarFlow } from './polar-flow.js';
import { observeStack, probeShare } from './symmetric-stack.js';

export const beyondLazy: Algorithm<SymmetricProblem, BeyondLazyOptions, PolarFlow> = {
  kind: 'beyondLazy',
  family: 'symmetric',
  options: polarFlowOptions,
  defaults: { starts: 1, tolerance: 1e-2, maxSteps: 4000, width: twiceTheRank },
  noInit: 'It starts from tiny random components.',
  reportEvery: 50,

  init: (setup) => openPolarFlow({ ...setup, view: setup.problem.view, stopAt: probeShare * setup.tolerance }),
  step: stepPolarFlow,
  stopped: stoppedPolarFlow,
  resume: resumePolarFlow,
  observe: ({ stack }) => observeStack(stack),
};
