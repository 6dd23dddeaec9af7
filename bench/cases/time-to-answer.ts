// How long until a user has the exact components of a symmetric tensor: staged, told nothing, against als and tensor power
// iteration, told the right rank, on ten seeded instances of every kind. An answer is exact when its relative error is below 1e-6
// and its factor match score above 0.999; staged has to find the rank too. Solvers alternate on each instance, in a process that
// has run them before; those that take long are timed on each instance once. Beside them figures published for TensorLy.
import { solvers, type Solver } from '../answers/contestants.js';
import { instanceKinds, type InstanceKind } from '../answers/instances.js';
import { publishedAnswers } from '../answers/published.js';
import { factorMatchScore } from '../../src/analysis/match.js';
import type { Bench, Case } from '../case.js';
import { format, median, spread } from '../figures.js';

const instances = 10;
/** Seeds of instances that only warm up. */
const warmUps = [1000, 1001, 1002];

export const cases: readonly Case[] = instanceKinds.map((kind) => ({
  name: kind.name,
  quick: kind.quick === true,
  run: (bench) => race(kind, bench),
}));

interface Entrant {
  readonly solver: Solver;
  /** Of every round and instance; all entrants of a round one after the other. */
  readonly seconds: number[];
  readonly missed: number[];
}

async function race(kind: InstanceKind, { rounds, peerSeconds, figure, log }: Bench): Promise<void> {
  const entrants: Entrant[] = solvers.map((solver) => ({ solver, seconds: [], missed: [] }));
  const own = entrants[0]!.seconds;
  for (const { solver } of entrants) await warmUp(solver, kind, peerSeconds);
  let taking = entrants;
  for (let round = 0; round < rounds; round++) {
    for (let seed = 0; seed < instances; seed++) {
      for (const { solver, seconds, missed } of taking) {
        const answer = await solve(solver, kind, seed);
        seconds.push(answer.seconds);
        // Seeded: the same in every round.
        if (round === 0 && !answer.exact) missed.push(seed);
      }
    }
    if (round === 0) taking = entrants.filter(({ seconds }) => seconds === own || total(seconds) < peerSeconds);
  }
  for (const { solver, seconds, missed } of entrants) {
    figure(`exact answers of ${solver.name}`, `of ${instances}`, instances - missed.length);
    figure(`time of ${solver.name}`, 's', spread(seconds));
    for (const seed of missed) figure(`seed missed by ${solver.name}`, '', seed);
    if (seconds !== own)
      figure(`speed against ${solver.name}`, '×', spread(seconds.map((time, at) => time / own[at]!)));
    log(
      `  ${solver.name}: ${instances - missed.length} of ${instances} in ${format(median(seconds))} s` +
        (missed.length > 0 ? `, not seeds ${missed.join(', ')}` : ''),
    );
  }
  for (const [name, answers] of Object.entries(publishedAnswers)) {
    const published = answers[kind.name];
    if (published) figure(`exact answers of ${name}`, `of ${instances}`, published.exact);
    if (published?.seconds !== undefined) figure(`time of ${name}`, 's', published.seconds);
  }
}

async function warmUp(solver: Solver, kind: InstanceKind, most: number): Promise<void> {
  const begun = performance.now();
  for (const seed of warmUps) {
    await solve(solver, kind, seed);
    if (performance.now() - begun > (1e3 * most) / warmUps.length) break;
  }
}

async function solve(solver: Solver, kind: InstanceKind, seed: number): Promise<{ seconds: number; exact: boolean }> {
  const truth = kind.truth(seed);
  const run = solver.prepare(truth, kind.rank);
  const begun = performance.now();
  const { kruskal, relativeError, rank } = await run();
  const seconds = (performance.now() - begun) / 1e3;
  const exact = relativeError < 1e-6 && factorMatchScore(kruskal, truth) > 0.999;
  return { seconds, exact: exact && (rank === kind.rank || !solver.findsRank) };
}

const total = (seconds: readonly number[]): number => seconds.reduce((sum, one) => sum + one, 0);
