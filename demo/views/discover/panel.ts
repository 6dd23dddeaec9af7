// One algorithm on the instance: its run, the states it has been through, and the plots that show one of them.
import { plotFigure } from '../../plots/figure.js';
import { h, setReading } from '../../shell/elements.js';
import { formatCount, formatNumber, plural } from '../../shell/format.js';
import type { Engine, Run } from '../../worker/engine.js';
import type { Machine } from '../../worker/protocol.js';
import { countFound, minShare, owners, shares } from './comparison.js';
import type { Outcome, State, Truth } from './job.js';
import { Compass } from './plots/compass.js';
import { CorrelationPlot } from './plots/correlation.js';
import { LossPlot, type ArrivalMark } from './plots/loss.js';
import { MatchPlot } from './plots/match.js';
import { NormsPlot } from './plots/norms.js';
import { algorithmTitles, type Algorithm, type Settings } from './settings.js';

export interface PanelEvents {
  opened(machine: Machine): void;
  /** States came, or the run ended. */
  changed(): void;
  /** Something to tell in the status line. */
  said(text: string): void;
}

const readings = [
  ['error', 'Relative error'],
  ['step', 'Step'],
  ['found', 'True parts found'],
] as const;
type Reading = (typeof readings)[number][0];

export class Panel {
  readonly title: string;
  readonly states: State[] = [];
  outcome: Outcome | undefined;
  failure = '';
  readonly element: HTMLElement;
  readonly #settings: Settings;
  readonly #algorithm: Algorithm;
  readonly #engine: Engine;
  readonly #events: PanelEvents;
  readonly #run: Run;
  #recall: Run | undefined;
  #truth: Truth = { weights: [], cosines: [] };
  /** States that the curves have. */
  #drawn = 0;
  readonly #arrivals: ArrivalMark[] = [];

  readonly #data: Readonly<Record<Reading, HTMLDataElement>>;
  readonly #stop = h('small', { 'data-reading': 'stop' });
  readonly #advice = h('p', { class: 'advice', 'data-reading': 'advice' });
  readonly #hash = h('code', { 'data-reading': 'hash' });
  readonly #matchSentence = h('p', { class: 'caption' });
  readonly #compass: Compass;
  readonly #norms: NormsPlot;
  readonly #loss: LossPlot;
  readonly #correlation: CorrelationPlot;
  readonly #match: MatchPlot;

  constructor(algorithm: Algorithm, settings: Settings, engine: Engine, events: PanelEvents) {
    this.#algorithm = algorithm;
    this.#settings = settings;
    this.#engine = engine;
    this.#events = events;
    this.title = algorithmTitles[algorithm];
    const data = Object.fromEntries(readings.map(([name]) => [name, h('data', { 'data-reading': name }, '–')]));
    this.#data = data as Record<Reading, HTMLDataElement>;
    const compass = h('canvas', { class: 'compass', role: 'img' });
    const matchHost = h('div', { class: 'match', role: 'img', 'aria-label': 'What was found' });
    const figures = {
      loss: plotFigure(
        'Loss',
        'Share of the tensor not yet explained. Dotted: a true part has arrived, by its number.',
        'h3',
      ),
      norms: plotFigure('Component norms', 'One line per component. Dotted: the weights of the true parts.', 'h3'),
      correlation: plotFigure(
        'Correlation with the truth',
        'For each true part the |cosine| of the nearest component.',
        'h3',
      ),
    };
    this.element = h(
      'section',
      { class: 'panel', 'data-panel': algorithm, 'aria-label': this.title },
      h('h2', {}, this.title, ' ', this.#stop),
      h(
        'dl',
        { class: 'readings' },
        ...readings.map(([name, label]) => h('div', {}, h('dt', {}, label), h('dd', {}, this.#data[name]))),
      ),
      h(
        'figure',
        {},
        h('figcaption', {}, h('h3', {}, 'Where the components point')),
        compass,
        h(
          'p',
          { class: 'caption' },
          'Rings: the true parts. Disks: components, as large as their weight, at the ring they point to; in the middle, to none.',
        ),
      ),
      ...Object.values(figures).map(({ element }) => element),
      h(
        'figure',
        { class: 'known-only' },
        h('figcaption', {}, h('h3', {}, 'What was found')),
        matchHost,
        this.#matchSentence,
        h(
          'p',
          { class: 'caption' },
          'Above: the components by weight, in the color of the true part they point along. Below: |cosine| of each with every true part, one row per part.',
        ),
      ),
      this.#advice,
      h('p', { class: 'caption' }, 'State ', this.#hash),
    );
    this.#compass = new Compass(compass);
    this.#loss = new LossPlot(figures.loss.plot, figures.loss.readout, algorithm);
    this.#norms = new NormsPlot(figures.norms.plot, figures.norms.readout, algorithm);
    this.#correlation = new CorrelationPlot(figures.correlation.plot, figures.correlation.readout, algorithm);
    this.#match = new MatchPlot(matchHost);
    this.element.dataset['state'] = 'unknown';
    this.#run = engine.start(
      'discover',
      { settings, algorithm },
      {
        opened: (machine) => events.opened(machine),
        reports: (states) => this.#receive(states),
        finished: (outcome) => this.#finish(outcome),
        failed: (message) => {
          this.failure = message;
          this.#stop.textContent = 'failed';
          events.changed();
        },
        lost: () => events.said(`${this.title}: the GPU was lost; computing again up to the last state.`),
        restored: (state) => this.#restored(state),
      },
    );
  }

  get over(): boolean {
    return this.#run.over;
  }

  get busy(): boolean {
    return this.#run.busy;
  }

  /** Position of the last state there is. */
  get last(): number {
    return this.states.length - 1;
  }

  pull(count: number): void {
    this.#run.pull({ count });
  }

  end(): void {
    this.#run.end();
    this.#recall?.end();
    this.#compass.destroy();
    this.#match.destroy();
    for (const { curves } of this.#plots) curves.destroy();
    this.element.remove();
  }

  /** Shows a state; where the page stands still, described in words for screen readers too. */
  show(tick: number, still: boolean): void {
    const index = Math.min(tick, this.last);
    const state = this.states[index];
    if (!state) return;
    this.#addToCurves();
    this.#loss.arrivals = this.#arrivals;
    for (const { curves } of this.#plots) {
      curves.playhead = index < this.last ? state.step : undefined;
      curves.redraw();
    }
    this.#compass.show(state.model);
    this.#showReadings(state);
    if (still) this.#describe(state);
  }

  /** Computes a state again from the seed, and tells whether it is the same to the last bit. */
  check(tick: number): void {
    const index = Math.min(tick, this.last);
    if (this.states[index]) this.#computeAgain(index);
  }

  /** Sentence for the status line. */
  tell(tick: number): string {
    if (this.failure) return `${this.title}: ${this.failure}`;
    const state = this.states[Math.min(tick, this.last)];
    if (!state) return `${this.title}: not begun.`;
    if (!this.outcome || tick < this.last) return `${this.title} at step ${formatCount(state.step)}.`;
    const { stop, steps, relativeError } = this.outcome;
    return `${this.title} ${stopWords[stop]} after ${plural(steps, 'step')}, relative error ${formatNumber(relativeError)}.`;
  }

  get #plots(): readonly [LossPlot, NormsPlot, CorrelationPlot] {
    return [this.#loss, this.#norms, this.#correlation];
  }

  #addToCurves(): void {
    for (const state of this.states.slice(this.#drawn)) for (const plot of this.#plots) plot.add(state);
    this.#drawn = this.states.length;
  }

  #receive(states: readonly State[]): void {
    for (const state of states) {
      if (state.truth) this.#begin(state.truth);
      this.#noteArrivals(state);
      this.states.push(state);
    }
    this.#events.changed();
  }

  #begin(truth: Truth): void {
    this.#truth = truth;
    const { order, width } = this.#settings;
    this.#compass.reset(order, truth);
    this.#norms.reset(width, truth.weights);
    this.#loss.reset();
    this.#correlation.reset(truth.weights.length);
  }

  /** Deflation reports when half of a part was found, in its own time. */
  #noteArrivals({ arrivals = [], time: now = 0, step }: State): void {
    const { time: begun = 0, step: from = 0 } = this.states.at(-1) ?? {};
    for (const { component, time } of arrivals) {
      if (this.#arrivals.some((known) => known.component === component)) continue;
      const part = now > begun ? (time - begun) / (now - begun) : 1;
      this.#arrivals.push({ component, step: from + part * (step - from) });
    }
  }

  /** Of the other algorithms the arrivals are found at the end, when it is known which part each line has reached. */
  #findArrivals(lineOwners: readonly number[]): void {
    for (const { componentNorms, step } of this.states) {
      shares(lineOwners, componentNorms, this.#truth.weights).forEach((share, component) => {
        const known = this.#arrivals.some((arrival) => arrival.component === component);
        if (share >= 0.5 && !known) this.#arrivals.push({ component, step });
      });
    }
  }

  #finish(outcome: Outcome): void {
    this.outcome = outcome;
    const last = this.states.at(-1);
    if (last) {
      const { cosines, weights } = outcome.model;
      // The lines of staged are places by size, not components.
      const known = this.#algorithm === 'staged' ? [] : owners(cosines, weights.length);
      const lineOwners = ownersOfLines(last.componentNorms, known);
      if (this.#algorithm !== 'deflation') this.#findArrivals(lineOwners);
      this.#norms.showOwners(this.#algorithm === 'staged' ? [] : lineOwners);
      this.#addToCurves();
      for (const { curves } of this.#plots) curves.finish();
    }
    this.#match.show(outcome.model, this.#truth.weights);
    this.#matchSentence.textContent = matchSentence(outcome, this.#truth.weights);
    this.element.dataset['state'] = 'known';
    this.#events.changed();
  }

  #restored(state: State): void {
    const kept = this.states.at(-1);
    const same = kept?.hash === state.hash;
    this.#events.said(
      `${this.title}: resumed at step ${formatCount(state.step)}${same ? ', the same to the last bit' : ', with other rounding than before'}.`,
    );
  }

  #computeAgain(index: number): void {
    this.#recall?.end();
    const input = { settings: this.#settings, algorithm: this.#algorithm, index };
    this.#recall = this.#engine.start('discoverState', input, {
      reports: ([again]) => again && this.#compare(index, again),
      finished: () => undefined,
      failed: (message) => this.#events.said(`${this.title}: ${message}`),
    });
    this.#recall.pull({});
  }

  #compare(index: number, again: State): void {
    const kept = this.states[index];
    if (!kept) return;
    const same = kept.hash === again.hash && kept.model.hash === again.model.hash;
    const verdict = same ? 'is the same to the last bit' : 'differs';
    this.#events.said(`${this.title}: step ${formatCount(kept.step)} computed again from the seed ${verdict}.`);
  }

  #showReadings({ step, relativeError, hash, index, model }: State): void {
    const { weights } = this.#truth;
    const end = this.outcome && index === this.last ? this.outcome : undefined;
    const error = end?.relativeError ?? relativeError;
    setReading(this.#data.step, end?.steps ?? step, formatCount(end?.steps ?? step));
    setReading(this.#data.error, error, formatNumber(error));
    const found = countFound(model.cosines, model.weights, weights);
    setReading(this.#data.found, found, `${found} of ${weights.length}`);
    this.#stop.textContent = end ? stopWords[end.stop] : '';
    this.#advice.textContent = end && end.stop !== 'converged' ? end.advice : '';
    this.#hash.textContent = hash;
  }

  #describe(state: State): void {
    this.#compass.describe();
    this.#norms.describe(state);
    this.#loss.describe(
      state,
      this.#arrivals.filter(({ step }) => step <= state.step),
    );
    this.#correlation.describe(state);
  }
}

/** Models are sorted by weight: the k-th largest of the last norms is component k. */
function ownersOfLines(norms: readonly number[], known: readonly number[]): number[] {
  const bySize = norms.map((_, line) => line).sort((a, b) => norms[b]! - norms[a]!);
  const lineOwners = norms.map(() => -1);
  bySize.forEach((line, rank) => (lineOwners[line] = known[rank] ?? -1));
  return lineOwners;
}

const stopWords = {
  converged: 'converged',
  stalled: 'ended unsure',
  stepLimit: 'at its step limit',
  diverged: 'diverged',
  aborted: 'stopped',
  deviceLost: 'lost its device',
} as const satisfies Record<Outcome['stop'], string>;

/** Under the heat map: how the components share the truth. */
function matchSentence({ model: { cosines, weights }, matchScore }: Outcome, truthWeights: readonly number[]): string {
  const known = owners(cosines, weights.length);
  const largest = Math.max(...truthWeights.map(Math.abs));
  const heavy = weights.map((weight) => Math.abs(weight) >= minShare * largest);
  const counts = truthWeights.map((_, t) => known.filter((owner, f) => owner === t && heavy[f]).length);
  const aside = known.filter((owner, f) => owner < 0 && heavy[f]).length;
  const idle = heavy.filter((one) => !one).length;
  const sum = counts.reduce((a, b) => a + b, 0);
  const split = counts.some((count) => count > 1) ? `, in shares of ${counts.join(', ')}` : '';
  const score = matchScore === undefined ? '' : ` Match score ${matchScore.toFixed(4)}.`;
  return `${plural(sum, 'component')} along the true ones${split}; ${aside || 'none'} elsewhere; ${idle || 'none'} with next to no weight.${score}`;
}
