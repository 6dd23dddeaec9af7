// The public compaction of a symmetric model: checked, and in the target's own units. The work is in compaction/compact-view.ts.
import { compactView, type CompactOptions, type Compaction } from './compaction/compact-view.js';
import { InputError } from './errors.js';
import { problemOf } from './handles/problem.js';
import { requireNamedOptions, shown } from './names.js';
import type { SymmetricTarget } from './targets/target.js';
import { scaleKruskal, type SymmetricKruskal } from './tensor/kruskal.js';
import { finished } from './yield.js';
import { requireTarget } from './targets/require-target.js';
import { requireSymmetricKruskal } from './tensor/require.js';

const optionNames = ['dropBelow', 'mergeCosine', 'tolerance', 'rankTolerance', 'maxSteps'];

/**
 * The minimal model of a symmetric target near the given one: the fewest components that fit it to `rankTolerance`. Memory O(rank²·dim²) up
 * to 400 unknowns, O(rank·(rank + dim)) beyond; about 0.01 s for a factored target of dim 20 and rank 10, seconds for dim 200 and rank 50.
 * Of a dense or sampled target, whose entries may carry noise, the components are those that the entries tell from noise.
 *
 * @example
 * ```ts
 * import { compact, factored, matrix, symmetricKruskal } from 'polyadic';
 *
 * const target = factored({ order: 3, dim: 2, weights: [2, 1], vectors: [1, 0, 0, 1] });
 * const near = symmetricKruskal(3, [1, 1, 1], matrix(3, 2, [1, 0, 1, 0.1, 0, 1]));
 * const { kruskal, merged } = compact(target, near);
 * console.log(kruskal.weights.length, merged); // 2 1
 * ```
 * @throws InputError when shapes do not fit.
 */
export function compact(target: SymmetricTarget, model: SymmetricKruskal, options: CompactOptions = {}): Compaction {
  checkArguments(target, model, options);
  const problem = problemOf(target);
  if (problem.isZero && target.kind !== 'factored') {
    throw new InputError('compact: expected a target that is not zero, got zeros. Its minimal model has no component.');
  }
  const { scale } = problem;
  const dropBelow = options.dropBelow === undefined ? {} : { dropBelow: options.dropBelow / scale };
  const view = problem.scaled(1 / scale).view;
  const found = finished(compactView(view, scaleKruskal(model, 1 / scale), { ...options, ...dropBelow }));
  const { relativeError, errorFloor, pruned, merged, removed } = found;
  return { kruskal: scaleKruskal(found.kruskal, scale), relativeError, errorFloor, pruned, merged, removed };
}

function checkArguments(target: SymmetricTarget, model: SymmetricKruskal, options: CompactOptions): void {
  const who = 'compact';
  requireTarget(who, target, ['factored', 'denseSymmetric', 'moments']);
  requireSymmetricKruskal(who, model);
  requireNamedOptions(who, options, optionNames);
  const got = shapeText(model.order, model.vectors.columns);
  const wanted = shapeText(target.order, target.dim);
  if (wanted !== got) {
    throw new InputError(`${who}: expected a model of ${wanted}, got ${got}. Give a model of the target's shape.`);
  }
  if (!model.weights.every(Number.isFinite) || !model.vectors.data.every(Number.isFinite)) {
    throw new InputError(
      `${who}: expected finite weights and vectors, got NaN or Infinity. Check the run they came from.`,
    );
  }
  const { dropBelow = 0, mergeCosine = 1, tolerance = 0, rankTolerance = 0, maxSteps = 0 } = options;
  for (const [name, value] of Object.entries({ dropBelow, tolerance, rankTolerance, maxSteps })) {
    if (!(typeof value === 'number' && value >= 0)) {
      throw new InputError(`${who}: expected ${name} to be a number ≥ 0, got ${shown(value)}. Change ${name}.`);
    }
  }
  if (!(typeof mergeCosine === 'number' && mergeCosine > 0 && mergeCosine <= 1)) {
    throw new InputError(
      `${who}: expected mergeCosine above 0, at most 1, got ${shown(mergeCosine)}. Change mergeCosine.`,
    );
  }
}

const shapeText = (order: number, dim: number): string => `order ${order}, dim ${dim}`;
