// The textbook case after whitening: orthogonal components of equal or nearly equal weights, whose rank `staged` is not told, in every
// form a symmetric target can have, with and without noise; and the sources of mixtures by the fourth cumulant of their samples.
//   exact: the rank, a relative error of 1e-8 (with noise: of no more than the noise) and a factor match score of 0.999 (0.99)
//   sources: as many directions as sources, with a mean |cosine| to them of 0.98
import { decompose, denseSymmetric, factored, factorMatchScore, moments, packKruskal } from '../../src/index.js';
import type { Backend, SymmetricKruskal, SymmetricTarget } from '../../src/index.js';
import { addSymmetricNoise, orthogonal } from '../../src/problems/index.js';
import { directionScore, mixture } from './mixture.js';
import { seedsTo, type Circumstances, type Claim, type Reproduction } from './reproduction.js';

const forms = ['factored', 'entries', 'moments', 'entries, 1 % noise'] as const;
type Form = (typeof forms)[number];

interface OrthogonalCell {
  readonly kind: 'orthogonal' | 'sources';
  readonly about: string;
  readonly runs: number;
  readonly exact: number;
  /** Runs that said 'converged'. */
  readonly converged: number;
  readonly failures: readonly string[];
}

const sizes: readonly (readonly [order: number, dim: number, rank: number])[] = [
  ...[2, 3, 5, 8, 12].map((dim) => [3, dim, dim] as const),
  ...[3, 5, 8, 12].map((dim) => [3, dim, Math.ceil(dim / 2)] as const),
  ...[4, 6].map((dim) => [4, dim, dim] as const),
  ...[4, 6].map((dim) => [4, dim, dim / 2] as const),
];
const ratios = [1, 1.05, 1.1, 1.3];
const sourceCounts = [3, 4, 5];
const samples = 20_000;

interface Row {
  readonly about: string;
  readonly measure: (backend: Backend, seeds: number) => Promise<OrthogonalCell>;
}

const rowsOf = (quick: boolean): readonly Row[] => [
  ...forms.flatMap((form) =>
    (quick ? sizes.slice(0, 4) : sizes).map(([order, dim, rank]) => ({
      about: `${form}: order ${order}, d ${dim}, r ${rank}`,
      measure: (backend: Backend, seeds: number) => measureOrthogonal(backend, form, { order, dim, rank }, seeds),
    })),
  ),
  ...sourceCounts.map((count) => ({
    about: `${count} uniform sources, ${samples} samples`,
    measure: (backend: Backend, seeds: number) => measureSources(backend, count, seeds),
  })),
];

/** `only`: a part of the names of rows. */
export async function reproduceOrthogonal(
  { backend, quick, seeds, log }: Circumstances,
  only = '',
): Promise<Reproduction> {
  const rows = rowsOf(quick).filter(({ about }) => about.includes(only));
  if (rows.length === 0)
    throw new Error(
      `orthogonal: expected --only to be a part of a row's name, got ${only}. Known: ${forms.join('; ')}; order, d, r as printed; sources.`,
    );
  const cells: OrthogonalCell[] = [];
  for (const { about, measure } of rows) {
    const cell = await measure(backend, quick ? Math.min(seeds, 3) : seeds);
    cells.push(cell);
    log(`${about}: ${cell.exact} of ${cell.runs}, ${cell.converged} converged`);
    for (const failure of cell.failures) log(`  ${failure}`);
  }
  return { claims: cells.map(claimOf), cells, figures: {} };
}

interface Size {
  readonly order: number;
  readonly dim: number;
  readonly rank: number;
}

/** All ratios, all signs, `seeds` instances of each. */
async function measureOrthogonal(backend: Backend, form: Form, size: Size, seeds: number): Promise<OrthogonalCell> {
  const failures: string[] = [];
  let converged = 0;
  for (const ratio of ratios) {
    for (const mixedSigns of [false, true]) {
      for (const seed of seedsTo(seeds)) {
        const { truth } = orthogonal({ ...size, ratio, mixedSigns, seed });
        const isNoisy = form === 'entries, 1 % noise';
        const result = await decompose(targetOf(form, truth, seed), { seed, backend });
        const { rank, relativeError, stop } = result;
        const score = factorMatchScore(result.kruskal, truth);
        const isExact =
          rank === size.rank && relativeError <= (isNoisy ? 0.01 : 1e-8) && score > (isNoisy ? 0.99 : 0.999);
        if (stop === 'converged') converged++;
        const signs = mixedSigns ? 'mixed signs' : 'positive';
        const found = `rank ${rank}, error ${relativeError.toExponential(1)}, ${stop}, score ${score.toFixed(3)}`;
        if (!isExact) failures.push(`ratio ${ratio}, ${signs}, seed ${seed}: ${found}`);
      }
    }
  }
  const { order, dim, rank } = size;
  const runs = ratios.length * 2 * seeds;
  const about = `${form}: order ${order}, d ${dim}, r ${rank}`;
  return { kind: 'orthogonal', about, runs, exact: runs - failures.length, converged, failures };
}

function targetOf(form: Form, truth: SymmetricKruskal, seed: number): SymmetricTarget {
  const { order, weights, vectors } = truth;
  switch (form) {
    case 'factored':
      return factored({ ...truth, dim: vectors.columns });
    case 'moments':
      return moments({ order, samples: vectors, weights });
    case 'entries':
      return denseSymmetric(packKruskal(truth));
    case 'entries, 1 % noise':
      return denseSymmetric(addSymmetricNoise(packKruskal(truth), { level: 0.01, seed }));
    default:
      return form satisfies never;
  }
}

async function measureSources(backend: Backend, count: number, seeds: number): Promise<OrthogonalCell> {
  const failures: string[] = [];
  let converged = 0;
  for (const seed of seedsTo(seeds)) {
    const { target, whiteDirections } = mixture(count, samples, seed, ['uniform']);
    const { kruskal, rank, stop } = await decompose(target, { seed, backend });
    const { data } = kruskal.vectors;
    const directions = Array.from({ length: rank }, (_, r) => data.slice(r * count, (r + 1) * count));
    const score = directionScore(directions, whiteDirections);
    if (stop === 'converged') converged++;
    if (rank !== count || score < 0.98)
      failures.push(`seed ${seed}: rank ${rank}, mean |cosine| ${score.toFixed(3)}, ${stop}`);
  }
  const about = `${count} uniform sources, ${samples} samples`;
  return { kind: 'sources', about, runs: seeds, exact: seeds - failures.length, converged, failures };
}

const claimOf = ({ about, exact, runs, converged, failures }: OrthogonalCell): Claim => ({
  claim: about,
  paper: 'ours',
  measured: `${exact} of ${runs} exact, ${converged} say converged`,
  holds: failures.length === 0,
});
