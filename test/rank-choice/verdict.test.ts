// The words of a verdict, and that the confidence is no more than what is known.
import { describe, expect, test } from 'vitest';
import type { RankCandidate, Refusal } from '../../src/rank-choice/candidates.js';
import { verdictOf, type Findings } from '../../src/rank-choice/verdict.js';

const candidate = (rank: number, more: Partial<RankCandidate> = {}): RankCandidate => ({
  rank,
  relativeError: 0.1,
  explained: 0.99,
  share: 0.9,
  noiseRatio: 40,
  signRatio: undefined,
  coreConsistency: 99,
  starts: 6,
  agreeing: 6,
  minCosine: 0.1,
  isAtNoise: false,
  refusals: [],
  ...more,
});

const refused = (rank: number, ...refusals: Refusal[]): RankCandidate =>
  candidate(rank, { refusals, share: 0.12, explained: 0.992 });

const findings = (more: Partial<Findings>): Findings => ({
  rank: 2,
  isWhite: false,
  isUnique: true,
  isInSpectra: true,
  candidates: [],
  outliers: 0,
  relativeError: 0.1,
  furtherShare: undefined,
  tooFewCells: undefined,
  fitsAnything: false,
  isOneOfMany: false,
  directions: 20,
  tellsNoise: true,
  cellsPerNumber: 10,
  halvesMatch: undefined,
  visibleFrom: 0.0123,
  endedAt: undefined,
  ...more,
});

describe('in white noise', () => {
  const candidates = [candidate(2), candidate(3, { noiseRatio: 0.312, refusals: ['noise'] })];

  test('a rank is sure, next to what its components are in units of the noise', () => {
    expect(verdictOf(findings({ isWhite: true, candidates }))).toEqual({
      confidence: 'sure',
      verdict: 'rank 2',
      reasons: [
        'What is left is white noise; component 2 is 40 times the noise bound.',
        'Component 3 would be 0.31 times it.',
        "A component below 1.2 % of the tensor's norm may have been missed.",
      ],
    });
  });

  test('no more than good where signs at random make as much of the residual, and fair where halves differ', () => {
    const uneven = [candidate(2), candidate(3, { noiseRatio: 2.5, signRatio: 0.91, refusals: ['untested'] })];
    const { confidence, reasons } = verdictOf(findings({ isWhite: true, candidates: uneven }));
    expect([confidence, ...reasons.slice(0, 2)]).toEqual([
      'good',
      'What is left is noise, though not white; component 2 is 40 times the noise bound.',
      'Component 3 would be 2.5 times it, no more than random signs make of the residual.',
    ]);
    expect(verdictOf(findings({ isWhite: true, candidates: uneven, halvesMatch: 0.95 })).confidence).toBe('good');
    const differing = verdictOf(findings({ isWhite: true, candidates: uneven, halvesMatch: 0.61 }));
    expect([differing.confidence, differing.reasons.at(-1)]).toEqual([
      'fair',
      'Two halves of the tensor have different components (match 0.61).',
    ]);
  });

  test('not sure of more components than any mode has directions above the noise', () => {
    const { confidence, reasons } = verdictOf(findings({ isWhite: true, isInSpectra: false, candidates }));
    expect([confidence, reasons.at(-1)]).toEqual(['good', 'No mode has that many directions above the noise.']);
  });

  test('nor of a model that few cells speak for', () => {
    const found = findings({ isWhite: true, isInSpectra: false, cellsPerNumber: 1.46, candidates });
    const { confidence, reasons } = verdictOf(found);
    expect([confidence, reasons.at(-1)]).toEqual(['fair', 'There are 1.5 cells for every free number of the model.']);
  });

  test('an exact fit says nothing where nearly any tensor has one', () => {
    const exact = { isWhite: true, relativeError: 1e-13, candidates: [candidate(13)], rank: 13 };
    expect(verdictOf(findings({ ...exact, fitsAnything: true }))).toMatchObject({
      confidence: 'open',
      verdict: 'no clear rank: 13 components fit exactly',
    });
    expect(verdictOf(findings(exact)).confidence).toBe('sure');
    expect(verdictOf(findings({ ...exact, isOneOfMany: true })).confidence).toBe('open');
    expect(verdictOf(findings({ ...exact, relativeError: 1e-10 })).confidence).toBe('fair');
    // No mode proves that fewer components are not enough.
    expect(verdictOf(findings({ ...exact, directions: 12 })).confidence).toBe('fair');
    // The rank of a matrix is known.
    expect(verdictOf(findings({ ...exact, fitsAnything: true, isUnique: false })).confidence).toBe('sure');
  });

  test('an exact fit leaves no noise, and none is claimed', () => {
    const { confidence, reasons } = verdictOf(findings({ isWhite: true, candidates, relativeError: 3e-16 }));
    expect([confidence, ...reasons]).toEqual(['sure', 'The fit is exact.']);
  });

  test('an error that falls to the bottom with the last component is good, one that falls by and by is fair', () => {
    const atOnce = candidate(2, { share: 1 - 1e-14 });
    for (const relativeError of [3e-10, 3e-8]) {
      const { confidence, reasons } = verdictOf(
        findings({ relativeError, candidates: [candidate(1, { share: 0.6 }), atOnce] }),
      );
      expect(confidence).toBe('good');
      expect(reasons).toEqual([
        `Component 2 takes the relative error down to ${relativeError.toExponential(1)}; smaller components are not seen.`,
      ]);
      const byAndBy = [candidate(1, { share: 1 - 1e-7 }), candidate(2, { share: 1 - 1e-7 })];
      expect(verdictOf(findings({ relativeError, candidates: byAndBy })).confidence).toBe('fair');
    }
  });

  test('of none: no low-rank structure', () => {
    const { verdict, reasons } = verdictOf(findings({ rank: 0, isWhite: true, candidates: [candidate(1)] }));
    expect(verdict).toBe('no low-rank structure');
    expect(reasons[0]).toBe('The strongest component is no stronger than the strongest in noise.');
  });

  test('no longer sure beside cells that are outliers, which are counted', () => {
    const one = verdictOf(findings({ isWhite: true, candidates, outliers: 1 }));
    expect([one.confidence, one.reasons[0]]).toEqual([
      'good',
      'One further component is a single cell far from what surrounds it.',
    ]);
    const several = verdictOf(findings({ isWhite: true, candidates, outliers: 3 }));
    expect(several.reasons[0]).toBe('3 further components are single cells far from what surrounds it.');
  });

  test('fair where the starts disagree on components beside outliers', () => {
    const disagreed = [candidate(2), candidate(3, { refusals: ['unstable'] })];
    const { confidence, reasons } = verdictOf(findings({ isWhite: true, candidates: disagreed, outliers: 1 }));
    expect([confidence, reasons[1]]).toEqual(['fair', 'The starts disagree on the other components.']);
  });
});

describe('where the residual has structure', () => {
  const own = candidate(2, { share: 0.9, explained: 0.99 });

  test.each<[Refusal[], string]>([
    [['noise'], 'good'],
    [['noise', 'degenerate', 'inconsistent'], 'good'],
    [['small'], 'good'],
    [['small', 'unstable'], 'good'],
    [['small', 'degenerate'], 'fair'],
    [['degenerate'], 'fair'],
    [['inconsistent'], 'fair'],
    [['unstable'], 'fair'],
    [[], 'fair'],
  ])('the next rank refused as %j: %s', (refusals, confidence) => {
    const candidates = [own, refused(3, ...refusals)];
    expect(verdictOf(findings({ candidates })).confidence).toBe(confidence);
  });

  test('no longer good beside a small component that every start finds and no noise makes', () => {
    const beside = (signRatio: number, ...refusals: Refusal[]) =>
      verdictOf(findings({ candidates: [own, { ...refused(3, ...refusals), signRatio }] }));
    expect(beside(1.3, 'small').confidence).toBe('fair');
    expect(beside(1.3, 'small').reasons).toContain('Yet it is stronger than noise.');
    expect(beside(0.9, 'small').confidence).toBe('good');
    expect(beside(0.9, 'small', 'unstable').confidence).toBe('good');
  });

  test('open beside components that stand out, of which every start finds others', () => {
    const beside = (signRatio: number | undefined, ...refusals: Refusal[]) =>
      verdictOf(findings({ candidates: [own, { ...refused(3, ...refusals), signRatio }] })).confidence;
    expect(beside(1.3, 'unstable')).toBe('open');
    expect(beside(1.3, 'small', 'unstable')).toBe('open');
    expect(beside(1.3, 'untested')).toBe('open');
    expect(beside(1.3, 'unstable', 'inconsistent')).toBe('fair');
    expect(beside(0.9, 'unstable')).toBe('fair');
    expect(beside(undefined, 'unstable')).toBe('fair');
  });

  test('open where components as strong as the last were accepted before it and are refused after it', () => {
    // Of the whole, rank 1 takes 0.9, and each further one 0.02: no break after the first.
    const even = [1, 2, 3, 4, 5].map((rank) => {
      const explained = 0.9 + 0.02 * (rank - 1);
      const share = rank === 1 ? 0.9 : 0.02 / (0.02 + 1 - explained);
      return candidate(rank, { explained, share, refusals: rank > 3 ? ['unstable'] : [] });
    });
    expect(verdictOf(findings({ rank: 3, candidates: even })).confidence).toBe('open');
    expect(verdictOf(findings({ rank: 2, candidates: even })).confidence).toBe('fair');
  });

  test('each refusal is said in words', () => {
    const refusals: Refusal[] = ['noise', 'small', 'degenerate', 'inconsistent', 'untested', 'unstable'];
    const { reasons } = verdictOf(findings({ candidates: [own, refused(3, ...refusals)] }));
    expect(reasons[0]).toBe(
      'Rank 3: its gain is what noise would give, it takes less than 10 % of what is left, two components cancel each other, ' +
        'the core consistency is below 50 %, it has more components than a mode has entries, the starts disagree.',
    );
  });

  test('open where the error is large and goes on falling evenly', () => {
    // Of the squared error 0.36 before, rank 2 took 0.11, and each of the next two 0.08: more than half of it.
    const candidates = [
      candidate(1, { share: 0.64, explained: 0.64 }),
      candidate(2, { share: 0.11 / 0.36, explained: 0.75 }),
      candidate(3, { share: 0.08 / 0.25, explained: 0.83, refusals: ['unstable'] }),
      candidate(4, { share: 0.08 / 0.17, explained: 0.91, refusals: ['unstable'] }),
    ];
    const open = verdictOf(findings({ candidates, relativeError: 0.51 }));
    expect([open.confidence, open.verdict]).toEqual(['open', 'no clear rank: 2 is the largest that can be trusted']);
    expect(open.reasons).toContain('The error goes on falling evenly with more components.');
    expect(verdictOf(findings({ candidates, relativeError: 0.49 })).confidence).toBe('fair');
    const falling = candidates.map((one) => (one.rank > 2 ? { ...one, share: 0.1 } : one));
    expect(verdictOf(findings({ candidates: falling, relativeError: 0.51 })).confidence).toBe('fair');
  });

  test('not good where what looks like noise takes as much as the last component', () => {
    // Shares 0.16 of 0.32, then 0.14: as of 1,797 handwritten digits, whose components are many and small.
    const beside = (share: number): Findings =>
      findings({
        relativeError: 0.52,
        candidates: [
          candidate(2, { share: 0.16, explained: 0.73 }),
          candidate(3, { share, explained: 0.73 + 0.27 * share, refusals: ['noise'] }),
        ],
      });
    expect(verdictOf(beside(0.14)).confidence).toBe('open');
    expect(verdictOf(beside(0.04)).confidence).toBe('good');
    expect(verdictOf({ ...beside(0.14), relativeError: 0.4 }).confidence).toBe('fair');
  });

  test('a rank of one beside a further component that takes a tenth is open, beside smaller ones not', () => {
    const beside = (share: number) =>
      verdictOf(findings({ rank: 1, candidates: [candidate(1), candidate(2, { share, refusals: ['unstable'] })] }));
    expect(beside(0.11).confidence).toBe('open');
    expect(beside(0.09).confidence).toBe('fair');
  });

  test('where no further rank could be looked at: a matrix is left', () => {
    const { confidence, reasons } = verdictOf(findings({ rank: 1, candidates: [candidate(1)] }));
    expect([confidence, reasons[0]]).toEqual(['fair', 'What is left is a matrix, whose components are not unique.']);
  });

  test('few cells are said to be few', () => {
    const few = findings({ rank: 1, candidates: [candidate(1, { refusals: ['noise'] })], tooFewCells: 8 });
    expect(verdictOf(few)).toMatchObject({
      confidence: 'open',
      reasons: ['8 cells are too few to tell a component from noise.'],
    });
    expect(verdictOf({ ...few, candidates: [candidate(1)] }).reasons[0]).not.toContain('too few');
  });

  test('no low-rank structure is never sure, and says whether it is noise or only small', () => {
    expect(verdictOf(findings({ rank: 0 }))).toMatchObject({ confidence: 'fair', verdict: 'no low-rank structure' });
    const because = (refusal: Refusal): string | undefined =>
      verdictOf(findings({ rank: 0, candidates: [refused(1, refusal)] })).reasons[0];
    expect(because('noise')).toBe('The strongest component is no stronger than the strongest in noise.');
    expect(because('small')).toBe('The strongest component takes less than 10 % of the tensor.');
  });

  test('where the search was to end, a rank there is open, and one below it no better than fair', () => {
    const at = (rank: number, endedAt: number) =>
      verdictOf(findings({ rank, endedAt, candidates: [own, refused(3, 'noise')] }));
    expect(at(2, 2)).toEqual({
      confidence: 'open',
      verdict: 'no clear rank: 2 is the largest that was looked at',
      reasons: ['Ranks above 2 were not looked at.'],
    });
    expect(at(2, 3).confidence).toBe('fair');
    expect(at(2, 3).reasons).toContain('Ranks above 3 were not looked at.');
  });
});

test.each([
  [0.89, 'fair'],
  [0.9, 'good'],
  [undefined, 'good'],
])('halves of the tensor that match by %s: %s', (halvesMatch, expected) => {
  const { confidence, reasons } = verdictOf(findings({ candidates: [candidate(2), refused(3, 'small')], halvesMatch }));
  expect(confidence).toBe(expected);
  expect(reasons.some((reason) => reason.includes('different components (match 0.89)'))).toBe(expected === 'fair');
});

describe('white noise, with a reservation', () => {
  const white = {
    isWhite: true,
    relativeError: 0.1,
    candidates: [candidate(2, { noiseRatio: 20, signRatio: undefined })],
  };

  test('components of a matrix are said not to be unique', () => {
    const { confidence, reasons } = verdictOf(findings({ ...white, isUnique: false }));
    expect(confidence).toBe('sure');
    expect(reasons.at(-1)).toMatch(/the components are not unique/);
    expect(verdictOf(findings(white)).reasons.join(' ')).not.toMatch(/unique/);
  });

  test('what random signs make as large is not called white', () => {
    const candidates = [...white.candidates, candidate(3, { noiseRatio: 3, signRatio: 0.9 })];
    const { reasons } = verdictOf(findings({ ...white, candidates }));
    expect(reasons[0]).toContain('though not white');
    expect(reasons[1]).toContain('random signs');
  });

  test('a rank that ended the search is good at most', () => {
    const { confidence, reasons } = verdictOf(findings({ ...white, endedAt: 2 }));
    expect(confidence).toBe('good');
    expect(reasons).toContain('Ranks above 2 were not looked at.');
  });
});
