// How many planted components stand clearly above the noise. Noise of variance σ² per cell looks like a component of energy
// σ²(Σ √I_k)² at most, nearly always (I_k the sizes of the modes); for symmetric noise σ²·order·dim takes its place (E max ⟨N, u^{⊗l}⟩ ≤ σ√(l·d),
// by comparison of Gaussian processes). A component's energy is what the best model without it misses of the tensor without noise:
// of nearly parallel components each has little. Weakest first, components are left out until the next is clearly above the bound.
import { rankOf, type AnyKruskal } from '../../src/tensor/kruskal.js';
import { selectComponents } from '../../src/tensor/normalize.js';

/** Between a third of the bound and three times the bound, both ranks count as right. */
const margin = 3;

export interface Fitted<K extends AnyKruskal> {
  readonly model: K;
  /** ‖model − tensor without noise‖² */
  readonly missed: number;
}

/** The smallest and the largest rank that are right; `fit` polishes a model towards the tensor without noise. */
export function clearRanks<K extends AnyKruskal>(
  truth: K,
  bound: number,
  fit: (start: K) => Fitted<K>,
): readonly [number, number] {
  let current: Fitted<K> = { model: truth, missed: 0 };
  let max: number | undefined;
  for (let count = rankOf(truth); count > 0; count--) {
    const next = withoutWeakest(current.model, fit);
    const energy = next.missed - current.missed;
    if (energy > bound / margin) max ??= count;
    if (energy > bound * margin) return [count, max ?? count];
    current = next;
  }
  return [0, max ?? 0];
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
