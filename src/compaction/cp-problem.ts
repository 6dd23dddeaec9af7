// A CP model of a dense tensor as a least-squares problem, min ‖E‖ over the stacked factors, E = model − target, for polish-cp.ts.
// A step reads the tensor once per trial and once more for the gradient, twice where the error is small: 4 or 6 · size · rank flops or more
// (cp-products-on-cpu.ts). Where cells are missing, W the mask of the known ones, the loss is that of the known ones, and JᵀWJ has no
// closed form.
//   few missing   JᵀWJ = JᵀJ − Σ_e j_e j_eᵀ over the missing cells e, j_e the row of J: a product costs 4 · missing · order · rank flops
//                 more than one with JᵀJ, and is preconditioned like it
//   many missing  a product reads the tensor twice, 8 · size · rank flops, and the solve with JᵀJ is the preconditioner: as
//                 ρ·JᵀJ ≼ JᵀWJ ≼ JᵀJ, ρ about the fraction of known cells, some √(1/ρ) products are enough
import { conjugateGradients, type CgLimits } from '../least-squares/conjugate-gradients.js';
import type { LeastSquaresProblem } from '../least-squares/gauss-newton.js';
import type { NormalMatrix } from '../least-squares/normal-equations.js';
import { cpDerivativeSteps, mttkrpAllSteps } from '../tensor/cp-products.js';
import { modeOffsets } from '../tensor/coordinate.js';
import { denseNorm, indexAt } from '../tensor/dense.js';
import { knownCells, missingCells, type PartlyKnownTensor } from '../tensor/partly-known.js';
import { balanceModes, modeViews } from '../tensor/stacked.js';
import { inRanges, type Work } from '../yield.js';
import { cpNormalMatrix, type CpNormalMatrix } from './cp-normal-matrix.js';
import { cpProductsOnCpu, type CpProducts } from './cp-products-on-cpu.js';

/** Errors up to this, relative to the target's norm, are rounding. */
const roundoff = 4 * Number.EPSILON;

export interface CpProblemOptions {
  /** ‖X‖, over the known cells. Default: computed. */
  readonly targetNorm?: number;
  /** Of the preconditioner, where cells are missing. */
  readonly precision: CgLimits;
  /** Default: those in float64 on the CPU. */
  readonly products?: CpProducts | undefined;
}

export function cpProblem(
  target: PartlyKnownTensor,
  rank: number,
  { targetNorm = denseNorm(target), precision, products = cpProductsOnCpu(target, rank, targetNorm) }: CpProblemOptions,
): LeastSquaresProblem {
  const { shape, known } = target;
  const full = cpNormalMatrix(shape, rank);
  const masked = known && maskedMatrix(full, shape, rank, known, precision);

  function* linearize(x: Float64Array, gradient: Float64Array): Work<void> {
    yield* products.gradient(x, gradient);
    full.moveTo(x);
    masked?.moveTo(x);
  }

  return {
    ...(masked ?? full),
    objective: (x) => products.norm(x),
    floor: () => roundoff * targetNorm,
    linearize,
    normalize: (x) => balanceModes(shape, rank, x),
  };
}

type MovableMatrix = NormalMatrix & { moveTo(x: Float64Array): void };

/** Rows of J times rank up to which those of the missing cells are kept, and part of the cells that may be missing for that. */
const maxRowEntries = 2 ** 24;
const maxMissing = 0.2;

function areFew(missing: number, cells: number, rowLength: number): boolean {
  return missing <= maxMissing * cells && missing * rowLength <= maxRowEntries;
}

/** Whether a product with JᵀWJ reads the tensor, so that only few may be spent on a step. */
export function readsTensor(target: PartlyKnownTensor, rank: number): boolean {
  const cells = target.data.length;
  return !areFew(cells - knownCells(target), cells, target.shape.length * rank);
}

function maskedMatrix(
  full: CpNormalMatrix,
  shape: readonly number[],
  rank: number,
  known: Uint8Array,
  precision: CgLimits,
): MovableMatrix {
  const missing = missingCells(known);
  return areFew(missing.length, known.length, shape.length * rank)
    ? downdatedMatrix(full, shape, rank, missing)
    : sampledMatrix(full, shape, rank, known, precision);
}

/** JᵀJ without the rows of the missing cells. */
function downdatedMatrix(
  full: CpNormalMatrix,
  shape: readonly number[],
  rank: number,
  cells: Uint32Array,
): MovableMatrix {
  const order = shape.length;
  const offsets = modeOffsets(shape);
  /** Where the row of a factor that belongs to a missing cell begins in the stacked factors, `[cells, order]`. */
  const rows = new Uint32Array(cells.length * order);
  cells.forEach((at, cell) => {
    indexAt(at, shape).forEach((index, mode) => (rows[cell * order + mode] = (offsets[mode]! + index) * rank));
  });
  /** The derivative of a missing cell by the entries of those rows, Π_{k ≠ n} U_k[i_k, c], `[cells, order, rank]`. */
  const derivatives = new Float64Array(rows.length * rank);

  function moveTo(x: Float64Array): void {
    derivatives.fill(1);
    for (let cell = 0; cell < rows.length; cell += order) {
      for (let n = 0; n < order; n++) {
        const to = (cell + n) * rank;
        for (let k = 0; k < order; k++) {
          if (k === n) continue;
          const from = rows[cell + k]!;
          for (let c = 0; c < rank; c++) derivatives[to + c]! *= x[from + c]!;
        }
      }
    }
  }

  function* apply(v: Float64Array, out: Float64Array): Work<void> {
    full.apply(v, out);
    yield* inRanges(cells.length, 4 * order * rank, (from, end) => {
      for (let cell = from * order; cell < end * order; cell += order) subtractRow(cell, v, out);
    });
  }

  /** out −= j_e (j_eᵀ v) */
  function subtractRow(cell: number, v: Float64Array, out: Float64Array): void {
    let change = 0;
    for (let n = 0; n < order; n++) {
      const at = (cell + n) * rank;
      const from = rows[cell + n]!;
      for (let c = 0; c < rank; c++) change += derivatives[at + c]! * v[from + c]!;
    }
    for (let n = 0; n < order; n++) {
      const at = (cell + n) * rank;
      const to = rows[cell + n]!;
      for (let c = 0; c < rank; c++) out[to + c]! -= change * derivatives[at + c]!;
    }
  }

  return { ...full, moveTo, apply, iterate: undefined };
}

/** JᵀWJ, W the mask of the known cells, with the inverse of JᵀJ + μI as preconditioner. Damping is in units of JᵀJ. */
function sampledMatrix(
  full: CpNormalMatrix,
  shape: readonly number[],
  rank: number,
  known: Uint8Array,
  precision: CgLimits,
): MovableMatrix {
  const { unknowns } = full;
  const solve = conjugateGradients(unknowns);
  const moved = new Float64Array(known.length);
  let factors: Float64Array[] = [];
  let mu = 0;
  const damped = {
    apply(v: Float64Array, out: Float64Array): void {
      full.apply(v, out);
      for (let n = 0; n < unknowns; n++) out[n]! += mu * v[n]!;
    },
    precondition: full.precondition,
    iterationFlops: full.iterationFlops,
    iterate: full.iterate,
  };
  return {
    unknowns,
    meanDiagonal: () => full.meanDiagonal(),
    moveTo: (x) => (factors = modeViews(shape, rank, x)),
    *apply(v, out) {
      yield* cpDerivativeSteps(shape, rank, factors, modeViews(shape, rank, v), moved, known);
      yield* mttkrpAllSteps(shape, rank, factors, moved, modeViews(shape, rank, out));
    },
    damp(shift) {
      mu = shift;
      return full.damp(mu);
    },
    precondition: (right, z) => solve(damped, right, precision, z),
  };
}
