// Sweeps until the evidence stands still, and steps from one number of components to another, each followed by sweeps.
import type { RandomStream } from '../random/stream.js';
import type { Work } from '../yield.js';
import type { Entries } from './entries.js';
import { kruskalOf, selectedComponents, withComponent, withoutComponent, type VariationalModel } from './model.js';
import { rankOneOfResidual } from './rank-one.js';
import { sweep } from './sweep.js';
import { energies, weakest } from './weakest.js';

export interface Fitted {
  readonly model: VariationalModel;
  readonly evidence: number;
  /** Whether sweeps ended because they change nothing any more, or enough is known, and not at their limit. */
  readonly isSettled: boolean;
}

export interface RefitOptions {
  readonly sweeps: number;
  /** σ² stays above it, and a mean squared error below it ends the sweeps. */
  readonly minNoise: number;
  /** Given up where the evidence would not reach this at its pace. */
  readonly target?: number;
  /** Sweeps that the pace is taken from, and after twice as many of which it is first looked at. Default 12. */
  readonly paceSweeps?: number;
  /** Called where the sweeps end at their limit. */
  readonly onLimit?: () => void;
  /** Whether the model is random, so that it says nothing of the values yet. */
  readonly isRandom?: boolean;
  /** Looked at every ten sweeps: whether more of them would tell nothing new. */
  readonly isEnough?: (model: VariationalModel, evidence: number) => boolean;
}

/** Sweeps end after three in a row that change the evidence by less than this, in nats per entry. */
const calm = 1e-5;
const calmSweeps = 3;
/** Sweeps before the first question whether they are enough, and between two. */
const lookEvery = 10;
/** Sweeps between two looks for dead components, and their mean square on the observed cells, relative to σ². */
const pruneEvery = 5;
const dead = 1e-6;
/** The cells are only visited where about this part of σ² or less is left of a component. */
const maybeDead = 1e-2;

export function* refit(
  entries: Entries,
  start: VariationalModel,
  { sweeps, minNoise, target = -Infinity, paceSweeps = 12, isEnough = () => false, onLimit, isRandom }: RefitOptions,
): Work<Fitted> {
  if (entries.local) yield* isRandom ? entries.local.reset() : entries.local.update(start);
  let model = start;
  let evidence = -Infinity;
  let isSettled = false;
  let { device } = entries;
  const history: number[] = [];
  for (let step = 0, calmly = 0; step < sweeps; step++) {
    if (step % pruneEvery === pruneEvery - 1) model = yield* withoutDead(entries, model);
    const next = yield* sweep(entries, model, minNoise, device);
    const change = Math.abs(next.evidence - evidence) / entries.count;
    // Such changes may be rounding of the device: the CPU goes on.
    if (next.rounding > 0 && change < Math.max(calm, next.rounding)) device = undefined;
    calmly = next.rounding === 0 && change < calm ? calmly + 1 : 0;
    evidence = next.evidence;
    history.push(evidence);
    const pace = (evidence - history[Math.max(0, step - paceSweeps)]!) / paceSweeps;
    const isTooSlow = step >= 2 * paceSweeps && evidence + Math.max(pace, 0) * (sweeps - step) < target;
    isSettled = calmly >= calmSweeps || next.squaredError <= minNoise;
    if (isTooSlow || isSettled) break;
    isSettled = step % lookEvery === lookEvery - 1 && isEnough(model, evidence);
    if (isSettled) break;
    if (step === sweeps - 1) onLimit?.();
  }
  return { model, evidence, isSettled };
}

function* withoutDead(entries: Entries, model: VariationalModel): Work<VariationalModel> {
  if (weakestSize(entries, model) > maybeDead * model.noise) return model;
  const sizes = yield* energies(entries, kruskalOf(model));
  const kept = Array.from(sizes.keys()).filter((r) => sizes[r]! > dead * model.noise);
  return kept.length < model.rank ? selectedComponents(model, kept) : model;
}

/**
 * About the mean square of the weakest component on the observed cells, which it is where their indices in one mode say nothing of those
 * in another: Π_k Σ_i n_i A_k[i, r]² / count, n_i the values of row i. Cheaper than to visit the cells.
 */
function weakestSize({ count, modes: sorted }: Entries, { rank, modes }: VariationalModel): number {
  const sizes = new Float64Array(rank).fill(1);
  modes.forEach(({ means }, k) => {
    const { starts } = sorted[k]!;
    const squares = new Float64Array(rank);
    for (let i = 0, at = 0; i + 1 < starts.length; i++) {
      const share = (starts[i + 1]! - starts[i]!) / count;
      for (let r = 0; r < rank; r++) squares[r]! += share * means[at++]! ** 2;
    }
    for (let r = 0; r < rank; r++) sizes[r]! *= squares[r]!;
  });
  return sizes.reduce((min, size) => Math.min(min, size), Infinity);
}

/** The model with a component more, from what it leaves of the values. */
export function* withNewComponent(
  entries: Entries,
  model: VariationalModel,
  random: RandomStream,
): Work<VariationalModel> {
  if (entries.local) yield* entries.local.update(model);
  return yield* withComponent(model, yield* rankOneOfResidual(entries, model, random));
}

/** Weakest components that are tried, where one is to go. */
const triedToThin = 2;
const triedToCut = 3;

/** Without components whose loss raises the evidence, or lowers it by less than `margin` nats. */
export function* thinned(entries: Entries, start: Fitted, options: RefitOptions, margin = 0): Work<Fitted> {
  let best = start;
  for (let isBetter = true; isBetter && best.model.rank > 1;) {
    isBetter = false;
    for (const component of yield* weakest(entries, kruskalOf(best.model), triedToThin)) {
      const rest = yield* refit(entries, withoutComponent(best.model, component), {
        ...options,
        target: best.evidence - margin,
      });
      if (rest.evidence <= best.evidence - margin) continue;
      best = rest;
      isBetter = true;
      break;
    }
  }
  return best;
}

/** Removes components one by one, down to `rank`: of the weakest three, the one whose removal keeps the most evidence. */
export function* cutTo(rank: number, entries: Entries, start: Fitted, options: RefitOptions): Work<Fitted> {
  let current = start;
  while (current.model.rank > rank) {
    let best: Fitted | undefined;
    for (const component of yield* weakest(entries, kruskalOf(current.model), triedToCut)) {
      const rest = yield* refit(entries, withoutComponent(current.model, component), options);
      if (!best || rest.evidence > best.evidence) best = rest;
    }
    if (!best) break;
    current = best;
  }
  return current;
}
