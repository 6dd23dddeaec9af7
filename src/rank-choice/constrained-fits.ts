// The best CP model of every rank under constraints, on a compressed tensor, from several starts: the fit without constraints with its
// signs turned, the fit of one component less and the best rank-one part of what it leaves, and random ones. Each is brought near a
// minimum by HALS, then by projected Gauss-Newton (compaction/constrained.ts).
import { degeneracy } from '../analysis/degeneracy.js';
import { consistency } from '../analysis/core-consistency.js';
import { matchComponents } from '../analysis/match.js';
import { constrained, onConstraints } from '../compaction/constrained.js';
import { bestRankOne, residualOf } from '../compaction/grow-cp.js';
import { dampedGaussNewton, lastReport } from '../least-squares/gauss-newton.js';
import { randomStream } from '../random/stream.js';
import { constrainedStream } from '../random/streams.js';
import { movableModes, type Constraints } from '../tensor/constraints.js';
import { joinComponents, noComponents, type Kruskal } from '../tensor/kruskal.js';
import { normalize, selectComponents } from '../tensor/normalize.js';
import { absorbWeights, stackFactors, unstackFactors } from '../tensor/stacked.js';
import type { Work } from '../yield.js';
import { compressedProblem, hals, squaredErrorFloor } from './compressed-tensor.js';
import { equalComponents, equalErrors, minShare, startsOfOne } from './core-fits.js';
import type { CoreFit, CoreFits, FitOptions, RankFits } from './core-fits.js';
import { expand, restrict } from './expand.js';
import { freeNumbers } from '../tensor/free-numbers.js';

export interface ConstrainedSearch {
  readonly constraints: Constraints;
  /** A start of its own rank; it has the factors of fixed modes. */
  readonly init: Kruskal | undefined;
  readonly seed: number;
  /** Independent starts of a rank. */
  readonly starts: number;
  /** Whether noise can be told from what is left: not where many cells were filled, which have no noise of their own. */
  readonly knowsNoise: boolean;
}

export interface ConstrainedFits extends RankFits {
  /** The models that the independent starts of a rank led to, from the lowest error on. */
  modelsOf(rank: number): readonly Kruskal[];
}

interface Start {
  readonly kruskal: Kruskal;
  readonly isIndependent: boolean;
}

interface Attempt extends Start {
  /** Of the full tensor. */
  readonly squaredError: number;
}

const sweeps = { sweeps: 50, tolerance: 1e-4 };
const quickSweeps = { sweeps: 10, tolerance: 1e-4 };
/** A step that bounds cut short need not be precise. */
const precision = () => ({ iterations: 20, cgTolerance: 1e-2 });
/** The tail of a fit is slow and changes neither ranks nor agreement: squared errors within 0.2 % count as equal. */
const coarse = { tolerance: 2e-4, maxSteps: 12, precision };
const quick = { tolerance: 1e-3, maxSteps: 10, precision };
/** Starts after which a rank that is going to be refused needs no more. */
const startsToRefuse = 2;
/** Standard deviations of χ² that a fit at the noise may be above its mean. */
const deviations = 4;

/** `free`: the fits of the same compression without constraints. */
export function constrainedFits(
  free: CoreFits,
  { constraints, init, seed, starts: usualStarts, knowsNoise }: ConstrainedSearch,
): ConstrainedFits {
  const { compression } = free;
  const { shape, squaredNorm, variance } = compression;
  const known = new Map<number, CoreFit>();
  const independent = new Map<number, readonly Kruskal[]>();
  const random = randomStream(seed, constrainedStream);
  const hasFixed = constraints.fixed.length > 0;

  /** Starts for a rank, the likeliest first. Those that come from fits of other ranks do not vote. */
  function* startsOf(rank: number): Generator<Start | undefined, void> {
    if (init) yield { kruskal: onConstraints(init, constraints), isIndependent: true };
    if (!hasFixed) {
      const { kruskal } = yield* free.fit(rank, { isQuick: true });
      yield { kruskal: onConstraints(expand(compression, kruskal), constraints), isIndependent: true };
      const below = known.get(rank - 1);
      if (below && rank > 1) yield { kruskal: yield* withNewComponent(below.kruskal), isIndependent: false };
    }
    for (;;) yield { kruskal: randomStart(rank), isIndependent: true };
  }

  function* withNewComponent(model: Kruskal): Work<Kruskal> {
    const left = yield* residualOf(compression.core, restrict(compression, model));
    const fresh = expand(compression, yield* bestRankOne(left, seed));
    return joinComponents(model, onConstraints(fresh, constraints));
  }

  /** Columns of about unit norm: with entries between 0 and 1 in nonnegative modes, else normal ones. */
  function randomStart(rank: number): Kruskal {
    const factors = shape.map((rows, mode) => {
      const given = constraints.fixed.includes(mode) ? init?.factors[mode] : undefined;
      if (given) return given;
      const isBounded = constraints.nonnegative.includes(mode);
      const draw = (): number => (isBounded ? random.uniform() : random.normal()) / Math.sqrt(rows);
      return { rows, columns: rank, data: Float64Array.from({ length: rows * rank }, draw) };
    });
    return { weights: new Float64Array(rank).fill(1), factors };
  }

  function* attempt({ kruskal, isIndependent }: Start, isQuick: boolean): Work<Attempt> {
    const rank = kruskal.weights.length;
    const near = yield* hals(compression, kruskal, constraints, isQuick ? quickSweeps : sweeps);
    const problem = constrained(compressedProblem(compression, rank), shape, rank, constraints);
    const begun = stackFactors([absorbWeights(near, movableModes(shape, constraints))]);
    const { x, objective } = yield* lastReport(dampedGaussNewton(problem, begun, isQuick ? quick : coarse));
    return { kruskal: unstackFactors(shape, rank, x)[0]!, squaredError: objective ** 2, isIndependent };
  }

  function* attempts(rank: number, { isQuick = false, starts = usualStarts }: FitOptions): Work<Attempt[]> {
    const enough = rank === 1 ? Math.min(starts, startsOfOne) : starts;
    const found: Attempt[] = [];
    let votes = 0;
    for (const start of startsOf(rank)) {
      if (!start) {
        yield;
        continue;
      }
      const next = yield* attempt(start, isQuick);
      found.push(next);
      if (next.isIndependent) votes++;
      if (votes >= enough || (isQuick && found.length >= 2)) break;
      if (yield* isAtNoise(rank, next.squaredError)) break;
      if (votes === startsToRefuse && (yield* isHopeless(rank, best(found)))) break;
    }
    return found;
  }

  /** Whether a scan will refuse a rank whatever more starts say: then they are not made. */
  function* isHopeless(rank: number, { kruskal, squaredError }: Attempt): Work<boolean> {
    const below = known.get(rank - 1);
    if (!below || rank === 1) return false;
    if (squaredError > (1 - minShare) * below.squaredError) return true;
    return ((yield* consistencyOf(kruskal)) ?? 0) < 0;
  }

  /** Of one component it would only tell whether bounds hold it back: without them it is always 100. */
  function* consistencyOf(model: Kruskal): Work<number | undefined> {
    return model.weights.length > 1 ? yield* consistency(compression.core, restrict(compression, model)) : undefined;
  }

  /**
   * Whether the constraints cost no more than noise would make them: if the truth keeps to them, the best model under them is at least as
   * good as the truth, whose squared error is above that of the best model without them by σ² χ² with as many degrees of freedom as that
   * has free numbers (Wilks 1938).
   */
  function* isAtNoise(rank: number, squaredError: number): Work<boolean> {
    if (!knowsNoise) return false;
    const without = yield* free.fit(rank, { isQuick: true });
    if (!without.isAtNoise) return false;
    const freedom = freeNumbers(shape, rank);
    const cost = (variance ?? 0) * (freedom + deviations * Math.sqrt(2 * freedom));
    return squaredError <= without.squaredError + cost + squaredErrorFloor * squaredNorm;
  }

  function* fit(rank: number, options: FitOptions = {}): Work<CoreFit> {
    const { isQuick = false } = options;
    const before = known.get(rank);
    if (before && (isQuick || !before.isQuick)) return before;
    const made =
      rank === 0 ? { ...(yield* free.fit(0)), kruskal: noComponents({ shape }) } : yield* fitOf(rank, options);
    known.set(rank, made);
    return made;
  }

  function* fitOf(rank: number, options: FitOptions): Work<CoreFit> {
    const found = yield* attempts(rank, options);
    const first = best(found);
    const voters = found.filter((one) => one.isIndependent).sort((a, b) => a.squaredError - b.squaredError);
    independent.set(
      rank,
      voters.map(({ kruskal }) => kruskal),
    );
    return {
      rank,
      kruskal: first.kruskal,
      squaredError: first.squaredError,
      relativeError: Math.sqrt(first.squaredError / squaredNorm),
      starts: voters.length,
      agreeing: agreeingWith(first, found).length,
      minCosine: degeneracy(first.kruskal).cosine,
      coreConsistency: options.isQuick ? undefined : yield* consistencyOf(first.kruskal),
      isAtNoise: yield* isAtNoise(rank, first.squaredError),
      isQuick: options.isQuick ?? false,
    };
  }

  /** Independent starts that led to the best model. Those of a matrix only share its error. */
  const agreeingWith = (first: Attempt, found: readonly Attempt[]): Attempt[] =>
    found.filter((one) => {
      if (!one.isIndependent || one === first) return one.isIndependent;
      const isEqual = one.squaredError <= equalErrors * first.squaredError + squaredErrorFloor * squaredNorm;
      return isEqual && (isMatrix(shape) || isSameModel(one.kruskal, first.kruskal));
    });

  function* lowestError(rank: number, starts: number): Work<number> {
    return best(yield* attempts(rank, { starts, isQuick: true })).squaredError;
  }

  const modelsOf = (rank: number): readonly Kruskal[] => independent.get(rank) ?? [noComponents({ shape })];
  return { compression, known, ofSigns: new Map(), fit, lowestError, modelsOf };
}

const best = (attempts: readonly Attempt[]): Attempt =>
  attempts.reduce((least, next) => (next.squaredError < least.squaredError ? next : least));

/** Whether no more than two modes are longer than 1: then components are not unique, and starts can only agree about the error. */
export const isMatrix = (shape: readonly number[]): boolean => shape.filter((size) => size > 1).length <= 2;

/** The model without components that are zero. */
export function withoutZeros(model: Kruskal): Kruskal {
  const unit = normalize(model);
  const kept = Array.from(unit.weights.keys()).filter((r) => unit.weights[r] !== 0);
  return kept.length === unit.weights.length ? unit : selectComponents(unit, kept);
}

/** Whether each component that is not zero has a partner that points the same way. */
export function isSameModel(a: Kruskal, b: Kruskal): boolean {
  const left = withoutZeros(a);
  const right = withoutZeros(b);
  if (left.weights.length !== right.weights.length) return false;
  if (left.weights.length === 0) return true;
  const { perComponent } = matchComponents(left, right, { weightPenalty: false });
  return perComponent.every((score) => score >= equalComponents);
}
