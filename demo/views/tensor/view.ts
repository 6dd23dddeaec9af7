// Your tensor: a file or an example, taken apart; what every rank gives, the components with their labels, what is left over, and the
// result as files.
import '../../styles/plots.css';
import './style.css';
import { button, h, setOff } from '../../shell/elements.js';
import { fileInput } from '../../shell/files.js';
import { layout } from '../../shell/layout.js';
import { formatCount, formatNumber } from '../../shell/format.js';
import { RunView, type Phase } from '../../shell/run-view.js';
import type { Page, View } from '../../shell/view.js';
import type { InputOf } from '../../worker/jobs.js';
import { onThemeChange } from '../../plots/theme.js';
import { componentRows } from './components.js';
import type { FileKind } from './downloads.js';
import { lookFor } from './examples.js';
import type { Outcome, Report, TensorFacts } from './job.js';
import { rankTable, reasonsOf, type RankFit } from './rank-table.js';
import { form, type Settings } from './settings.js';
import type { Source } from './source.js';

export function mount(host: HTMLElement, page: Page): View {
  return new YourTensor(host, page);
}

interface OwnFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

class YourTensor extends RunView<Settings, 'tensor'> {
  protected readonly runningText = 'Reading …';
  protected readonly failedText = 'No result.';

  readonly #facts = h('p', { class: 'facts', 'data-reading': 'tensor' });
  readonly #lookFor = h('p', { class: 'look-for' });
  readonly #arrays = h('p', { class: 'arrays' });
  readonly #ranks = h('div', { class: 'rank-figures' });
  readonly #reasons = h('p', { class: 'reasons', 'data-reading': 'reasons' });
  readonly #components = h('div', { class: 'components' });
  readonly #stop = button('Stop', { id: 'stop' }, () => this.#stopRun());
  readonly #downloads: readonly HTMLButtonElement[];
  readonly #forgetTheme = onThemeChange(() => this.#draw());
  #own: OwnFile | undefined;
  #array: string | undefined;
  #tensor: TensorFacts | undefined;
  #fits: RankFit[] = [];
  /** What the fits belong to: the settings without the rank, and the file. */
  #problem = '';
  #outcome: Outcome | undefined;

  constructor(host: HTMLElement, page: Page) {
    super(host, page, 'tensor', form);
    const kinds: readonly (readonly [FileKind, string])[] = [
      ['json', 'result.json'],
      ['npy', 'model.npy'],
      ['zip', 'all as .zip'],
    ];
    this.#downloads = kinds.map(([kind, label]) =>
      button(label, { 'data-download': kind }, () => void this.#download(kind)),
    );
    const file = fileInput(
      host,
      {
        label: 'Your file: .npy, .npz, .csv or .tns; choose it, or drop it here',
        accept: '.npy,.npz,.csv,.tsv,.tns,.gz',
      },
      (chosen) => void this.#take(chosen),
    );
    host.append(
      ...layout(
        'Take your tensor apart',
        'A table with three or more modes, such as industry × year × month, is written as a sum of few components, each a product of one profile per mode. It is read and computed in this tab.',
        {
          label: 'Result',
          main: [
            h(
              'div',
              { class: 'sources' },
              button('US unemployment', { 'data-example': 'unemployment' }, () => this.#choose('unemployment')),
              button('US births', { 'data-example': 'births' }, () => this.#choose('births')),
              file,
            ),
            this.#facts,
            this.#arrays,
            this.#reasons,
            this.#lookFor,
            h('div', { class: 'transport' }, this.#stop, this.status),
            this.complaints,
            this.#components,
            this.#ranks,
            h('div', { class: 'buttons', role: 'group', 'aria-label': 'Download the result' }, ...this.#downloads),
          ],
          settings: [this.controls.element, this.machine.element],
        },
      ),
    );
  }

  override close(): void {
    super.close();
    this.#forgetTheme();
  }

  #choose(example: 'unemployment' | 'births'): void {
    this.change({ example });
  }

  async #take(file: File): Promise<void> {
    this.#own = { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) };
    this.#array = undefined;
    this.change({ example: 'none' });
  }

  protected prepare(settings: Settings): InputOf<'tensor'> | undefined {
    this.#tensor = undefined;
    this.#outcome = undefined;
    // Another rank of the same tensor joins the ones that are known.
    const problem = JSON.stringify({ ...settings, rank: undefined, own: this.#own?.name, array: this.#array });
    if (problem !== this.#problem) this.#fits = [];
    this.#problem = problem;
    this.#lookFor.textContent = lookFor[settings.example];
    this.#facts.textContent = '';
    this.#arrays.replaceChildren();
    this.#draw();
    const source = this.#source(settings);
    if (!source) {
      this.enter(
        'waiting',
        'Choose a file or drop it here. It stays on this machine; the address holds the settings alone.',
      );
      return undefined;
    }
    return { source, settings };
  }

  #source({ example, base }: Settings): Source | undefined {
    if (example !== 'none') return { kind: 'example', name: example };
    if (!this.#own) return undefined;
    return { kind: 'file', ...this.#own, base: base === 1 ? 1 : 0, ...(this.#array ? { array: this.#array } : {}) };
  }

  protected report(reports: readonly Report[]): void {
    for (const report of reports) {
      if (report.kind === 'tensor') this.#showTensor(report.tensor);
      if (report.kind === 'fit') this.#note(report.fit);
    }
    if (reports.some(({ kind }) => kind === 'fit')) this.#draw();
    const last = reports.at(-1);
    if (last?.kind !== 'search') return;
    const text = last.final
      ? 'Finishing …'
      : last.rank === 'auto'
        ? 'Looking for the rank …'
        : `Fitting rank ${last.rank} …`;
    // A screen reader would read the same words again.
    if (this.status.textContent !== text) this.status.textContent = text;
  }

  /** A rank that is fitted once more takes the place of its first fit. */
  #note(fit: RankFit): void {
    this.#fits = [...this.#fits.filter(({ rank }) => rank !== fit.rank), fit].sort((a, b) => a.rank - b.rank);
  }

  #showTensor(tensor: TensorFacts): void {
    this.#tensor = tensor;
    const { title, about, shape, known, cells, modes, unit, arrays, array } = tensor;
    const missing = cells - known;
    const gaps =
      missing === 0 ? 'no cell is missing' : `${formatCount(missing)} of ${formatCount(cells)} cells are missing`;
    const named = modes.map(({ name }) => name).join(' × ');
    this.#facts.textContent = `${title}: ${shape.join(' × ')} (${named})${unit ? `, ${unit}` : ''}; ${gaps}. ${about}.`;
    if (!arrays || arrays.length < 2) return;
    const select = h('select', { id: 'array' }, ...arrays.map((name) => new Option(name, name, false, name === array)));
    select.addEventListener('change', () => {
      this.#array = select.value;
      this.start();
    });
    this.#arrays.append(h('label', { for: 'array' }, 'Array in the file '), select);
  }

  protected finish(outcome: Outcome): void {
    this.#outcome = outcome;
    const { fit, stop, advice, algorithm, rankChoice } = outcome;
    const explained = 100 * (1 - fit.relativeError ** 2);
    const ending = stop === 'converged' || rankChoice ? '' : ` ${advice}`;
    this.enter(
      'finished',
      `Rank ${fit.rank}: relative error ${formatNumber(fit.relativeError)}, ${explained.toFixed(2)} % of the squares explained; ${fit.agreeing} of ${fit.starts} starts agree. Algorithm: ${algorithm}.${ending}`,
    );
    this.#draw();
  }

  #stopRun(): void {
    super.close();
    this.enter('stopped', 'Stopped.');
  }

  #draw(): void {
    const show = (rank: number): void => this.change({ rank });
    this.#ranks.replaceChildren(...(this.#fits.length > 0 ? rankTable(this.#fits, this.#outcome?.fit.rank, show) : []));
    const choice = this.#outcome?.rankChoice;
    this.#reasons.replaceChildren(...(choice ? reasonsOf(choice) : []));
    const drawn = this.#outcome && this.#tensor ? componentRows({ ...this.#outcome, modes: this.#tensor.modes }) : [];
    this.#components.replaceChildren(...drawn);
    for (const one of this.#downloads) setOff(one, drawn.length === 0);
  }

  protected override enter(phase: Phase, status: string): void {
    super.enter(phase, status);
    setOff(this.#stop, phase !== 'running');
  }

  async #download(kind: FileKind): Promise<void> {
    const tensor = this.#tensor;
    const outcome = this.#outcome;
    if (!tensor || !outcome) return;
    try {
      const { fileOf } = await import('./downloads.js');
      const { name, bytes } = fileOf(kind, tensor, outcome);
      const url = URL.createObjectURL(new Blob([bytes]));
      h('a', { href: url, download: name }).click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    } catch (error) {
      this.complaints.textContent = error instanceof Error ? error.message : String(error);
    }
  }
}
