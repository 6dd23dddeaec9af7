// `polyadic info`: which backend auto takes and why, what each backend is, and the versions of what is underneath; with --self-test
// whether it computes what it should.
import { createRequire } from 'node:module';
import { dispose } from '../../dispose.js';
import { BackendError } from '../../errors.js';
import {
  openBackend,
  selfTest,
  type AdapterDescription,
  type BackendChoice,
  type BackendKind,
  type OperationCheck,
} from '../../index.js';
import { chooseBackend } from '../../node/choose-backend.js';
import { adapterText, count } from '../../node/format.js';
import { version } from '../../node/version.js';
import { backendOption, jsonOption, type Command } from '../command.js';

interface BackendInfo {
  readonly backend: BackendKind;
  readonly reason: string;
  readonly adapter: AdapterDescription;
  /** Bits of a number. */
  readonly precision: 32 | 64;
  /** Entries of the largest array; a larger problem is done in parts. */
  readonly largestArray: number;
}

interface Missing {
  readonly backend: BackendKind;
  readonly missing: string;
}

export const infoCommand: Command = {
  name: 'info',
  summary: 'backend, adapter, limits and versions',
  operands: [],
  options: {
    backend: { ...backendOption, help: 'tell about this one only' },
    'self-test': { help: 'compare every operation with float64 on the CPU' },
    json: jsonOption,
  },
  notes: `auto takes WebGPU on a GPU, else the CPU in float64: a software adapter is slower than that, and is used
only when webgpu is asked for by name.

  polyadic info
  polyadic info --self-test --backend webgpu`,

  async run(args) {
    const choice = args.oneOf<BackendChoice>('backend', ['auto', 'webgpu', 'cpu']);
    const chosen = await describe(choice ?? 'auto');
    const others = choice === undefined ? await describeOther(chosen.backend) : [];
    const checks = args.has('self-test') ? await checksOf(choice ?? 'auto') : undefined;
    const info = { versions: versions(), chosen, others, ...(checks ? { selfTest: checks } : {}) };
    const text = report(info, choice ?? 'auto') + (checks ? checkTable(checks) : '');
    process.stdout.write(args.has('json') ? `${JSON.stringify(info)}\n` : text);
    return checks?.some(({ passed }) => !passed) ? 1 : 0;
  },
};

async function describe(choice: BackendChoice): Promise<BackendInfo> {
  const chosen = chooseBackend(choice);
  const backend = await openBackend(chosen.choice);
  try {
    const { kind, reason, adapter, roundoff, maxLength } = backend;
    return {
      backend: kind,
      reason: chosen.reason ?? reason,
      adapter,
      precision: roundoff > 1e-10 ? 32 : 64,
      largestArray: maxLength,
    };
  } finally {
    backend[dispose]();
  }
}

async function checksOf(choice: BackendChoice): Promise<readonly OperationCheck[]> {
  const backend = await openBackend(chooseBackend(choice).choice);
  try {
    return await selfTest(backend);
  } finally {
    backend[dispose]();
  }
}

/** The verdict, then the error of every operation. */
function checkTable(checks: readonly OperationCheck[]): string {
  const failed = checks.filter(({ passed }) => !passed).map(({ operation }) => operation);
  const verdict =
    failed.length === 0
      ? `all ${checks.length} operations agree with float64; their largest errors:`
      : `${failed.length} of ${checks.length} operations are wrong: ${failed.join(', ')}. Use --backend cpu, or another driver.`;
  const rows = checks.map(({ operation, error, reason }) => [operation, reason ?? error.toExponential(1)]);
  return [['self-test', verdict], ...rows].map(([label = '', text = '']) => `${label.padEnd(26)}${text}\n`).join('');
}

async function describeOther(chosen: BackendKind): Promise<(BackendInfo | Missing)[]> {
  const other = chosen === 'cpu' ? 'webgpu' : 'cpu';
  try {
    return [await describe(other)];
  } catch (error) {
    if (!(error instanceof BackendError)) throw error;
    return [{ backend: other, missing: error.message }];
  }
}

function versions(): Record<string, string> {
  const { platform, arch, versions } = process;
  return { polyadic: version, node: versions.node, webgpu: versionOfDawn(), system: `${platform} ${arch}` };
}

function versionOfDawn(): string {
  try {
    return (createRequire(import.meta.url)('webgpu/package.json') as { version: string }).version;
  } catch {
    return 'not installed';
  }
}

interface Info {
  readonly versions: Record<string, string>;
  readonly chosen: BackendInfo;
  readonly others: readonly (BackendInfo | Missing)[];
}

function report({ versions, chosen, others }: Info, choice: BackendChoice): string {
  const rows = [
    [
      'versions',
      Object.entries(versions)
        .map((pair) => pair.join(' '))
        .join(', '),
    ],
    [choice, choice === chosen.backend ? chosen.reason : `takes ${chosen.backend}: ${chosen.reason}`],
    ...[chosen, ...others].map((one) => [one.backend, 'missing' in one ? one.missing : backendText(one)]),
  ];
  return rows.map(([label = '', text = '']) => `${label.padEnd(10)}${text}\n`).join('');
}

function backendText({ adapter, precision, largestArray }: BackendInfo): string {
  const gibibytes = (largestArray * (precision / 8)) / 2 ** 30;
  const size = gibibytes >= 1 ? `${gibibytes.toFixed(1)} GiB` : `${(gibibytes * 1024).toFixed(0)} MiB`;
  return `${adapterText(adapter)}, float${precision}, largest array ${count(largestArray)} numbers (${size})`;
}
