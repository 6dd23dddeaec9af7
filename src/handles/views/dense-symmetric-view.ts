// A packed symmetric tensor, seen by the float64 work. Everything runs over its fibers, the runs of entries that share all
// indices but the first (i_1 = 0 … i_2, consecutive in memory); an entry with i_1 < i_2 stands at l · μ places of the full
// tensor, μ the multiplicity of the tail (i_2, …, i_l).
import type { ResidualError } from '../handle.js';
import { multiply } from '../../linalg/algebra.js';
import { symmetricEigen } from '../../linalg/eigen.js';
import { GrowingBasis } from '../../linalg/growing-basis.js';
import { randomStream } from '../../random/stream.js';
import type { SymmetricKruskal } from '../../tensor/kruskal.js';
import { transpose, type Matrix } from '../../tensor/matrix.js';
import { normalize } from '../../tensor/normalize.js';
import {
  fibersPacked,
  forEachPacked,
  multiplicity,
  packedLength,
  packedOffset,
  symmetricNorm,
  type SymmetricTensor,
} from '../../tensor/symmetric.js';
import { contractPacked } from '../../tensor/symmetric-contraction.js';
import { symmetricCore } from '../../tensor/symmetric-core.js';
import { finished, isPauseDue, type Work } from '../../yield.js';
import { prune } from '../../compaction/prune.js';
import { contractSteps, type SymmetricView, type TargetSpan } from './symmetric-view.js';

/** Each entry is a sum of rounded products; see `relativeErrorFloor`. */
const explicitFloor = 16 * Number.EPSILON;
/** Rows of the unfolding up to which its singular values are cheap. */
const cheapRows = 64;
const maxRows = 300;
/** Contractions with random vectors beyond what a basis needs, and the seed of these vectors. */
const spareContractions = 8;
const basisSeed = 1;

/** `given`: sizes of the tensor that this one is the core of, already in the coordinates of its span. */
export function denseSymmetricView(tensor: SymmetricTensor, given?: SymmetricView['given']): SymmetricView {
  const { order, dim, data } = tensor;
  const norm = symmetricNorm(tensor);
  let squares: Float64Array | undefined;
  let compressed: TargetSpan | undefined;

  const relative = (square: number): number => (square === 0 && norm === 0 ? 0 : Math.sqrt(square) / norm);
  function* measureSteps(model: SymmetricKruskal): Work<ResidualError> {
    return { relativeError: relative(yield* squaredDistance(model, tensor)), errorFloor: explicitFloor };
  }
  const measure = (model: SymmetricKruskal): ResidualError => finished(measureSteps(model));

  function rankBound(tolerance: number): number {
    if (dim > maxRows) return 0;
    squares ??= symmetricEigen(unfoldingGram(tensor)).values;
    return squares.filter((square) => square > (tolerance * norm) ** 2).length;
  }

  const view: SymmetricView = {
    order,
    dim,
    given: given ?? tensor,
    norm,
    packed: tensor,
    noisy: true,
    measure,
    measureSteps,
    rankBound,
    workOf: (components) => 2 * data.length * components,
    contract: (x, count, out) => contractPacked(tensor, x, count, out),
    quickError: (model) => measure(model).relativeError,
    *span(compress = true) {
      if (given || !compress) return spanOf(tensor, norm, undefined, given ?? tensor);
      compressed ??= spanOf(tensor, norm, norm > 0 ? yield* spanningBasis(view, tensor) : undefined, tensor);
      return compressed;
    },
  };
  return view;
}

/** ‖model − T‖², entry by entry. */
function* squaredDistance({ weights, vectors }: SymmetricKruskal, { order, dim, data }: SymmetricTensor): Work<number> {
  const fiber = new Float64Array(dim);
  let total = 0;
  for (const { tail, offset } of fibersPacked(order, dim)) {
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
    if (isPauseDue(2 * weights.length * (last + 1))) yield;
  }
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
  const unit = { ...small, data: new Float64Array(small.data).map((value) => value / scale) };
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

/** An orthonormal basis of the space that the fibers of a tensor span. */
interface Basis {
  /** `[dim, k]`, orthonormal columns. */
  readonly vectors: Matrix;
  readonly core: SymmetricTensor;
}

/**
 * The basis and the core tensor in it, where k < dim columns hold all of the tensor: the contractions T(·, x, …, x) with random x span
 * what its fibers span (Halko, Martinsson & Tropp, "Finding structure with randomness", SIAM Review 53 (2011), section 4.4). Half as
 * many again as the basis has, and a few, to choose from: 1.5 k + 8 contractions, and the core.
 */
function* spanningBasis(view: SymmetricView, tensor: SymmetricTensor): Work<Basis | undefined> {
  const { order, dim } = tensor;
  const random = randomStream(basisSeed);
  const basis = new GrowingBasis();
  do {
    while (basis.candidates < spareContractions + basis.size / 2) {
      const contraction = new Float64Array(dim);
      yield* contractSteps(view, random.fillNormal(new Float64Array(dim)), 1, contraction);
      basis.add(contraction);
    }
    if (isPauseDue(8 * dim * (basis.candidates + basis.size))) yield;
  } while (basis.grow() && basis.size < dim);
  if (basis.size === dim || basis.size === 0) return undefined;
  const vectors = basis.columns;
  return { vectors, core: yield* symmetricCore({ order, dim, data: tensor.data }, vectors) };
}
