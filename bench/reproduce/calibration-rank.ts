// How many planted components stand clearly above the noise. Noise of variance σ² per cell looks like a component of energy
// σ²(Σ √I_k)² at most, nearly always (I_k the sizes of the modes); for symmetric noise σ²·order·dim takes its place (E max ⟨N, u^{⊗l}⟩ ≤ σ√(l·d),
// by comparison of Gaussian processes). A component's energy is what the best model without it misses of the tensor without noise:
// of nearly parallel components each has little. Weakest first, components are left out until the next is clearly above the bound.
import { rankOf, type AnyKruskal } from '../../src/tensor/kruskal.js';
import { selectComponents } from '../../src/tensor/normalize.js';

/** Between a third of the bound and three times the bound, both ranks count as right. */
const margin = 3;

/** Energy up to which noise of a variance per cell looks like a component. */
export const componentBound = (shape: readonly number[], variance: number): number =>
  variance * shape.reduce((sum, size) => sum + Math.sqrt(size), 0) ** 2;

export interface Fitted<K extends AnyKruskal> {
  readonly model: K;
  /** ‖model − tensor without noise‖² */
  readonly missed: number;
}

export interface ClearRanks {
  /** The smallest and the largest rank that are right. */
  readonly ranks: readonly [number, number];
  /** What a right model may miss of the tensor without noise: the energy of the components that are not clearly above it. */
  readonly unclear: number;
}

/** `fit` polishes a model towards the tensor without noise. */
export function clearRanks<K extends AnyKruskal>(truth: K, bound: number, fit: (start: K) => Fitted<K>): ClearRanks {
  let current: Fitted<K> = { model: truth, missed: 0 };
  let max: number | undefined;
  for (let count = rankOf(truth); count > 0; count--) {
    const next = withoutWeakest(current.model, fit);
    const energy = next.missed - current.missed;
    if (energy > bound / margin) max ??= count;
    if (energy > bound * margin) return { ranks: [count, max ?? count], unclear: current.missed };
    current = next;
  }
  return { ranks: [0, max ?? 0], unclear: current.missed };
}

function withoutWeakest<K extends AnyKruskal>(model: K, fit: (start: K) => Fitted<K>): Fitted<K> {
  const components = Array.from(model.weights.keys());
  const fits = components.map((left) => fit(without(model, left)));
  return fits.reduce((best, one) => (one.missed < best.missed ? one : best));
}

const without = <K extends AnyKruskal>(model: K, left: number): K =>
  selectComponents(
    model,
    Array.from(model.weights.keys()).filter((r) => r !== left),
  ) as K;

/** The relative error above which a component's worth of what is clearly above the noise is missing. */
export const poorAbove = (best: number, bound: number, { unclear }: ClearRanks, norm: number): number =>
  Math.sqrt(best ** 2 + (margin * bound + unclear) / norm ** 2);
