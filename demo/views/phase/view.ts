// Phase diagram: where a search with m components finds r hidden ones in d dimensions, filled cell by cell while one looks.
import './style.css';
import { Controls } from '../../shell/controls.js';
import { button, h, setOff } from '../../shell/elements.js';
import { toQuery } from '../../shell/fields.js';
import { layout } from '../../shell/layout.js';
import { formatCount, formatNumber } from '../../shell/format.js';
import { MachineNote } from '../../shell/machine.js';
import type { Page, View } from '../../shell/view.js';
import type { Run } from '../../worker/engine.js';
import { keepPulling } from '../../worker/keep-pulling.js';
import type { Cell } from './job.js';
import { dims, form, widths, type Settings } from './settings.js';

export function mount(host: HTMLElement, page: Page): View {
  return new PhaseDiagram(host, page);
}

class PhaseDiagram implements View {
  readonly #host: HTMLElement;
  readonly #page: Page;
  readonly #controls = new Controls<Settings>(form, (settings) => this.#start(settings));
  readonly #machine = new MachineNote();
  readonly #introduction = h('p', { class: 'introduction' });
  readonly #status = h('p', { class: 'status', role: 'status', 'aria-live': 'polite' });
  readonly #complaints = h('p', { class: 'complaints', role: 'alert' });
  readonly #seeds = h('span', { 'data-reading': 'seeds' });
  readonly #count = h('output', { 'data-reading': 'count' });
  readonly #diagram = h('div', { class: 'diagram' });
  readonly #toggle = button('Stop', { class: 'primary', id: 'toggle' }, () => this.#pressed());
  #cells = new Map<string, HTMLTableCellElement>();
  #done = 0;
  #run: Run | undefined;
  #stopPulling: (() => void) | undefined;

  constructor(host: HTMLElement, page: Page) {
    [this.#host, this.#page] = [host, page];
    host.append(
      ...layout('How many components does it take?', this.#introduction, {
        label: 'Diagram',
        main: [
          h(
            'div',
            { class: 'transport' },
            this.#toggle,
            button('Other tensors', { id: 'another', title: 'The same with other tensors and starts' }, () =>
              this.#another(),
            ),
            this.#count,
          ),
          this.#status,
          this.#complaints,
          this.#diagram,
          h(
            'p',
            { class: 'caption' },
            'Number in a cell: runs that found the tensor; below it: the median of their steps. The more, the stronger its color. The column m = r has as many components as there are hidden parts, and no spare one for a bad start.',
          ),
        ],
        settings: [this.#controls.element, h('p', { class: 'notice' }, 'Seeds: ', this.#seeds), this.#machine.element],
      }),
    );
  }

  open(query: URLSearchParams): void {
    const complaints = this.#controls.take(query);
    this.#start(this.#controls.settings);
    this.#complaints.textContent = complaints;
  }

  close(): void {
    this.#stopPulling?.();
    this.#run?.end();
  }

  #another(): void {
    const { settings } = this.#controls;
    const { problemSeed, seed, runs } = settings;
    this.#controls.settings = { ...settings, problemSeed: problemSeed + runs, seed: seed + runs };
    this.#start(this.#controls.settings);
  }

  #start(settings: Settings): void {
    this.#page.writeAddress(toQuery(form, settings));
    this.close();
    const { order, rank, runs, problemSeed, seed, tolerance } = settings;
    this.#introduction.textContent = `Random tensors of order ${order} with ${rank} hidden parts, in d dimensions. A search of the kind “beyond lazy” starts from m tiny components and succeeds when its relative error falls below ${formatNumber(tolerance)}. Every cell is a batch of ${runs} runs.`;
    this.#seeds.textContent = `tensors ${problemSeed} to ${problemSeed + runs - 1}, starts ${seed} to ${seed + runs - 1}`;
    this.#complaints.textContent = '';
    this.#machine.clear();
    this.#done = 0;
    this.#drawEmpty(settings);
    this.#run = this.#page.engine.start('phase', settings, {
      opened: (machine) => this.#machine.show(machine),
      reports: (cells) => cells.forEach((cell) => cell && this.#fill(cell)),
      finished: () => this.#enter('finished', `Done. ${this.#summary()}`),
      failed: (message) => {
        this.#complaints.textContent = message;
        this.#enter('failed', 'No diagram.');
      },
      lost: () => (this.#status.textContent = 'The GPU was lost; going on with the cell that was lost with it.'),
    });
    this.#go();
  }

  #pressed(): void {
    if (this.#run?.over) this.#start(this.#controls.settings);
    else if (this.#stopPulling) this.#halt();
    else this.#go();
  }

  #go(): void {
    if (this.#run) this.#stopPulling = keepPulling(this.#run);
    this.#enter('running', 'Running.');
  }

  #halt(): void {
    this.#stopPulling?.();
    this.#stopPulling = undefined;
    this.#enter('paused', `Stopped after ${formatCount(this.#done)} cells. ${this.#summary()}`);
  }

  /** A table: dimensions down, components across. */
  #drawEmpty(settings: Settings): void {
    const { rank } = settings;
    const columns = widths(settings);
    this.#cells = new Map();
    const special = (width: number): string => (width === rank ? 'r' : width === 2 * rank ? '2r' : '');
    const head = columns.map((width) =>
      h(
        'th',
        { scope: 'col', class: special(width) ? 'special' : '' },
        String(width),
        h('small', {}, special(width) ? `m = ${special(width)}` : ''),
      ),
    );
    const rows = dims(settings).map((dim) => {
      const cells = columns.map((width) => {
        const cell = h('td', { 'data-cell': `${dim},${width}` }, '·');
        this.#cells.set(`${dim},${width}`, cell);
        return cell;
      });
      return h('tr', {}, h('th', { scope: 'row' }, String(dim)), ...cells);
    });
    this.#diagram.replaceChildren(
      h(
        'table',
        {},
        h('caption', {}, 'Runs that succeeded, by dimension d (down) and components m (across)'),
        h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'd \\ m'), ...head)),
        h('tbody', {}, ...rows),
      ),
    );
    this.#showCount();
  }

  #fill({ dim, width, successes, runs, steps, milliseconds }: Cell): void {
    const cell = this.#cells.get(`${dim},${width}`);
    if (!cell) return;
    this.#done++;
    cell.replaceChildren(
      h('data', { value: successes }, `${successes}/${runs}`),
      h('small', {}, steps === undefined ? '–' : formatCount(steps)),
    );
    cell.dataset['share'] = String(successes / runs);
    cell.style.setProperty('--share', `${(100 * successes) / runs}%`);
    cell.title = `d ${dim}, m ${width}: ${successes} of ${runs} in ${Math.round(milliseconds)} ms`;
    this.#showCount();
  }

  #showCount(): void {
    this.#count.textContent = `${this.#done} of ${this.#cells.size} cells`;
  }

  /** What can be read off the diagram, in words. */
  #summary(): string {
    const cells = [...this.#cells.values()].filter(({ dataset }) => dataset['share'] !== undefined);
    const sure = cells.filter(({ dataset }) => dataset['share'] === '1').length;
    const never = cells.filter(({ dataset }) => dataset['share'] === '0').length;
    return `All runs succeeded in ${sure} of ${cells.length} cells, none in ${never}.`;
  }

  #enter(phase: string, status: string): void {
    this.#host.dataset['phase'] = phase;
    this.#status.textContent = status;
    this.#toggle.textContent = phase === 'running' ? 'Stop' : phase === 'paused' ? 'Continue' : 'Again';
    setOff(this.#toggle, false);
  }
}
