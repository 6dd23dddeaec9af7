// Complete a picture: hides a share of its pixels, and shows how the rank grows and the picture comes back.
import '../../styles/plots.css';
import './style.css';
import { button, h, setReading } from '../../shell/elements.js';
import { fileInput } from '../../shell/files.js';
import { layout, readingsList } from '../../shell/layout.js';
import { formatCount, formatSeconds, plural } from '../../shell/format.js';
import { RunView } from '../../shell/run-view.js';
import type { Page, View } from '../../shell/view.js';
import type { InputOf } from '../../worker/jobs.js';
import { decode, scaled } from './decode.js';
import { Frame } from './frame.js';
import { Growth } from './growth.js';
import type { Completed, Outcome, Problem, Report, State } from './job.js';
import { form, minHidden, maxHidden, type Settings } from './settings.js';

export function mount(host: HTMLElement, page: Page): View {
  return new CompleteAPicture(host, page);
}

const endings = {
  converged: 'converged',
  stalled: 'ended with a result that nothing confirms',
  stepLimit: 'stopped at the step limit',
  diverged: 'diverged',
  aborted: 'stopped',
  deviceLost: 'without its device',
} as const satisfies Record<Outcome['stop'], string>;

const readings = [
  ['psnr', 'PSNR, dB'],
  ['mean-fill', 'Mean color, dB'],
  ['rank', 'Components that count'],
  ['effective', 'Effective rank'],
  ['step', 'Step'],
] as const;
type Reading = (typeof readings)[number][0];

class CompleteAPicture extends RunView<Settings, 'picture'> {
  protected readonly runningText = 'Completing …';
  protected readonly failedText = 'No picture.';

  readonly #hidden = h('input', { type: 'range', id: 'hidden', min: minHidden, max: maxHidden, step: 5 });
  readonly #hiddenText = h('output', { for: 'hidden', 'data-reading': 'hidden' });
  readonly #data: Record<Reading, HTMLDataElement>;
  readonly #frames = {
    given: new Frame('given', 'Given'),
    model: new Frame('model', 'Components alone'),
    completed: new Frame('completed', 'Completed'),
    whole: new Frame('whole', 'Whole picture'),
  };
  readonly #growth = new Growth();
  #own: ImageBitmap | undefined;

  constructor(host: HTMLElement, page: Page) {
    super(host, page, 'picture', form);
    const data = Object.fromEntries(readings.map(([name]) => [name, h('data', { 'data-reading': name }, '–')]));
    this.#data = data as Record<Reading, HTMLDataElement>;
    this.#hidden.addEventListener('input', () => this.#showHidden(Number(this.#hidden.value)));
    this.#hidden.addEventListener('change', () => this.change({ hidden: Number(this.#hidden.value) }));
    const file = fileInput(
      host,
      { label: 'Your picture: choose it, or drop it here', accept: 'image/*' },
      (chosen) => void this.#take(chosen),
    );
    host.append(
      ...layout(
        'Watch a picture come back',
        'A picture is a tensor: height × width × three colors. Most of its pixels are hidden; the others are explained by components that begin tiny and grow one after the other, the strongest first. Few that fit the given pixels tell the hidden ones too, best where rows and columns are alike.',
        {
          label: 'Pictures',
          main: [
            h(
              'div',
              { class: 'sources' },
              button('Sample', { id: 'sample' }, () => this.change({ picture: 'sample' })),
              button('Another sample', { id: 'another' }, () => this.#another()),
              file,
            ),
            h(
              'div',
              { class: 'transport' },
              this.toggle,
              h('div', { class: 'hide' }, h('label', { for: 'hidden' }, 'Hidden'), this.#hidden, this.#hiddenText),
            ),
            this.status,
            this.complaints,
            h('div', { class: 'pictures' }, ...Object.values(this.#frames).map(({ element }) => element)),
            readingsList(readings, this.#data),
            ...this.#growth.elements,
          ],
          settings: [this.controls.element, this.machine.element],
        },
      ),
    );
  }

  override close(): void {
    super.close();
    this.#growth.destroy();
  }

  #another(): void {
    this.change({ picture: 'sample', pictureSeed: this.controls.settings.pictureSeed + 1 });
  }

  async #take(file: File): Promise<void> {
    try {
      this.#own = await decode(file);
      this.change({ picture: 'own' });
    } catch (error) {
      this.complaints.textContent = error instanceof Error ? error.message : String(error);
    }
  }

  protected prepare(settings: Settings): InputOf<'picture'> | undefined {
    this.#hidden.value = String(settings.hidden);
    this.#showHidden(settings.hidden);
    for (const frame of Object.values(this.#frames)) frame.clear();
    for (const data of Object.values(this.#data)) setReading(data, NaN, '–');
    const own = settings.picture === 'own' ? this.#own : undefined;
    if (settings.picture === 'own' && !own) {
      this.enter(
        'waiting',
        'Choose a picture or drop it here. It stays on this machine; the address holds the settings alone.',
      );
      return undefined;
    }
    return { own: own && scaled(own, settings.size), settings };
  }

  protected report(reports: readonly Report[]): void {
    for (const report of reports) {
      if (report.kind === 'problem') this.#showProblem(report);
      else this.#growth.add(report);
    }
    const last = reports.at(-1);
    if (last?.kind === 'state') this.#showState(last);
  }

  #showProblem(problem: Problem): void {
    const { whole, known, meanFill } = problem;
    const { height, width } = whole;
    const given = known.reduce((sum, one) => sum + one, 0);
    this.#frames.whole.draw(whole, `${height} × ${width} pixels`);
    this.#frames.given.draw(whole, `${formatCount(given)} of ${formatCount(height * width)} pixels`, known);
    setReading(this.#data['mean-fill'], meanFill, meanFill.toFixed(2));
    this.#growth.reset(this.controls.settings.width, problem);
  }

  #showState(state: State): void {
    this.#showPictures(state);
    const { rank, effectiveRank } = state;
    setReading(this.#data.rank, rank, String(rank));
    setReading(this.#data.effective, effectiveRank ?? NaN, effectiveRank?.toFixed(1) ?? '–');
    setReading(this.#data.step, state.step, formatCount(state.step));
    this.#growth.show(state);
  }

  #showPictures({ model, completed, psnr }: Completed): void {
    this.#frames.model.draw(model, 'every pixel as the components predict it');
    this.#frames.completed.draw(completed, `the given pixels and the components, PSNR ${psnr.toFixed(1)} dB`);
    setReading(this.#data.psnr, psnr, psnr.toFixed(2));
  }

  protected finish(outcome: Outcome): void {
    this.#showPictures(outcome);
    this.#growth.finish();
    const { psnr, stop, advice, seconds } = outcome;
    const gain = psnr - Number(this.#data['mean-fill'].value);
    const rank = Number(this.#data.rank.value);
    this.enter(
      'finished',
      `${plural(rank, 'component')} after ${formatSeconds(seconds)}, ${endings[stop]}: ${psnr.toFixed(2)} dB, ${gain.toFixed(2)} dB more than the mean color.${stop === 'diverged' ? ` ${advice}` : ''}`,
    );
  }

  #showHidden(percent: number): void {
    this.#hiddenText.textContent = `${percent} % of the pixels`;
  }
}
