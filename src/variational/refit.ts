// Sweeps until the evidence stands still, and steps from one number of components to another, each followed by sweeps.
import type { RandomStream } from '../random/stream.js';
import { isPauseDue, type Work } from '../yield.js';
import type { Entries } from './entries.js';
import { kruskalOf, selectedComponents, withComponent, withoutComponent, type VariationalModel } from './model.js';
import { sweep } from './sweep.js';
import { predictEntries } from '../analysis/predict.js';

export interface Fitted {
  readonly model: VariationalModel;
  readonly evidence: number;
}

export interface RefitOptions {
  readonly sweeps: number;
  /** σ² stays above it, and a mean squared error below it ends the sweeps. */
  readonly minNoise: number;
  /** Given up where the evidence would not reach this at its pace. */
  readonly target?: number;
}

/** Sweeps end after three in a row that change the evidence by less than this, in nats per entry. */
const calm = 1e-5;
const calmSweeps = 3;
/** Sweeps that a pace is taken from. */
const paceSweeps = 12;
/** Sweeps between two looks for dead components, and their mean square on the observed cells, relative to σ². */
const pruneEvery = 5;
const dead = 1e-6;

export function* refit(
  entries: Entries,
  start: VariationalModel,
  { sweeps, minNoise, target = -Infinity }: RefitOptions,
): Work<Fitted> {
  let model = start;
  let evidence = -Infinity;
  const history: number[] = [];
  for (let step = 0, calmly = 0; step < sweeps; step++) {
    if (step % pruneEvery === pruneEvery - 1) model = yield* withoutDead(entries, model);
    const next = yield* sweep(entries, model, minNoise);
    calmly = Math.abs(next.evidence - evidence) < calm * entries.count ? calmly + 1 : 0;
    evidence = next.evidence;
    history.push(evidence);
    const pace = (evidence - history[Math.max(0, step - paceSweeps)]!) / paceSweeps;
    const isTooSlow = step >= 2 * paceSweeps && evidence + Math.max(pace, 0) * (sweeps - step) < target;
    if (isTooSlow || calmly >= calmSweeps || next.squaredError <= minNoise) break;
  }
  return { model, evidence };
}

function* withoutDead(entries: Entries, model: VariationalModel): Work<VariationalModel> {
  const sizes = yield* energies(entries, model);
  const kept = Array.from(sizes.keys()).filter((r) => sizes[r]! > dead * model.noise);
  return kept.length < model.rank ? selectedComponents(model, kept) : model;
}

/** Mean square of every component on the observed cells, [rank]. */
export function* energies({ count, indices }: Entries, { shape, rank, modes }: VariationalModel): Work<Float64Array> {
  const order = shape.length;
  const product = new Float64Array(rank);
  const sums = new Float64Array(rank);
  for (let e = 0; e < count; e++) {
    product.fill(1);
    for (let k = 0; k < order; k++) {
      const { means } = modes[k]!;
      const from = indices[e * order + k]! * rank;
      for (let r = 0; r < rank; r++) product[r]! *= means[from + r]!;
    }
    for (let r = 0; r < rank; r++) sums[r]! += product[r]! ** 2 / count;
    if (isPauseDue((order + 2) * rank)) yield;
  }
  return sums;
}

/** Numbers of the components, the weakest first. */
function* weakest(entries: Entries, model: VariationalModel, count: number): Work<number[]> {
  const sizes = yield* energies(entries, model);
  return Array.from(sizes.keys())
    .sort((a, b) => sizes[a]! - sizes[b]!)
    .slice(0, count);
}

/** The model with a component more, from what it leaves of the values. */
export function* withNewComponent(
  entries: Entries,
  model: VariationalModel,
  random: RandomStream,
): Work<VariationalModel> {
  return withComponent(model, yield* rankOneOfResidual(entries, model, random));
}

const rankOneStarts = 8;
const rankOneSweeps = 12;
/** Ridge of these fits, relative to the mean diagonal: at first, its fall per sweep, and at last. */
const ridge = { first: 0.1, fall: 0.8, last: 0.01 };

/** The best of a few rank-one fits of what the model leaves, by alternating least squares: [rows, 1] per mode. */
function* rankOneOfResidual(entries: Entries, model: VariationalModel, random: RandomStream): Work<Float64Array[]> {
  const { shape, count, indices, values, modes } = entries;
  const order = shape.length;
  const predictions = predictEntries(kruskalOf(model), indices);
  const residual = values.map((value, e) => value - predictions[e]!);
  const size = Math.sqrt(residual.reduce((sum, value) => sum + value ** 2, 0) / count) ** (1 / order) || 1;
  let best: Float64Array[] = shape.map((rows) => new Float64Array(rows));
  let bestError = Infinity;
  for (let start = 0; start < rankOneStarts; start++) {
    const vectors = shape.map((rows) => random.fillNormal(new Float64Array(rows)).map((value) => size * value));
    let share = ridge.first;
    for (let step = 0; step < rankOneSweeps; step++) {
      for (let k = 0; k < order; k++) yield* fitVector(k, vectors, residual, share);
      equalize(vectors);
      share = Math.max(share * ridge.fall, ridge.last);
    }
    let error = 0;
    for (let e = 0; e < count; e++) error += (residual[e]! - productAt(vectors, e, -1)) ** 2;
    if (isPauseDue(count * (order + 2))) yield;
    if (error < bestError) {
      bestError = error;
      best = vectors;
    }
  }
  return best;

  function productAt(vectors: readonly Float64Array[], e: number, skipped: number): number {
    let product = 1;
    for (let n = 0; n < order; n++) if (n !== skipped) product *= vectors[n]![indices[e * order + n]!]!;
    return product;
  }

  function* fitVector(k: number, vectors: readonly Float64Array[], given: Float64Array, share: number): Work<void> {
    const vector = vectors[k]!;
    const squares = new Float64Array(vector.length);
    const { entries: sorted, starts } = modes[k]!;
    let total = 0;
    for (let i = 0; i < vector.length; i++) {
      let sum = 0;
      let square = 0;
      for (let n = starts[i]!; n < starts[i + 1]!; n++) {
        const e = sorted[n]!;
        const product = productAt(vectors, e, k);
        sum += product * given[e]!;
        square += product ** 2;
      }
      vector[i] = sum;
      squares[i] = square;
      total += square;
    }
    const damping = (share * total) / vector.length + Number.MIN_VALUE;
    for (let i = 0; i < vector.length; i++) vector[i]! /= squares[i]! + damping;
    if (isPauseDue(count * (order + 3))) yield;
  }
}

/** Vectors of equal root mean square, and the same product. */
function equalize(vectors: readonly Float64Array[]): void {
  const sizes = vectors.map((vector) => Math.sqrt(vector.reduce((sum, value) => sum + value ** 2, 0) / vector.length));
  if (!(Math.min(...sizes) > 0)) return;
  const goal = Math.exp(sizes.reduce((sum, size) => sum + Math.log(size), 0) / sizes.length);
  vectors.forEach((vector, k) => {
    for (let i = 0; i < vector.length; i++) vector[i]! *= goal / sizes[k]!;
  });
}

/** Weakest components that are tried, where one is to go. */
const triedToThin = 2;
const triedToCut = 3;

/** Without components whose loss raises the evidence. */
export function* thinned(entries: Entries, start: Fitted, options: RefitOptions): Work<Fitted> {
  let best = start;
  for (let isBetter = true; isBetter && best.model.rank > 1;) {
    isBetter = false;
    for (const component of yield* weakest(entries, best.model, triedToThin)) {
      const rest = yield* refit(entries, withoutComponent(best.model, component), {
        ...options,
        target: best.evidence,
      });
      if (rest.evidence <= best.evidence) continue;
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
    for (const component of yield* weakest(entries, current.model, triedToCut)) {
      const rest = yield* refit(entries, withoutComponent(current.model, component), options);
      if (!best || rest.evidence > best.evidence) best = rest;
    }
    if (!best) break;
    current = best;
  }
  return current;
}
