// Planted CP models of the calibration: how they are drawn, their components, and least-squares fits near them.
import { polishCp } from '../../src/compaction/polish-cp.js';
import { denseNorm, relativeError, toDense, type DenseTensor, type Kruskal } from '../../src/index.js';
import { plantedCp } from '../../src/problems/index.js';
import { rankOf } from '../../src/tensor/kruskal.js';
import { spreadWeights, type Draw } from './calibration-draw.js';
import { sizeOf } from '../../src/tensor/shape.js';
import type { Fitted } from './calibration-rank.js';
import type { PartlyKnownTensor } from '../../src/tensor/partly-known.js';

/** A planted model; the other fields change it. */
export interface Planted {
  readonly shape: readonly number[];
  readonly rank: number;
  /** Default: all 1. */
  readonly weights?: readonly number[];
  /** Cosine between any two columns. Default: random columns. */
  readonly cosine?: number;
  /** A constant added to every cell, in standard deviations of the planted tensor: one more component. Default: none. */
  readonly offset?: number;
  /** Every factor entry ≥ 0. Default: false. */
  readonly nonnegative?: boolean;
}

/** How models of a family are planted, and the noise on top of them. */
export interface PlantedKind {
  readonly name: string;
  readonly planted: (draw: Draw) => Planted;
  /** Relative to the deviation of the planted tensor without offset. Default: none. */
  readonly noise?: number;
}

/** Sizes by order, and ranks: from and to. Order 3 in two of three cases. */
export function plainSizes(
  sides: Record<3 | 4, readonly [number, number]>,
  ranks: readonly [number, number],
): (draw: Draw) => Planted {
  return (draw) => {
    const order = draw.oneOf([3, 3, 4] as const);
    return { shape: sizes(draw, order, ...sides[order]), rank: draw.integer(...ranks) };
  };
}

export const sizes = (draw: Draw, order: number, min: number, max: number): number[] =>
  Array.from({ length: order }, () => draw.integer(min, max));

/** Two components or more, of weights from 1 down to `last`. */
export function withSpread(plain: (draw: Draw) => Planted, last: number): (draw: Draw) => Planted {
  return (draw) => {
    const { shape, rank } = plain(draw);
    const count = Math.max(2, rank);
    return { shape, rank: count, weights: spreadWeights(draw, count, last) };
  };
}

/** One component less, and the offset. */
export function withOffset(plain: (draw: Draw) => Planted): (draw: Draw) => Planted {
  return (draw) => {
    const { shape, rank } = plain(draw);
    return { shape, rank: Math.max(1, rank - 1), offset: draw.sign() * draw.oneOf([1, 5, 20]) };
  };
}

/** The components of a planted model, one more for the offset. */
export function plantedTruth(
  seed: number,
  { shape, rank, weights, cosine, offset = 0, nonnegative }: Planted,
): Kruskal {
  const { truth } = plantedCp({
    shape,
    rank,
    seed,
    ...(weights ? { weights } : {}),
    ...(cosine === undefined ? {} : { collinearity: cosine }),
  });
  const { factors } = truth;
  const signed = nonnegative
    ? factors.map((factor) => ({ ...factor, data: factor.data.map((entry) => Math.abs(entry)) }))
    : factors;
  if (offset === 0) return { weights: truth.weights, factors: signed };
  const cells = sizeOf(shape);
  return {
    weights: Float64Array.of(...truth.weights, offset * deviation({ ...truth, factors: signed }) * Math.sqrt(cells)),
    factors: signed.map(({ rows, columns, data }) => ({
      rows,
      columns: columns + 1,
      data: Float64Array.from({ length: rows * (columns + 1) }, (_, at) => {
        const column = at % (columns + 1);
        return column < columns ? data[Math.floor(at / (columns + 1)) * columns + column]! : 1 / Math.sqrt(rows);
      }),
    })),
  };
}

/** Standard deviation of the cells. */
export function deviation(model: Kruskal): number {
  const { data } = toDense(model);
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  return Math.sqrt(data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length);
}

export function describePlanted({ shape, rank, weights, cosine, offset, nonnegative }: Planted, noise: number): string {
  const told = weights?.map((weight) => Number(weight.toPrecision(2))).join(' ');
  return [
    `${shape.join('×')}, rank ${rank}`,
    ...(told ? [`weights ${told}`] : []),
    ...(cosine === undefined ? [] : [`cosine ${cosine}`]),
    ...(offset ? [`offset ${offset} deviations`] : []),
    ...(nonnegative ? ['nonnegative'] : []),
    ...(noise > 0 ? [`noise ${noise}`] : []),
  ].join(', ');
}

/** Polishes models towards the tensor without noise. */
export const fitTo =
  (clean: DenseTensor) =>
  (start: Kruskal): Fitted<Kruskal> => {
    if (rankOf(start) === 0) return { model: start, missed: denseNorm(clean) ** 2 };
    const { model, error } = polishedCp(clean, start, { tolerance: 1e-4, maxSteps: 30 });
    return { model, missed: (error * denseNorm(clean)) ** 2 };
  };

/** The float64 finish, from a given start: what a least-squares fit near the truth has. */
export function polishedCp(
  tensor: PartlyKnownTensor,
  start: Kruskal,
  limits = { tolerance: 1e-9, maxSteps: 100 },
): { model: Kruskal; error: number } {
  let last = { model: start, error: relativeError(start, tensor) };
  for (const report of polishCp(tensor, start, limits)) if (report) last = { model: report.kruskal, error: NaN };
  return { ...last, error: relativeError(last.model, tensor) };
}
