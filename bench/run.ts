// The benchmarks: `npm run bench -- [NAME…] [--quick] [--node]`. What is measured, how, and how to add to it:
//
//   cases/X.ts      one family of cases, with the stem of its kernels. TO ADD A CASE, add it there, or add a file that
//                   exports `cases`; nothing else needs to know. The usual case is data (kernel-case.ts): inputs, our
//                   operation, flops and bytes, the expected rows in float64, and what peers do for the same answer.
//   answers/        solvers, instances and published figures of the family time-to-answer, which has no kernel.
//   measure.ts      rounds: ceilings, us, ceilings, every peer. Shares and ratios are taken within a round.
//   ceilings.ts     what the device can do at best: multiply-adds in registers, copies.
//   device.ts       the device, metered: compile times, bytes, dispatches, timestamps.
//   peers/          TensorFlow.js and jax-js in the same page, NumPy in a process beside it.
//   cpu-case.ts     the cpu backend on the CPU: beside plain loops, NumPy in float64, jax-js wasm.
//   threads.ts      worker threads beside one thread, on the built package: a script of its own.
//   run-family.ts   runs one family; page.ts and node.ts are its two entries: headless Chromium, and Node over Dawn.
//   browser.ts      serves and opens the page.    bundle.ts   makes the page and dist/bench.mjs.
//   report.ts       record → Markdown.            results/    records, one JSON a run, kept in git when quoted.
//   gpu/            how to run dist/bench.mjs on a GPU host without npm, and PyTorch as its peer.
//
// A case first proves its answer against float64 and is not timed when it is wrong; the exit code is then 1.
// Inputs are seeded. Wall times are for ratios within one run only: machines are noisy, so never compare two runs by them.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInBrowser } from './browser.js';
import { bundleNode, root } from './bundle.js';
import { parseOptions, usage, type BenchOptions } from './options.js';
import type { BenchRecord, PeerRecord } from './record.js';
import { reportTable, withTable } from './report.js';

const args = process.argv.slice(2);
const log = (line: string): void => void process.stderr.write(`${line}\n`);

try {
  process.exitCode = await main(parseOptions(args));
} catch (error) {
  log(error instanceof Error ? error.message : String(error));
  log(usage);
  process.exitCode = 2;
}

async function main(options: BenchOptions): Promise<number> {
  if (options.bundle) {
    log(await bundleNode());
    return 0;
  }
  if (options.report) return report(options, ...readRecords(options.names));
  const record = options.node ? runInNode(await bundleNode()) : await runInBrowser(options, log);
  const file = writeRecord(record, options);
  log(`\n${file}`);
  return report(options, record, []);
}

function report({ json, readme }: BenchOptions, record: BenchRecord, peers: readonly PeerRecord[]): number {
  const table = reportTable(record, peers);
  process.stdout.write(json ? `${JSON.stringify(record)}\n` : table);
  if (readme) {
    const file = join(root, 'docs', 'performance.md');
    writeFileSync(file, withTable(readFileSync(file, 'utf8'), table));
  }
  return record.failures.length > 0 ? 1 : 0;
}

/** The bundle itself, in the environment of this process. */
function runInNode(file: string): BenchRecord {
  const { status, stdout } = spawnSync(process.execPath, [file, ...args, '--json'], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (stdout === '') throw new Error(`bench: expected a record from ${file}, got exit code ${status ?? 'none'}.`);
  return JSON.parse(stdout) as BenchRecord;
}

/** One of ours, then those of peers. */
function readRecords(files: readonly string[]): [BenchRecord, PeerRecord[]] {
  const all = files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as BenchRecord | PeerRecord);
  const [record] = all.filter((one) => 'figures' in one);
  if (!record) throw new Error(`bench: expected a record of bench/results, got ${files.join(', ') || 'nothing'}.`);
  return [record, all.filter((one) => 'peer' in one)];
}

/** bench/results/ADAPTER-HOST-DATE.json; a quick run or one of some cases goes to out/bench, which git ignores. */
function writeRecord(record: BenchRecord, { names, quick }: BenchOptions): string {
  const { adapter, host, date } = record;
  const name = [adapter.architecture || adapter.device || adapter.vendor, host, date.slice(0, 10)].join('-');
  const folder = join(root, names.length === 0 && !quick ? 'bench/results' : 'out/bench');
  const file = join(folder, `${name.replace(/[^\w.-]+/g, '-').toLowerCase()}.json`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, `${JSON.stringify(record, null, 1)}\n`);
  return file;
}
