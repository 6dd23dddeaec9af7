// The damped Gauss-Newton system of a CP model, solved without ever forming it:
//   (JᵀJ + μI) δ = −g,    (JᵀJ V)_n = V_n Γ_n + Σ_{m≠n} U_n (Γ_nm ∘ V_mᵀU_m),
// Γ_n = ∘_{k≠n} G_k, Γ_nm = ∘_{k≠n,m} G_k, G_k = U_kᵀU_k: conjugate gradients, each step O(order² · Σ shape · rank²),
// with the block diagonal Γ_n + μI as preconditioner. Sorber, Van Barel, De Lathauwer, "Optimization-based algorithms for
// tensor decompositions", SIAM J. Optim. 23 (2013), sec. 4. With missing cells, W their mask, the system is JᵀWJ + μI, which has no
// such form: the caller gives V ↦ JᵀWJ V, two looks at the tensor, and the whole solve above is its preconditioner. As
// ρ·JᵀJ ≼ JᵀWJ ≼ JᵀJ, ρ about the fraction of known cells, that takes √(1/ρ) · a few looks.
import { addTo, hadamard, inner, multiply, plus, shifted, trace } from '../linalg/algebra.js';
import { cholesky, choleskySolve } from '../linalg/cholesky.js';
import { columnProducts, type Matrix } from '../tensor/matrix.js';

/** One matrix a mode, `[shape[mode], rank]`. */
type Blocks = readonly Matrix[];

/** Conjugate-gradient steps are cheap next to one look at the tensor, but not free. */
const mostIterations = 400;
/** The preconditioned residual's square falls by this much: a millionth of the gradient. */
const precise: Limits = { iterations: mostIterations, enough: 1e-12 };

/** Of the system with missing cells: a thousandth of the gradient, or as many looks at the tensor as a step may cost. */
const knownIterations = 20;
const enoughOfKnown = 1e-6;

/** δ for the damping μ = damping · (mean diagonal of JᵀJ); `known` is V ↦ JᵀWJ V where cells are missing. */
export function gaussNewtonStep(
  factors: Blocks,
  gradient: Blocks,
  damping: number,
  known?: (v: Blocks) => Matrix[],
  precision: Limits = precise,
): Matrix[] {
  const grams = factors.map((factor) => columnProducts(factor, factor));
  const diagonal = factors.map((_, n) => hadamardExcept(grams, n, n));
  const unknowns = factors.reduce((count, { data }) => count + data.length, 0);
  const mean = factors.reduce((sum, { rows }, n) => sum + rows * trace(diagonal[n]!), 0) / unknowns;
  const mu = Math.max(damping * mean, Number.MIN_VALUE);
  const [image, blocks] = [imageOf(factors, grams, mu), preconditioner(diagonal, mu)];
  const limits = { ...precision, iterations: Math.min(2 * unknowns, precision.iterations) };
  const solved = (rightSide: Blocks): Matrix[] => conjugateGradients(rightSide, image, blocks, limits);
  const rightSide = gradient.map((block) => ({ ...block, data: block.data.map((value) => -value) }));
  if (!known) return solved(rightSide);
  const damped = (v: Blocks): Matrix[] => known(v).map((block, n) => plus(block, v[n]!, mu));
  return conjugateGradients(rightSide, damped, solved, { iterations: knownIterations, enough: enoughOfKnown });
}

/** V ↦ (JᵀJ + μI) V: the R×R sums over m first, then one product with U_n per mode. */
function imageOf(factors: Blocks, grams: Blocks, mu: number): (v: Blocks) => Matrix[] {
  const pairs = factors.map((_, n) => factors.map((__, m) => hadamardExcept(grams, n, m)));
  const diagonal = pairs.map((row, n) => shifted(row[n]!, mu));
  return (v) => {
    const inner = v.map((block, m) => columnProducts(block, factors[m]!));
    return v.map((own, n) => {
      const total = multiply(own, diagonal[n]!);
      const across = new Float64Array(inner[n]!.data.length);
      inner.forEach(({ data }, m) => {
        if (m === n) return;
        const pair = pairs[n]![m]!.data;
        for (let at = 0; at < across.length; at++) across[at]! += pair[at]! * data[at]!;
      });
      addTo(total, multiply(factors[n]!, { ...inner[n]!, data: across }));
      return total;
    });
  };
}

/** V ↦ V_n (Γ_n + μI)⁻¹; the identity where a block is singular to rounding. */
function preconditioner(diagonal: Blocks, mu: number): (v: Blocks) => Matrix[] {
  const inverses = diagonal.map((block) => {
    const factored = cholesky(shifted(block, mu));
    const zeros: Matrix = { ...block, data: new Float64Array(block.data.length) };
    return factored.ok ? choleskySolve(factored.lower, shifted(zeros, 1)) : undefined;
  });
  return (v) =>
    v.map((own, n) => {
      const inverse = inverses[n];
      return inverse ? multiply(own, inverse) : own;
    });
}

/** When the linear system of a step counts as solved. */
export interface Limits {
  readonly iterations: number;
  /** The preconditioned residual's square falls by this much. */
  readonly enough: number;
}

/** image⁻¹ · rightSide, from 0. */
function conjugateGradients(
  rightSide: Blocks,
  image: (v: Blocks) => Matrix[],
  precondition: (v: Blocks) => Matrix[],
  limits: Limits,
): Matrix[] {
  const solution = rightSide.map((block) => ({ ...block, data: new Float64Array(block.data.length) }));
  const residual = rightSide.map((block) => ({ ...block, data: block.data.slice() }));
  let z = precondition(residual);
  const direction = z.map((block) => ({ ...block, data: block.data.slice() }));
  let size = inner(residual, z);
  const small = limits.enough * size;
  for (let k = 0; k < limits.iterations && size > small; k++) {
    const moved = image(direction);
    const curvature = inner(direction, moved);
    if (!(curvature > 0)) break;
    const alpha = size / curvature;
    addMultiple(solution, alpha, direction);
    addMultiple(residual, -alpha, moved);
    z = precondition(residual);
    const next = inner(residual, z);
    direction.forEach(({ data }, n) => {
      const fresh = z[n]!.data;
      for (let at = 0; at < data.length; at++) data[at] = fresh[at]! + (next / size) * data[at]!;
    });
    size = next;
  }
  return solution;
}

/** total += scale · part */
function addMultiple(total: Blocks, scale: number, part: Blocks): void {
  total.forEach(({ data }, n) => {
    const other = part[n]!.data;
    for (let at = 0; at < data.length; at++) data[at]! += scale * other[at]!;
  });
}

/** Hadamard product of all Gram matrices but those of modes n and m. */
function hadamardExcept(grams: Blocks, n: number, m: number): Matrix {
  const rank = grams[0]?.rows ?? 0;
  const ones: Matrix = { rows: rank, columns: rank, data: new Float64Array(rank * rank).fill(1) };
  return grams.reduce((product, gram, k) => (k === n || k === m ? product : hadamard(product, gram)), ones);
}
