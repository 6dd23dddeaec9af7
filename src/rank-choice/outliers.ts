// Components that stand in a single cell: an outlying value makes one, and it says nothing about the rank. A component that is merely
// steep, as the corner of 1 / (i + j + k), has more than half of its squared norm in one cell, too, but what is beside that cell is more
// than noise.
import { knownCells, type PartlyKnownTensor } from '../tensor/partly-known.js';
import { denseNorm, type DenseTensor } from '../tensor/dense.js';
import type { Kruskal } from '../tensor/kruskal.js';
import type { Matrix } from '../tensor/matrix.js';
import { normalize } from '../tensor/normalize.js';

/** Part of a component's squared norm in one cell from which on it may be that cell. */
const concentrated = 0.5;
/** Its squared entries beside the cell, relative to what noise puts there on average; and those that are the imprecision of a fit. */
const ofNoise = 10;
const ofFit = 1e-4;

/**
 * The numbers of the components that are one cell: of component r, with a = w_r Π_n max_i |A_n[i, r]| there, more than half of the squared
 * norm is in the cell, and what the factors have beside it, Σ_n (1 − max²) / max², is no more than ten times the Σ_n I_n σ² / a² that noise
 * of variance σ² in the fibers through the cell puts there. `relativeError`: of the model, which σ² comes from.
 */
export function outlierComponents(target: PartlyKnownTensor, model: Kruskal, relativeError: number): number[] {
  const { factors, weights } = normalize(model);
  const rank = weights.length;
  let variance: number | undefined;
  return Array.from(weights.keys()).filter((r) => {
    const peaks = factors.map(({ rows, data }) => {
      let max = 0;
      for (let i = 0; i < rows; i++) max = Math.max(max, data[i * rank + r]! ** 2);
      return max;
    });
    const part = peaks.reduce((product, peak) => product * peak, 1);
    if (part <= concentrated) return false;
    variance ??= (relativeError * denseNorm(target)) ** 2 / knownCells(target);
    const beside = peaks.reduce((sum, peak) => sum + (1 - peak) / peak, 0);
    const expected = factors.reduce((sum, { rows }) => sum + rows, 0) * (variance / (weights[r]! ** 2 * part));
    return beside <= Math.max(ofNoise * expected, ofFit);
  });
}

/** The tensor with what the other components of a model have in the cells that some are. */
export function withoutOutliers(
  { shape, data }: DenseTensor,
  model: Kruskal,
  outliers: readonly number[],
): DenseTensor {
  const { factors, weights } = model;
  const rank = weights.length;
  const others = Array.from(weights.keys()).filter((r) => !outliers.includes(r));
  const plain = Float64Array.from(data);
  for (const outlier of outliers) {
    const index = factors.map((factor) => largestRow(factor, outlier));
    const cell = index.reduce((at, row, mode) => at * shape[mode]! + row, 0);
    plain[cell] = others.reduce(
      (sum, r) =>
        sum + factors.reduce((product, factor, mode) => product * factor.data[index[mode]! * rank + r]!, weights[r]!),
      0,
    );
  }
  return { shape, data: plain };
}

function largestRow({ rows, columns, data }: Matrix, column: number): number {
  let largest = 0;
  for (let i = 1; i < rows; i++) {
    if (Math.abs(data[i * columns + column]!) > Math.abs(data[largest * columns + column]!)) largest = i;
  }
  return largest;
}
