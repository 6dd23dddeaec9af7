// Where a fit of a CP model of given rank to a small tensor begins: an algebraic solution, singular vectors, or at random.
import { leftSpectrum } from '../compression/left-spectrum.js';
import { hadamard, multiply } from '../linalg/algebra.js';
import { dot } from '../linalg/dot.js';
import { pencilVectors } from '../linalg/pencil.js';
import { qr } from '../linalg/qr.js';
import { solveRows } from '../linalg/solve-rows.js';
import type { RandomStream } from '../random/stream.js';
import { cpResidualSteps, mttkrpSteps, mttkrpSweep } from '../tensor/cp-products.js';
import type { DenseTensor } from '../tensor/dense.js';
import type { Kruskal } from '../tensor/kruskal.js';
import { columnProducts, transpose, type Matrix } from '../tensor/matrix.js';
import { projectMode } from '../tensor/mode-products.js';
import { normalize } from '../tensor/normalize.js';
import { moveModesFirst } from '../tensor/permute.js';
import { sizeOf } from '../tensor/shape.js';
import { sumOfSquares } from '../tensor/square-sum.js';
import { absorbWeights } from '../tensor/stacked.js';
import { isPauseDue, type Work } from '../yield.js';

/** Mixtures of slices that are tried. */
const mixtures = 3;
/** Ridge of small normal equations, relative to their mean diagonal. */
const smallRidge = 1e-12;

/**
 * The components of an exact tensor of this rank, by a generalized eigenproblem: with its two longest modes cut to `rank` directions, two
 * random mixtures of the other slices are S_k = A D_k Bᵀ, and S_1 w = λ S_2 w has the columns of B^{-T} as solutions. The rest follows by
 * least squares. With noise it is a start; the best of three mixtures by its error. Undefined where fewer than two modes have `rank`
 * directions. Leurgans, Ross & Abel, "A decomposition for three-way arrays", SIAM J. Matrix Anal. Appl. 14 (1993); Sanchez & Kowalski,
 * "Tensorial resolution: a direct trilinear decomposition", J. Chemometrics 4 (1990). Cost about 25 R³ + 4 R · size flops per mixture.
 */
export function* algebraicStart(tensor: DenseTensor, rank: number, random: RandomStream): Work<Kruskal | undefined> {
  const [first, second, ...others] = modesByLengthDescending(tensor.shape);
  const rest = others.sort((a, b) => a - b);
  if (first === undefined || second === undefined || rank < 2 || tensor.shape[second]! < rank) return undefined;
  const restShape = rest.map((mode) => tensor.shape[mode]!);
  if (sizeOf(restShape) < 2) return undefined;
  // As a tensor of three modes, the others merged into the last.
  const { data } = moveModesFirst(tensor, [first, second]);
  const threeWay = { shape: [tensor.shape[first]!, tensor.shape[second]!, sizeOf(restShape)], data };
  const left = yield* (yield* leftSpectrum(threeWay, 0)).leading(rank);
  const right = yield* (yield* leftSpectrum(threeWay, 1)).leading(rank);
  const square = yield* projectMode(yield* projectMode(threeWay, 0, left), 1, right);
  const slices = yield* leftSpectrum(square, 2);
  const live = slices.values.filter((value) => value > smallRidge * slices.values[0]!).length;
  const directions = yield* slices.leading(Math.min(slices.values.length, Math.max(2, Math.min(rank, live))));
  let best: { readonly model: Kruskal; readonly error: number } | undefined;
  for (let k = 0; k < mixtures; k++) {
    const mixed = yield* projectMode(square, 2, multiply(directions, randomPair(directions.columns, random)));
    const solved = solvePencil(slice(mixed, 0, rank), slice(mixed, 1, rank));
    yield;
    if (!solved) continue;
    const pair = [multiply(left, solved.first), multiply(right, solved.second)] as const;
    const model = yield* withOtherModes(threeWay, pair, rest, restShape, { first, second });
    const error = yield* squaredError(tensor, model);
    if (Number.isFinite(error) && !(error >= (best?.error ?? Infinity))) best = { model, error };
  }
  return best?.model;
}

/** Per mode, the leading singular vectors, random columns where there are not enough. */
export function* singularVectorStart(tensor: DenseTensor, rank: number, random: RandomStream): Work<Kruskal> {
  const factors: Matrix[] = [];
  for (const [mode, rows] of tensor.shape.entries()) {
    const spectrum = yield* leftSpectrum(tensor, mode);
    const leading = yield* spectrum.leading(Math.min(rank, spectrum.values.length));
    const data = random.fillNormal(new Float64Array(rows * rank)).map((value) => value / Math.sqrt(rows));
    for (let i = 0; i < rows; i++) {
      data.set(leading.data.subarray(i * leading.columns, (i + 1) * leading.columns), i * rank);
    }
    factors.push({ rows, columns: rank, data });
  }
  return { weights: new Float64Array(rank).fill(1), factors };
}

/** Gaussian factors with columns of about unit length. */
export const randomStart = ({ shape }: DenseTensor, rank: number, random: RandomStream): Kruskal => ({
  weights: new Float64Array(rank).fill(1),
  factors: shape.map((rows) => ({
    rows,
    columns: rank,
    data: random.fillNormal(new Float64Array(rows * rank)).map((value) => value / Math.sqrt(rows)),
  })),
});

/**
 * Alternating least squares for a few sweeps: from far away the errors of ten sweeps cost less than those of one Gauss-Newton step.
 * Ends where a sweep lowers the squared error by less than `tolerance` of it. 4 · size · rank flops per sweep.
 */
export function* alternate(
  tensor: DenseTensor,
  start: Kruskal,
  { sweeps, tolerance }: { readonly sweeps: number; readonly tolerance: number },
): Work<Kruskal> {
  const { shape, data } = tensor;
  const rank = start.weights.length;
  const total = sumOfSquares(data);
  const factors: Matrix[] = normalize(start).factors.map((factor) => ({ ...factor, data: factor.data.slice() }));
  const grams = factors.map((factor) => columnProducts(factor, factor));
  let weights: Float64Array = new Float64Array(rank).fill(1);
  let before = Infinity;
  for (let sweep = 0; sweep < sweeps; sweep++) {
    let error = total;
    const arrays = factors.map((factor) => factor.data);
    yield* mttkrpSweep(shape, rank, arrays, data, function* (mode, product) {
      const rows = shape[mode]!;
      const others = grams.filter((_, k) => k !== mode).reduce(hadamard);
      const solved = solveRows(others, { rows, columns: rank, data: product }, 1e-10);
      error = total - dot(product, solved.data);
      const unit = normalize({ weights: new Float64Array(rank).fill(1), factors: [solved] });
      weights = unit.weights;
      const factor = unit.factors[0]!;
      factors[mode] = factor;
      grams[mode] = columnProducts(factor, factor);
      if (isPauseDue(8 * rows * rank * rank)) yield;
      return factor.data;
    });
    if (before - error < tolerance * Math.max(error, 1e-12 * total)) break;
    before = error;
  }
  return { weights, factors };
}

/** ‖X − M‖², from the residual: no digits cancel. */
export function* squaredError({ shape, data }: DenseTensor, model: Kruskal): Work<number> {
  const rank = model.weights.length;
  const residual = new Float64Array(data.length);
  const factors = absorbWeights(model).factors.map((factor) => factor.data);
  yield* cpResidualSteps(shape, rank, factors, data, residual);
  return sumOfSquares(residual);
}

/** Two orthonormal random combinations of the directions, [count, 2]. */
function randomPair(count: number, random: RandomStream): Matrix {
  return qr({ rows: count, columns: 2, data: random.fillNormal(new Float64Array(2 * count)) }).q;
}

/** Slice k of [R, R, 2]. */
const slice = ({ data }: DenseTensor, k: number, rank: number): Matrix => ({
  rows: rank,
  columns: rank,
  data: Float64Array.from({ length: rank * rank }, (_, i) => data[2 * i + k]!),
});

/** Unit columns of A and B, where S_k = A D_k Bᵀ. */
function solvePencil(s1: Matrix, s2: Matrix): { first: Matrix; second: Matrix } | undefined {
  const vectors = pencilVectors(s1, s2);
  if (!vectors) return undefined;
  // W^{-T} = W (WᵀW)⁻¹
  const inverse = solveRows(columnProducts(vectors, vectors), vectors, smallRidge);
  return { first: unitColumns(multiply(s2, vectors)), second: unitColumns(inverse) };
}

const unitColumns = (factor: Matrix): Matrix =>
  normalize({ weights: new Float64Array(factor.columns).fill(1), factors: [factor] }).factors[0]!;

/** The model with the factors of two modes given: each component's part in the other modes by least squares, cut to rank one. */
function* withOtherModes(
  threeWay: DenseTensor,
  [first, second]: readonly [Matrix, Matrix],
  rest: readonly number[],
  restShape: readonly number[],
  modes: { readonly first: number; readonly second: number },
): Work<Kruskal> {
  const rank = first.columns;
  const rows = threeWay.shape[2]!;
  const product = new Float64Array(rows * rank);
  yield* mttkrpSteps(threeWay.shape, rank, [first.data, second.data, product], 2, threeWay.data, product.fill(0));
  const gram = hadamard(columnProducts(first, first), columnProducts(second, second));
  const parts = transpose(solveRows(gram, { rows, columns: rank, data: product }, smallRidge));
  const weights = new Float64Array(rank).fill(1);
  const factors: Matrix[] = [];
  factors[modes.first] = first;
  factors[modes.second] = second;
  for (const [k, mode] of rest.entries()) {
    factors[mode] = { rows: restShape[k]!, columns: rank, data: new Float64Array(restShape[k]! * rank) };
  }
  for (let r = 0; r < rank; r++) {
    const part = { shape: restShape, data: parts.data.subarray(r * rows, (r + 1) * rows) };
    const vectors = rest.length === 1 ? [part.data] : yield* leadingVectors(part);
    for (const [k, mode] of rest.entries()) {
      for (let i = 0; i < restShape[k]!; i++) factors[mode]!.data[i * rank + r] = vectors[k]![i]!;
    }
    if (rest.length > 1) weights[r] = yield* rankOneWeight(part, vectors);
  }
  return { weights, factors };
}

/** The first left singular vector of every unfolding. */
function* leadingVectors(tensor: DenseTensor): Work<Float64Array[]> {
  const vectors: Float64Array[] = [];
  for (const mode of tensor.shape.keys()) {
    const { data } = yield* (yield* leftSpectrum(tensor, mode)).leading(1);
    vectors.push(data);
  }
  return vectors;
}

/** ⟨T, v_1 ∘ … ∘ v_N⟩ */
function* rankOneWeight({ shape, data }: DenseTensor, vectors: readonly Float64Array[]): Work<number> {
  const out = new Float64Array(shape[0]!);
  yield* mttkrpSteps(shape, 1, vectors, 0, data, out);
  return out.reduce((sum, value, i) => sum + value * vectors[0]![i]!, 0);
}

const modesByLengthDescending = (shape: readonly number[]): number[] =>
  Array.from(shape.keys()).sort((a, b) => shape[b]! - shape[a]!);
