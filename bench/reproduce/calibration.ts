// Whether answers can be trusted that say so: random instances of every kind of target, each decomposed with the defaults and answered
// by what was planted. The definitions, in plain words; calibration-verdict.ts has them in code:
//   said    The result stopped as 'converged', and all its starts agree. With one start, 'converged' alone.
//   exact   The error is at most 1e-8. It is ‖model − target‖ / ‖target‖; where cells are unknown it is the error on those, against
//           the planted tensor without noise, relative to its deviation there. It is evaluated here, not taken from the result.
//   wrong   The error is above ten times the best known, or the rank is wrong.
//           Without noise the best known error is 0: only an exact answer is right, with no more components than were planted. An
//           exact answer with fewer is right, too: then the planted number was not the rank.
//           With noise it is that of a float64 least-squares fit that starts at the planted model, and the rank is right
//           between two bounds: components count that stand clearly above the noise, those near it may be there or not
//           (calibration-rank.ts). Where the rank is given, a result may have as many components as were asked for.
//           Of noise alone only rank 0 (or an exact answer) is right. Of a tensor that rank-2 models come arbitrarily close to, but
//           none is closest, no answer of rank 2 is right: there is nothing to converge to. Too few observations to determine
//           the planted model have no right answer either, but by luck. All of these must not be said. A matrix has no unique
//           components, but a rank and a best error: the verdict is by them.
//   poor    Not wrong, but a component's worth of structure clearly above the noise is missing: a local minimum. (Known cells: the square
//           of the error exceeds the best by three times the energy that noise can give a component, and by that of the components
//           that are not clearly above it. Unknown cells: twice the best error.)
//   refused The options were refused with an InputError.   failed  Any other exception; counted as wrong and said.
// Definitions, families and bounds are fixed before a change is measured by them: change the code, not the yardstick.
import { decompose, InputError, type Backend } from '../../src/index.js';
import { denseFamilies } from './calibration-dense.js';
import { drawOf, type Family } from './calibration-draw.js';
import { sampledFamilies } from './calibration-sampled.js';
import { symmetricFamilies } from './calibration-symmetric.js';
import { describeTruth, isSaid, qualityOf, type Answer, type Instance, type Quality } from './calibration-verdict.js';
import { markdownTable, seedsTo, type Circumstances, type Claim, type Reproduction } from './reproduction.js';

export const families: readonly Family[] = [...symmetricFamilies, ...denseFamilies, ...sampledFamilies];

/** One instance and what became of it. */
export interface Case {
  readonly family: string;
  readonly seed: number;
  readonly about: string;
  readonly expected: string;
  readonly outcome: Quality | 'refused' | 'failed';
  readonly said: boolean;
  /** What was found, or the message of an exception. */
  readonly found: string;
  readonly seconds: number;
}

export interface FamilyCell {
  readonly kind: 'family';
  readonly family: string;
  readonly instances: number;
  readonly seconds: number;
  readonly slowest: number;
  /** Said and not said. */
  readonly right: readonly [number, number];
  readonly poor: readonly [number, number];
  readonly wrong: readonly [number, number];
  readonly refused: number;
  readonly failed: number;
  /** All that are not both right and said. */
  readonly cases: readonly Case[];
}

/** An instance that takes longer is aborted, and so not said. */
const maxSeconds = 20;

/** `only`: a family, or a part of the names of several; with #7 at its end, their instance of seed 7 alone. */
export async function reproduceCalibration(
  { backend, seeds, log }: Circumstances,
  only = '',
): Promise<Reproduction & { readonly cells: readonly FamilyCell[] }> {
  const [wanted = '', seed] = only.split('#');
  const cells: FamilyCell[] = [];
  for (const family of familiesOf(wanted)) {
    const all = seedsTo(Math.ceil(seeds * family.share));
    const cases: Case[] = [];
    for (const own of seed === undefined ? all : [Number(seed)]) cases.push(await measure(family, own, backend));
    const cell = cellOf(family.name, cases);
    log(rowOf(cell).join('  '));
    for (const one of cell.cases) if (seed !== undefined || isBad(one)) log(`  ${describeCase(one)}`);
    cells.push(cell);
  }
  log(`\n${calibrationTable(cells)}\n`);
  return { claims: calibrationClaims(cells), cells, figures: {} };
}

function familiesOf(wanted: string): readonly Family[] {
  const named = families.filter(({ name }) => name === wanted);
  const some = named.length > 0 ? named : families.filter(({ name }) => name.includes(wanted));
  if (some.length > 0) return some;
  const known = families.map(({ name }) => name).join('; ');
  throw new Error(`calibration: expected --only to be a part of a family's name, got ${wanted}. Known: ${known}.`);
}

export async function measure(family: Family, seed: number, backend: Backend): Promise<Case> {
  const instance = family.draw(drawOf(family.name, seed));
  const begun = performance.now();
  const seen = await attempt(instance, seed, backend);
  const { about, truth } = instance;
  const seconds = (performance.now() - begun) / 1e3;
  return { family: family.name, seed, about, expected: describeTruth(truth), ...seen, seconds };
}

async function attempt(
  { target, options, truth, errorOf }: Instance,
  seed: number,
  backend: Backend,
): Promise<Pick<Case, 'outcome' | 'said' | 'found'>> {
  try {
    const signal = AbortSignal.timeout(maxSeconds * 1e3);
    const result = await decompose(target, { ...options, seed, backend, signal });
    const { rank, stop, starts } = result;
    const answer: Answer = { rank, stop, starts, error: errorOf(result.kruskal) };
    return { outcome: qualityOf(answer, truth), said: isSaid(answer), found: describeAnswer(answer) };
  } catch (error) {
    const refused = error instanceof InputError;
    return { outcome: refused ? 'refused' : 'failed', said: !refused, found: String(error) };
  }
}

const describeAnswer = ({ error, rank, stop, starts: { agreeing, count, compared } }: Answer): string =>
  `error ${error.toPrecision(2)}, rank ${rank}, ${stop}, ${agreeing} of ${count} agree by ${compared}`;

const isWrong = ({ outcome }: Case): boolean =>
  outcome === 'wrong error' || outcome === 'wrong rank' || outcome === 'failed';

/** What is listed: said, and not right. */
const isBad = (one: Case): boolean => one.said && (isWrong(one) || one.outcome === 'poor');

export function cellOf(family: string, cases: readonly Case[]): FamilyCell {
  const count = (test: (one: Case) => boolean): number => cases.filter(test).length;
  const bySaid = (test: (one: Case) => boolean): readonly [number, number] => [
    count((one) => test(one) && one.said),
    count((one) => test(one) && !one.said),
  ];
  const times = cases.map(({ seconds }) => seconds);
  return {
    kind: 'family',
    family,
    instances: cases.length,
    seconds: times.reduce((sum, time) => sum + time, 0),
    slowest: Math.max(0, ...times),
    right: bySaid(({ outcome }) => outcome === 'right'),
    poor: bySaid(({ outcome }) => outcome === 'poor'),
    wrong: bySaid(isWrong),
    refused: count(({ outcome }) => outcome === 'refused'),
    failed: count(({ outcome }) => outcome === 'failed'),
    cases: cases.filter(({ outcome, said }) => outcome !== 'right' || !said),
  };
}

/** With the command that runs this instance alone. */
const describeCase = ({ family, seed, outcome, said, about, expected, found }: Case): string =>
  `${outcome}, ${said ? 'said' : 'not said'}: --only "${family}#${seed}"  ${about}. Found: ${found}. Right: ${expected}.`;

export function calibrationTable(cells: readonly FamilyCell[]): string {
  return markdownTable([
    [
      'family',
      'instances',
      'right',
      'not said',
      'poor',
      'not said',
      'WRONG',
      'not said',
      'refused',
      'seconds',
      'slowest',
    ],
    ...cells.map(rowOf),
    rowOf(totalOf('all', cells)),
  ]);
}

const rowOf = ({ family, instances, right, poor, wrong, refused, seconds, slowest }: FamilyCell): string[] => [
  family,
  ...[instances, ...right, ...poor, ...wrong, refused].map(String),
  seconds.toFixed(1),
  slowest.toFixed(1),
];

function totalOf(family: string, cells: readonly FamilyCell[]): FamilyCell {
  const sum = (of: (cell: FamilyCell) => number): number => cells.reduce((total, cell) => total + of(cell), 0);
  const pair = (key: 'right' | 'poor' | 'wrong'): readonly [number, number] => [
    sum((cell) => cell[key][0]),
    sum((cell) => cell[key][1]),
  ];
  return {
    kind: 'family',
    family,
    cases: [],
    instances: sum((cell) => cell.instances),
    seconds: sum((cell) => cell.seconds),
    slowest: Math.max(0, ...cells.map(({ slowest }) => slowest)),
    right: pair('right'),
    poor: pair('poor'),
    wrong: pair('wrong'),
    refused: sum((cell) => cell.refused),
    failed: sum((cell) => cell.failed),
  };
}

/** Of 1,000 instances, so many may be wrong or poor and said. */
const accepted = 2;

export function calibrationClaims(cells: readonly FamilyCell[]): Claim[] {
  const { instances, refused, failed, right, poor, wrong } = totalOf('all', cells);
  const answered = instances - refused;
  const rare = (count: number): boolean => count * 1000 <= accepted * answered;
  return [
    {
      claim: 'wrong answers that say converged and agreeing',
      paper: `0 wanted, ${accepted} in 1,000 accepted`,
      measured: `${wrong[0]} of ${answered}, ${failed} of them exceptions; ${refused} refused`,
      holds: rare(wrong[0]),
    },
    {
      claim: 'poor answers that say converged and agreeing',
      paper: `0 wanted, ${accepted} in 1,000 accepted`,
      measured: `${poor[0]} of ${answered}`,
      holds: rare(poor[0]),
    },
    {
      claim: 'right answers that say so',
      paper: 'most of them',
      measured: `${right[0]} of ${right[0] + right[1]}`,
      holds: right[0] > right[1],
    },
  ];
}
