// Record → Markdown: tables of the answers, of the kernels and of everything else, and where it was measured.
import { format, type Figure } from './figures.js';
import type { BenchRecord, PeerRecord } from './record.js';

const marks = { begin: '<!-- bench:begin -->', end: '<!-- bench:end -->' };
const versus = 'speed against ';
const exactly = 'exact answers of ';

/** `peers` are records of other libraries on the same machine (bench/gpu/peer_torch.py): a column each. */
export function reportTable(record: BenchRecord, peers: readonly PeerRecord[] = []): string {
  const figures = [...record.figures, ...peers.flatMap((peer) => [...ratiosAgainst(record, peer), ...answersOf(peer)])];
  const ofKernels = figures.filter((figure) => isKernel(figures, figure));
  const ofAnswers = figures.filter((figure) => isAnswer(figures, figure));
  const rest = figures.filter((figure) => !isKernel(figures, figure) && !isAnswer(figures, figure));
  return [
    provenance(record, peers),
    ...answerTable(ofAnswers),
    '',
    ...kernelTable(ofKernels),
    '',
    ...folded('Batches, the loop, cost curves and compile times', otherTable(rest)),
    ...(record.failures.length > 0 ? ['', ...record.failures.map((failure) => `FAILED ${failure}`)] : []),
    '',
  ].join('\n');
}

/** docs/performance.md with the table between its markers. */
export function withTable(readme: string, table: string): string {
  const begin = readme.indexOf(marks.begin);
  const end = readme.indexOf(marks.end);
  if (begin < 0 || end < begin) {
    throw new Error(
      `bench: expected ${marks.begin} and ${marks.end} in docs/performance.md, got neither. Put them in.`,
    );
  }
  return `${readme.slice(0, begin + marks.begin.length)}\n${table}\n${readme.slice(end)}`;
}

function provenance(
  { date, commit, host, quick, adapter, versions, system }: BenchRecord,
  peers: readonly PeerRecord[],
) {
  const device = [...new Set([adapter.vendor, adapter.architecture, adapter.device, adapter.description])];
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const others = peers.flatMap((peer) => [
    `${peer.peer} on ${peer.device}`,
    ...Object.entries(peer.versions).map(([name, version]) => `${name} ${version}`),
  ]);
  return (
    `Measured ${date.slice(0, 10)} at commit ${commit}${quick ? ' (quick run)' : ''} in ${host === 'node' ? 'Node over Dawn' : 'headless Chromium'} ` +
    `on ${device.filter((part) => part !== '').join(' ')}${adapter.software ? ', a software adapter' : ''}; ${system.platform}, ` +
    `${system.cores} cores of ${system.cpu.trim()}; ${[...packages, ...others].join(', ')}. Medians over rounds that alternate ` +
    `with the ceiling and with every peer; × is how many times faster polyadic was.`
  );
}

function isKernel(figures: readonly Figure[], { family, case: name }: Figure): boolean {
  return figures.some((one) => one.family === family && one.case === name && one.name === 'rate');
}

function isAnswer(figures: readonly Figure[], { family, case: name }: Figure): boolean {
  return figures.some((one) => one.family === family && one.case === name && one.name.startsWith(exactly));
}

/** A row a kind of instances, a column a solver: `9 of 10 (not 3), 0.21 s`. */
function answerTable(figures: readonly Figure[]): string[] {
  if (figures.length === 0) return [];
  const named = (prefix: string) => figures.filter(({ name }) => name.startsWith(prefix));
  const solvers = [...new Set(named(exactly).map(({ name }) => name.slice(exactly.length)))];
  const rows = [...new Set(figures.map(keyOf))].map((key) => {
    const cells = solvers.map((solver) => {
      const [exact, time] = [`${exactly}${solver}`, `time of ${solver}`].map((name) =>
        figures.find((one) => keyOf(one) === key && one.name === name),
      );
      const missed = figures.filter((one) => keyOf(one) === key && one.name === `seed missed by ${solver}`);
      const seeds =
        missed.length > 0 && exact?.value !== 0 ? ` (not ${missed.map(({ value }) => value).join(', ')})` : '';
      return exact ? `${exact.value} ${exact.unit}${seeds}${time ? `, ${format(time.value)} s` : ''}` : '';
    });
    return [key, ...cells];
  });
  return [
    '',
    ...table(['', ...solvers], rows),
    '',
    'Exact answers of ten instances (seeds that were missed), and the median time.',
  ];
}

function kernelTable(figures: readonly Figure[]): string[] {
  if (figures.length === 0) return [];
  const peers = [...new Set(figures.filter(({ name }) => name.startsWith(versus)).map(({ name }) => name))].sort(
    (a, b) => Number(b.endsWith('webgpu')) - Number(a.endsWith('webgpu')) || a.localeCompare(b),
  );
  const columns = ['time', 'rate', 'share of multiply-add ceiling', 'extra memory', ...peers];
  const heads = [
    'time, ms',
    'GFLOP/s',
    '% of ceiling',
    'extra KiB',
    ...peers.map((name) => `× ${name.slice(versus.length)}`),
  ];
  const keys = [...new Set(figures.map(keyOf))];
  const rows = keys.map((key) => {
    const ofCase = figures.filter((figure) => keyOf(figure) === key);
    return [key, ...columns.map((name) => numberOf(ofCase.find((figure) => figure.name === name)))];
  });
  return table(['', ...heads], rows);
}

function otherTable(figures: readonly Figure[]): string[] {
  const shown = figures.filter(({ case: name }) => name !== 'compile');
  const compile = figures.filter(({ case: name }) => name === 'compile').map(({ value }) => value);
  const rows = shown.map((figure) => [keyOf(figure), figure.name, `${numberOf(figure)} ${figure.unit}`.trim()]);
  if (compile.length > 0) {
    rows.push(['every family', `slowest of ${compile.length} compiled variants`, `${format(Math.max(...compile))} s`]);
  }
  return rows.length > 0 ? table(['', 'figure', 'value'], rows) : [];
}

/** Markdown that a reader opens. */
const folded = (title: string, lines: readonly string[]): string[] =>
  lines.length > 0 ? [`<details><summary>${title}</summary>`, '', ...lines, '', '</details>'] : [];

const keyOf = ({ family, case: name }: Figure): string => `${family}: ${name}`;
const numberOf = (figure: Figure | undefined): string => (figure ? format(figure.value) : '');

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

/** How many times faster our time on the device is than a peer's measured in another process. */
function ratiosAgainst({ figures }: BenchRecord, { peer, times }: PeerRecord): Figure[] {
  return times.flatMap(({ family, case: name, seconds }): Figure[] => {
    const ours = figures.find((one) => one.family === family && one.case === name && one.name === 'time on the device');
    return ours
      ? [{ family, case: name, name: `${versus}${peer}`, unit: '×', value: (seconds * 1e3) / ours.value }]
      : [];
  });
}

/** Exact answers of a peer and its time to them. */
const answersOf = ({ peer, times }: PeerRecord): Figure[] =>
  times.flatMap(({ exact, seconds, ...key }): Figure[] =>
    exact === undefined
      ? []
      : [
          { ...key, name: `${exactly}${peer}`, unit: 'of 10', value: exact },
          { ...key, name: `time of ${peer}`, unit: 's', value: seconds },
        ],
  );
