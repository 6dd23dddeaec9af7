// The relative error ‖model − target‖ / ‖target‖ (Frobenius, not squared) that results report, in float64.
//   target dense:  entry by entry, one fiber at a time; the model is never stored. Missing cells are left out.
//   both Kruskal:  entry by entry in an orthonormal basis of the vectors of both, where the tensor is small enough,
//                  else by the Gram formula, which is blind below gramErrorFloor.
// Called by decompose for its result, by the command line, and by whoever checks a run.
import { qr } from '../linalg/qr.js';
import { fiberSteps, forEachFiber } from '../tensor/fibers.js';
import { dividedByPower, innerProduct, largestExponent, norm } from '../tensor/inner-product.js';
import { isSymmetric, requireSameShape, shapeOf, toKruskal } from '../tensor/kruskal.js';
import type { AnyKruskal, Kruskal } from '../tensor/kruskal.js';
import type { DenseTensor } from '../tensor/dense.js';
import type { PartlyKnownTensor } from '../tensor/partly-known.js';
import type { Matrix } from '../tensor/matrix.js';
import { SquareSum } from '../tensor/square-sum.js';
import { finished, type Work } from '../yield.js';
import { requireTensor } from '../tensor/require.js';

/**
 * What ‖A − B‖ from ‖A‖² + ‖B‖² − 2⟨A, B⟩ can resolve: the sum of squares carries a rounding error of about ε·‖B‖²,
 * so its root is noise below √ε·‖B‖ = 1.5e-8·‖B‖ (more where large components cancel inside A).
 */
export const gramErrorFloor = Math.sqrt(Number.EPSILON);

/** What the entry-by-entry sums can resolve: each entry is a sum of `rank` rounded products. */
export const explicitErrorFloor = 16 * Number.EPSILON;

/** Work (entries × components) up to which two Kruskal tensors are compared entry by entry: about 0.1 s. */
const explicitWorkLimit = 5e7;

/**
 * ‖model − target‖ / ‖target‖, both over the known cells where some of the target are missing. A zero target gives 0 for a zero model, else
 * Infinity. Entries may be of any size. Cost O(N·rank) for a dense target of N entries; the floor of the number returned is
 * `relativeErrorFloor`.
 *
 * @example
 * ```ts
 * import { denseTensor, kruskal, matrix, relativeError } from 'polyadic';
 *
 * const model = kruskal([1], [matrix(2, 1, [1, 0]), matrix(2, 1, [3, 0])]);
 * console.log(relativeError(model, denseTensor([2, 2], [3, 0, 0, 4]))); // 0.8
 * ```
 * @throws InputError for tensors of different shapes.
 */
export function relativeError(model: AnyKruskal | DenseTensor, target: AnyKruskal | PartlyKnownTensor): number {
  requireComparable('relativeError', model, target);
  if (isDense(target)) {
    return isDense(model) ? denseAgainstDense(model, target) : finished(denseErrorSteps(model, target));
  }
  if (isDense(model)) return denseAgainstKruskal(model, target);
  const exponent = largestExponent(target);
  const a = dividedByPower(model, exponent);
  const b = dividedByPower(target, exponent);
  const small = jointBasis(a, b);
  return small === undefined
    ? gramRelativeError(a, b)
    : ratio(normByFibers(small.residual), normByFibers(small.target));
}

/**
 * The smallest relative error that `relativeError(model, target)` can tell from 0.
 *
 * @example
 * ```ts
 * import { relativeErrorFloor } from 'polyadic';
 * import { plantedCp } from 'polyadic/problems';
 *
 * const { tensor, truth } = plantedCp({ shape: [9, 8, 7], rank: 2, seed: 1 });
 * console.log(relativeErrorFloor(truth, tensor) < 1e-14); // true
 * ```
 * @throws InputError for tensors of different shapes.
 */
export function relativeErrorFloor(model: AnyKruskal | DenseTensor, target: AnyKruskal | DenseTensor): number {
  requireComparable('relativeErrorFloor', model, target);
  const byGram = !isDense(model) && !isDense(target) && jointWork(model, target) > explicitWorkLimit;
  return byGram ? gramErrorFloor : explicitErrorFloor;
}

function requireComparable(who: string, model: AnyKruskal | DenseTensor, target: AnyKruskal | DenseTensor): void {
  requireTensor(who, model, 'the model');
  requireTensor(who, target, 'the target');
  requireSameShape(who, shapeOfEither(model), shapeOfEither(target));
}

/** The same number for two Kruskal tensors by the Gram formula: O((rank + rank)²·Σ shape), blind below `gramErrorFloor`. */
export function gramRelativeError(model: AnyKruskal, target: AnyKruskal): number {
  const squared = innerProduct(model, model) - 2 * innerProduct(model, target) + innerProduct(target, target);
  return ratio(Math.sqrt(Math.max(0, squared)), norm(target));
}

function denseAgainstDense(model: DenseTensor, { data, known }: PartlyKnownTensor): number {
  const residual = new SquareSum();
  const total = new SquareSum();
  for (let i = 0; i < data.length; i++) {
    if (known?.[i] === 0) continue;
    const value = data[i]!;
    residual.add(model.data[i]! - value);
    total.add(value);
  }
  return ratio(residual.root, total.root);
}

/** relativeError of a model of a dense tensor, with pauses. */
export function* denseErrorSteps(model: AnyKruskal, { data, known }: PartlyKnownTensor): Work<number> {
  // Without components it is known at once: an abort that comes before there are any is answered by it.
  if (model.weights.length === 0) return data.every((value) => value === 0) ? 0 : 1;
  const residual = new SquareSum();
  const total = new SquareSum();
  const visit = (difference: Float64Array, offset: number): void => {
    if (!known) {
      residual.addAll(difference, 0, difference.length);
      total.addAll(data, offset, difference.length);
      return;
    }
    for (let j = 0; j < difference.length; j++) {
      if (known[offset + j] === 0) continue;
      residual.add(difference[j]!);
      total.add(data[offset + j]!);
    }
  };
  yield* fiberSteps(model, visit, data);
  return ratio(residual.root, total.root);
}

function denseAgainstKruskal(model: DenseTensor, target: AnyKruskal): number {
  const residual = new SquareSum();
  const total = new SquareSum();
  forEachFiber(target, (fiber, offset) => {
    for (let j = 0; j < fiber.length; j++) {
      const value = fiber[j]!;
      residual.add(model.data[offset + j]! - value);
      total.add(value);
    }
  });
  return ratio(residual.root, total.root);
}

function normByFibers(model: Kruskal): number {
  const sum = new SquareSum();
  forEachFiber(model, (fiber) => {
    for (const value of fiber) sum.add(value);
  });
  return sum.root;
}

/**
 * Residual and target in an orthonormal basis, per mode, of the columns of both factors: [A | B] = Q·R, and R takes the
 * place of [A | B]. The norms stay, and a mode shrinks to at most rank + rank. Undefined when that is still too large.
 */
function jointBasis(model: AnyKruskal, target: AnyKruskal): { residual: Kruskal; target: Kruskal } | undefined {
  if (jointWork(model, target) > explicitWorkLimit) return undefined;
  const a = toKruskal(model);
  const b = toKruskal(target);
  const known = new Map<Matrix, Matrix>();
  const factors = a.factors.map((factor, mode) => {
    const other = b.factors[mode]!;
    const shared = isSymmetric(model) && isSymmetric(target) ? known.get(factor) : undefined;
    const reduced = shared ?? shrink(sideBySide(factor, other));
    known.set(factor, reduced);
    return reduced;
  });
  const zeros = new Float64Array(a.weights.length);
  return {
    residual: {
      weights: concatenate(
        a.weights,
        b.weights.map((weight) => -weight),
      ),
      factors,
    },
    target: { weights: concatenate(zeros, b.weights), factors },
  };
}

/** Entries of the shrunk tensor times components. */
function jointWork(model: AnyKruskal, target: AnyKruskal): number {
  const components = model.weights.length + target.weights.length;
  return shapeOf(model).reduce((product, size) => product * Math.min(size, components), components);
}

function shrink(columns: Matrix): Matrix {
  return columns.rows > columns.columns ? qr(columns).r : columns;
}

function sideBySide(a: Matrix, b: Matrix): Matrix {
  const columns = a.columns + b.columns;
  const data = new Float64Array(a.rows * columns);
  for (let i = 0; i < a.rows; i++) {
    data.set(a.data.subarray(i * a.columns, (i + 1) * a.columns), i * columns);
    data.set(b.data.subarray(i * b.columns, (i + 1) * b.columns), i * columns + a.columns);
  }
  return { rows: a.rows, columns, data };
}

function concatenate(a: Float64Array, b: Float64Array): Float64Array {
  const out = new Float64Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}

function ratio(residual: number, total: number): number {
  return residual === 0 && total === 0 ? 0 : residual / total;
}

function isDense(tensor: AnyKruskal | DenseTensor): tensor is DenseTensor | PartlyKnownTensor {
  return 'shape' in tensor;
}

function shapeOfEither(tensor: AnyKruskal | DenseTensor): readonly number[] {
  return isDense(tensor) ? tensor.shape : shapeOf(tensor);
}
