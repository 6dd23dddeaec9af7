// A dense tensor against CP models whose factors move: ⟨X, M⟩, and from there the MTTKRP of every mode at the price of one product with the
// tensor more. With X [P, Q] as in khatri-rao.ts, ⟨X, M⟩ = ⟨L, X·R⟩, and X·R is what the modes of the first group need. As
//   ‖M − X‖² = ‖X‖² − 2 ⟨X, M⟩ + ‖M‖²,   gradient by factor n = U_n Γ_n − MTTKRP_n,   Γ_n = ∘_{k≠n} U_kᵀU_k
// no residual has to be made where these differences keep enough digits: Tomasi & Bro, "A comparison of algorithms for fitting the PARAFAC
// model", Comput. Stat. Data Anal. 50 (2006), sec. 3. Used by compaction/cp-products-on-cpu.ts.
import { dot } from '../linalg/dot.js';
import type { Work } from '../yield.js';
import { addRight, addTo, leftPartial } from './cp-products.js';
import { blocksOf, cutInTwo, table, type Columns } from './khatri-rao.js';
import type { Tensor } from './sparse-products.js';

export interface CpCorrelation {
  /** ⟨X, M⟩, M the model of these factors, `[shape[k], rank]` each. 2 · size · rank flops. */
  innerProduct(factors: readonly Float64Array[]): Work<number>;
  /** outs[mode] = X_(mode) · (⊙_{k ≠ mode} factors[k]) at the factors of the last `innerProduct`. 2 · size · rank flops. */
  mttkrpAll(outs: readonly Float64Array[]): Work<void>;
}

export function cpCorrelation(shape: readonly number[], rank: number, tensor: Tensor): CpCorrelation {
  const matrix = { ...cutInTwo(shape), tensor };
  const { left, right } = matrix;
  const blocks = blocksOf(2 * (left.rows + right.rows), rank);
  let factors: readonly Float64Array[] = [];
  /** X·R, in blocks of columns. */
  let products: { readonly columns: Columns; readonly product: Float64Array }[] = [];

  function* innerProduct(at: readonly Float64Array[]): Work<number> {
    factors = at;
    products = [];
    let sum = 0;
    for (const columns of blocks) {
      const product = yield* leftPartial(matrix, factors, columns);
      sum += dot(table(left, factors, columns), product, product.length, 0, 0);
      products.push({ columns, product });
    }
    return sum;
  }

  function* mttkrpAll(outs: readonly Float64Array[]): Work<void> {
    for (const out of outs) out.fill(0);
    for (const { columns, product } of products) {
      addTo(outs, left, factors, columns, product);
      yield* addRight(matrix, factors, columns, outs);
    }
  }

  return { innerProduct, mttkrpAll };
}
