// Tucker models: a small core, and per mode a matrix that takes its indices to those of the tensor.
//   T = G ×_1 A_1 ×_2 A_2 … ×_N A_N,   T[i_1, …] = Σ_{j_1, …} G[j_1, …] Π_n A_n[i_n, j_n]
// Tucker, "Some mathematical notes on three-mode factor analysis", Psychometrika 31 (1966); Kolda & Bader, SIAM Review 51 (2009), section 4.
import { InputError } from '../errors.js';
import { qr } from '../linalg/qr.js';
import { finished, type Work } from '../yield.js';
import type { DenseTensor } from './dense.js';
import { toKruskal, type AnyKruskal } from './kruskal.js';
import type { Matrix } from './matrix.js';
import { expandMode } from './mode-products.js';
import { normalize } from './normalize.js';
import { toDense } from './to-dense.js';
import { isDense, isMatrix, isObject, requireForm, requireModel } from './require.js';

export interface Tucker {
  /** G, of the size of the ranks. */
  readonly core: DenseTensor;
  /** One matrix per mode, `[shape[mode], core.shape[mode]]`. */
  readonly factors: readonly Matrix[];
}

/**
 * A CP model as a Tucker model with orthonormal factors, exactly the same tensor: A_n = Q_n R_n by QR, and the core is the CP model of the
 * small matrices R_n, Σ_r w_r R_1[:, r] ∘ R_2[:, r] ∘ … Its ranks are min(shape[mode], rank). Cost O(Σ shape · rank² + rank^(order + 1)).
 *
 * @example
 * ```ts
 * import { cpToTucker } from 'polyadic';
 * import { plantedCp } from 'polyadic/problems';
 *
 * const { core } = cpToTucker(plantedCp({ shape: [9, 8, 7], rank: 3, seed: 1 }).truth);
 * console.log(core.shape); // [ 3, 3, 3 ]
 * ```
 * @throws InputError for a model without components.
 */
export function cpToTucker(model: AnyKruskal): Tucker {
  requireModel('cpToTucker', model);
  const { weights, factors } = normalize(toKruskal(model));
  if (weights.length === 0) {
    throw new InputError('cpToTucker: expected a model with a component or more, got none. A zero tensor has no core.');
  }
  const parts = factors.map(qr);
  const core = toDense({ weights, factors: parts.map(({ r }) => r) });
  return { core, factors: parts.map(({ q }) => q) };
}

/**
 * The tensor that a Tucker model stands for, core ×_1 factors[0] ×_2 factors[1] …, row-major, in float64. Cost about 2 · size · (the last
 * rank) flops.
 *
 * @example
 * ```ts
 * import { cpToTucker, tuckerToDense } from 'polyadic';
 * import { plantedCp } from 'polyadic/problems';
 *
 * const model = cpToTucker(plantedCp({ shape: [9, 8, 7], rank: 3, seed: 1 }).truth);
 * console.log(tuckerToDense(model).shape); // [ 9, 8, 7 ]
 * ```
 * @throws InputError where a factor does not fit the core.
 */
export function tuckerToDense(model: Tucker): DenseTensor & { readonly data: Float64Array } {
  const isRight =
    isObject(model) && isDense(model.core) && Array.isArray(model.factors) && model.factors.every(isMatrix);
  requireForm('tuckerToDense', model, isRight, {
    name: 'the model',
    expected: '{ core, factors }, a dense tensor and one matrix per mode',
    remedy: 'Make it by compress or cpToTucker',
  });
  const { core, factors } = model;
  const sizes = factors.map(({ columns }) => columns);
  if (sizes.length !== core.shape.length || sizes.some((size, mode) => size !== core.shape[mode])) {
    throw new InputError(
      `tuckerToDense: expected factors with ${core.shape.join(', ')} columns, the sizes of the core, got ${sizes.join(', ')}. Give one [shape[mode], core.shape[mode]] matrix per mode.`,
    );
  }
  const { shape, data } = finished(tuckerToDenseSteps(model));
  return { shape, data: data instanceof Float64Array ? data : new Float64Array(data) };
}

/** The same with pauses, of a model that is known to fit. The modes that grow least come first. */
export function* tuckerToDenseSteps({ core, factors }: Tucker): Work<DenseTensor> {
  const growth = ({ rows, columns }: Matrix): number => rows / columns;
  const order = Array.from(factors.keys()).sort((a, b) => growth(factors[a]!) - growth(factors[b]!));
  let tensor = core;
  for (const mode of order) tensor = yield* expandMode(tensor, mode, factors[mode]!);
  return tensor;
}
