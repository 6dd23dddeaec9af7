// Hides a share of the known cells, to see how well a completion finds them again: what is left is given to it, what is hidden
// is compared with its predictions. All entries of a cell go together, so that no copy of a hidden one stays.
import { InputError } from '../errors.js';
import { randomStream } from '../random/stream.js';
import { problemStreams } from '../random/streams.js';
import type { ObservedTarget } from '../targets/observed.js';
import { requireCells } from '../targets/require-target.js';
import { numberedCells } from '../tensor/coverage.js';
import { chooseSome } from './choose-some.js';
import { requireBetween, requireInteger, requireOptions } from './options.js';

export interface HideOptions {
  /** Of the known cells, above 0 and below 1; their number is share · cells, rounded, but one at least stays and one goes. */
  share: number;
  seed: number;
  /** Cells with the same first `modes` indices go together, as the channels of a pixel do for 2. Default: the order, every cell alone. */
  modes?: number;
}

export interface HiddenCells {
  readonly known: ObservedTarget;
  readonly hidden: ObservedTarget;
}

const names = ['share', 'seed', 'modes'];
const hideStream = problemStreams + 2 ** 16 + 4;

/**
 * Hides a random share of the known cells, all entries of a cell together. Both parts keep the order of the entries. The same seed hides
 * the same cells. O(n log n).
 *
 * @example
 * ```ts
 * import { hideCells, plantedObserved } from 'polyadic/problems';
 *
 * const { target } = plantedObserved({ shape: [9, 8, 7], rank: 2, share: 0.5, seed: 1 });
 * const { known, hidden } = hideCells(target, { share: 0.1, seed: 1 });
 * console.log(known.count, hidden.count); // 227 25
 * ```
 * @throws InputError for a share that leaves nothing, and for more modes than there are.
 */
export function hideCells(target: ObservedTarget, options: HideOptions): HiddenCells {
  const who = 'hideCells';
  requireOptions(who, options, names);
  requireCells(who, target, ['observed']);
  const { shape, indices } = target;
  const { share, seed, modes = shape.length } = options;
  requireBetween(who, 'share', share, 0, 1);
  requireInteger(who, 'modes', modes, 1, shape.length);
  const { count, cellOf } = numberedCells({ shape: shape.slice(0, modes), indices: leading(indices, shape, modes) });
  if (!(share > 0 && share < 1) || count < 2) {
    throw new InputError(
      `${who}: expected a share above 0 and below 1 of two cells or more, got ${share} of ${count}. Change the share.`,
    );
  }
  const goes = new Uint8Array(count);
  const going = Math.min(count - 1, Math.max(1, Math.round(share * count)));
  for (const cell of chooseSome(randomStream(seed, hideStream), going, count)) goes[cell] = 1;
  const part = (hidden: number): ObservedTarget => select(target, (e) => goes[cellOf[e]!] === hidden);
  return { known: part(0), hidden: part(1) };
}

/** The first indices of every entry. */
function leading(indices: Uint32Array, shape: readonly number[], modes: number): Uint32Array {
  const order = shape.length;
  if (modes === order) return indices;
  return Uint32Array.from(
    { length: (indices.length / order) * modes },
    (_, at) => indices[Math.floor(at / modes) * order + (at % modes)]!,
  );
}

function select(target: ObservedTarget, wants: (entry: number) => boolean): ObservedTarget {
  const order = target.shape.length;
  const values = target.values.filter((_, e) => wants(e));
  const indices = target.indices.filter((_, at) => wants(Math.floor(at / order)));
  return { ...target, count: values.length, indices, values };
}
