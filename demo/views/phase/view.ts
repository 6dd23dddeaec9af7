// Phase diagram: where a search with m components finds r hidden ones in d dimensions, filled cell by cell while one looks.
import './style.css';
import { button, h } from '../../shell/elements.js';
import { layout } from '../../shell/layout.js';
import { formatCount, formatNumber } from '../../shell/format.js';
import { RunView } from '../../shell/run-view.js';
import type { Page, View } from '../../shell/view.js';
import type { Cell } from './job.js';
import { dims, form, widths, type Settings } from './settings.js';

export function mount(host: HTMLElement, page: Page): View {
  return new PhaseDiagram(host, page);
}

class PhaseDiagram extends RunView<Settings, 'phase'> {
  protected readonly runningText = 'Running.';
  protected readonly failedText = 'No diagram.';
  protected override readonly lostText = 'The GPU was lost; going on with the cell that was lost with it.';
  protected override readonly resumedText = this.lostText;

  readonly #introduction = h('p', { class: 'introduction' });
  readonly #seeds = h('span', { 'data-reading': 'seeds' });
  readonly #count = h('output', { 'data-reading': 'count' });
  readonly #diagram = h('div', { class: 'diagram' });
  #cells = new Map<string, HTMLTableCellElement>();
  #done = 0;

  constructor(host: HTMLElement, page: Page) {
    super(host, page, 'phase', form);
    host.append(
      ...layout('How many components does it take?', this.#introduction, {
        label: 'Diagram',
        main: [
          h(
            'div',
            { class: 'transport' },
            this.toggle,
            button('Other tensors', { id: 'another', title: 'The same with other tensors and starts' }, () =>
              this.#another(),
            ),
            this.#count,
          ),
          this.status,
          this.complaints,
          this.#diagram,
          h(
            'p',
            { class: 'caption' },
            'Number in a cell: runs that found the tensor; below it: the median of their steps. The more, the stronger its color. The column m = r has as many components as there are hidden parts, and no spare one for a bad start.',
          ),
        ],
        settings: [this.controls.element, h('p', { class: 'notice' }, 'Seeds: ', this.#seeds), this.machine.element],
      }),
    );
  }

  #another(): void {
    const { problemSeed, seed, runs } = this.controls.settings;
    this.change({ problemSeed: problemSeed + runs, seed: seed + runs });
  }

  protected prepare(settings: Settings): Settings {
    const { order, rank, runs, problemSeed, seed, tolerance } = settings;
    this.#introduction.textContent = `Random tensors of order ${order} with ${rank} hidden parts, in d dimensions. A search of the kind “beyond lazy” starts from m tiny components and succeeds when its relative error falls below ${formatNumber(tolerance)}. Every cell is a batch of ${runs} runs.`;
    this.#seeds.textContent = `tensors ${problemSeed} to ${problemSeed + runs - 1}, starts ${seed} to ${seed + runs - 1}`;
    this.#done = 0;
    this.#drawEmpty(settings);
    return settings;
  }

  protected report(cells: readonly (Cell | undefined)[]): void {
    for (const cell of cells) if (cell) this.#fill(cell);
  }

  protected finish(): void {
    this.enter('finished', `Done. ${this.#summary()}`);
  }

  protected override pausedText(): string {
    return `Stopped after ${formatCount(this.#done)} cells. ${this.#summary()}`;
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
}
