// Compression of a dense tensor before anything is fitted to it: X ≈ G ×_1 U_1 … ×_N U_N, orthonormal bases U_n [I_n, k_n] and a core G
// of size k_1 × … × k_N, by the sequentially truncated higher-order SVD, shortest mode first (Vannieuwenhoven, Vandebril & Meerbergen,
// "A new truncation strategy for the higher-order singular value decomposition", SIAM J. Sci. Comput. 34, 2012).
//   k_n         the number of singular values of the unfolding that stand out from a bulk of white noise (noise-spectrum.ts)
//   structured  where the residual of some mode is no white noise, the leading directions of every mode are kept instead: enough to
//               tell ranks apart, not to find the last digits
// A model of the core is one of the tensor, with factors U_n A_n, and its error is known without looking at the tensor again:
//   ‖X − M‖² = ‖G − M_core‖² + (‖X‖² − ‖G‖²)
// Called by rank-choice (rank-choice.ts, fill-missing.ts). Cost 2 Σ_n (size of what is left) · I_n flops, most of it the first Gram matrix.
import type { DeviceTensor } from '../backend/backend.js';
import { BackendError } from '../errors.js';
import { multiply } from '../linalg/algebra.js';
import type { DenseTensor } from '../tensor/dense.js';
import type { Matrix } from '../tensor/matrix.js';
import { projectMode } from '../tensor/mode-products.js';
import { sizeOf } from '../tensor/shape.js';
import { sumOfSquares } from '../tensor/square-sum.js';
import { tuckerToDenseSteps, type Tucker } from '../tensor/tucker.js';
import type { Work } from '../yield.js';
import { leftSpectrum } from './left-spectrum.js';
import { noiseEdge, noiseRank } from './noise-spectrum.js';
import { truncateModes, type Keep } from './truncate-modes.js';
import { truncateOnDevice } from './truncate-on-device.js';

export interface Compression {
  /** Sizes of the tensor. */
  readonly shape: readonly number[];
  /** Per mode, orthonormal columns, `[shape[mode], core.shape[mode]]`. */
  readonly bases: readonly Matrix[];
  readonly core: DenseTensor;
  /** ‖X‖² */
  readonly squaredNorm: number;
  /** ‖X‖² − ‖G‖² */
  readonly outside: number;
  /** Per mode, the singular values that stand out; undefined where the spectrum has no floor of white noise. */
  readonly ranks: readonly (number | undefined)[];
  /** Sizes of the modes without directions that are exactly null (centered or exactly low-rank data). */
  readonly liveSizes: readonly number[];
  /** Variance of the noise per cell; undefined where there is none, or the residual has structure. */
  readonly variance: number | undefined;
  /** Whether nothing but white noise is outside the core, and what is inside has the ranks of a CP model. */
  readonly isWhite: boolean;
  /** Where the large products were computed, if not in float64 on the CPU. */
  readonly device?: DeviceTensor | undefined;
  /** Why not on the device that was offered. */
  readonly whyNotOnDevice?: string | undefined;
}

export interface CompressOptions {
  /** Directions that every mode keeps at least, where it has them: the rank that is to be fitted. Default 0. */
  readonly minDirections?: number;
  /** Whether to look for white noise. Default true; without it the leading directions are kept. */
  readonly seeksNoise?: boolean;
  /** What the ranks must be able to be, to be believed: those of a CP model, alike in all modes, or of any Tucker model. Default 'cp'. */
  readonly model?: 'cp' | 'tucker';
  /** The tensor on a backend, to compute the large products there, if its precision is enough. Default: all in float64 on the CPU. */
  readonly device?: DeviceTensor | undefined;
}

/** Directions kept per mode where the residual has structure. */
const structuredDirections = 16;
/** Modes of up to this size are too short for a bulk to be told. */
export const shortMode = 12;
/** Eigenvalues of a Gram matrix below this, relative to the largest, are rounding … */
const rounding = 1e-13;
/** … if the smallest one above it is this many times larger; else the spectrum falls down to rounding without a gap. */
const gap = 1e3;
/** Relative error that counts as zero. */
export const exactError = 1e-9;
/**
 * Where ‖X‖² − ‖G‖² is less than this part of ‖X‖², the rounding of ‖G‖², some 1e-15 of it, is no longer small beside it; and where the
 * core comes from float32, some 1e-9.
 */
const cancelsBelow = 1e-9;
const cancelsBelowInFloat32 = 1e-5;
/** A mode this much longer than the largest rank found must show a bulk. */
const roomForNoise = 4;

export function* compress(tensor: DenseTensor, options: CompressOptions = {}): Work<Compression> {
  const { seeksNoise = true, model = 'cp', minDirections = 0 } = options;
  const { shape } = tensor;
  const squaredNorm = sumOfSquares(tensor.data);
  const { core, factors: bases, ranks, liveSizes, device, whyNotOnDevice } = yield* truncated(tensor, options);
  const outside = yield* outsideOf(tensor, squaredNorm, core, bases, device && cancelsBelowInFloat32);
  const found = { shape, bases, core, squaredNorm, outside, ranks, liveSizes, device, whyNotOnDevice };
  // Null directions are seen however short a mode is; a few eigenvalues are no bulk.
  const isOfNull = ranks.every((rank, k) => rank === undefined || liveSizes[k]! < shape[k]!);
  const isFloored = hasFloor(found) && (Math.max(...shape) > shortMode || isOfNull);
  const spare =
    tensor.data.length - core.data.length - bases.reduce((sum, u) => sum + u.columns * (u.rows - u.columns), 0);
  const isNoisy = isFloored && spare > 0 && found.outside > exactError ** 2 * squaredNorm;
  const variance = isNoisy ? found.outside / spare : undefined;
  const trimmed = variance === undefined ? found : yield* trim(tensor, found, variance, minDirections);
  const isWhite = isFloored && (model === 'cp' ? hasRanksOfCp(trimmed) : hasRanksOfTucker(trimmed));
  if (seeksNoise && !isWhite) return yield* compress(tensor, { ...options, seeksNoise: false });
  return { ...trimmed, variance, isWhite };
}

type Spectra = Omit<Compression, 'variance' | 'isWhite'>;
type Truncated = Tucker & Pick<Compression, 'ranks' | 'liveSizes' | 'device' | 'whyNotOnDevice'>;

/** Every mode cut to what stands out from its noise, by the device's products where those are precise enough. */
function* truncated(tensor: DenseTensor, { device, ...options }: CompressOptions): Work<Truncated> {
  let whyNotOnDevice: string | undefined;
  if (device) {
    try {
      const seen = watchedModes(tensor.shape, options);
      const found = yield* truncateOnDevice(device, seen.keep);
      if (found) return { ...found, ...seen, device };
      whyNotOnDevice = 'float32 hides its smallest singular values';
    } catch (error) {
      if (!(error instanceof BackendError)) throw error;
      whyNotOnDevice = error.message;
    }
  }
  const seen = watchedModes(tensor.shape, options);
  return { ...(yield* truncateModes(tensor, seen.keep)), ...seen, whyNotOnDevice };
}

/** How many directions each mode keeps, and what is seen of its spectrum. */
function watchedModes(
  shape: readonly number[],
  { seeksNoise = true, minDirections = 0, model = 'cp' }: CompressOptions,
): Pick<Compression, 'ranks' | 'liveSizes'> & { readonly keep: Keep } {
  const ranks: (number | undefined)[] = shape.map(() => undefined);
  const liveSizes = [...shape];

  function keep(mode: number, values: Float64Array, columns: number): number {
    const rows = shape[mode]!;
    const live = liveDirections(values);
    const hasNull = live < values.length;
    if (hasNull) liveSizes[mode] = live;
    let rank = hasNull ? live : seeksNoise ? noiseRank(padded(values, rows), columns) : undefined;
    // A basis of so many directions would only be dropped again.
    if (rank !== undefined && seeksNoise && model === 'cp' && !isRankOfCp(rank, mode)) rank = undefined;
    if (rank === undefined && seeksNoise && !hasNull) {
      const above = ranks.reduce<number>((max, k) => Math.max(max, k ?? 0), 0);
      // Too few columns to see a bulk: the core's own spectrum tells, once the variance is known.
      if (values.length < Math.min(5 + above, rows)) rank = ranks.includes(0) ? 0 : values.length;
    }
    ranks[mode] = rank;
    const leading = Math.max(structuredDirections, minDirections);
    const kept = rank === undefined || !seeksNoise ? Math.min(leading, Math.max(live, 1)) : Math.max(rank, 1);
    return Math.max(kept, minDirections);
  }

  /** Whether any other mode can have half as many, as those of a CP model do. */
  const isRankOfCp = (rank: number, mode: number): boolean =>
    shape.some((size, other) => other !== mode && 2 * (ranks[other] ?? size) >= rank);

  return { ranks, liveSizes, keep };
}

/** Drops directions that noise alone explains, now that its variance is known, by the core's own spectra. */
function* trim(tensor: DenseTensor, found: Spectra, variance: number, minDirections: number): Work<Spectra> {
  const { shape, squaredNorm } = found;
  const bases = [...found.bases];
  const ranks = [...found.ranks];
  let { core } = found;
  for (const mode of shape.keys()) {
    const before = ranks[mode];
    if (before === undefined) continue;
    const columns = core.data.length / core.shape[mode]!;
    const spectrum = yield* leftSpectrum(core, mode);
    const edge = variance * noiseEdge(shape[mode]!, columns);
    const rank = Math.min(before, spectrum.values.filter((value) => value > edge).length);
    const directions = Math.min(spectrum.values.length, Math.max(rank, minDirections, 1));
    const turned = yield* spectrum.leading(directions);
    ranks[mode] = rank;
    bases[mode] = multiply(bases[mode]!, turned);
    core = yield* projectMode(core, mode, turned);
  }
  const outside = yield* outsideOf(tensor, squaredNorm, core, bases, found.device && cancelsBelowInFloat32);
  return { ...found, bases, ranks, core, outside };
}

/** Directions that are more than rounding, where a gap tells them apart; else all. */
function liveDirections(values: Float64Array): number {
  const floor = rounding * values[0]!;
  const live = values.filter((value) => value > floor).length;
  return live > 0 && values[live - 1]! >= gap * floor ? live : values.length;
}

/** ‖X‖² − ‖G‖²; from the residual X − G ×_1 U_1 … ×_N U_N where that difference has no digits left. */
export function* outsideOf(
  { data }: DenseTensor,
  squaredNorm: number,
  core: DenseTensor,
  bases: readonly Matrix[],
  cancels = cancelsBelow,
): Work<number> {
  const difference = squaredNorm - sumOfSquares(core.data);
  if (difference > cancels * squaredNorm) return difference;
  const kept = yield* tuckerToDenseSteps({ core, factors: bases });
  let outside = 0;
  for (let at = 0; at < data.length; at++) outside += (data[at]! - kept.data[at]!) ** 2;
  return outside;
}

/** The largest number of singular values that stand out from noise in any mode; undefined where no mode has a floor. */
export function largestRank(ranks: readonly (number | undefined)[]): number | undefined {
  const known = ranks.filter((rank) => rank !== undefined);
  return known.length > 0 ? Math.max(...known) : undefined;
}

/** Whether every mode has a floor of noise or of null directions, or is too short to have one. */
function hasFloor({ ranks, shape }: Spectra): boolean {
  const top = largestRank(ranks);
  return top !== undefined && ranks.every((rank, mode) => rank !== undefined || shape[mode]! <= top + roomForNoise);
}

/** Whether the ranks of all modes are alike, as those of a CP model are. */
function hasRanksOfCp({ ranks, shape }: Spectra): boolean {
  const top = largestRank(ranks) ?? 0;
  const sizes = ranks.map((rank, mode) => rank ?? shape[mode]!);
  const areAlike = sizes.every((size, mode) => 2 * size >= Math.min(top, shape[mode]!));
  return areAlike && sizes.filter((size) => 2 * size >= top).length >= 2;
}

/** Whether a tensor can have these multilinear ranks: none is larger than the product of the others. */
function hasRanksOfTucker({ ranks, shape }: Spectra): boolean {
  const sizes = ranks.map((rank, mode) => rank ?? shape[mode]!);
  return ranks.every((rank, mode) => rank === undefined || rank <= sizeOf(sizes.filter((_, other) => other !== mode)));
}

function padded(values: Float64Array, length: number): Float64Array {
  const out = new Float64Array(length);
  out.set(values);
  return out;
}

/** Cells of the tensor without its null directions. */
export const liveCells = ({ liveSizes }: Compression): number => sizeOf(liveSizes);
