// Unmix: sounds mixed in the page, taken apart by the fourth cumulant of the mixtures; seen and heard before and after.
import '../../styles/plots.css';
import './style.css';
import { button, h, setReading } from '../../shell/elements.js';
import { layout, readingsList } from '../../shell/layout.js';
import { formatCount, formatSeconds } from '../../shell/format.js';
import { RunView } from '../../shell/run-view.js';
import type { Page, View } from '../../shell/view.js';
import { color, componentColor } from '../../plots/theme.js';
import { Flow } from './flow.js';
import type { Outcome, Problem, Report, Sound } from './job.js';
import { Player } from './player.js';
import { Rack, type RackSound } from './rack.js';
import { form, type Settings } from './settings.js';
import type { Range } from './waveform.js';

export function mount(host: HTMLElement, page: Page): View {
  return new Unmix(host, page);
}

const readings = [
  ['recovered', 'Mean |correlation|'],
  ['mixed', 'Of the mixtures'],
  ['found', 'Sources found'],
  ['step', 'Step'],
] as const;
type Reading = (typeof readings)[number][0];

/** A source counts as found from this |correlation| on. */
const foundFrom = 0.95;
/** Seconds of a sound that are shown when one looks closely. */
const closeUp = 0.04;

class Unmix extends RunView<Settings, 'unmix'> {
  protected readonly runningText = 'Mixing and unmixing …';
  protected readonly failedText = 'No result.';

  readonly #zoom = button('Look closely', { id: 'zoom', 'aria-pressed': 'false' }, () => this.#zoomed());
  readonly #data: Record<Reading, HTMLDataElement>;
  readonly #player = new Player();
  readonly #racks = {
    sources: new Rack('sources', 'Sources', this.#player),
    mixtures: new Rack('mixtures', 'Mixtures', this.#player),
    recovered: new Rack('recovered', 'Recovered', this.#player),
  };
  readonly #flow = new Flow();
  #problem: Problem | undefined;

  constructor(host: HTMLElement, page: Page) {
    super(host, page, 'unmix', form);
    const data = Object.fromEntries(readings.map(([name]) => [name, h('data', { 'data-reading': name }, '–')]));
    this.#data = data as Record<Reading, HTMLDataElement>;
    host.append(
      ...layout(
        'Hear sounds come apart',
        'As many microphones as sources, each hears all of them at once. The fourth cumulant of what they hear is a tensor with one component per source: a deflation flow finds them one after the other, from nothing but the mixtures.',
        {
          label: 'Sounds',
          main: [
            h(
              'div',
              { class: 'transport' },
              this.toggle,
              button('Other sounds', { id: 'another' }, () => this.#next('soundSeed')),
              button('Other mixture', { id: 'another-mixture' }, () => this.#next('mixSeed')),
              this.#zoom,
            ),
            this.status,
            this.complaints,
            h('div', { class: 'racks' }, ...Object.values(this.#racks).map(({ element }) => element)),
            readingsList(readings, this.#data),
            ...this.#flow.elements,
          ],
          settings: [this.controls.element, this.machine.element],
        },
      ),
    );
  }

  override close(): void {
    super.close();
    for (const rack of Object.values(this.#racks)) rack.clear();
    this.#player.close();
    this.#flow.destroy();
  }

  #next(name: 'soundSeed' | 'mixSeed'): void {
    this.change({ [name]: this.controls.settings[name] + 1 });
  }

  protected prepare(settings: Settings): Settings {
    this.#problem = undefined;
    for (const rack of Object.values(this.#racks)) rack.clear();
    for (const data of Object.values(this.#data)) setReading(data, NaN, '–');
    return settings;
  }

  protected report(reports: readonly Report[]): void {
    for (const report of reports) {
      if (report.kind === 'problem') this.#showProblem(report);
      else this.#flow.add(report);
    }
    const last = reports.at(-1);
    if (last?.kind !== 'state') return;
    this.#flow.show(last);
    setReading(this.#data.step, last.step, formatCount(last.step));
    this.#showFound(last.correlations);
  }

  #showProblem(problem: Problem): void {
    this.#problem = problem;
    const { sources, mixtures, rate } = problem;
    this.#racks.sources.show(sources.map(withColor), rate, this.#range());
    this.#racks.mixtures.show(
      mixtures.map((sound, k) => ({ sound, title: `mixture ${k + 1}`, color: () => color('--line') })),
      rate,
      this.#range(),
    );
    setReading(this.#data.mixed, ...meanOf(mixtures.map(({ correlation }) => correlation)));
    this.#flow.reset(problem);
  }

  #showFound(correlations: readonly number[]): void {
    const found = correlations.filter((correlation) => correlation > foundFrom).length;
    setReading(this.#data.found, found, `${found} of ${correlations.length}`);
    setReading(this.#data.recovered, ...meanOf(correlations));
  }

  protected finish({ recovered, stop, advice, seconds }: Outcome): void {
    const { rate = 1, sources = [] } = this.#problem ?? {};
    this.#racks.recovered.show(
      recovered.map((sound) => ({
        ...withColor(sound),
        title: `${sound.name} recovered, ${sound.correlation.toFixed(3)}`,
      })),
      rate,
      this.#range(),
    );
    // Each source by its best match among the recovered sounds; 0 where nothing matches.
    this.#showFound(
      sources.map((_, k) =>
        Math.max(0, ...recovered.flatMap(({ source, correlation }) => (source === k ? correlation : []))),
      ),
    );
    this.#flow.finish();
    this.enter(
      'finished',
      `${this.#data.found.textContent} sources found in ${formatSeconds(seconds)}, mean |correlation| ${this.#data.recovered.textContent}. ${stop === 'diverged' ? advice : 'Play a mixture, and what was recovered.'}`,
    );
  }

  #zoomed(): void {
    const close = this.#zoom.getAttribute('aria-pressed') !== 'true';
    this.#zoom.setAttribute('aria-pressed', String(close));
    for (const rack of Object.values(this.#racks)) rack.range = this.#range();
  }

  /** All samples, or some from the middle. */
  #range(): Range {
    const { sources = [], rate = 1 } = this.#problem ?? {};
    const length = sources[0]?.data.length ?? 0;
    const close = this.#zoom.getAttribute('aria-pressed') === 'true';
    return close ? { first: Math.round(length / 2), count: Math.round(closeUp * rate) } : { first: 0, count: length };
  }
}

const withColor = (sound: Sound): RackSound => ({
  sound,
  title: sound.name,
  color: () => componentColor(sound.source),
});

/** For `setReading`: the number and its text. */
function meanOf(values: readonly number[]): [number, string] {
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  return [mean, mean.toFixed(3)];
}
