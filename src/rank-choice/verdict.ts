// The answer in words, with a confidence:
//   sure   the residual is white noise, and as many directions of some mode stand out from it; or the fit is exact
//   good   what a further component would take is noise, be it of unequal variances, or small and not to be told from it
//   fair   a further component cannot be trusted, but may be there
//   open   no clear rank, as components remain that stand out and cannot be told apart, or the error falls evenly; the largest one that can be trusted
import { isNoiseLike, standsOut, weakBelow, type RankCandidate, type Refusal } from './candidates.js';
import { exactError } from '../compression/compress.js';
import { minShare } from './core-fits.js';

export const confidences = ['sure', 'good', 'fair', 'open'] as const;
export type Confidence = (typeof confidences)[number];

export interface Verdict {
  readonly confidence: Confidence;
  readonly verdict: string;
  readonly reasons: readonly string[];
}

export interface Findings {
  /** Whether the components of a model of this rank can be unique: those of a matrix are not. */
  readonly isUnique: boolean;
  readonly rank: number;
  /** Whether nothing but white noise is left. */
  readonly isWhite: boolean;
  /** Whether some mode has as many directions that stand out from white noise as there are components. */
  readonly isInSpectra: boolean;
  readonly candidates: readonly RankCandidate[];
  /** Components that stand in a single cell, and are no part of the rank. */
  readonly outliers: number;
  /** Of the model of this rank. */
  readonly relativeError: number;
  /** Where many cells were filled: what part of the squared error over the known ones a further component takes. */
  readonly furtherShare: number | undefined;
  /** Set where there are too few cells to tell a component from noise: their number. */
  readonly tooFewCells: number | undefined;
  /** The most directions that any mode of the core has. */
  readonly directions: number;
  /** Whether the model has at least as many free numbers as a tensor of this size that is centered alike has: then nearly any has one. */
  readonly fitsAnything: boolean;
  /** Whether it has so many free numbers, for the cells of the core, that there are several or infinitely many such models. */
  readonly isOneOfMany: boolean;
  /** Whether random signs tell a component from noise of any kind. */
  readonly tellsNoise: boolean;
  /** Cells of the tensor per free number of the model. */
  readonly cellsPerNumber: number;
  /** How well the components of two halves of the tensor agree (halves.ts); undefined where they were not compared. */
  readonly halvesMatch: number | undefined;
  /** A component with a smaller part of the tensor's norm may have been missed. */
  readonly visibleFrom: number;
  /** The largest rank that was to be looked at, where the search came to it. */
  readonly endedAt: number | undefined;
}

const refusalWords: Record<Refusal, string> = {
  noise: 'its gain is what noise would give',
  small: `it takes less than ${100 * minShare} % of what is left`,
  degenerate: 'two components cancel each other',
  inconsistent: 'the core consistency is below 50 %',
  untested: 'it has more components than a mode has entries',
  unstable: 'the starts disagree',
};

/** Ranks beyond the answer whose gains are compared with its own. */
const rankHorizon = 3;
/** Products of the cosines of components of two halves from which on these are the same: 0.95 in each of two modes. */
const equalHalves = 0.9;
/** Cells per free number from which a component is told from noise where no spectrum shows it. */
export const minCellsPerNumber = 4;
/** Relative errors up to this are rounding. */
const rounding = 1e-12;
/** A component that leaves no more than this part of the squared error, and far less than the one before it left, is the last one. */
const leftByLast = 1e-6;
/** Relative errors up to this are below what a spectrum shows, but for rounding. */
const belowSpectrum = 1e-6;
/** With a larger error than this, gains that do not fall leave the rank open. */
const largeError = 0.5;

export function verdictOf(findings: Findings): Verdict {
  const { rank, outliers } = findings;
  const isExact = rank > 0 && findings.relativeError <= exactError;
  // What speaks for and against a rank was asked of models with the outlying cells.
  const whole = { ...findings, rank: rank + outliers };
  const verdict = isExact ? ofExactFit(whole) : findings.isWhite ? inWhiteNoise(whole) : inStructure(whole);
  const unique = findings.isUnique ? verdict : { ...verdict, reasons: [...verdict.reasons, notUnique] };
  const found = findings.furtherShare === undefined ? unique : overKnown(unique, rank, findings.furtherShare);
  if (outliers === 0) return found;
  const cells =
    outliers === 1 ? 'One further component is a single cell' : `${outliers} further components are single cells`;
  // Where starts disagree on the components, others of them may be mixtures of outlying cells.
  const isUnsure = candidateOf(findings.candidates, whole.rank)?.refusals.includes('unstable') === true;
  const { confidence } = found;
  return {
    confidence: confidence === 'open' ? 'open' : isUnsure ? 'fair' : confidence === 'sure' ? 'good' : confidence,
    verdict: nameOf(rank),
    reasons: [
      `${cells} far from what surrounds it.`,
      ...(isUnsure ? ['The starts disagree on the other components.'] : []),
      ...found.reasons,
    ],
  };
}

const notUnique = 'Only two modes vary, as in a matrix: the rank is known, and the components are not unique.';

/** What the filled cells leave of a verdict: their noise was made, and a component that few known cells speak for is not in them. */
function overKnown({ confidence, verdict, reasons }: Verdict, rank: number, furtherShare: number): Verdict {
  const filled = 'More than a tenth of the cells are missing and were filled to compare ranks.';
  if (furtherShare < minShare)
    return { confidence: confidence === 'sure' ? 'good' : confidence, verdict, reasons: [...reasons, filled] };
  const further = `Over the known cells component ${rank + 1} would take ${percent(furtherShare)} of the squared error: it may be there.`;
  return { confidence: confidence === 'open' ? 'open' : 'fair', verdict, reasons: [...reasons, filled, further] };
}

/**
 * An exact fit says nothing where nearly any tensor has one, or there are several. Else it is the rank where some mode has as many directions, as no smaller rank
 * has; beyond that no fit of a smaller rank was exact, which starts that end elsewhere do not prove.
 */
function ofExactFit(findings: Findings): Verdict {
  const { rank, isUnique, fitsAnything, isOneOfMany, directions, relativeError } = findings;
  // One component is the only one, however many numbers it has.
  if (rank > 1 && isUnique && (fitsAnything || isOneOfMany)) {
    const reason = fitsAnything
      ? 'They have at least as many free numbers as the tensor has cells: nearly any tensor of its size has such a fit.'
      : 'They have as many free numbers as the core has cells, or more: other components fit exactly, too.';
    return { confidence: 'open', verdict: `no clear rank: ${rank} components fit exactly`, reasons: [reason] };
  }
  if (relativeError > rounding) {
    if (rank <= directions && endsAtOnce(findings.candidates, rank)) return atOnce(findings);
    const reason = `The relative error came down to ${relativeError.toExponential(1)}, and not to rounding.`;
    return { confidence: 'fair', verdict: nameOf(rank), reasons: [reason] };
  }
  const reasons = ['The fit is exact.'];
  if (rank <= directions) return { confidence: 'sure', verdict: nameOf(rank), reasons };
  reasons.push(`No fit of ${rank - 1} components was exact, but no mode has ${rank} directions to prove that none is.`);
  return { confidence: 'fair', verdict: nameOf(rank), reasons };
}

/** Whether the error falls to the bottom with this component, and not by and by, as that of a smooth function does. */
function endsAtOnce(candidates: readonly RankCandidate[], rank: number): boolean {
  const own = candidateOf(candidates, rank);
  const before = candidateOf(candidates, rank - 1);
  const leftBefore = rank === 1 ? 1 : before && 1 - before.share;
  return own !== undefined && leftBefore !== undefined && 1 - own.share <= Math.min(leftByLast, leftBefore ** 2);
}

const atOnce = ({ rank, relativeError }: Findings): Verdict => ({
  confidence: 'good',
  verdict: nameOf(rank),
  reasons: [
    `Component ${rank} takes the relative error down to ${relativeError.toExponential(1)}; smaller components are not seen.`,
  ],
});

const nameOf = (rank: number): string => (rank === 0 ? 'no low-rank structure' : `rank ${rank}`);

/**
 * Whether a component beyond this rank takes more than white noise gives, but no more than the residual with random signs: its variances
 * are unequal, its tails heavy, or it has structure that signs do not tell from that.
 */
export function isUnevenBeside(candidates: readonly RankCandidate[], rank: number): boolean {
  const next = candidateOf(candidates, rank + 1);
  return next !== undefined && next.noiseRatio > 1 && isNoiseLike(next);
}

const areDifferent = (halvesMatch: number | undefined): halvesMatch is number =>
  halvesMatch !== undefined && halvesMatch < equalHalves;

const halvesDiffer = (match: number): string =>
  `Two halves of the tensor have different components (match ${match.toFixed(2)}).`;

function inWhiteNoise(findings: Findings): Verdict {
  const { rank, candidates, isInSpectra, visibleFrom, endedAt, cellsPerNumber, halvesMatch, tellsNoise } = findings;
  const own = candidateOf(candidates, rank);
  const next = candidateOf(candidates, rank + 1);
  const isUneven = isUnevenBeside(candidates, rank);
  const noise = isUneven ? 'What is left is noise, though not white' : 'What is left is white noise';
  const asStrong = isUneven ? ', no more than random signs make of the residual' : '';
  const reasons = [
    ...(rank === 0 ? ['The strongest component is no stronger than the strongest in noise.'] : []),
    ...(!own ? [] : [`${noise}; component ${rank} is ${times(own)} the noise bound.`]),
    ...(next ? [`Component ${rank + 1} would be ${times(next)} it${asStrong}.`] : []),
    ...(rank === endedAt ? [`Ranks above ${endedAt} were not looked at.`] : []),
    ...(visibleFrom > 0
      ? [`A component below ${percent(visibleFrom)} of the tensor's norm may have been missed.`]
      : []),
  ];
  if (areDifferent(halvesMatch)) {
    reasons.push(halvesDiffer(halvesMatch));
    return { confidence: 'fair', verdict: nameOf(rank), reasons };
  }
  if (own && own.noiseRatio < weakBelow && !tellsNoise) {
    reasons.push(`With modes that short, component ${rank} cannot be told from noise that is not white.`);
    return { confidence: 'fair', verdict: nameOf(rank), reasons };
  }
  const isSure = (rank === 0 || isInSpectra) && rank !== endedAt && !isUneven;
  if (isSure) return { confidence: 'sure', verdict: nameOf(rank), reasons };
  const isBeyond = rank > 0 && !isInSpectra;
  if (isBeyond) reasons.push('No mode has that many directions above the noise.');
  const areFew = isBeyond && cellsPerNumber < minCellsPerNumber;
  if (areFew) reasons.push(`There are ${cellsPerNumber.toFixed(1)} cells for every free number of the model.`);
  return { confidence: areFew ? 'fair' : 'good', verdict: nameOf(rank), reasons };
}

function inStructure(findings: Findings): Verdict {
  const { rank, candidates, relativeError, visibleFrom, tooFewCells, endedAt, halvesMatch } = findings;
  const notLookedAt = endedAt === undefined ? [] : [`Ranks above ${endedAt} were not looked at.`];
  if (rank === 0) {
    const { refusals = [] } = candidateOf(candidates, 1) ?? {};
    return { confidence: 'fair', verdict: nameOf(0), reasons: [whyNone(refusals), ...notLookedAt] };
  }
  const own = candidateOf(candidates, rank);
  if (tooFewCells !== undefined && own?.refusals.includes('noise')) {
    const reasons = [`${tooFewCells} cells are too few to tell a component from noise.`];
    return { confidence: 'open', verdict: 'no clear rank: this is the strongest component', reasons };
  }
  if (rank === endedAt) {
    return {
      confidence: 'open',
      verdict: `no clear rank: ${rank} is the largest that was looked at`,
      reasons: notLookedAt,
    };
  }
  const next = candidateOf(candidates, rank + 1);
  if (!next && relativeError <= belowSpectrum && endsAtOnce(candidates, rank)) return atOnce(findings);
  const refusals = next?.refusals ?? [];
  // A component that is noise may be inconsistent and cancel another; one that is small may not. Among too few cells anything is noise.
  const isPlain = refusals.every((refusal) => refusal === 'small' || refusal === 'unstable');
  const besideNoise = next !== undefined && isNoise(next) && tooFewCells === undefined;
  // A small component that every start finds, consistent and stronger than noise, is there.
  const isThere = next !== undefined && standsOut(next) && refusals.join() === 'small';
  const isMinor = besideNoise || (refusals.includes('small') && isPlain && !isThere);
  const later = candidates.filter((one) => one.rank > rank && one.rank <= rank + rankHorizon && !isNoise(one));
  const gains = later.map((one) => gainOf(one));
  const mean = gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
  // Components that look like noise take nearly as much as the last one that does not.
  const isAmongNoise = rank > 1 && besideNoise && own !== undefined && gainOf(next) >= gainOf(own) / 2;
  const isEven = later.length > 0 && (rank === 1 || (own !== undefined && mean >= gainOf(own) / 2));
  const fallsEvenly = isEven || isAmongNoise;
  // No break before it either: the components that were accepted last are the first of many.
  const previous = candidateOf(candidates, rank - 1);
  const hasNoBreak = own !== undefined && previous !== undefined && gainOf(own) >= gainOf(previous) / 2;
  // Further components that are consistent and stronger than noise, of which every start finds others.
  const isUnresolved =
    next !== undefined && standsOut(next) && refusals.length > 0 && !isThere && refusals.every(isVague);
  const isOpen = hasNoBreak || relativeError > largeError || (rank === 1 && later.some((one) => one.share >= minShare));
  const why = next
    ? refusals.length > 0
      ? whyNot(rank + 1, refusals)
      : `Rank ${rank + 1} was not refused, but ranks near it were.`
    : 'What is left is a matrix, whose components are not unique.';
  const reasons = [
    why,
    ...notLookedAt,
    ...(isThere ? ['Yet it is stronger than noise.'] : []),
    ...(fallsEvenly && rank > 1 ? ['The error goes on falling evenly with more components.'] : []),
    ...(visibleFrom > 0
      ? [`A component below ${percent(visibleFrom)} of the tensor's norm may have been missed.`]
      : []),
  ];
  if ((fallsEvenly && isOpen) || isUnresolved) {
    const verdict = `no clear rank: ${rank} is the largest that can be trusted`;
    return { confidence: 'open', verdict, reasons };
  }
  if (areDifferent(halvesMatch)) reasons.push(halvesDiffer(halvesMatch));
  const isGood = next !== undefined && isMinor && endedAt === undefined && !areDifferent(halvesMatch) && !isAmongNoise;
  return { confidence: isGood ? 'good' : 'fair', verdict: nameOf(rank), reasons };
}

function whyNone(refusals: readonly Refusal[]): string {
  if (refusals.includes('small')) return `The strongest component takes less than ${100 * minShare} % of the tensor.`;
  const isOfNoise = refusals.length === 0 || refusals.includes('noise');
  return isOfNoise ? 'The strongest component is no stronger than the strongest in noise.' : whyNot(1, refusals);
}

const whyNot = (rank: number, refusals: readonly Refusal[]): string =>
  `Rank ${rank}: ${refusals.map((refusal) => refusalWords[refusal]).join(', ')}.`;

const isVague = (refusal: Refusal): boolean => ['small', 'untested', 'unstable'].includes(refusal);

const isNoise = ({ refusals }: RankCandidate): boolean => refusals.includes('noise');

const candidateOf = (candidates: readonly RankCandidate[], rank: number): RankCandidate | undefined =>
  candidates.find((one) => one.rank === rank);

/** Squared error that the last component takes, relative to the tensor. */
const gainOf = ({ share, explained }: RankCandidate): number =>
  share >= 1 ? explained : (share / (1 - share)) * (1 - explained);

const times = ({ noiseRatio }: RankCandidate): string => `${Number(noiseRatio.toPrecision(2))} times`;
const percent = (part: number): string => `${Number((100 * part).toPrecision(2))} %`;
