// Discover: hidden rank-one parts of a tensor being found, by one algorithm or by several side by side on the same instance.
import '../../styles/plots.css';
import './style.css';
import { Controls } from '../../shell/controls.js';
import { button, h, setOff } from '../../shell/elements.js';
import { toQuery, type FieldName } from '../../shell/fields.js';
import { layout } from '../../shell/layout.js';
import { plural } from '../../shell/format.js';
import { MachineNote } from '../../shell/machine.js';
import type { Page, View } from '../../shell/view.js';
import { Panel } from './panel.js';
import { Player } from './player.js';
import { chosen, form, type Settings } from './settings.js';

export function mount(host: HTMLElement, page: Page): View {
  return new Discover(host, page);
}

class Discover implements View {
  readonly #host: HTMLElement;
  readonly #page: Page;
  readonly #controls = new Controls<Settings>(form, (settings, name) => this.#changed(settings, name));
  readonly #machine = new MachineNote();
  readonly #introduction = h('p', { class: 'introduction' });
  readonly #status = h('p', { class: 'status', role: 'status', 'aria-live': 'polite' });
  readonly #complaints = h('p', { class: 'complaints', role: 'alert' });
  readonly #seeds = h('span', { 'data-reading': 'seeds' });
  readonly #panels = h('div', { class: 'panels' });
  readonly #slider = h('input', {
    type: 'range',
    min: 0,
    max: 0,
    value: 0,
    step: 1,
    id: 'tick',
    'aria-label': 'State',
  });
  readonly #position = h('output', { for: 'tick', 'data-reading': 'tick' });
  readonly #play = button('Pause', { class: 'primary', id: 'play' }, () => this.#toggle());
  readonly #back = button('Back', { id: 'back', title: 'One state back' }, () =>
    this.#player.seek(this.#player.tick - 1),
  );
  readonly #step = button('Step', { id: 'step-once', title: 'One state on' }, () => this.#player.step());
  readonly #check = button(
    'Recompute',
    { id: 'check', title: 'Computes this state again from the seed and compares every bit' },
    () => this.#recompute(),
  );
  #player = new Player([], () => undefined);
  #phase = '';

  constructor(host: HTMLElement, page: Page) {
    this.#host = host;
    this.#page = page;
    const transport = h(
      'div',
      { class: 'buttons', role: 'group', 'aria-label': 'Run control' },
      this.#play,
      this.#back,
      this.#step,
      button('Restart', { id: 'restart', title: 'The same start again' }, () => this.#restart()),
      button('New start', { id: 'another', title: 'The same tensor from another random start' }, () =>
        this.#another('seed'),
      ),
      button('New tensor', { id: 'another-tensor', title: 'Another tensor of the same kind' }, () =>
        this.#another('problemSeed'),
      ),
      this.#check,
    );
    this.#slider.addEventListener('input', () => this.#player.seek(Number(this.#slider.value)));
    host.append(
      ...layout('Watch a tensor come apart', this.#introduction, {
        label: 'Run',
        main: [
          h('div', { class: 'transport' }, transport),
          h('div', { class: 'timeline' }, this.#slider, this.#position),
          this.#status,
          this.#complaints,
          this.#panels,
        ],
        settings: [this.#controls.element, h('p', { class: 'notice' }, 'Seeds: ', this.#seeds), this.#machine.element],
      }),
    );
  }

  open(query: URLSearchParams): void {
    this.#complaints.textContent = this.#controls.take(query);
    this.#restart();
  }

  close(): void {
    this.#player.stop();
    for (const panel of this.#player.panels) panel.end();
  }

  #changed(settings: Settings, name: FieldName<Settings>): void {
    if (name === 'speed') {
      this.#player.speed = settings.speed;
      this.#page.writeAddress(toQuery(form, settings));
    } else this.#restart();
  }

  #another(name: 'seed' | 'problemSeed'): void {
    const { settings } = this.#controls;
    this.#controls.settings = { ...settings, [name]: settings[name] + 1 };
    this.#restart();
  }

  #restart(): void {
    const { settings } = this.#controls;
    this.#page.writeAddress(toQuery(form, settings));
    this.#introduction.textContent = introduction(settings);
    this.#seeds.textContent = `tensor ${settings.problemSeed}, start ${settings.seed}`;
    this.#machine.clear();
    this.close();
    const panels = chosen(settings).map(
      (algorithm) =>
        new Panel(algorithm, settings, this.#page.engine, {
          opened: (machine) => this.#machine.show(machine),
          changed: () => this.#player.arrived(),
          said: (text) => (this.#status.textContent = text),
        }),
    );
    this.#panels.replaceChildren(...panels.map(({ element }) => element));
    this.#panels.dataset['count'] = String(panels.length);
    this.#player = new Player(panels, () => this.#show());
    this.#player.speed = settings.speed;
    this.#phase = '';
    this.#player.play();
  }

  #toggle(): void {
    if (this.#player.playing) this.#player.pause();
    else if (!this.#player.finished) this.#player.play();
    else {
      this.#player.seek(0);
      this.#player.play();
    }
  }

  #recompute(): void {
    this.#player.pause();
    for (const panel of this.#player.panels) panel.check(this.#player.tick);
  }

  #show(): void {
    const { playing, finished, tick, last, panels } = this.#player;
    this.#slider.max = String(Math.max(0, last));
    this.#slider.value = String(tick);
    const position = tick < 0 ? 'no state yet' : `state ${tick} of ${last}`;
    this.#position.textContent = position;
    this.#slider.setAttribute('aria-valuetext', position);
    const failed = panels.some(({ failure }) => failure);
    const begun = panels.some((panel) => panel.last >= 0);
    const phase = finished ? (failed ? 'failed' : 'finished') : playing ? (begun ? 'running' : 'opening') : 'paused';
    this.#play.textContent = playing ? 'Pause' : finished ? 'Replay' : 'Play';
    setOff(this.#back, tick <= 0);
    setOff(this.#step, finished);
    // A screen reader reads what has changed, not every state.
    if (phase === this.#phase && playing) return;
    this.#phase = this.#host.dataset['phase'] = phase;
    this.#status.textContent = playing
      ? begun
        ? 'Running.'
        : 'Opening …'
      : `${finished ? '' : `Paused at ${position}; nothing is computed. `}${panels.map((panel) => panel.tell(tick)).join(' ')}`;
  }
}

/** The paragraph under the title. */
function introduction({ problem, order, dim, rank, width, noise }: Settings): string {
  const shape = new Array<number>(order).fill(dim).join(' × ');
  const kind = problem === 'orthogonal' ? 'orthogonal' : 'random';
  return `A ${shape} tensor was built from ${plural(rank, `hidden ${kind} rank-one part`)}${noise > 0 ? ' and some noise' : ''}. Every algorithm is given the tensor alone and starts from the same number of tiny random components, ${width}. Watch them turn to the hidden parts and grow.`;
}
