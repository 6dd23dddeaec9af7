// Loses the device of every search at 50 random moments, and says how often the answer was what it should be, bit by bit:
//   node src/node/bootstrap.mjs tsx bench/recovery/run.ts [NAME…] [--moments N]
// Exit code 1 where one was not. The moments are calls to the device, drawn by seed.
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { markdownTable } from '../reproduce/reproduction.js';
import { answerOf, destroyAt, isFinite, momentsOf, searches, snapshotEvery, undisturbed } from './runs.js';

const { values, positionals } = parseArgs({
  options: { moments: { type: 'string', default: '50' } },
  allowPositionals: true,
});
const moments = Number(values.moments);
let unhandled = 0;
process.on('unhandledRejection', () => unhandled++);
// Runs cut their submits by the clock: with one that stands still they make the same calls.
performance.now = () => 0;

const rows: string[][] = [];
let missed = 0;
for (const [name, run] of Object.entries(searches)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  const expected = await answerOf(run, undisturbed);
  let same = 0;
  let lost = 0;
  let leaked = 0;
  for (const at of momentsOf(expected.calls, moments)) {
    const own = await answerOf(run, destroyAt(at), { limits: { snapshotEvery: snapshotEvery(at) } });
    if (isDeepStrictEqual(own.answer, expected.answer) && own.replacements === 1) same++;
    const borrowed = await answerOf(run, destroyAt(at), { borrowed: true });
    if (borrowed.answer.stop === 'deviceLost' && isFinite(borrowed.answer) && borrowed.opened === 1) lost++;
    leaked += own.liveBuffers + borrowed.liveBuffers;
  }
  const row = [name, String(expected.calls), `${same} of ${moments}`, `${lost} of ${moments}`, String(leaked)];
  rows.push(row);
  missed += 2 * moments - same - lost + leaked;
  process.stderr.write(`${row.join(', ')}\n`);
}
const head = ['search', 'calls', 'own device: same bits', "caller's device: deviceLost, finite", 'live buffers'];
process.stdout.write(`${markdownTable([head, ...rows])}\n\nunhandled rejections: ${unhandled}\n`);
process.exitCode = missed + unhandled > 0 ? 1 : 0;
