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
import { inRanges, type Work } from '../yield.js';
import { matchFor } from './match.js';
import { predictEntriesUnchecked } from './predict.js';

const maxCells = 10_000;

/** Cells among which unknown ones are looked for. */
const maxCandidates = 4 * maxCells;

/** What looking for a cell in a map takes. */
const flopsPerLookup = 300;

/** Numbers that the indices of these cells may be, for tensors of very many modes. */
const maxIndices = 1e6;

/** Which cells of a tensor are known: those of the entries, where the observations are entries. */
export interface Known {
  readonly target: { readonly shape: readonly number[] };
  readonly entries: ObservedTarget | undefined;
}

/** Which of the models, in their order, predict the unknown cells as the reference does. O(models · rank · cells). */
export type ComparePredictions = (models: readonly Kruskal[], reference: Kruskal, tolerance: number) => boolean[];

/** Looks for unknown cells once. O(count) */
export function* predictionComparison(known: Known): Work<ComparePredictions> {
  const cells = yield* unknownCells(known);
  return (models, reference, tolerance) => {
    const wanted = predictEntriesUnchecked(reference, cells);
    return models.map((model) => rmsDifference(predictEntriesUnchecked(model, cells), wanted) <= tolerance);
  };
}

export function* samePredictions(known: Known, ...compared: Parameters<ComparePredictions>): Work<boolean[]> {
  return (yield* predictionComparison(known))(...compared);
}

/** Root mean square of the model on the cells that `samePredictions` compares. */
export function* sizeOnUnknown(known: Known, model: Kruskal): Work<number> {
  const predictions = predictEntriesUnchecked(model, yield* unknownCells(known));
  return rmsDifference(predictions, new Float64Array(predictions.length));
}

/** Multi-indices, `[cells, order]`. The same for the same target. */
function* unknownCells({ target: { shape }, entries }: Known): Work<Uint32Array> {
  const order = shape.length;
  const candidates = candidateCells(shape);
  const unknown = entries ? yield* withoutKnown(candidates, entries) : all(candidates.length / order);
  const cells = unknown.length > 0 ? unknown : all(candidates.length / order);
  const stride = Math.max(1, cells.length / maxCells);
  const indices = new Uint32Array(Math.min(cells.length, maxCells) * order);
  for (let at = 0; at < indices.length; at += order) {
    const from = cells[Math.floor((at / order) * stride)]! * order;
    for (let k = 0; k < order; k++) indices[at + k] = candidates[from + k]!;
  }
  return indices;
}

const all = (count: number): number[] => Array.from({ length: count }, (_, cell) => cell);

/** Multi-indices, [candidates, order]: all cells of a small tensor, random ones of a large one. */
function candidateCells(shape: readonly number[]): Uint32Array {
  const order = shape.length;
  const cells = sizeOf(shape);
  if (cells > maxCandidates) {
    const random = randomStream(0, checkStreams);
    const indices = new Uint32Array(Math.min(maxCandidates, Math.ceil(maxIndices / order)) * order);
    for (let at = 0; at < indices.length; at++) indices[at] = Math.floor(random.uniform() * shape[at % order]!);
    return indices;
  }
  const indices = new Uint32Array(cells * order);
  for (let offset = 0; offset < cells; offset++) {
    let rest = offset;
    for (let k = order - 1; k >= 0; k--) {
      indices[offset * order + k] = rest % shape[k]!;
      rest = Math.floor(rest / shape[k]!);
    }
  }
  return indices;
}

/** Numbers of the candidates that no entry is of. Of so many cells that float64 cannot number them a random one is hardly ever known. */
function* withoutKnown(candidates: Uint32Array, { shape, indices }: ObservedTarget): Work<readonly number[]> {
  const order = shape.length;
  const numbers = all(candidates.length / order);
  if (sizeOf(shape) > Number.MAX_SAFE_INTEGER) return numbers;
  const unknown = new Map(numbers.map((cell) => [offsetOf(shape, candidates, cell * order), cell]));
  yield* inRanges(indices.length / order, flopsPerLookup, (from, end) => {
    for (let e = from; e < end; e++) unknown.delete(offsetOf(shape, indices, e * order));
  });
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
 * @example
 * ```ts
 * import { decompose, sameModel } from 'polyadic';
 * import { plantedCp } from 'polyadic/problems';
 *
 * const { tensor } = plantedCp({ shape: [9, 8, 7], rank: 2, seed: 1 });
 * const first = await decompose(tensor, { seed: 1 });
 * const second = await decompose(tensor, { seed: 2 });
 * console.log(sameModel(first.kruskal, second.kruskal)); // true
 * ```
 * @throws InputError for models of different shapes.
 */
export const sameModel = (a: AnyKruskal, b: AnyKruskal): boolean => matchFor('sameModel', a, b).score >= sameComponents;
