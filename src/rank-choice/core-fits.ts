// The best CP model of every rank on the core of a compression, from several starts, and what speaks for and against it. Errors are those
// of the full tensor: ‖X − M‖² = ‖G − M_core‖² + what is outside the core.
import type { DeviceTensor } from '../backend/backend.js';
import { degeneracy } from '../analysis/degeneracy.js';
import { consistency } from '../analysis/core-consistency.js';
import { matchComponents } from '../analysis/match.js';
import { residualOf, withNewComponent, withoutWeakest } from '../compaction/grow-cp.js';
import { truncatedSvd } from '../compaction/truncated-svd.js';
import { polishedCp, type PolishOptions } from '../compaction/polish-cp.js';
import { noiseEdge } from '../compression/noise-spectrum.js';
import { exactError, type Compression } from '../compression/compress.js';
import { randomStream, type RandomStream } from '../random/stream.js';
import { growthStream } from '../random/streams.js';
import type { DenseTensor } from '../tensor/dense.js';
import { noComponents, type Kruskal } from '../tensor/kruskal.js';
import type { Work } from '../yield.js';
import { expand } from './expand.js';
import { strongestOfSigns } from './random-signs.js';
import { algebraicStart, alternate, randomStart, singularVectorStart, squaredError } from './starts.js';
import { freeNumbers } from '../tensor/free-numbers.js';

/** A fit of some rank. */
export interface CoreFit {
  readonly rank: number;
  /** Factors of the core's size; under constraints (constrained-fits.ts), of the tensor's. */
  readonly kruskal: Kruskal;
  /** ‖X − M‖², of the full tensor. */
  readonly squaredError: number;
  readonly relativeError: number;
  /** Independent starts, and how many of them came to this model. */
  readonly starts: number;
  readonly agreeing: number;
  /** The most negative product of the cosines of two components, 1 where there are not two. */
  readonly minCosine: number;
  /** In percent; undefined where it says nothing. */
  readonly coreConsistency: number | undefined;
  /** What is left in the core is no more than the noise outside it, so that no start can do better. */
  readonly isAtNoise: boolean;
  /** From one start, to see what another component would gain. */
  readonly isQuick: boolean;
}

/** Two components cancel each other where the product of their cosines is below this. */
export const opposite = -0.85;
/** A component must take this part of the squared error, where the residual has structure. */
export const minShare = 0.1;
/** A component that takes so much of what was left is no accident of the starts. */
export const overwhelming = 0.9;
/** Squared errors within this factor of the best count as equal … */
export const equalErrors = 1.002;
/** … and models where each pair of components has cosines with a product above this. */
export const equalComponents = 0.95;
/** Independent starts of one component. */
export const startsOfOne = 3;
/** Starts after which a rank that is going to be refused needs no more. */
const startsToRefuse = 3;
/** Sweeps before Gauss-Newton. */
const sweeps = { sweeps: 10, tolerance: 1e-5 };
const quickSweeps = { sweeps: 5, tolerance: 1e-5 };

const precision = { iterations: 30, cgTolerance: 1e-4 };
const fine: PolishOptions = { tolerance: 5e-10, maxSteps: 60, precision: { iterations: 100, cgTolerance: 1e-8 } };
const coarse: PolishOptions = { tolerance: 5e-6, maxSteps: 40, precision };
const upToTenSteps: PolishOptions = { ...coarse, maxSteps: 10 };
const quick: PolishOptions = { tolerance: 5e-5, maxSteps: 12, precision };

export interface SearchOptions {
  readonly seed: number;
  /** Independent starts of a rank, where no fit is at the noise; twice as many beyond the dimensions. */
  readonly starts: number;
  /** The tensor on a backend (CompressOptions). */
  readonly device?: DeviceTensor | undefined;
}

export interface FitOptions {
  readonly isQuick?: boolean;
  readonly starts?: number;
}

/** What a scan of the ranks asks for. */
export interface RankFits {
  readonly compression: Compression;
  /** All fits so far, by rank. */
  readonly known: ReadonlyMap<number, CoreFit>;
  /** What compareSigns found, by rank. */
  readonly ofSigns: ReadonlyMap<number, number>;
  /** The fit of a rank; made once, and once more where it was quick. */
  fit(rank: number, options?: FitOptions): Work<CoreFit>;
  /** ‖X − M‖² of the best of a few starts of a rank, which do not count as its fit. */
  lowestError(rank: number, starts: number): Work<number>;
  /**
   * Notes in `ofSigns` the squared norm of the strongest component of what the fit of a rank leaves, with random signs (random-signs.ts).
   * Left out where components are bounded: those of random signs are not.
   */
  compareSigns?(rank: number, enough: number): Work<void>;
}

export interface CoreFits extends RankFits {
  readonly random: RandomStream;
  /** The same, with its last digits. */
  refine(rank: number): Work<CoreFit>;
  /** Fits a rank from the algebraic start in a few steps; whether it comes down to the noise. */
  fitsAlgebraically(rank: number): Work<boolean>;
  /** Tries the fit of one component more, without its weakest, in the place of a fit that is not at the noise. */
  refitFromAbove(rank: number): Work<void>;
}

interface Start {
  readonly kruskal: Kruskal;
  /** Whether it knows nothing of the other fits, so that it may vote. */
  readonly isIndependent: boolean;
  readonly needsSweeps: boolean;
  readonly isLastOfQuick?: boolean;
}

interface Attempt {
  readonly kruskal: Kruskal;
  readonly squaredError: number;
  readonly isIndependent: boolean;
}

export function coreFits(
  tensor: DenseTensor,
  compression: Compression,
  { seed, starts: usualStarts }: SearchOptions,
): CoreFits {
  const { core, squaredNorm, outside, variance } = compression;
  const known = new Map<number, CoreFit>();
  const ofSigns = new Map<number, number>();
  const compared = new Map<number, { readonly kruskal: Kruskal; readonly enough: number }>();
  const random = randomStream(seed, growthStream);
  const longest = Math.max(...core.shape);
  const zero = 4 * exactError ** 2 * squaredNorm;

  /** From the likeliest on. Those that start from other fits do not vote. */
  function* startsOf(rank: number): Generator<Start | undefined, void> {
    const algebraic = yield* algebraicStart(core, rank, random);
    if (algebraic) yield { kruskal: algebraic, isIndependent: true, needsSweeps: false };
    const below = known.get(rank - 1);
    if (below) {
      const kruskal = yield* withNewComponent(core, below.kruskal, seed);
      yield { kruskal, isIndependent: false, needsSweeps: true };
    }
    const above = known.get(rank + 1);
    if (above) yield { kruskal: yield* withoutWeakest(above.kruskal), isIndependent: false, needsSweeps: true };
    const singular = yield* singularVectorStart(core, rank, random);
    yield { kruskal: singular, isIndependent: true, needsSweeps: true, isLastOfQuick: true };
    for (;;) yield { kruskal: randomStart(core, rank, random), isIndependent: true, needsSweeps: true };
  }

  function* polish(start: Start, isQuick: boolean): Work<Attempt> {
    const { isIndependent } = start;
    let { kruskal } = start;
    if (start.needsSweeps) kruskal = yield* alternate(core, kruskal, isQuick ? quickSweeps : sweeps);
    return { ...(yield* polished(kruskal, isQuick ? quick : coarse)), isIndependent };
  }

  function* polished(start: Kruskal, options: PolishOptions): Work<Pick<Attempt, 'kruskal' | 'squaredError'>> {
    const { kruskal } = yield* polishedCp(core, start, options);
    return { kruskal, squaredError: yield* squaredError(core, kruskal) };
  }

  /** Whether what is left in the core is what noise leaves there: its degrees of freedom and the directions that only noise fills. */
  function isAtNoise(rank: number, left: number): boolean {
    if (variance === undefined) return left <= zero;
    const { shape } = core;
    const freedom = Math.max(0, core.data.length - freeNumbers(shape, rank));
    const spare = shape.reduce((sum, size, mode) => {
      const edge = noiseEdge(compression.shape[mode]!, core.data.length / size);
      return sum + Math.max(0, size - Math.min(rank, compression.ranks[mode] ?? size)) * edge;
    }, 0);
    return left <= variance * (1.3 * (freedom + 4 * Math.sqrt(2 * freedom + 1)) + spare) + zero;
  }

  /** Whether a rank is refused whatever more starts say: then they are not made. */
  function* isHopeless(rank: number, best: Attempt): Work<boolean> {
    const below = known.get(rank - 1);
    const isSmall = rank > 1 && below && best.squaredError + outside > (1 - minShare) * below.squaredError;
    if (isSmall || degeneracy(best.kruskal).cosine < opposite) return true;
    return ((yield* consistency(core, best.kruskal)) ?? 0) < 0;
  }

  /**
   * Whether one of the last components took nine tenths of what was left. Beyond the dimensions random starts often miss a component,
   * but not a weak one beside a model of the others: it is found in what that leaves.
   */
  const isSettled = (rank: number): boolean =>
    [1, 2, 3].some((back) => {
      const fit = known.get(rank - back);
      const below = known.get(rank - back - 1);
      return fit && below && fit.squaredError <= (1 - overwhelming) * below.squaredError;
    });

  /** The best approximation of a matrix is its truncated singular value decomposition. */
  function* ofMatrix(rank: number): Work<Attempt | undefined> {
    const truncation = yield* truncatedSvd(core, rank);
    if (!truncation) return undefined;
    const { kruskal } = truncation;
    return { kruskal, squaredError: yield* squaredError(core, kruskal), isIndependent: true };
  }

  function* attempts(rank: number, { isQuick = false, starts = usualStarts }: FitOptions): Work<Attempt[]> {
    const matrix = yield* ofMatrix(rank);
    if (matrix) return [matrix];
    const enough = rank === 1 ? Math.min(starts, startsOfOne) : rank <= longest ? starts : 2 * starts;
    const found: Attempt[] = [];
    let votes = 0;
    for (const start of startsOf(rank)) {
      if (!start) {
        yield;
        continue;
      }
      if (votes >= enough || (isQuick && (found.length >= 2 || (found.length > 0 && start.isLastOfQuick)))) break;
      const attempt = yield* polish(start, isQuick);
      found.push(attempt);
      if (isAtNoise(rank, attempt.squaredError)) break;
      if (!attempt.isIndependent) continue;
      votes++;
      const mayStop = votes === startsToRefuse && starts > startsToRefuse && !isQuick;
      if (
        mayStop &&
        (rank <= longest || isSettled(rank)) &&
        variance === undefined &&
        (yield* isHopeless(rank, best(found)))
      )
        break;
    }
    return found;
  }

  function* fit(rank: number, options: FitOptions = {}): Work<CoreFit> {
    const { isQuick = false } = options;
    const before = known.get(rank);
    if (before && (isQuick || !before.isQuick)) return before;
    const made = rank === 0 ? noFit(compression) : yield* fitOf(rank, options);
    known.set(rank, made);
    return made;
  }

  function* fitsAlgebraically(rank: number): Work<boolean> {
    const kruskal = yield* algebraicStart(core, rank, random);
    if (!kruskal) return false;
    const attempt = { ...(yield* polished(kruskal, upToTenSteps)), isIndependent: true };
    if (!isAtNoise(rank, attempt.squaredError)) return false;
    known.set(rank, yield* bestFit(rank, [attempt], false));
    return true;
  }

  function* lowestError(rank: number, starts: number): Work<number> {
    return best(yield* attempts(rank, { starts })).squaredError + outside;
  }

  function* refitFromAbove(rank: number): Work<void> {
    const fit = known.get(rank);
    const above = known.get(rank + 1);
    if (rank === 0 || !above || fit?.isAtNoise) return;
    const start = { kruskal: yield* withoutWeakest(above.kruskal), isIndependent: false, needsSweeps: true };
    const attempt = yield* polish(start, false);
    if (isAtNoise(rank, attempt.squaredError)) known.set(rank, yield* bestFit(rank, [attempt], false));
  }

  function* fitOf(rank: number, options: FitOptions): Work<CoreFit> {
    return yield* bestFit(rank, yield* attempts(rank, options), options.isQuick ?? false);
  }

  function* bestFit(rank: number, found: readonly Attempt[], isQuick: boolean): Work<CoreFit> {
    const first = best(found);
    const { kruskal, squaredError: left } = first;
    const error = left + outside;
    const voters = found.filter((attempt) => attempt.isIndependent);
    const agreeing = voters.filter(
      (attempt) =>
        attempt === first ||
        (attempt.squaredError + outside <= equalErrors * error + zero && isSameModel(attempt.kruskal, kruskal)),
    );
    return {
      rank,
      kruskal,
      squaredError: error,
      relativeError: Math.sqrt(error / squaredNorm),
      starts: voters.length,
      agreeing: agreeing.length,
      minCosine: degeneracy(kruskal).cosine,
      coreConsistency: isQuick ? undefined : yield* consistency(core, kruskal),
      isAtNoise: isAtNoise(rank, left),
      isQuick,
    };
  }

  /** The last digits of a fit. */
  function* refine(rank: number): Work<CoreFit> {
    const before = yield* fit(rank);
    const left = before.squaredError - outside;
    if (rank === 0 || left <= exactError ** 2 * squaredNorm) return before;
    const refined = yield* polished(before.kruskal, fine);
    const found = [{ ...refined, isIndependent: false }];
    const next = { ...(yield* bestFit(rank, found, false)), starts: before.starts, agreeing: before.agreeing };
    known.set(rank, next);
    return next;
  }

  function* compareSigns(rank: number, enough: number): Work<void> {
    const { kruskal } = yield* fit(rank);
    // A comparison ends where it is decided, and a fit may be replaced by a better one.
    const before = compared.get(rank);
    if (before && before.kruskal === kruskal && before.enough <= enough) return;
    compared.set(rank, { kruskal, enough });
    const residual = yield* residualOf(tensor, expand(compression, kruskal));
    const strongest = yield* strongestOfSigns(residual, compression.bases, { random, seed, enough });
    if (strongest !== undefined) ofSigns.set(rank, strongest);
  }

  const found = { compression, random, known, ofSigns, fit, lowestError, refine };
  return { ...found, fitsAlgebraically, refitFromAbove, compareSigns };
}

const best = (attempts: readonly Attempt[]): Attempt =>
  attempts.reduce((least, next) => (next.squaredError < least.squaredError ? next : least));

/** Whether each component has a partner that points the same way. */
const isSameModel = (a: Kruskal, b: Kruskal): boolean =>
  matchComponents(a, b, { weightPenalty: false }).perComponent.every((score) => score >= equalComponents);

const noFit = ({ core, squaredNorm }: Compression): CoreFit => ({
  rank: 0,
  kruskal: noComponents(core),
  squaredError: squaredNorm,
  relativeError: 1,
  starts: 1,
  agreeing: 1,
  minCosine: 1,
  coreConsistency: undefined,
  isAtNoise: false,
  isQuick: false,
});
