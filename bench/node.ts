// The benchmark in Node over Dawn, bundled into dist/bench.mjs: needs Node and the package `webgpu`, nothing else.
// `node bench.mjs [NAME…] [--quick] [--json] [--require-hardware]`; the record or the table on stdout, progress on stderr.
import { cpus } from 'node:os';
import { openDevice } from './device.js';
import { chosenCases } from './families.js';
import { parseOptions } from './options.js';
import { noPeers } from './peers/peer.js';
import type { BenchRecord } from './record.js';
import { reportTable } from './report.js';
import { runFamily } from './run-family.js';

/** Put in by bench/bundle.ts: what the bundle cannot find out on the machine it runs on. */
declare const benchBuild: { readonly commit: string; readonly versions: Readonly<Record<string, string>> };

const options = parseOptions(process.argv.slice(2));
const progress = (line: string): void => void process.stderr.write(`${line}\n`);

const { device, info } = await openDevice();
device.destroy();
progress(
  `adapter: ${info.vendor}, ${info.architecture}, ${info.device}, ${info.description}` +
    `${info.software ? ' (software)' : ''}${info.timestamps ? ', timestamp queries' : ', no timestamp queries'}`,
);
if (options.requireHardware && info.software) {
  progress('bench: expected a hardware adapter, got a software one. Mend the driver, or leave out --require-hardware.');
  process.exit(1);
}

const figures = [];
const failures = [];
for (const [family] of chosenCases(options.names, options.quick, info.software)) {
  const result = await runFamily(family, options, noPeers, progress);
  figures.push(...result.figures);
  failures.push(...result.failures);
}
const record: BenchRecord = {
  date: new Date().toISOString(),
  commit: benchBuild.commit,
  host: 'node',
  quick: options.quick,
  adapter: info,
  versions: { ...benchBuild.versions, node: process.versions.node },
  system: {
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
  },
  figures,
  failures,
};
const text = options.json ? `${JSON.stringify(record)}\n` : reportTable(record, []);
process.stdout.write(text, () => process.exit(failures.length > 0 ? 1 : 0));
