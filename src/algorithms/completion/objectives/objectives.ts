// The choice of an objective for a target.
import type { SampledTarget } from '../../../targets/hold-out.js';
import type { ObservedTarget } from '../../../targets/observed.js';
import { gathered } from './gathered.js';
import { gridded, knownCellsOf } from './gridded.js';
import { largeOrder } from './large-order.js';
import { measured } from './measured.js';
import type { Objective, ObjectiveSetup } from './objective.js';
import { sizeOf } from '../../../tensor/shape.js';
import type { Work } from '../../../yield.js';

/** Orders up to which products of factors are plain floats (ObservedOperations). */
export const maxGatheredOrder = 16;

/** Cells times components up to which the whole tensor is formed: 1 GiB of predictions and derivatives in float32 at most. */
const maxCells = 2 ** 27;

/** `float32`: on a GPU, where loads from anywhere cost more than flops. */
export function* openObjective(setup: ObjectiveSetup<SampledTarget>, float32: boolean): Work<Objective> {
  const { target } = setup;
  if (target.kind === 'sensing') return measured({ ...setup, target });
  if (target.shape.length > maxGatheredOrder) return yield* largeOrder({ ...setup, target });
  const known = mayBeGridded(setup, target, float32) ? yield* knownCellsOf(target) : undefined;
  return yield* known ? gridded({ ...setup, target }, known) : gathered({ ...setup, target });
}

/** Whether products of matrices over all cells cost less than gathers over the known ones; both compute the same. */
function mayBeGridded(
  { models, ranges, rank }: ObjectiveSetup<SampledTarget>,
  target: ObservedTarget,
  float32: boolean,
): boolean {
  const cells = sizeOf(target.shape);
  const [whole, single] = float32 ? costsOnGpu(cells, target) : costsOnCpu(cells, rank, target);
  return ranges.length === 1 && whole <= single && cells * models.length <= maxCells && rank > 0;
}

interface Costs {
  readonly shape: readonly number[];
  readonly count: number;
}

/** Flops of a component, those of a gather counted eight times: loads from anywhere are what they cost (software adapter: 8 to 10). */
const costsOnGpu = (cells: number, { shape, count }: Costs): [whole: number, single: number] => [
  6 * cells,
  8 * (5 * shape.length - 2) * count,
];

/**
 * Nanoseconds of a component: unknown cells are passed over, so that all cells cost little but for two sweeps over the tensor, shared
 * by the components, and the tables of the two groups of modes, about √cells each. Measured at 10⁴ cells and ranks to 1,000.
 */
const costsOnCpu = (cells: number, rank: number, { shape, count }: Costs): [whole: number, single: number] => [
  3 * count + 20 * Math.sqrt(cells) + (15 * cells) / rank,
  1.7 * (5 * shape.length - 2) * count,
];
