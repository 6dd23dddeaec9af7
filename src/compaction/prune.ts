// The first stage of compaction: components too weak to matter are dropped; those that matter after all come back as
// residual, which the refit and the polish put right.
import { largestWeight, normalize, selectComponents } from '../tensor/normalize.js';
import { isSymmetric, type AnyKruskal, type Kruskal, type SymmetricKruskal } from '../tensor/kruskal.js';

/** The components of a norm (|weight| with unit vectors) above dropBelow, as unit vectors with weights. Zero and non-finite ones go always. */
export function prune(model: SymmetricKruskal, dropBelow: number): SymmetricKruskal;
export function prune(model: Kruskal, dropBelow: number): Kruskal;
export function prune(model: AnyKruskal, dropBelow: number): AnyKruskal {
  const unit = isSymmetric(model) ? normalize(model) : normalize(model);
  const kept = Array.from(unit.weights.keys()).filter((r) => {
    const strength = Math.abs(unit.weights[r]!);
    return strength > Math.max(dropBelow, 0) && Number.isFinite(strength);
  });
  return isSymmetric(unit) ? selectComponents(unit, kept) : selectComponents(unit, kept);
}

/** Components of a norm below this part of the largest are left over from a run, not part of its answer. */
const deadBelow = 1e-6;

/** The components that are alive, as unit vectors with weights; none of a zero model. */
export function withoutDead(model: Kruskal): Kruskal {
  const unit = normalize(model);
  const largest = largestWeight(unit);
  return prune(unit, deadBelow * largest);
}
