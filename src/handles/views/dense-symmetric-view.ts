// A packed symmetric tensor, seen by the float64 work. Everything runs over its fibers, the runs of entries that share all
// indices but the first (i_1 = 0 … i_2, consecutive in memory); an entry with i_1 < i_2 stands at l · μ places of the full
// tensor, μ the multiplicity of the tail (i_2, …, i_l).
import type { ResidualError } from '../handle.js';
import { multiply } from '../../linalg/algebra.js';
import { symmetricEigen } from '../../linalg/eigen.js';
import { qr } from '../../linalg/qr.js';
import type { SymmetricKruskal } from '../../tensor/kruskal.js';
import { transpose, type Matrix } from '../../tensor/matrix.js';
import { normalize } from '../../tensor/normalize.js';
import {
  forEachFiberPacked,
  forEachPacked,
  multiplicity,
  packedLength,
  packedOffset,
  packSymmetric,
  symmetricNorm,
  unpackSymmetric,
  type SymmetricTensor,
} from '../../tensor/symmetric.js';
import { contractPacked } from '../../tensor/symmetric-contraction.js';
import { prune } from '../../compaction/prune.js';
import type { SymmetricView, TargetSpan } from './symmetric-view.js';

/** Each entry is a sum of rounded products; see `relativeErrorFloor`. */
const explicitFloor = 16 * Number.EPSILON;
/** Rows of the unfolding up to which its singular values are cheap. */
const cheapRows = 64;
const maxRows = 300;
/** Entries of the full tensor up to which it is compressed: 32 MiB. */
const maxFullEntries = 2 ** 22;
/** What compression may lose, relative to the norm: rounding. */
const exactTolerance = 1e-13;
/** Singular values from Gram matrices are noise below √ε of the largest. */
const rankCutoff = 1e-7;

/** `given`: sizes of the tensor that this one is the core of, already in the coordinates of its span. */
export function denseSymmetricView(tensor: SymmetricTensor, given?: SymmetricView['given']): SymmetricView {
  const { order, dim, data } = tensor;
  const norm = symmetricNorm(tensor);
  let squares: Float64Array | undefined;

  const relative = (square: number): number => (square === 0 && norm === 0 ? 0 : Math.sqrt(square) / norm);
  const measure = (model: SymmetricKruskal): ResidualError => ({
    relativeError: relative(squaredDistance(model, tensor)),
    errorFloor: explicitFloor,
  });

  function rankBound(tolerance: number): number {
    if (dim > maxRows) return 0;
    squares ??= symmetricEigen(unfoldingGram(tensor)).values;
    return squares.filter((square) => square > (tolerance * norm) ** 2).length;
  }

  return {
    order,
    dim,
    given: given ?? tensor,
    norm,
    packed: tensor,
    noisy: true,
    measure,
    rankBound,
    workOf: (components) => 2 * data.length * components,
    contract: (x, count, out) => contractPacked(tensor, x, count, out),
    quickError: (model) => measure(model).relativeError,
    span: () =>
      given ? spanOf(tensor, norm, undefined, given) : spanOf(tensor, norm, spanningBasis(tensor, norm), tensor),
  };
}

/** ‖model − T‖², entry by entry. */
function squaredDistance({ weights, vectors }: SymmetricKruskal, { order, dim, data }: SymmetricTensor): number {
  const fiber = new Float64Array(dim);
  let total = 0;
  forEachFiberPacked(order, dim, (tail, offset) => {
    const last = tail[0]!;
    for (let i = 0; i <= last; i++) fiber[i] = -data[offset + i]!;
    for (let r = 0; r < weights.length; r++) {
      let product = weights[r]!;
      for (const i of tail) product *= vectors.data[r * dim + i]!;
      if (product === 0) continue;
      for (let i = 0; i <= last; i++) fiber[i]! += product * vectors.data[r * dim + i]!;
    }
    let run = 1;
    while (run < tail.length && tail[run] === last) run++;
    let sum = fiber[last]! ** 2 / (run + 1);
    for (let i = 0; i < last; i++) sum += fiber[i]! ** 2;
    total += order * multiplicity(tail) * sum;
  });
  return total;
}

/**
 * M Mᵀ of the unfolding into index tuples of length p against the rest, both in the orthonormal basis of symmetric tensors, so
 * that singular values are those of the dim^p × dim^(order − p) matrix; p as large as is cheap.
 */
function unfoldingGram(tensor: SymmetricTensor): Matrix {
  const { order, dim } = tensor;
  let p = 1;
  while (p + 1 <= order / 2 && packedLength(p + 1, dim) <= cheapRows) p++;
  const unfolded = unfold(tensor, p);
  return multiply(unfolded, transpose(unfolded));
}

function unfold({ order, dim, data }: SymmetricTensor, p: number): Matrix {
  const rows = packedLength(p, dim);
  const columns = packedLength(order - p, dim);
  const out = new Float64Array(rows * columns);
  forEachPacked(p, dim, (left, row) => {
    const leftPlaces = multiplicity(left);
    forEachPacked(order - p, dim, (right, column) => {
      const index = [...left, ...right].sort((a, b) => a - b);
      out[row * columns + column] = Math.sqrt(leftPlaces * multiplicity(right)) * data[packedOffset(index)]!;
    });
  });
  return { rows, columns, data: out };
}

/** Coordinates in the space that the tensor's fibers span (Tucker compression), and norm 1; the same coordinates where that loses anything. */
function spanOf(
  tensor: SymmetricTensor,
  norm: number,
  basis: Basis | undefined,
  given: SymmetricView['given'],
): TargetSpan {
  const scale = norm || 1;
  const small = basis ? basis.core : tensor;
  const unit = { ...small, data: Float64Array.from(small.data, (value) => value / scale) };
  return {
    view: denseSymmetricView(unit, given),
    project: (model) =>
      prune(
        {
          ...model,
          weights: model.weights.map((weight) => weight / scale),
          vectors: basis ? multiply(model.vectors, basis.vectors) : model.vectors,
        },
        0,
      ),
    restore: (model) =>
      normalize({
        ...model,
        weights: model.weights.map((weight) => weight * scale),
        vectors: basis ? multiply(model.vectors, transpose(basis.vectors)) : model.vectors,
      }),
  };
}

interface Basis {
  /** `[dim, k]`, orthonormal columns. */
  readonly vectors: Matrix;
  readonly core: SymmetricTensor;
}

/** The basis and the core tensor in it, where k < dim columns hold all of the tensor. */
function spanningBasis(tensor: SymmetricTensor, norm: number): Basis | undefined {
  const { order, dim } = tensor;
  if (dim ** order > maxFullEntries || dim < 3 || norm === 0) return undefined;
  const unfolded = unfold(tensor, 1);
  const { values, vectors } = symmetricEigen(multiply(unfolded, transpose(unfolded)));
  const k = values.filter((square) => square > (rankCutoff * norm) ** 2).length;
  if (k === dim || k === 0) return undefined;
  const rough: Matrix = {
    rows: dim,
    columns: k,
    data: Float64Array.from({ length: dim * k }, (_, at) => vectors.data[Math.floor(at / k) * dim + (at % k)]!),
  };
  // Once through the tensor: weak directions, blurred by the squares in the Gram matrix, come out sharp.
  const right = multiply(transpose(unfolded), rough);
  for (let c = 0; c < k; c++) for (let n = 0; n < right.rows; n++) right.data[n * k + c]! /= values[c]!;
  const basis = qr(multiply(unfolded, right)).q;
  const full = unpackSymmetric(tensor).data as Float64Array;
  const coreFull = transform(full, order, transpose(basis));
  const back = transform(coreFull, order, basis);
  let lost = 0;
  for (let i = 0; i < full.length; i++) lost += (full[i]! - back[i]!) ** 2;
  if (Math.sqrt(lost) > exactTolerance * norm) return undefined;
  const core = packSymmetric({ shape: new Array<number>(order).fill(k), data: coreFull }, Infinity);
  return { vectors: basis, core };
}

/** The full tensor with the matrix [to, from] applied to every mode. */
function transform(full: Float64Array, order: number, { rows: to, columns: from, data }: Matrix): Float64Array {
  let current = full;
  for (let mode = 0; mode < order; mode++) {
    // The last mode is contracted and its replacement put first, so that after `order` turns all are where they were.
    const rest = current.length / from;
    const next = new Float64Array(rest * to);
    for (let n = 0; n < rest; n++) {
      for (let t = 0; t < to; t++) {
        let sum = 0;
        for (let k = 0; k < from; k++) sum += data[t * from + k]! * current[n * from + k]!;
        next[t * rest + n] = sum;
      }
    }
    current = next;
  }
  return current;
}
