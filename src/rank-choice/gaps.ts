// Whether the known cells of a tensor with gaps determine a CP model of it, or other models fit them as well and predict other missing
// cells. What is asked, from the cheapest on:
//   as many known cells as free numbers, and in every slice more than components: a slice with fewer has no row of a factor
//   links         a component whose rows change their signs, s_n(i) = ±1, stays as it is at the known cells if Π_n s_n(i_n) = 1 there. If
//                 that has more solutions than the 2^(order − 1) that change nothing anywhere, blocks of cells have signs of their own (and
//                 scales, where real numbers solve the same equations). Gaussian elimination over {0, 1}
//   directions    JᵀJ over the known cells lacks no direction (compaction/cp/determined.ts)
import { isDetermined } from '../compaction/cp/determined.js';
import { observedView } from '../handles/views/observed-view.js';
import { knownEntries } from '../targets/known-entries.js';
import type { ObservedTarget } from '../targets/observed.js';
import { freeNumbers } from '../tensor/free-numbers.js';
import type { Kruskal } from '../tensor/kruskal.js';
import { exactError } from '../compression/compress.js';
import { modeOffsets } from '../tensor/coordinate.js';
import { denseNorm } from '../tensor/dense.js';
import { knownCells, type PartlyKnownTensor } from '../tensor/partly-known.js';
import { inRanges, isPauseDue, type Work } from '../yield.js';

/** Known cells of a slice that are looked at for links: more of them hardly link more. */
const cellsOfSlice = 16;
/** Known cells per free number by which directions are looked for first. */
const cellsPerNumber = 30;
/** Known cells times squared unknowns up to which directions are looked for: a second. */
const maxFlops = 1e9;

/**
 * Why the known cells do not determine the model, in words. Undefined where nothing says so. `relativeError`: of the model, as a measure of
 * the noise.
 */
export function* doubtOfGaps(
  target: PartlyKnownTensor,
  model: Kruskal,
  relativeError: number,
): Work<string | undefined> {
  const { shape, known } = target;
  const rank = model.weights.length;
  if (!known || rank === 0) return undefined;
  const count = knownCells(target);
  const numbers = freeNumbers(shape, rank);
  if (count <= numbers)
    return `There are ${count} known cells for ${numbers} free numbers of the model, so that it fits anything. Give more cells, or a smaller rank.`;
  const variance = relativeError <= exactError ? 0 : (relativeError * denseNorm(target)) ** 2 / count;
  const entries = yield* knownEntries(target);
  const poor = yield* poorestSlice(entries);
  if (poor.count <= rank)
    return `Slice ${poor.index} of mode ${poor.mode} has ${poor.count} known cells for ${rank} components: what is predicted there is not known. Leave it out, or give more of its cells.`;
  if (!(yield* areLinked(entries)))
    return 'The known cells fall into blocks that share no scale or sign: other models fit them as well, and predict other missing cells. Give cells that link the blocks, or decompose them one by one.';
  const open =
    'The known cells leave some directions of the components open: other models fit them as well, and predict other missing cells. Give more cells, or a smaller rank.';
  // What some of the cells determine, all of them do.
  const some = spread(entries, cellsPerNumber * numbers);
  if ((yield* isDetermined(observedView(some), model, variance)) !== false) return undefined;
  if (some.count === count) return open;
  if (count * (shape.length * rank) ** 2 > maxFlops) return undefined;
  return (yield* isDetermined(observedView(entries), model, variance)) === false ? open : undefined;
}

/** So many of the cells, far from each other; all where there are no more. */
function spread(entries: ObservedTarget, wanted: number): ObservedTarget {
  const { shape, count, indices, values } = entries;
  if (count <= wanted) return entries;
  const order = shape.length;
  const some = { indices: new Uint32Array(wanted * order), values: new Float64Array(wanted) };
  const step = strideOf(count);
  for (let n = 0, e = 0; n < wanted; n++, e = (e + step) % count) {
    some.indices.set(indices.subarray(e * order, (e + 1) * order), n * order);
    some.values[n] = values[e]!;
  }
  return { kind: 'observed', shape, count: wanted, ...some };
}

interface Slice {
  readonly mode: number;
  readonly index: number;
  readonly count: number;
}

/** The slice with the fewest known cells, of the modes that have more than one. */
function* poorestSlice({ shape, count, indices }: ObservedTarget): Work<Slice> {
  const offsets = modeOffsets(shape);
  const counts = new Uint32Array(offsets[shape.length]!);
  const order = shape.length;
  yield* inRanges(count, 5 * order, (from, end) => {
    for (let at = from * order; at < end * order; at++) counts[offsets[at % order]! + indices[at]!]!++;
  });
  let poorest: Slice = { mode: 0, index: 0, count: Infinity };
  shape.forEach((size, mode) => {
    for (let index = 0; index < size && size > 1; index++) {
      const known = counts[offsets[mode]! + index]!;
      if (known < poorest.count) poorest = { mode, index, count: known };
    }
  });
  return poorest;
}

/** Whether the equations Π_n s_n(i_n) = 1 at known cells have the rank Σ I − (order − 1). */
function* areLinked({ shape, count, indices }: ObservedTarget): Work<boolean> {
  const order = shape.length;
  const offsets = modeOffsets(shape);
  const rows = offsets[order]!;
  const words = Math.ceil(rows / 32);
  const wanted = rows - (order - 1);
  /** Equations whose first unknown is this. */
  const byPivot: (Uint32Array | undefined)[] = [];
  const taken = new Uint32Array(rows);
  let found = 0;
  // Far from each other, so that few are enough.
  const step = strideOf(count);
  for (let n = 0, e = 0; n < count && found < wanted; n++, e = (e + step) % count) {
    if (isPauseDue(20 * order)) yield;
    let hasNew = false;
    for (let k = 0; k < order; k++) hasNew ||= taken[offsets[k]! + indices[e * order + k]!]! < cellsOfSlice;
    if (!hasNew) continue;
    const places = Array.from({ length: order }, (_, k) => offsets[k]! + indices[e * order + k]!);
    const equation = new Uint32Array(words);
    for (const place of places) {
      taken[place]!++;
      equation[place >>> 5]! ^= 1 << (place & 31);
    }
    let pivot = firstBit(equation);
    for (let other = byPivot[pivot]; pivot >= 0 && other; other = byPivot[pivot]) {
      for (let w = pivot >>> 5; w < words; w++) equation[w]! ^= other[w]!;
      if (isPauseDue(2 * words)) yield;
      pivot = firstBit(equation);
    }
    if (pivot < 0) continue;
    byPivot[pivot] = equation;
    found++;
  }
  return found === wanted;
}

/** A number near the golden section of the count that has no divisor in common with it: steps of it meet every number below the count once. */
function strideOf(count: number): number {
  let step = Math.max(1, Math.floor(0.618 * count));
  while (divisor(step, count) > 1) step++;
  return step;
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));

function firstBit(bits: Uint32Array): number {
  const word = bits.findIndex((one) => one !== 0);
  return word < 0 ? -1 : 32 * word + (31 - Math.clz32(bits[word]! & -bits[word]!));
}
