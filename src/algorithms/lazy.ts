// Gradient descent in the lazy regime: the model linearized at its start, T = Σ_{i<m} sym(u_i^{⊗(l−1)} ⊗ v_i) with the directions
// u_i fixed and v_i to learn, loss ½‖T − T*‖²:  v_i ← v_i − η A_i,  A_i = (T − T*)(·, u_i, …, u_i).
// This is what vanilla descent does from pairs with weights ±α on one direction each (T = 0 at the start) as α → ∞: the vectors
// then move by 1/α and only the tangent space of the start matters. It ends at the projection of the target on that space
// (src/analysis/tangent-space.ts), so it needs m ≥ C(d+l−1, l)/d ≈ d^{l−1}/l! directions: the point of comparison for beyondLazy
// (Wang et al. 2020, arXiv 2010.11356).
// The tangent model is a Kruskal tensor of order · m components, exactly: by polarization, with h_k = ± tan of odd multiples of
// π/(2l) and, for odd l, the component v^{⊗l} itself,  sym(u^{⊗(l−1)} ⊗ v) = Σ_{k<l} w_k (u + h_k v)^{⊗l}.
// These components are the stack on the backend; their rows move by −η h_k A_i, and all operations are those of vanilla descent.
import type { DeviceArray } from '../backend/backend.js';
import type { SymmetricProblem } from '../handles/symmetric.js';
import { randomStream } from '../random/stream.js';
import { startStreams } from '../random/streams.js';
import { isSymmetric, type SymmetricKruskal } from '../tensor/kruskal.js';
import type { Matrix } from '../tensor/matrix.js';
import { normalize } from '../tensor/normalize.js';
import { twiceTheRank, type Algorithm, type Setup } from './algorithm.js';
import { withDefaults } from './option-table.js';
import { lazyOptions, type LazyOptions } from './options/lazy.js';
import { contractResidual, observeStack, openStack, type SymmetricStack } from './symmetric-stack.js';

export interface LazyState {
  /** Of order · m components; component k · m + i is node k of direction i. */
  readonly stack: SymmetricStack;
  /** u_i beside every component, `[batch, order · m, dim]` */
  readonly directions: DeviceArray;
  /** h_k beside every component, `[batch, columns]`, and zeros. */
  readonly slopes: DeviceArray;
  readonly zeros: DeviceArray;
}

/** One start: unit directions and the vectors v, both `[m, dim]`. */
interface Tangent {
  readonly directions: Matrix;
  readonly vectors: Matrix;
}

/** Steps of the power iteration for the largest eigenvalue: within a few percent below it. */
const powerSteps = 20;

/**
 * `width` is the number m of directions; the result is the tangent model itself, with order · m components, and its
 * relative error that of the linearized model. Starts at T = 0 and random directions, or at `init`, linearized there.
 */
export const lazy: Algorithm<SymmetricProblem, LazyOptions, LazyState> = {
  kind: 'lazy',
  family: 'symmetric',
  options: lazyOptions,
  defaults: { starts: 1, tolerance: 1e-2, maxSteps: 6000, width: twiceTheRank },
  reportEvery: 50,

  async init(setup) {
    const { scope, problem } = setup;
    const { stepFactor } = withDefaults(lazyOptions, setup.options);
    const { order, dim, view } = problem;
    const tangents = startTangents(setup);
    const batch = tangents.length;
    const nodes = polarization(order);
    const stack = openStack({ scope, view, models: tangents.map((one) => modelOf(order, one)) });
    const { width: rows, columns } = stack;
    const perNode = rows / nodes.length;
    const queries = new Float64Array(batch * rows * dim);
    const slopes = new Float64Array(batch * columns);
    tangents.forEach(({ directions }, b) => {
      nodes.forEach(({ slope }, k) => {
        queries.set(directions.data, (b * rows + k * perNode) * dim);
        slopes.fill(slope, b * columns + k * perNode, b * columns + (k + 1) * perNode);
      });
    });
    const state = {
      stack,
      directions: scope.array('directions', queries),
      slopes: scope.array('slopes', slopes),
      zeros: scope.array('zeros', batch * rows),
    };
    const curvatures = await largestEigenvalues(state, setup, tangents);
    // updateVanilla steps by rates · order · slopes.
    const step = stepFactor / order;
    scope.write(
      stack.rates,
      curvatures.map((curvature) => step / curvature),
    );
    return state;
  },

  step({ stack, directions, slopes, zeros }) {
    const { scope, view, batch, width: rows, columns } = stack;
    const { order, dim } = view;
    contractResidual(stack, directions, rows, rows * dim);
    const sizes = { order, batch, rows, columns, dim, contracted: rows };
    scope.updateVanilla({ ...stack, ...sizes, weights: slopes, strengths: zeros });
  },

  observe: ({ stack }) => observeStack(stack),
};

function startTangents({ problem, width, seed, starts, init }: Setup<SymmetricProblem, LazyOptions>): Tangent[] {
  const { dim } = problem;
  if (init && isSymmetric(init)) {
    // c u^{⊗l} = sym(u^{⊗(l−1)} ⊗ c u)
    const { weights, vectors } = normalize(init);
    const data = vectors.data.map((value, at) => value * weights[Math.floor(at / dim)]!);
    return [{ directions: vectors, vectors: { ...vectors, data } }];
  }
  return starts.map((start) => {
    const directions = randomStream(seed, startStreams + start).unitVectors(width, dim);
    return { directions, vectors: { ...directions, data: new Float64Array(directions.data.length) } };
  });
}

interface Node {
  /** 1, or 0 for the node at infinity. */
  readonly along: number;
  readonly slope: number;
  readonly weight: number;
}

/**
 * Nodes of sym(u^{⊗(l−1)} ⊗ v) = Σ_k weight_k (along_k u + slope_k v)^{⊗l}, l of them, the least possible. Expanding, the terms
 * with an even power of v cancel in the pairs ±h; y_j = 2 l h_j weight_j must have Σ y_j h_j^{2b} = 1, 0, …, 0, which is Lagrange
 * interpolation at 0; for odd l the power l is taken off by v^{⊗l}. Slopes at equal angles condition it best.
 */
export function polarization(order: number): Node[] {
  const slopes = Array.from({ length: Math.floor(order / 2) }, (_, j) =>
    Math.tan(((2 * j + 1) * Math.PI) / (2 * order)),
  );
  const pairs = slopes.map((slope) => {
    const others = slopes.filter((other) => other !== slope);
    const share = others.reduce((product, other) => product * (other ** 2 / (other ** 2 - slope ** 2)), 1);
    return { along: 1, slope, weight: share / (2 * order * slope) };
  });
  const mirrored = pairs.map(({ slope, weight }) => ({ along: 1, slope: -slope, weight: -weight }));
  if (order % 2 === 0) return [...pairs, ...mirrored];
  const excess = pairs.reduce((sum, { slope, weight }) => sum + 2 * weight * slope ** order, 0);
  return [...pairs, ...mirrored, { along: 0, slope: 1, weight: -excess }];
}

/** The tangent model as a Kruskal tensor, node after node. */
function modelOf(order: number, { directions, vectors }: Tangent): SymmetricKruskal {
  const nodes = polarization(order);
  const { rows: width, columns: dim } = directions;
  const data = new Float64Array(nodes.length * width * dim);
  const weights = new Float64Array(nodes.length * width);
  nodes.forEach(({ along, slope, weight }, k) => {
    weights.fill(weight, k * width, (k + 1) * width);
    directions.data.forEach((u, at) => (data[k * width * dim + at] = along * u + slope * vectors.data[at]!));
  });
  return { order, weights, vectors: { rows: weights.length, columns: dim, data } };
}

/** Of the Gram matrix K of every start's tangent space, by power iteration v ← K v / ‖K v‖ with K v from the backend's contraction. */
async function largestEigenvalues(
  { stack, directions: queries }: LazyState,
  { seed, starts }: Setup<SymmetricProblem, LazyOptions>,
  tangents: readonly Tangent[],
): Promise<Float64Array> {
  const { scope, view, batch, width: rows, contraction, strengths } = stack;
  const { order, dim } = view;
  const size = (rows / order) * dim;
  const vectors = scope.array('power iteration', batch * rows * dim);
  const models = tangents.map((tangent) => modelOf(order, tangent));
  const weights = scope.array('node weights', Float64Array.from(models.flatMap((model) => Array.from(model.weights))));
  let probes = starts.map((start) => unit(randomStream(seed, startStreams + start).fillNormal(new Float64Array(size))));
  const eigenvalues = new Float64Array(batch);
  for (let k = 0; k < powerSteps; k++) {
    const content = new Float64Array(batch * rows * dim);
    tangents.forEach(({ directions }, b) => {
      const probe = { directions, vectors: { ...directions, data: probes[b]! } };
      content.set(modelOf(order, probe).vectors.data, b * rows * dim);
    });
    scope.write(vectors, content);
    const sizes = { order, batch, rows, columns: rows, dim, queries, queryStride: rows * dim };
    scope.contractFactored({ ...sizes, vectors, weights, contraction, strengths });
    const image = await scope.read(contraction);
    probes = probes.map((_, b) => {
      const one = image.slice(b * rows * dim, b * rows * dim + size);
      eigenvalues[b] = lengthOf(one);
      return unit(one);
    });
  }
  return eigenvalues;
}

function unit(vector: Float64Array): Float64Array {
  const length = lengthOf(vector);
  return vector.map((value) => value / length);
}

const lengthOf = (vector: Float64Array): number => Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
