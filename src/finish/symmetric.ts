// The finish of a symmetric model, in float64 on the CPU: from the many components of a flow to the fewest that fit, or to the rank
// asked for, polished to the floor (../compaction/compact-view.ts).
import { compactView } from '../compaction/compact-view.js';
import type { SymmetricView } from '../handles/views/symmetric-view.js';
import { InputError } from '../errors.js';
import type { FinishWork, Found } from '../handles/handle.js';
import type { RunEnd } from '../result.js';
import { isSymmetric } from '../tensor/kruskal.js';
import { symmetricVerdict } from './symmetric-verdict.js';

/** A fit is exact below this relative error, unless a smaller one is asked for. */
const exactTolerance = 1e-9;

export function* finishSymmetric(view: SymmetricView, found: Found<unknown>): FinishWork {
  const { kruskal: model, rank, tolerance, end } = found;
  if (!isSymmetric(model)) throw new InputError('finish: expected a symmetric model, got one with factors.');
  const { kruskal, relativeError, errorFloor } = yield* compactView(view, model, {}, rank);
  // No error below the floor can be measured, so a tolerance of 0 asks for no less.
  const exact = Math.min(Math.max(tolerance, errorFloor), exactTolerance);
  const answer = { kruskal, relativeError, plain: false, confirmed: false };
  yield {
    step: 1,
    kruskal,
    relativeError,
    end:
      relativeError <= exact
        ? symmetricVerdict(view, answer, { rank, tolerance: exact })
        : endOf(found, relativeError, end),
  };
}

/**
 * Of a model that is not exact. Where the rank was asked for, the tolerance decides; where it was to be found, what is left may be noise
 * or weaker components, which a single flow does not tell apart.
 */
function endOf({ rank, tolerance }: Found<unknown>, relativeError: number, { stop, advice }: RunEnd): RunEnd {
  if (rank !== 'auto' && relativeError <= tolerance) return { stop: 'converged' };
  const left = `The components leave ${relativeError.toPrecision(2)} of the target`;
  const remedy =
    rank === 'auto'
      ? `${left}, which may be noise or weaker components. ${advice ?? 'Let the staged algorithm look for more, or give the rank.'}`
      : `${left}, more than the tolerance. ${advice ?? 'Try another rank, another seed or a larger width.'}`;
  return { stop: stop === 'converged' ? 'stalled' : stop, advice: remedy };
}
