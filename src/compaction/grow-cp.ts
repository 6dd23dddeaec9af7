// Growth of a CP model of a dense tensor, in float64: a new component starts on what the model leaves of the target, and all are
// fitted again. Random starts fit a strong component twice where the others are weak; growth sees the weak ones in the residual.
//   grow:    best rank-one of T − M, joined to M, then Gauss-Newton on all components
//   shrink:  the component whose removal costs least leaves, then Gauss-Newton on the others
import { stepSolver } from '../least-squares/normal-equations.js';
import { hadamard } from '../linalg/algebra.js';
import { dot } from '../linalg/dot.js';
import { concatenate } from '../tensor/concatenate.js';
import { randomStream } from '../random/stream.js';
import { growthStream } from '../random/streams.js';
import { cpResidualSteps, mttkrpSweep } from '../tensor/cp-products.js';
import type { DenseTensor } from '../tensor/dense.js';
import type { Kruskal } from '../tensor/kruskal.js';
import type { PartlyKnownTensor } from '../tensor/partly-known.js';
import { columnProducts, rowProducts, type Matrix } from '../tensor/matrix.js';
import { absorbWeights } from '../tensor/stacked.js';
import { normalize, selectComponents, withoutComponents } from '../tensor/normalize.js';
import type { Work } from '../yield.js';
import { cpNormalMatrix } from './cp-normal-matrix.js';
import type { PolishOptions } from './polish-cp.js';

/** A fit that is good enough to go on from: the next component changes it anyway. */
export const coarse = {
  tolerance: 1e-3,
  maxSteps: 30,
  precision: { iterations: 50, cgTolerance: 1e-6 },
} satisfies PolishOptions;

/** The model with the best rank-one part of its residual as one more component, to be fitted. */
export function* withNewComponent(target: PartlyKnownTensor, model: Kruskal, seed: number): Work<Kruskal> {
  const fresh = yield* bestRankOne(yield* residualOf(target, model), seed);
  return {
    weights: Float64Array.of(...model.weights, ...fresh.weights),
    factors: model.factors.map((factor, mode) => withColumn(factor, fresh.factors[mode]!.data)),
  };
}

/** The model without the component that the others can replace best, to be fitted. */
export function* withoutWeakest(model: Kruskal): Work<Kruskal> {
  const unit = normalize(model);
  const costs = yield* removalCosts(unit);
  const weakest = costs.indexOf(Math.min(...costs));
  return withoutComponents(unit, [weakest]);
}

/** T − M, over the known cells. */
export function* residualOf(target: PartlyKnownTensor, model: Kruskal): Work<DenseTensor> {
  const { factors, weights } = absorbWeights(model);
  const data = new Float64Array(target.data.length);
  const arrays = factors.map((factor) => factor.data);
  yield* cpResidualSteps(target.shape, weights.length, arrays, target.data, data, target.known);
  for (let i = 0; i < data.length; i++) data[i] = -data[i]!;
  return { shape: target.shape, data };
}

/** Power iterations that run side by side, how long, and the rise of the best one's weight per sweep at which they end. */
const rankOneStarts = 4;
const maxSweeps = 20;
const rankOneTolerance = 1e-2;

/** The strongest of a few alternating power iterations from random vectors: 4 · starts · size flops per sweep. */
export function* bestRankOne({ shape, data }: DenseTensor, seed: number): Work<Kruskal> {
  const random = randomStream(seed, growthStream);
  const starts = rankOneStarts;
  let found: Kruskal = normalize({
    weights: new Float64Array(starts).fill(1),
    factors: shape.map((rows) => ({
      rows,
      columns: starts,
      data: random.fillNormal(new Float64Array(rows * starts)),
    })),
  });
  let strongest = 0;
  for (let sweep = 0; sweep < maxSweeps; sweep++) {
    const arrays = found.factors.map((factor) => factor.data);
    yield* mttkrpSweep(shape, starts, arrays, data, (mode, product) => {
      const factors = found.factors.map((factor, k) => (k === mode ? { ...factor, data: product } : factor));
      found = normalize({ weights: new Float64Array(starts).fill(1), factors });
      return found.factors[mode]!.data;
    });
    const weight = Math.max(...found.weights);
    if (weight - strongest <= rankOneTolerance * weight) break;
    strongest = weight;
  }
  return selectComponents(found, [found.weights.indexOf(Math.max(...found.weights))]);
}

function withColumn({ rows, columns, data }: Matrix, column: Float64Array): Matrix {
  const wider = new Float64Array(rows * (columns + 1));
  for (let i = 0; i < rows; i++) {
    wider.set(data.subarray(i * columns, (i + 1) * columns), i * (columns + 1));
    wider[i * (columns + 1) + columns] = column[i]!;
  }
  return { rows, columns: columns + 1, data: wider };
}

/** Damping of the projection on the moves of the other components, relative to the mean curvature. */
const projectionDamping = 1e-6;

/**
 * Of each component, the squared norm of what small moves of the others cannot replace: c_r less its projection on their tangent
 * space. Refitting only the others' weights would miss that two components which stand for one need each other to differ.
 */
function* removalCosts(model: Kruskal): Work<number[]> {
  const { factors } = absorbWeights(model);
  const shape = factors.map(({ rows }) => rows);
  const all = Array.from(model.weights.keys());
  const costs: number[] = [];
  for (const r of all) {
    const column = selectColumns(factors, [r]);
    const others = selectColumns(
      factors,
      all.filter((s) => s !== r),
    );
    const products = others.map((factor, mode) => columnProducts(factor, column[mode]!));
    const gradient = concatenate(
      others.map((_, mode) => {
        const across = products.filter((__, k) => k !== mode).reduce(hadamard);
        return rowProducts(column[mode]!, across).data;
      }),
    );
    const square = column.map((own) => columnProducts(own, own)).reduce(hadamard).data[0]!;
    if (others[0]!.columns === 0) {
      costs.push(square);
      continue;
    }
    const matrix = cpNormalMatrix(shape, others[0]!.columns);
    matrix.moveTo(concatenate(others.map(({ data }) => data)));
    const moves = new Float64Array(gradient.length);
    yield* stepSolver(matrix).solve(gradient, projectionDamping, coarse.precision, moves);
    costs.push(square + dot(gradient, moves));
  }
  return costs;
}

const selectColumns = (factors: readonly Matrix[], columns: readonly number[]): Matrix[] => [
  ...selectComponents({ weights: new Float64Array(factors[0]!.columns), factors }, columns).factors,
];
