// Whether models that several runs came to are the same answer.
//   sameModel: the same components.
//   samePredictions: the same entries where nothing was observed. Runs can fit the observations and differ everywhere else, so neither
//   their errors nor the norms of their differences tell: models s and t agree where
//     √(mean over unknown cells of (W_s − W_t)²) ≤ tolerance,
//   on all unknown cells up to 10,000, else on that many drawn at random. Where every cell is known, and for measurements, which know
//   no cell by itself, on all cells.
import { randomStream } from '../random/stream.js';
import { checkStreams } from '../random/streams.js';
import type { ObservedTarget } from '../targets/observed.js';
import type { AnyKruskal, Kruskal } from '../tensor/kruskal.js';
import { sizeOf } from '../tensor/shape.js';
import { factorMatchScore } from './match.js';
import { predictEntries } from './predict.js';

const maxCells = 10_000;

/** Cells among which unknown ones are looked for. */
const maxCandidates = 4 * maxCells;

/** Numbers that the indices of these cells may be, for tensors of very many modes. */
const maxIndices = 1e6;

/** Which cells of a tensor are known: those of the entries, where the observations are entries. */
export interface Known {
  readonly target: { readonly shape: readonly number[] };
  readonly entries: ObservedTarget | undefined;
}

/** Which of the models, in their order, predict the unknown cells as the reference does. O(models · rank · cells). */
export function samePredictions(
  known: Known,
  models: readonly Kruskal[],
  reference: Kruskal,
  tolerance: number,
): boolean[] {
  const cells = unknownCells(known);
  const wanted = predictEntries(reference, cells);
  return models.map((model) => rmsDifference(predictEntries(model, cells), wanted) <= tolerance);
}

/** Root mean square of the model on the cells that `samePredictions` compares. */
export function sizeOnUnknown(known: Known, model: Kruskal): number {
  const predictions = predictEntries(model, unknownCells(known));
  return rmsDifference(predictions, new Float64Array(predictions.length));
}

/** Multi-indices, `[cells, order]`. The same for the same target. */
function unknownCells({ target: { shape }, entries }: Known): Uint32Array {
  const candidates = candidateCells(shape);
  const unknown = entries ? withoutKnown(candidates, entries) : candidates;
  const cells = unknown.length > 0 ? unknown : candidates;
  const stride = Math.max(1, cells.length / maxCells);
  const indices = new Uint32Array(Math.min(cells.length, maxCells) * shape.length);
  for (let at = 0; at < indices.length; at += shape.length) {
    indices.set(cells[Math.floor((at / shape.length) * stride)]!, at);
  }
  return indices;
}

/** All cells of a small tensor, random ones of a large one. */
function candidateCells(shape: readonly number[]): Uint32Array[] {
  const cells = sizeOf(shape);
  if (cells > maxCandidates) {
    const random = randomStream(0, checkStreams);
    const count = Math.min(maxCandidates, Math.ceil(maxIndices / shape.length));
    return Array.from({ length: count }, () => Uint32Array.from(shape, (rows) => Math.floor(random.uniform() * rows)));
  }
  return Array.from({ length: cells }, (_, offset) => {
    const cell = new Uint32Array(shape.length);
    let rest = offset;
    for (let k = shape.length - 1; k >= 0; k--) {
      cell[k] = rest % shape[k]!;
      rest = Math.floor(rest / shape[k]!);
    }
    return cell;
  });
}

/** Of so many cells that float64 cannot number them a random one is hardly ever known. */
function withoutKnown(candidates: readonly Uint32Array[], { shape, indices }: ObservedTarget): readonly Uint32Array[] {
  if (sizeOf(shape) > Number.MAX_SAFE_INTEGER) return candidates;
  const unknown = new Map(candidates.map((cell) => [offsetOf(shape, cell, 0), cell]));
  for (let at = 0; at < indices.length; at += shape.length) unknown.delete(offsetOf(shape, indices, at));
  return Array.from(unknown.values());
}

/** Row-major number of a cell. */
function offsetOf(shape: readonly number[], indices: Uint32Array, at: number): number {
  let offset = 0;
  for (let k = 0; k < shape.length; k++) offset = offset * shape[k]! + indices[at + k]!;
  return offset;
}

const rmsDifference = (a: Float64Array, b: Float64Array): number =>
  Math.sqrt(a.reduce((sum, value, e) => sum + (value - b[e]!) ** 2, 0) / Math.max(1, a.length));
/** Factor match score from which two models count as the same components. */
const sameComponents = 0.99;

/**
 * Whether two models have the same components: a factor match score, weights included, of at least 0.99. Where two starts end in models
 * that are not the same although their errors are, the components are not determined by the data.
 *
 *   sameModel((await decompose(target, { seed: 0 })).kruskal, (await decompose(target, { seed: 1 })).kruskal)
 */
export const sameModel = (a: AnyKruskal, b: AnyKruskal): boolean => factorMatchScore(a, b) >= sameComponents;
