// Runs the cases of one family on whatever machine this is: the page and the Node bundle both come here.
import { openBackend } from '../src/backend/open.js';
import { dispose } from '../src/dispose.js';
import type { Bench, Case } from './case.js';
import { openCeilings } from './ceilings.js';
import { openMeter, type AdapterInfo } from './device.js';
import { chosenCases } from './families.js';
import { format, spread, type Figure } from './figures.js';
import type { OpenPeers } from './peers/peer.js';

export interface RunOptions {
  readonly names: readonly string[];
  readonly quick: boolean;
  readonly rounds: number;
}

export interface FamilyResult {
  readonly adapter: AdapterInfo;
  readonly figures: readonly Figure[];
  readonly failures: readonly string[];
}

type Machine = Pick<Bench, 'meter' | 'ceilings' | 'peers' | 'log'>;

/** Long enough that sending and waiting (0.3 ms in a browser) do not count. */
const sampleMilliseconds = 50;

export async function runFamily(
  family: string,
  options: RunOptions,
  peers: OpenPeers,
  log: (line: string) => void,
): Promise<FamilyResult> {
  const ceilings = await openCeilings(sampleMilliseconds / 2);
  log(`${family}: ceilings by ${ceilings.multiplyAddVariant}, and ${ceilings.copyVariant}`);
  const meter = await openMeter();
  const machine = { meter, ceilings, peers, log };
  const { names, quick } = options;
  const [, cases] = chosenCases(names, quick, meter.info.software).find(([name]) => name === family) ?? [family, []];
  const figures: Figure[] = [];
  const failures: string[] = [];
  for (const one of cases) {
    log(`${family}: ${one.name}`);
    const begun = performance.now();
    try {
      figures.push(...(await runCase(family, one, options, machine)));
      log(`  ${format((performance.now() - begun) / 1e3)} s in all`);
    } catch (error) {
      const failure = `${family}: ${one.name}: ${error instanceof Error ? error.message : String(error)}`;
      log(`  FAILED: ${failure}`);
      failures.push(failure);
    }
  }
  figures.push(...compileTimes(family, machine));
  return { adapter: meter.info, figures, failures };
}

async function runCase(family: string, one: Case, { quick, rounds }: RunOptions, machine: Machine): Promise<Figure[]> {
  const figures: Figure[] = [];
  const backend = await openBackend('webgpu', { device: machine.meter.device });
  try {
    await one.run({
      ...machine,
      backend,
      rounds,
      peerSeconds: quick ? 3 : 10,
      sampleMilliseconds,
      figure: (name, unit, value) => {
        const spread = typeof value === 'number' ? { value } : value;
        figures.push({ family, case: one.name, name, unit, ...spread });
      },
    });
  } finally {
    backend[dispose]();
  }
  return figures;
}

/** Of every variant that the cases used: a kernel and its compile-time choices. */
function compileTimes(family: string, { meter }: Machine): Figure[] {
  return [...new Set(meter.compiled.map(({ label }) => label))].map((label) => {
    const seconds = meter.compiled.filter((one) => one.label === label).map((one) => one.seconds);
    return { family, case: 'compile', name: label, unit: 's', ...spread(seconds) };
  });
}
