// The choice of an objective for a target.
import type { SampledTarget } from '../../targets/hold-out.js';
import type { ObservedTarget } from '../../targets/observed.js';
import { gathered } from './gathered.js';
import { cellsOf, gridded } from './gridded.js';
import { largeOrder } from './large-order.js';
import { measured } from './measured.js';
import type { Objective, ObjectiveSetup } from './objective.js';

/** Orders up to which products of factors are plain floats (ObservedOperations). */
export const mostGathered = 16;

/** Cells times components up to which the whole tensor is formed: 1 GiB of predictions and derivatives in float32 at most. */
const mostCells = 2 ** 27;

/** `float32`: on a GPU, where loads from anywhere cost more than flops. */
export function openObjective(setup: ObjectiveSetup<SampledTarget>, float32: boolean): Objective {
  const { target } = setup;
  if (target.kind === 'sensing') return measured({ ...setup, target });
  if (target.shape.length > mostGathered) return largeOrder({ ...setup, target });
  return isGridded(setup, target, float32) ? gridded({ ...setup, target }) : gathered({ ...setup, target });
}

/** Whether products of matrices over all cells cost less than gathers over the known ones; both compute the same. */
function isGridded(
  { models, ranges, rank }: ObjectiveSetup<SampledTarget>,
  target: ObservedTarget,
  float32: boolean,
): boolean {
  const { shape, count } = target;
  const cells = shape.reduce((product, rows) => product * rows, 1);
  const [whole, single] = [6 * cells, (5 * shape.length - 2) * count * (float32 ? gatherPenalty : 1)];
  if (ranges.length > 1 || whole > single || cells * models.length > mostCells || rank === 0) return false;
  return new Set(cellsOf(target)).size === count;
}

/** Time of a flop of a gather against one of a product of matrices, on a GPU. */
const gatherPenalty = 4;
