// The lazy regime: where the vectors stay near their start, the model moves in the tangent space there, and that reaches a
// random target only with m ≥ ⌈C(d+l−1, l) / d⌉ ≈ d^{l−1}/l! components (Wang et al., NeurIPS 2020, arXiv 2010.11356: Ω(d^{l−1})).
//   space:    projection residual of rank-one targets on the tangent space of m random directions, and the first m that fits.
//   dynamics: plain gradient descent from pairs with weights ±α on one direction each, which cancel at the start. A large α
//             keeps the vectors in place, and descent stops at the projection residual; α = 1 moves them and leaves it.
import { lazyThreshold, projectionResidual, tangentGram } from '../../src/analysis/tangent-space.js';
import { decompose, factored, matchComponents, matrix, type Backend, type Matrix } from '../../src/index.js';
import { symmetricEigen } from '../../src/linalg/eigen.js';
import { plantedSymmetric } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import type { SymmetricKruskal } from '../../src/tensor/kruskal.js';
import { median } from '../figures.js';
import type { DynamicsCell, DynamicsRun, SpaceCell } from './lazy-cells.js';
import { descentFigure, residualFigure, thresholdFigure } from './lazy-figures.js';
import { seedsTo, type Circumstances, type Reproduction } from './reproduction.js';

/** A target is within reach when at most this is left of it. */
const within = 1e-5;

/** Descent on the model linearized at five random directions (algorithm lazy). */
interface LinearizedCell {
  readonly kind: 'linearized';
  readonly directions: number;
  readonly runs: readonly {
    readonly seed: number;
    readonly relativeError: number;
    readonly projectionResidual: number;
  }[];
}

export async function reproduceLazy({ backend, quick, seeds, log }: Circumstances): Promise<Reproduction> {
  const sizes = (
    quick
      ? [
          [3, [6, 8, 10]],
          [4, [6]],
        ]
      : [
          [3, [6, 8, 10, 12, 16]],
          [4, [6, 8]],
        ]
  ) as [number, number[]][];
  const space = sizes.flatMap(([order, dims]) =>
    dims.map((dim) => {
      const cell = measureSpace(order, dim, seeds);
      log(`order ${order}, d ${dim}: first m ${listed(cell.first)}, threshold ${cell.threshold}`);
      return cell;
    }),
  );
  const dynamics: DynamicsCell[] = [];
  for (const { pairs, scale } of quick ? dynamicsCases.slice(0, 2) : dynamicsCases) {
    const cell = await measureDynamics(backend, pairs, scale, Math.min(seeds, 5));
    log(`${pairs} pairs, α ${scale}: relative error ${short(cell.relativeError)}, movement ${short(cell.movement)}`);
    dynamics.push(cell);
  }
  const linearized = await measureLinearized(backend, Math.min(seeds, 5));
  return {
    claims: [...space.map(thresholdClaim), earlyClaim(space), linearizedClaim(linearized), ...dynamicsClaims(dynamics)],
    cells: [...space, linearized, ...dynamics],
    figures: { residual: residualFigure(space), threshold: thresholdFigure(space), descent: descentFigure(dynamics) },
  };
}

export function measureSpace(order: number, dim: number, seeds: number): SpaceCell {
  const threshold = lazyThreshold(order, dim);
  const most = threshold + 3;
  const shares = [0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9];
  const widths = [...shares.map((share) => Math.round(share * threshold)), threshold - 1, threshold, threshold + 1];
  const curve = [...new Set(widths)].filter((width) => width > 0);
  const instances = seedsTo(seeds).map((seed) => {
    const target = plantedSymmetric({ order, dim, rank: 1, seed, weightRange: [1, 1] }).truth;
    const directions = randomStream(seed, 1).unitVectors(most, dim);
    const known = new Map<number, number>();
    const residual = (width: number): number => {
      const value = known.get(width) ?? projectionResidual(target, firstRows(directions, width));
      known.set(width, value);
      return value;
    };
    return { first: firstWithin(residual, most), residuals: curve.map(residual) };
  });
  return {
    kind: 'space',
    order,
    dim,
    threshold,
    first: instances.map(({ first }) => first),
    curve: curve.map((width, at) => ({ width, residual: median(instances.map(({ residuals }) => residuals[at]!)) })),
  };
}

/** The residual falls with every direction added, so bisection finds the first width. */
function firstWithin(residual: (width: number) => number, most: number): number {
  let without = 0;
  let reached = most;
  while (reached - without > 1) {
    const middle = Math.floor((without + reached) / 2);
    if (residual(middle) < within) reached = middle;
    else without = middle;
  }
  return reached;
}

const firstRows = ({ columns, data }: Matrix, rows: number): Matrix =>
  matrix(rows, columns, data.slice(0, rows * columns));

/** The tangent space is everything from 10 directions on. */
const dynamicsProblem = { order: 3, dim: 6, rank: 2 } as const;
const dynamicsCases = [
  { pairs: 5, scale: 100 },
  { pairs: 5, scale: 1 },
  { pairs: 5, scale: 10 },
  { pairs: 14, scale: 100 },
];
const dynamicsSteps = 10_000;

async function measureDynamics(backend: Backend, pairs: number, scale: number, seeds: number): Promise<DynamicsCell> {
  const runs: DynamicsRun[] = [];
  for (const seed of seedsTo(seeds)) runs.push(await descend(backend, pairs, scale, seed));
  return {
    kind: 'dynamics',
    pairs,
    scale,
    relativeError: median(runs.map(({ relativeError }) => relativeError)),
    projectionResidual: median(runs.map((run) => run.projectionResidual)),
    movement: median(runs.map(({ movement }) => movement)),
    runs,
  };
}

async function measureLinearized(backend: Backend, seeds: number): Promise<LinearizedCell> {
  const directions = 5;
  const runs: LinearizedCell['runs'][number][] = [];
  for (const seed of seedsTo(seeds)) {
    const { truth, target, vectors } = instance(directions, seed);
    const init = { order: truth.order, weights: new Float64Array(directions), vectors };
    const { relativeError } = await decompose(target, {
      finish: 'none',
      algorithm: 'lazy',
      init,
      backend,
      maxSteps: dynamicsSteps,
    });
    runs.push({ seed, relativeError, projectionResidual: projectionResidual(truth, vectors) });
  }
  return { kind: 'linearized', directions, runs };
}

/** A target of components of norm 1, and the directions of a start. */
function instance(count: number, seed: number) {
  const { order, dim, rank } = dynamicsProblem;
  const { truth } = plantedSymmetric({ order, dim, rank, seed, weightRange: [1, 1] });
  return { truth, target: factored({ ...truth, dim }), vectors: randomStream(seed, 1).unitVectors(count, dim) };
}

/** Plain descent from ±α on every direction. The curvature at the start is 2 l² α² times the largest eigenvalue of the Gram matrix. */
async function descend(backend: Backend, pairs: number, scale: number, seed: number): Promise<DynamicsRun> {
  const { truth, target, vectors } = instance(pairs, seed);
  const init = cancelingPairs(truth.order, vectors, scale);
  const [curvature = 1] = symmetricEigen(tangentGram(truth.order, vectors)).values;
  // The learning rate is in units of 1 / order², as the components of the target have norm 1. Where the vectors move the
  // curvature grows on the way: half the step.
  const learningRate = (scale > 1 ? 0.5 : 0.25) / (2 * scale ** 2 * curvature);
  const { kruskal, relativeError, stop, history } = await decompose(target, {
    finish: 'none',
    algorithm: { kind: 'vanilla', learningRate },
    init,
    backend,
    tolerance: 1e-4,
    maxSteps: dynamicsSteps,
  });
  return {
    seed,
    stop,
    relativeError,
    projectionResidual: projectionResidual(truth, vectors),
    movement: movementOf(init, kruskal),
    history: (seed === 0 ? history : []).map((report) => ({ step: report.step, relativeError: report.relativeError })),
  };
}

/** α u^{⊗l} − α u^{⊗l} = 0 for every direction u. */
function cancelingPairs(order: number, directions: Matrix, scale: number): SymmetricKruskal {
  const weights = Float64Array.from({ length: 2 * directions.rows }, (_, i) => (i < directions.rows ? scale : -scale));
  const data = Float64Array.of(...directions.data, ...directions.data);
  return { order, weights, vectors: matrix(weights.length, directions.columns, data) };
}

/** Mean distance ‖ū_i − u_i‖ of the directions from where they started, each matched with its own by sign and angle. */
export function movementOf(start: SymmetricKruskal, end: SymmetricKruskal): number {
  const { perComponent } = matchComponents(start, end, { weightPenalty: false });
  const distances = Array.from(perComponent, (score) => Math.sqrt(2 - 2 * score ** (1 / start.order)));
  return distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
}

function thresholdClaim({ order, dim, threshold, first }: SpaceCell) {
  return {
    claim: `order ${order}, d = ${dim}: components a lazy model needs`,
    paper: `Ω(d^${order - 1}); ⌈C(${dim + order - 1}, ${order})/${dim}⌉ = ${threshold}`,
    measured: listed(first),
    holds: first.every((m) => m === threshold || m === threshold + 1) && median(first) === threshold,
  };
}

function earlyClaim(space: readonly SpaceCell[]) {
  const early = space.flatMap(({ threshold, curve }) =>
    curve.filter(({ width }) => width <= 0.75 * threshold).map(({ residual }) => residual),
  );
  const least = Math.min(...early);
  return {
    claim: 'with three quarters of that and fewer',
    paper: 'not enough',
    measured: `≥ ${least.toFixed(2)} of the target is left`,
    holds: least > 0.1,
  };
}

function linearizedClaim({ directions, runs }: LinearizedCell) {
  const gaps = runs.map((run) => Math.abs(run.relativeError - run.projectionResidual));
  const errors = runs.map(({ relativeError }) => relativeError);
  return {
    claim: `order 3, d = 6: descent on the model linearized at ${directions} directions`,
    paper: 'ends at the projection',
    measured: `error ${short(median(errors))}, within ${short(Math.max(...gaps))} of the projection`,
    holds: Math.max(...gaps) < 1e-3,
  };
}

function dynamicsClaims(cells: readonly DynamicsCell[]) {
  return cells
    .filter(({ scale }) => scale !== 10)
    .map(({ pairs, scale, relativeError, projectionResidual: residual, movement }) => {
      const lazy = scale > 1;
      return {
        claim: `order 3, d = 6: ${dynamicsSteps.toLocaleString('en')} steps from ${pairs} pairs ±${scale}`,
        paper: lazy ? 'vectors stay, error as the projection' : 'vectors move, error far below the projection',
        measured: `moved ${short(movement)}, error ${short(relativeError)}, projection ${short(residual)}`,
        holds: lazy
          ? movement < 0.01 && Math.abs(relativeError - residual) < 0.02
          : movement > 0.1 && relativeError < 0.1 * residual,
      };
    });
}

const short = (value: number): string => (value < 1e-6 ? '< 1e-6' : value.toPrecision(2));

/** 10; or 15–16 where seeds differ. */
function listed(values: readonly number[]): string {
  const least = Math.min(...values);
  const most = Math.max(...values);
  return least === most ? `${least}` : `${least}–${most}`;
}
