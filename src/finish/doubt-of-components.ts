// Whether the components of a model that fits are the only ones, as far as a tensor without gaps tells, and what is said where they are not.
import { matrixPair } from '../analysis/matrix-pair.js';
import { symmetricEigen } from '../linalg/eigen.js';
import type { RunEnd } from '../result.js';
import { denseNorm } from '../tensor/dense.js';
import { hasManyExactFits } from '../tensor/free-numbers.js';
import { rankOf, type Kruskal } from '../tensor/kruskal.js';
import { columnProducts, type Matrix } from '../tensor/matrix.js';
import { arrange, normalize } from '../tensor/normalize.js';
import { knownCells, type PartlyKnownTensor } from '../tensor/partly-known.js';
import { waitFor, type Work } from '../yield.js';
import { matrixPairAdvice, mixtureAdvice } from './dense-advice.js';

/** A relative error of this or less is rounding, and no noise. */
const exactError = 1e-9;
/** Unknowns up to which mixtures are asked for: a tenth of a second. */
const maxUnknowns = 700;
/** Squared singular values up to so many times what noise adds to them are noise. */
const ofNoise = 4;

interface Fitted {
  readonly kruskal: Kruskal;
  readonly relativeError: number;
}

/**
 * Undefined where nothing speaks against them; components are numbered in the order that results have. A mode that is `fixed` tells two
 * components apart, unless they are equal there.
 */
export function* doubtOfComponents(
  target: PartlyKnownTensor,
  { kruskal, relativeError }: Fitted,
  fixed: readonly number[] = [],
): Work<string | undefined> {
  if (rankOf(kruskal) < 2 || target.shape.filter((size) => size > 1).length < 3) return undefined;
  const variance = (relativeError * denseNorm(target)) ** 2 / knownCells(target);
  const model = arrange(normalize(kruskal));
  const pair = matrixPair(model, variance);
  if (pair && fixed.every((mode) => pair.modes.includes(mode))) return matrixPairAdvice(pair);
  if (fixed.length > 0) return undefined;
  return (yield* areMixed(model, relativeError <= exactError ? 0 : variance)) ? mixtureAdvice : undefined;
}

/** The end of a fit where the components are in doubt: the rank is fair at most. */
export function doubted(end: RunEnd, doubt: string): RunEnd {
  const { rankChoice } = end;
  const advice = [...(rankChoice ? [`${rankChoice.verdict}.`] : []), doubt].join(' ');
  // More steps would not help either.
  const stalled: RunEnd = { ...end, stop: 'stalled', advice };
  if (!rankChoice) return stalled;
  const confidence = rankChoice.confidence === 'open' ? 'open' : 'fair';
  return { ...stalled, rankChoice: { ...rankChoice, confidence, reasons: [...rankChoice.reasons, doubt] } };
}

/**
 * Whether other components give the same tensor, or one that noise of this variance does not tell from it. What moves a factor out of the
 * space of its columns changes the tensor for certain: it is asked in coordinates of these spaces.
 */
function* areMixed({ weights, factors }: Kruskal, variance: number): Work<boolean> {
  const rank = weights.length;
  const inSpaces = factors.map((factor) => coordinates(factor, weights, variance));
  const shape = inSpaces.map(({ rows }) => rows);
  if (variance === 0 && hasManyExactFits(shape, rank)) return true;
  if (rank * shape.reduce((sum, size) => sum + size, 0) > maxUnknowns) return false;
  const { isModelDetermined } = yield* waitFor(import('../compaction/cp/determined.js'));
  return (yield* isModelDetermined({ weights, factors: inSpaces }, variance)) === false;
}

/**
 * The columns in the space that they span, without directions that noise makes: it adds I σ² to the squared singular values of the columns
 * times their weights.
 */
function coordinates(factor: Matrix, weights: Float64Array, variance: number): Matrix {
  const { rows, columns } = factor;
  const weighted = { ...factor, data: factor.data.map((value, at) => value * weights[at % columns]!) };
  const { values, vectors } = symmetricEigen(columnProducts(weighted, weighted));
  const least = ofNoise * rows * variance;
  const kept = Math.min(rows, Math.max(1, values.filter((value) => value > least).length));
  const data = Float64Array.from({ length: kept * columns }, (_, at) => {
    const k = Math.floor(at / columns);
    const c = at % columns;
    return (Math.sqrt(Math.max(values[k]!, 0)) * vectors.data[c * columns + k]!) / weights[c]!;
  });
  return { rows: kept, columns, data };
}
