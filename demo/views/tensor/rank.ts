// What one rank gives, and the rule that chooses among several: the largest rank up to which every core consistency is at least 50 %
// (Bro & Kiers 2003: about 100 is trilinear, about 50 is doubtful, 0 and below is not) and every component lowers the error by
// at least a twentieth, more than one that follows noise. It is a rule of thumb.

export interface RankFit {
  readonly rank: number;
  readonly relativeError: number;
  /** Percent; only of dense tensors. */
  readonly coreConsistency?: number;
  readonly starts: number;
  /** Starts whose error came within 1 % of the best one's. */
  readonly agreeing: number;
}

export const maxTried = 6;
export const minConsistency = 50;
const minGain = 1 / 20;

/** `fits` in ascending order of rank, from 1. */
export function chooseRank(fits: readonly RankFit[]): number {
  const failed = fits.findIndex(({ coreConsistency = -Infinity, relativeError }, k) => {
    const before = fits[k - 1]?.relativeError ?? Infinity;
    return !(coreConsistency >= minConsistency && relativeError <= (1 - minGain) * before);
  });
  return failed < 0 ? fits.length : Math.max(1, failed);
}
