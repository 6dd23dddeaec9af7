// Which hidden component each component of a model has recovered, how much of each is fitted, and when each was fitted by half.
//   share_k = Σ_i w_i · sign(⟨ū_i, z_k⟩)^l / c_k   over the components i with |⟨ū_i, z_k⟩| > 0.9 that have no nearer z
// for hidden directions z_k with weights c_k. They are known, or discovered on the way: clusters of directions, whose weight is
// what the target has along them, T*(z, …, z). Arrival: the first time at which the share reaches one half.
import { dot } from '../linalg/dot.js';
import type { Matrix } from '../tensor/matrix.js';

/** Directions that a model is measured by, [count, dim] unit rows, and the weights of the target along them. */
export interface HiddenComponents {
  readonly directions: Matrix;
  readonly weights: Float64Array;
}

/** The components of a model at one time; numbers of all components, [width]. */
export interface ComponentSample {
  readonly time: number;
  readonly weights: Float64Array;
  /** ⟨ū_i, z_k⟩ of the largest magnitude, with its sign, and that k; 0 and −1 where there is no direction. */
  readonly correlations: Float64Array;
  readonly nearest: Float64Array;
}

export interface Arrival {
  /** Position among the hidden components: of the truth where it is known, else in the order of discovery. */
  readonly component: number;
  readonly time: number;
}

/** Time of the half-fitting of component k between two samples; linear between them where nothing better is known. */
export type HalfTime = (k: number, before: ComponentSample, after: ComponentSample) => number;

/** Arrivals so far, in the order of time, and where the next samples continue. */
export interface ArrivalLog {
  readonly arrivals: Arrival[];
  last: ComponentSample | undefined;
}

/** |⟨ū, z⟩| from which a component belongs to a direction; two orthogonal directions cannot both claim it. */
export const belongs = 0.9;
const half = 0.5;

/** The sample of a model with unit vectors, [width, dim]. O(width · count · dim). */
export function sampleComponents(
  time: number,
  weights: Float64Array,
  vectors: Float64Array,
  { rows, columns, data }: Matrix,
): ComponentSample {
  const correlations = new Float64Array(weights.length);
  const nearest = new Float64Array(weights.length).fill(-1);
  for (let i = 0; i < weights.length; i++) {
    for (let k = 0; k < rows; k++) {
      let product = 0;
      for (let n = 0; n < columns; n++) product += vectors[i * columns + n]! * data[k * columns + n]!;
      if (k > 0 && Math.abs(product) <= Math.abs(correlations[i]!)) continue;
      correlations[i] = product;
      nearest[i] = k;
    }
  }
  return { time, weights, correlations, nearest };
}

/** share_k of every hidden component. */
export function fittedShares(
  { weights, correlations, nearest }: ComponentSample,
  hidden: HiddenComponents,
  order: number,
): Float64Array {
  const shares = new Float64Array(hidden.weights.length);
  for (let i = 0; i < weights.length; i++) {
    if (Math.abs(correlations[i]!) <= belongs) continue;
    const k = nearest[i]!;
    shares[k]! += (weights[i]! * Math.sign(correlations[i]!) ** order) / hidden.weights[k]!;
  }
  return shares;
}

/** Adds to the log what arrives from its last sample to the end of these. */
export function noteArrivals(
  log: ArrivalLog,
  samples: readonly ComponentSample[],
  hidden: HiddenComponents,
  order: number,
  halfTime: HalfTime = linearHalfTime(hidden, order),
): void {
  const known = new Set(log.arrivals.map(({ component }) => component));
  for (const after of samples) {
    const before = log.last;
    fittedShares(after, hidden, order).forEach((share, component) => {
      if (!(share >= half) || known.has(component)) return;
      known.add(component);
      log.arrivals.push({ component, time: before ? halfTime(component, before, after) : after.time });
    });
    log.last = after;
  }
  log.arrivals.sort((a, b) => a.time - b.time);
}

/**
 * Linear between two samples. A share grows like a logistic curve, which is straight where it is one half: over steps in which it
 * grows by a third, as those of the default step size do at order 3, the time is good to 1e-4 of itself.
 */
function linearHalfTime(hidden: HiddenComponents, order: number): HalfTime {
  return (k, before, after) => {
    const from = fittedShares(before, hidden, order)[k]!;
    const to = fittedShares(after, hidden, order)[k]!;
    // A share that was there at once, where a log begins anew: no later than now.
    if (from >= half) return before.time;
    return before.time + ((half - from) / (to - from)) * (after.time - before.time);
  };
}

/** What `growClusters` asks of the model and of the target. */
export interface Clustering {
  /** [width], and unit rows [width, dim]. */
  readonly weights: Float64Array;
  readonly vectors: Float64Array;
  /** Components of a smaller |weight| found no cluster. */
  readonly least: number;
  /** T*(z, …, z) of a unit vector. */
  readonly weightAlong: (direction: Float64Array) => number;
}

/**
 * The clusters of before, each with the direction of its strongest component now, and new ones for strong components that belong
 * to none; strongest first.
 */
export function growClusters(
  known: HiddenComponents,
  { weights, vectors, least, weightAlong }: Clustering,
): HiddenComponents {
  const dim = known.directions.columns;
  const directions = Array.from(known.weights, (_, k) => known.directions.data.slice(k * dim, (k + 1) * dim));
  const strong = Array.from(weights.keys())
    .filter((i) => Math.abs(weights[i]!) >= least)
    .sort((i, j) => Math.abs(weights[j]!) - Math.abs(weights[i]!));
  const led = new Set<number>();
  for (const i of strong) {
    const vector = vectors.slice(i * dim, (i + 1) * dim);
    const own = directions.findIndex((direction) => Math.abs(dot(direction, vector)) > belongs);
    if (own >= 0 && led.has(own)) continue;
    led.add(own < 0 ? directions.length : own);
    directions[own < 0 ? directions.length : own] = vector;
  }
  const data = new Float64Array(directions.length * dim);
  directions.forEach((direction, k) => data.set(direction, k * dim));
  return {
    directions: { rows: directions.length, columns: dim, data },
    weights: Float64Array.from(directions, (direction, k) => (led.has(k) ? weightAlong(direction) : known.weights[k]!)),
  };
}
